"""Setting cameras up: finding them, trying them before they are saved, and pictures to draw zones on."""

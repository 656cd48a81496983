"""The message bus: the embedded server, connections, subjects and the media tap."""

"""Who may come in: passwords, sessions, API keys, and the trail of what was looked at."""

"""The composition root: the command line, the roles, the supervisor and the demo hall."""

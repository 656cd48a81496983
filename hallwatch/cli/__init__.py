"""The command line: one module a family of commands, put together in `hallwatch.cli.commands`."""

"""`hallwatch` and `python -m hallwatch`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from hallwatch.cli.commands import app  # noqa: PLC0415 - the script's wrapper imports this module twice

    app()


if __name__ == "__main__":
    main()

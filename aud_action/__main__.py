"""The way in, for `aud` and `python -I -m aud_action`: check the ground, then hand over to the command line."""

from aud_action import startup


def main() -> None:
    """Run the command line. The import stands below the check: a foreign `schema` would break it with a traceback."""
    startup.check()
    from aud_action.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()

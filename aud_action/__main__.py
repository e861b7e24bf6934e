"""The way in, for `aud` and `python -I -m aud_action`: check the ground, then hand over to the command line."""

import gc

from aud_action import startup


def main() -> None:
    """Run the command line. The import stands below the check: a foreign `schema` would break it with a traceback."""
    gc.set_threshold(
        100_000
    )  # a process that soon ends: looking for rings while modules are imported is a tenth of that
    startup.check()
    from aud_action.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()

"""The way in, for `aud` and `python -I -m aud_action`: check the ground, hand over, end with an exit code and never a traceback."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable

from aud_action import startup

_RINGS = 100_000
"""Objects after which Python looks for rings: while modules are imported, that is a tenth of the time."""


def main() -> None:
    """Run what is asked for. Imports stand below the check: a foreign `schema` would break them with a traceback."""
    gc.set_threshold(_RINGS)
    try:
        startup.check()
        signal.signal(signal.SIGTERM, _stopped)
        # the image runs `action` and nothing else: it needs no parser, whose import would be most of a run with nothing new
        raise SystemExit(_ended(_action if sys.argv[1:] == ["action"] else _command_line))
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None
    finally:
        gc.freeze()  # else Python looks for rings in all that was read, twice, before it ends


def _stopped(number: int, _frame: object) -> None:
    """End as after Ctrl-C when a job is cancelled or a container stopped: what lies in the temporary folder goes."""
    raise SystemExit(128 + number)


def _action() -> int:
    from aud_action.commands import action

    return action(os.environ, sys.stdout)


def _command_line() -> int:
    from aud_action.cli import main as command_line

    command_line()
    return 0


def _ended(run: Callable[[], int]) -> int:
    """The exit code; one clear line for wrong input (2) and for a failure of our own (3)."""
    from aud_action.settings import WrongInput

    try:
        return run()
    except WrongInput as error:
        sys.stderr.write(f"aud: {_line(error)}\n")
        return 2
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # the interpreter flushes it at exit
        return 0
    except Exception as error:
        if os.environ.get("AUD_DEBUG"):
            raise
        if getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT} or "disk is full" in str(error):
            sys.stderr.write(f"aud: the disk is full: {_line(error)}\n")
            return 3
        sys.stderr.write(f"aud: internal error: {type(error).__name__}: {_line(error)} (AUD_DEBUG=1 shows more)\n")
        return 3


def _line(error: BaseException) -> str:
    """One printable line: what an error says may quote the scanned repository."""
    text = " ".join(str(error).split())
    return "".join(character if character.isprintable() else "?" for character in text)[:1000]


if __name__ == "__main__":
    main()

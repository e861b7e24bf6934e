"""The GitHub Action: `run(environ, scan, out)` is `aud action`. Everything the runner gives and takes is in here."""

from aud_action.github.action import run

__all__ = ["run"]

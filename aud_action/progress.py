"""A progress bar on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REFRESH = 0.1  # seconds between two pictures of the progress bar


@contextmanager
def watching() -> Iterator[Callable[[str, int], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _phase, _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # no refresh by a thread: worker processes are forked while the bar is on the screen
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("reading", total=None)
        shown = 0.0

        def watch(phase: str, count: int) -> None:
            nonlocal shown
            if phase == "file":
                progress.advance(task, count)
            else:
                progress.update(task, description=phase, total=count or None)
            if (now := time.monotonic()) - shown > REFRESH:
                shown = now
                progress.refresh()

        yield watch

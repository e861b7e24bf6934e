"""What an analysis may cost: steps behind one root; CPU time and memory of the whole."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aud_action.taint.limits.stop import Exhausted, Gone
from aud_action.taint.values.work import WORK

STEPS = 60_000
"""Statements and calls behind one root, and what they look at: values that hold values are looked at one by one."""
_ROUNDS = ((450_000, 15_000), (650_000, 4_000), (800_000, 1_000))
"""Steps behind all roots so far, steps that each of the next may take: a few dear ones don't starve the many, and what is left
out is said of a function, not of the whole. A large application (OctoPrint, Gradio) takes 700,000, in 40 s."""
_LOOKS = 8
"""Values looked at that count as one step."""
MEGABYTES = 1_500
"""How much the process may grow while data is followed."""
_OFTEN = 16
"""Steps after which time and memory are looked at."""
_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, KiB elsewhere


def _peak() -> int:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT // 1_000_000


class Budget:
    """Counts what is spent; a budget that is gone raises Exhausted at the next step."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.process_time() + seconds
        self._most = _peak() + MEGABYTES
        self._allowed, self._until_look = STEPS, _OFTEN
        self._steps, self._looked = 0, WORK.done
        self._total = 0  #: behind all that has ended
        self.is_question = False  #: what runs is a part of a question, to which half an answer is none

    def spend(self) -> None:
        """Count one step. Raises Exhausted."""
        self._steps += 1
        if self._steps + (WORK.done - self._looked) // _LOOKS > self._allowed:
            raise Exhausted(f"takes more than {self._allowed:,} steps")
        self._until_look -= 1
        if not self._until_look:
            if reason := self.gone():
                self._until_look = 1  # what is gone is gone for all that comes
                raise Gone(reason)
            self._until_look = _OFTEN

    def gone(self) -> str:
        """What is gone of what the whole may cost, in words; "" while there is some of each."""
        if time.process_time() > self._deadline:
            return f"the whole analysis took more than {self._seconds:.0f} s of CPU time"
        return f"the whole analysis took more than {MEGABYTES} MB of memory" if _peak() > self._most else ""

    @contextmanager
    def within(self, steps: int = 0) -> Iterator[None]:
        """Give what is run steps of its own: as many, or as many as a root may still take."""
        before, started = (self._steps, self._allowed, self._looked, self.is_question), WORK.done
        self._steps, self._allowed, self._looked = 0, steps or self._share(), started
        self.is_question = bool(steps)
        try:
            yield
        finally:
            self._total += self._steps + (WORK.done - self._looked) // _LOOKS
            self._steps, self._allowed, looked, self.is_question = before
            self._looked = looked + WORK.done - started

    def _share(self) -> int:
        return next((share for total, share in reversed(_ROUNDS) if self._total > total), STEPS)

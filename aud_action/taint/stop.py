"""Ways in which an analysis ends early."""

from __future__ import annotations


class Unreachable(Exception):  # no error: the analysed program stops here
    """The expression never comes about: something in it never returns."""


class Exhausted(Exception):  # no error: the analysis stops here
    """A budget is spent: what is known so far stands, and the run is reported as incomplete."""

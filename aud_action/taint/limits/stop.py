"""Ways in which an analysis ends early."""

from __future__ import annotations


class Unreachable(Exception):  # no error: the analysed program stops here
    """The expression never comes about: something in it never returns."""


class Exhausted(Exception):  # no error: the analysis stops here
    """A limit of one function or entry point is met: what is known so far stands, and what is left out is said."""


class Gone(Exhausted):
    """The time or memory of the whole is spent: the run is reported as incomplete."""

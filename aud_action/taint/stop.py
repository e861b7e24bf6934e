"""Ways in which an analysis ends early."""

from __future__ import annotations


class Unreachable(Exception):
    """The expression never comes about: something in it never returns."""


class Exhausted(Exception):
    """A budget is spent: what is known so far stands, and the run is reported as incomplete."""

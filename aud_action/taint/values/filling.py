"""Dictionaries that make what is asked for and isn't there, `defaultdict` and `Counter`: of a key that was read nothing follows."""

from __future__ import annotations

from typing import NamedTuple


class Filling(NamedTuple):
    """What refers to such a dictionary's way of making what isn't there."""


FILLS = Filling()

"""What a link finds: flows of attacker's data with their whole path, and what it looked at to find them."""

from __future__ import annotations

from typing import NamedTuple

from aud_action.taint.values.trace import Moment, Place
from aud_action.taint.values.value import Source


class Flow(NamedTuple):
    """Attacker's data that reaches a dangerous call."""

    flaw: str
    source: Source
    sink: Place
    callee: str
    confidence: int
    argument: str  #: the keyword, key or position that carries it
    path: tuple[Moment, ...]  #: source first, sink last


class Looked(NamedTuple):
    """What a link looked at, so that a later one can tell whether it would see anything else."""

    files: str  #: digest of their numbers and names
    read: dict[int, tuple[int, ...]]  #: file → indices of the functions whose statements were read
    names: tuple[str, ...]  #: what was looked for among the names of modules, there or not
    members: dict[
        int, dict[int, tuple[str, ...]]
    ]  #: the same for classes, by file and index, unless all were gone through
    telling: tuple[str, ...]  #: names for which functions were run, since others return or keep a source
    closing: tuple[str, ...]  #: names of functions of which was asked whether every caller is known
    changed: tuple[tuple[str, tuple[str, ...]], ...]  #: the same for state: its module, the names of a reader
    suspects: tuple[tuple[int, int, str], ...]  #: file, line and class of calls that patterns report


Gap = tuple[str, Place]
"""What a limit left out: which limit, of which function; and where that is."""


class Link(NamedTuple):
    """What one link found out."""

    flows: tuple[Flow, ...]
    settled: tuple[
        tuple[str, Place], ...
    ]  #: class and place of each dangerous call that is always given harmless values
    gaps: tuple[Gap, ...]
    incomplete: tuple[str, ...]  #: why the whole was cut short
    entry_points: int
    looked: Looked

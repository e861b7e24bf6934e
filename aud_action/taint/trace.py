"""Where a value has been: chains that cost one tuple per step and are spelled out only for reported flows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Place(NamedTuple):
    """A region of a file: 1-based lines and columns, `end_col` exclusive."""

    file: int  #: the file's number in the run
    line: int
    col: int
    end_line: int
    end_col: int


class Moment(NamedTuple):
    """One step of a path, spelled out."""

    place: Place
    message: str
    kind: str
    depth: int


class Hop(NamedTuple):
    """One step after `before`."""

    before: Trace
    place: Place
    message: str


class Visit(NamedTuple):
    """A call: `before` up to the argument, `inside` within the callee; `back` tells whether it returned."""

    before: Trace
    place: Place
    message: str
    inside: Trace
    back: str


Trace = Hop | Visit | None
LONGEST = 60
"""Steps kept of one trace while it grows; longer ones keep their ends."""


def moments(trace: Trace, depth: int = 0) -> Iterator[Moment]:
    """The steps of a trace in order, source's own step excluded."""
    chain: list[Hop | Visit] = []
    while trace is not None:
        chain.append(trace)
        trace = trace.before
    for link in reversed(chain):
        if isinstance(link, Hop):
            yield Moment(link.place, link.message, "step", depth)
            continue
        yield Moment(link.place, link.message, "call", depth)
        yield from moments(link.inside, depth + 1)
        if link.back:
            yield Moment(link.place, link.back, "return", depth)


def length(trace: Trace) -> int:
    """How many links a trace has at its own depth."""
    count = 0
    while trace is not None:
        count += 1
        trace = trace.before
    return count

"""Where a value has been: chains that cost one tuple per step and are spelled out only for reported flows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
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
    size: int  #: moments up to here


class Visit(NamedTuple):
    """A call: `before` up to the argument, `inside` within the callee; `back` tells whether it returned."""

    before: Trace
    place: Place
    message: str
    inside: Trace
    back: str
    size: int  #: moments up to here, those inside included


Trace = Hop | Visit | None


def size(trace: Trace) -> int:
    """How many moments there are to tell: many more than links, where calls are within calls that are told again and again."""
    return 0 if trace is None else trace.size


def hop(before: Trace, place: Place, message: str) -> Hop:
    """A trace with one step more."""
    return Hop(before, place, message, size(before) + 1)


def visit(before: Trace, place: Place, message: str, inside: Trace, back: str) -> Visit:
    """A trace that went through a call."""
    return Visit(before, place, message, inside, back, size(before) + size(inside) + (2 if back else 1))


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


def backwards(trace: Trace, depth: int = 0) -> Iterator[Moment]:
    """The same, from the last one on."""
    while trace is not None:
        if isinstance(trace, Hop):
            yield Moment(trace.place, trace.message, "step", depth)
        else:
            if trace.back:
                yield Moment(trace.place, trace.back, "return", depth)
            yield from backwards(trace.inside, depth + 1)
            yield Moment(trace.place, trace.message, "call", depth)
        trace = trace.before


_MOST_TOLD = 2_000
"""Moments of one trace that are spelled out."""


def told(trace: Trace) -> list[Moment]:
    """The steps of a trace in order; of one that is longer than anybody reads, how it begins and how it ends."""
    if size(trace) <= _MOST_TOLD:
        return list(moments(trace))
    half = _MOST_TOLD // 2
    last = list(islice(backwards(trace), half))
    return [*islice(moments(trace), half), *reversed(last)]

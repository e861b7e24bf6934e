"""What flows where: from the flow facts of all files and the models to flows with their whole path."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import MappingProxyType

from aud_action.taint.code.program import FileFacts, Program
from aud_action.taint.entries import roots
from aud_action.taint.flaws.sinks import Reached
from aud_action.taint.flow import Flow, Link
from aud_action.taint.looking import looked
from aud_action.taint.machine import Machine
from aud_action.taint.models import Models, load
from aud_action.taint.values.known import forget
from aud_action.taint.values.trace import Moment, Place, told
from aud_action.taint.values.value import Source

_BEGINNINGS = {
    "exception": "tells what went wrong inside",
    "password": "is secret",
    "secret": "is secret",
    "random": "is drawn",
    "host": "is the client's claim",
    "address": "is the client's claim",
}
"""What is said of a source that others don't choose."""
DEEPEST = 12_000
_MOST_MOMENTS = 40


def link(
    files: Iterable[FileFacts],
    *,
    threats: Iterable[str] = (),
    own: Iterable[tuple[str, str]] = (),
    seconds: float = 60.0,
    models: Models | None = None,
    suspects: roots.Suspects = MappingProxyType({}),
) -> Link:
    """
    Every flow of a project.

    threats: kinds of sources to believe in besides those that are always on (models/classes.toml). own: the user's models (name, text).
    suspects: calls that patterns may report. Only functions that hold one are asked whether all they pass is harmless.
    seconds: CPU time after which the link stops and says so. Raises models.ModelError.
    """
    machine = prepared(files, threats=threats, own=own, seconds=seconds, models=models)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST))
    collecting = gc.isenabled()
    gc.disable()  # values are trees, not rings: the collector would only walk them again and again
    try:
        roots.run(machine)
        return _found(machine, suspects, roots.confirm(machine, suspects))
    finally:
        machine.dissolve()
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _found(machine: Machine, suspects: roots.Suspects, asked: set[tuple[str, int, int]]) -> Link:
    flows = [_flow(source, one) for source, one in _answered(machine, _best(machine.flows))]
    flows.sort(key=lambda flow: (flow.sink, flow.flaw, flow.source))
    gaps = (*machine.program.dropped, *machine.short.gaps)
    whole = (
        not machine.program.dropped and not machine.short.incomplete and machine.short.gaps.keys() <= machine.short.cuts
    )
    settled = [key for key, harmless in machine.settled.items() if harmless] if whole else []
    known = sorted((flaw, place) for flaw, place in settled if (flaw, place.file, place.line) in asked)
    return Link(
        tuple(flows),
        tuple(known),
        gaps,
        tuple(machine.short.incomplete),
        len(machine.entries.found),
        looked(machine, suspects),
    )


def prepared(
    files: Iterable[FileFacts],
    *,
    threats: Iterable[str] = (),
    own: Iterable[tuple[str, str]] = (),
    seconds: float = 60.0,
    models: Models | None = None,
) -> Machine:
    """A machine that is ready to run."""
    models = models or load(own)
    forget()
    return Machine(Program(files), models, models.always | frozenset(threats), seconds)


def _best(reached: Iterable[Reached]) -> list[tuple[Source, Reached]]:
    """One of each class, sink and source: the surest, then the shortest."""
    best: dict[tuple[str, Place, Source, str], Reached] = {}
    for one in reached:
        origin = one.taint.origin
        if not isinstance(origin, Source):
            continue
        key = (one.flaw, one.place, origin, one.argument if one.flaw.startswith("template-") else "")
        if key not in best or one.rank < best[key].rank:
            best[key] = one
    found = [(key[2], one) for key, one in best.items()]
    around: dict[tuple[str, int, int, Source], list[Reached]] = {}
    for origin, one in found:
        around.setdefault((one.flaw, one.place.file, one.place.line, origin), []).append(one)
    return [
        (origin, one)
        for origin, one in found
        if not any(_within(one, other) for other in around[one.flaw, one.place.file, one.place.line, origin])
    ]


def _answered(machine: Machine, found: list[tuple[Source, Reached]]) -> list[tuple[Source, Reached]]:
    """The pages that a decorator's wrapper hands on are told where the view makes them, and nowhere where it doesn't."""
    entries = machine.entries
    wrappers = {one.place for one in entries.wrappers}
    views = {
        one.place for one in entries.within.keys() - entries.found.keys() - entries.views.keys() - entries.wrappers
    }
    handed, made = set[tuple[str, Source]](), set[tuple[str, Source]]()
    for origin, one in found if wrappers else ():
        if one.callee == "return":
            (handed if _in_any(wrappers, one.place) else made).add((one.flaw, origin))

    def is_told(origin: Source, one: Reached) -> bool:
        key = (one.flaw, origin)
        if one.callee != "return":
            return True
        return key in handed if _in_any(views, one.place) else key not in made or not _in_any(wrappers, one.place)

    return [(origin, one) for origin, one in found if is_told(origin, one)]


def _in_any(outer: set[Place], inner: Place) -> bool:
    return any(_holds(one, inner) for one in outer)


def _holds(outer: Place, inner: Place) -> bool:
    return outer.file == inner.file and outer.line <= inner.line and inner.end_line <= outer.end_line


def _within(inner: Reached, outer: Reached) -> bool:
    """Whether a call on the same line is given what another one makes: `execute(text(sql))` is one flaw."""
    one, other = inner.place, outer.place
    surer = inner.confidence <= outer.confidence
    return (
        surer
        and one != other
        and (one.line, one.col) >= (other.line, other.col)
        and (one.end_line, one.end_col)
        <= (
            other.end_line,
            other.end_col,
        )
    )


_MOST_CALLS = 20
"""Calls and returns on a way that somebody can still follow; on longer ones objects were taken for what they hold."""
_FAR = 40


def _flow(source: Source, reached: Reached) -> Flow:
    steps = told(reached.taint.trace)
    depth = steps[-1].depth + (1 if steps and steps[-1].kind == "call" else 0) if steps else 0
    start = Moment(source.place, f"{source.words} {_BEGINNINGS.get(source.kind, 'comes from outside')}", "source", 0)
    lands = "goes out as the answer" if reached.callee == "return" else f"reaches `{reached.callee}`"
    end = Moment(reached.place, lands, "sink", depth)
    path = _shortened([start, *steps, end])
    calls = sum(step.kind in ("call", "return") for step in steps)
    sure = reached.confidence if calls <= _MOST_CALLS else reached.confidence * _FAR // 100
    return Flow(reached.flaw, source, reached.place, reached.callee, sure, reached.argument, path)


def _shortened(path: list[Moment]) -> tuple[Moment, ...]:
    kept: list[Moment] = []
    for one in path:
        if not kept or (one.place, one.message) != (kept[-1].place, kept[-1].message):
            kept.append(one)
    if len(kept) > _MOST_MOMENTS:
        half = _MOST_MOMENTS // 2
        kept = [*kept[:half], *kept[-half:]]
    return tuple(kept)

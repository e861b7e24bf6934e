"""What follows from the facts of the whole program: generators from the store to rows of derived tables."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from aud_action.derive.moving import Lines
from aud_action.derive.reading import Record
from aud_action.settings import Settings
from aud_action.store import Store
from schema import TABLES

Derivation = Callable[[Store, Settings], Iterable[tuple[int, Any]]]
Moved = Callable[[bytes, Mapping[int, Lines]], bytes]
"""What a derivation keeps between runs, after lines of some files have moved."""


def _without_lines(kept: bytes, _moves: Mapping[int, Lines]) -> bytes:
    return kept


@dataclass(frozen=True, slots=True)
class _Derived:
    derivation: Derivation
    fills: tuple[type, ...]
    after: tuple[type, ...]
    alone: bool
    ordered: bool
    moved: Moved


_DERIVATIONS: list[_Derived] = []


def derives(
    *fills: type,
    after: Iterable[type] = (),
    alone: bool = False,
    ordered: bool = False,
    moved: Moved = _without_lines,
) -> Callable[[Derivation], Derivation]:
    """
    Register the generator below: it yields (site, row) for rows of the tables it fills.

    after: derived tables that it reads, which must be full before. alone: it needs much memory, so it goes first, before
    anything of the program is kept for the others. ordered: of two lines of a file it asks whether they are one,
    or which comes first, and never for their numbers, so that it need not run again where lines have only moved; what it
    keeps of a run in which it doesn't is given to `moved`.
    """

    def register(derivation: Derivation) -> Derivation:
        _DERIVATIONS.append(_Derived(derivation, fills, tuple(after), alone, ordered, moved))
        return derivation

    return register


def _in_order() -> list[_Derived]:
    """The derivations, each after those that fill what it reads; by name where the order is free, the large ones first."""
    fillers = {row: entry for entry in _DERIVATIONS for row in entry.fills}
    by_name = sorted(_DERIVATIONS, key=lambda entry: entry.derivation.__name__)
    graph = {entry: {fillers[row] for row in entry.after if row in fillers} for entry in by_name}
    every = list(TopologicalSorter(graph).static_order())
    first: set[_Derived] = set()
    for entry in reversed(every):  # the large ones, with all that they wait for
        if entry.alone or entry in first:
            first |= {entry, *graph[entry]}
    return [entry for entry in every if entry in first] + [entry for entry in every if entry not in first]


def _declare(names: Container[str] | None = None) -> None:
    """Have the derivations registered: all, or those in modules of these names."""
    for module in iter_modules(__path__):
        if names is None or module.name in names:
            import_module(f"{__name__}.{module.name}")


def carry(record: Record) -> None:
    """Keep what derivations keep for themselves, none of which runs. Who keeps something has its module's name."""
    _declare(record.memories)
    for entry in _DERIVATIONS:
        record.carry(entry.derivation.__name__, entry.moved)


def derive(store: Store, settings: Settings, record: Record | None = None) -> list[str]:
    """
    Fill every derived table; why the result is incomplete, if it is.

    record: what has been read and what has changed, so that derivations which no change reaches are left out.
    """
    _declare()
    incomplete: list[str] = []
    for entry in _in_order():
        name = entry.derivation.__name__
        if record and record.can_skip(name):
            record.carry(name, entry.moved)
            continue
        try:
            _fill(store, entry, settings, record)
        except Incomplete as error:
            incomplete.append(str(error))
            if record:
                record.forget(name)
    if record:
        record.finish()
    return incomplete


class Incomplete(Exception):  # not an error of the program: what it has is kept and said to be partial
    """Raised by a derivation that was cut short, after it has yielded what it has."""


def _fill(store: Store, entry: _Derived, settings: Settings, record: Record | None) -> None:
    pending: dict[type, list[tuple[Any, ...]]] = {row: [] for row in entry.fills}
    source = record.reading(store, entry.derivation.__name__, ordered=entry.ordered) if record else store
    try:
        for site, row in entry.derivation(source, settings):
            pending[type(row)].append((site, *row))
    finally:
        for kind, rows in pending.items():
            if store.refill(rows, TABLES[kind]) and record:
                record.touch(TABLES[kind])

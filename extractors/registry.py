"""Which generator wants which node: filled by a decorator, asked once per file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

FLOW = "<flow>"
"""Wakes the lowering of functions to flow facts, in runs that follow data; no module can have this name."""
Extractor = Callable[[Any, Any], Iterable[Any]]
NodeType = type[ast.AST]
Predicate = Callable[[Any], bool]
Extractors = tuple[Extractor, ...]
K = TypeVar("K")
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMED: Final = frozenset({*FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign})
"""Nodes that have names by which extractors can ask for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """One generator, the nodes it wants, and what must hold before it is called; an empty condition always holds."""

    extractor: Extractor
    nodes: tuple[NodeType, ...]
    callee: frozenset[str]
    when: frozenset[str]
    decorated: bool
    named: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()
    nested: bool = False
    only: Predicate | None = None


REGISTRATIONS: list[Registration] = []


def extracts(
    *nodes: NodeType,
    callee: Iterable[str] = (),
    when: str | Iterable[str] = (),
    decorated: bool = False,
    named: Iterable[str] = (),
    within: str | Iterable[str] = (),
    nested: bool = False,
    only: Predicate | None = None,
) -> Callable[[Extractor], Extractor]:
    """
    Register the generator below for nodes of these types. What is said here costs nothing for each node.

    callee: of calls, only those whose resolved name ends in one of these segments.
    when: only in files that import one of these top-level modules (any file when empty).
    decorated: of functions, only those with a decorator.
    named: of definitions, only those of these names; of assignments, only to names, attributes or constant keys like these.
    within: only nodes of scopes of these kinds (module, class, function, lambda).
    nested: only nodes somewhere inside a function.
    only: only in files for which this holds, by their context.
    """
    gate = frozenset([when] if isinstance(when, str) else when) - {""}
    kinds = frozenset([within] if isinstance(within, str) else within) - {""}

    def register(extractor: Extractor) -> Extractor:
        entry = Registration(
            extractor, nodes, frozenset(callee), gate, decorated, frozenset(named), kinds, nested, only
        )
        REGISTRATIONS.append(entry)
        return extractor

    return register


@dataclass(frozen=True, slots=True)
class Table:
    """What to call for the nodes of one kind of scope."""

    by_type: dict[NodeType, Extractors]  #: of functions, those without a decorator
    decorated: dict[NodeType, Extractors]  #: functions with one
    by_callee: dict[str, Extractors]  #: everything for a call whose callee ends in this segment
    by_name: dict[NodeType, dict[str, Extractors]]  #: what else for a definition or an assignment of this name


class Dispatch:
    """The extractors of one file."""

    def __init__(self, registrations: Iterable[Registration]) -> None:
        self._registrations = tuple(registrations)
        self._tables: dict[tuple[str, bool], Table] = {}

    def table(self, kind: str, nested: bool) -> Table:
        """What to call in a scope of this kind, which lies in a function or not."""
        known = self._tables.get((kind, nested))
        if known is None:
            wanted = [
                one
                for one in self._registrations
                if (not one.within or kind in one.within) and (nested or not one.nested)
            ]
            known = self._tables[kind, nested] = _table(wanted)
        return known


def _table(registrations: Sequence[Registration]) -> Table:
    plain: dict[NodeType, list[Extractor]] = {}
    decorated: dict[NodeType, list[Extractor]] = {kind: [] for kind in FUNCTIONS}
    by_name: dict[NodeType, dict[str, list[Extractor]]] = {}
    for entry in registrations:
        for node in entry.nodes:
            if node is ast.Call:
                continue
            if node in NAMED and entry.named:
                for name in entry.named:
                    by_name.setdefault(node, {}).setdefault(name, []).append(entry.extractor)
            else:
                if node in decorated:
                    decorated[node].append(entry.extractor)
                if not (entry.decorated and node in decorated):
                    plain.setdefault(node, []).append(entry.extractor)
    calls, by_callee = _of_calls(tuple([entry for entry in registrations if ast.Call in entry.nodes]))
    by_type = _frozen(plain) | {ast.Call: calls}
    return Table(by_type, _frozen(decorated), by_callee, {node: _frozen(names) for node, names in by_name.items()})


@lru_cache(maxsize=64)
def _of_calls(registrations: tuple[Registration, ...]) -> tuple[Extractors, dict[str, Extractors]]:
    """Who is called for every call, and who for those of a callee: much the same in every file."""
    always = tuple([entry.extractor for entry in registrations if not entry.callee])
    by_callee: dict[str, list[Extractor]] = {}
    for entry in registrations:
        for segment in entry.callee:
            by_callee.setdefault(segment, [*always]).append(entry.extractor)
    return always, _frozen(by_callee)


def _frozen(wanted: dict[K, list[Extractor]]) -> dict[K, Extractors]:
    return {key: tuple(extractors) for key, extractors in wanted.items()}


@lru_cache(maxsize=1)
def gates() -> frozenset[str]:
    """Every top-level module that wakes some extractor."""
    return frozenset().union(*(registration.when for registration in REGISTRATIONS))


@lru_cache(maxsize=1)
def predicates() -> frozenset[Predicate]:
    """Every condition of files that some extractor has."""
    return frozenset(registration.only for registration in REGISTRATIONS if registration.only)


@lru_cache(maxsize=512)
def dispatch(awake: frozenset[str | Predicate]) -> Dispatch:
    """The extractors for a file that imports the modules and fulfils the predicates in `awake`."""
    return Dispatch(
        one for one in REGISTRATIONS if (not one.when or one.when & awake) and (one.only is None or one.only in awake)
    )


@lru_cache(maxsize=1)
def interesting() -> frozenset[NodeType]:
    """Every node type that some extractor wants."""
    nodes = (node for registration in REGISTRATIONS for node in registration.nodes)
    return frozenset(nodes) | {ast.Call}

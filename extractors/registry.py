"""Which generator wants which node: filled by a decorator, asked once per file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FLOW = "<flow>"
"""Wakes the lowering of functions to flow facts, in runs that follow data; no module can have this name."""
Extractor = Callable[[Any, Any], Iterable[Any]]
NodeType = type[ast.AST]


@dataclass(frozen=True, slots=True)
class Registration:
    """One generator with the nodes it wants, the callee's last segment and the import that wakes it."""

    extractor: Extractor
    nodes: tuple[NodeType, ...]
    callee: frozenset[str]
    when: frozenset[str]
    decorated: bool


REGISTRATIONS: list[Registration] = []
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def extracts(
    *nodes: NodeType, callee: Iterable[str] = (), when: str | Iterable[str] = (), decorated: bool = False
) -> Callable[[Extractor], Extractor]:
    """
    Register the generator below for nodes of these types.

    callee: of calls, only those whose resolved name ends in one of these segments.
    when: only in files that import one of these top-level modules (any file when empty).
    decorated: of functions, only those with a decorator.
    """
    gate = frozenset([when] if isinstance(when, str) else when) - {""}

    def register(extractor: Extractor) -> Extractor:
        REGISTRATIONS.append(Registration(extractor, nodes, frozenset(callee), gate, decorated))
        return extractor

    return register


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What to call for a node, by its type and, for calls, by the callee's last segment."""

    by_type: dict[NodeType, tuple[Extractor, ...]]
    by_callee: dict[str, tuple[Extractor, ...]]
    undecorated: dict[NodeType, tuple[Extractor, ...]]  #: what to call for a function without a decorator


def gates() -> frozenset[str]:
    """Every top-level module that wakes some extractor."""
    return frozenset().union(*(registration.when for registration in REGISTRATIONS))


@lru_cache(maxsize=512)
def dispatch(awake: frozenset[str]) -> Dispatch:
    """The extractors for a file that imports the modules `awake` (a subset of `gates()`)."""
    by_type: dict[NodeType, list[Extractor]] = {}
    by_callee: dict[str, list[Extractor]] = {}
    undecorated: dict[NodeType, list[Extractor]] = {kind: [] for kind in _FUNCTIONS}
    for registration in REGISTRATIONS:
        if registration.when and not registration.when & awake:
            continue
        for node in registration.nodes:
            if node is not ast.Call or not registration.callee:
                by_type.setdefault(node, []).append(registration.extractor)
                if node in undecorated and not registration.decorated:
                    undecorated[node].append(registration.extractor)
                continue
            for segment in registration.callee:
                by_callee.setdefault(segment, []).append(registration.extractor)
    return Dispatch(
        {node: tuple(wanted) for node, wanted in by_type.items()},
        {segment: tuple(wanted) for segment, wanted in by_callee.items()},
        {node: tuple(wanted) for node, wanted in undecorated.items()},
    )


@lru_cache(maxsize=1)
def interesting() -> frozenset[NodeType]:
    """Every node type that some extractor wants."""
    nodes = (node for registration in REGISTRATIONS for node in registration.nodes)
    return frozenset(nodes) | {ast.Call}

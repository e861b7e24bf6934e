"""How the examples in docstrings run: one extractor over a few lines of source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from extractors.context import At, Context
from extractors.registry import REGISTRATIONS, Dispatch, Extractor
from extractors.survey import Surveyor
from extractors.walk import Walk
from schema import TABLES


def yielded(extractor: Extractor, source: str, module: str = "m", path: str = "m.py") -> Iterator[Any]:
    """The rows one extractor yields over a source text, in the order of the walk."""
    registration = next(entry for entry in REGISTRATIONS if entry.extractor is extractor)
    alone = Dispatch([replace(registration, when=frozenset(), only=None)])
    tree = ast.parse(source)
    context = Context(source.encode(), tree, Surveyor(module, False).survey(tree), path, module, False)
    walk = Walk(0, context, source.isascii())
    for scope in context.survey.scopes:
        walk.enter(scope)
        for node, statement in scope.items:
            context.statement = statement
            if extractor in walk.wanted(node, alone.table(scope.kind, scope.nested)):
                lengths = {name: len(stored) for name, stored in walk.tables.items()}
                yield from (row.row if isinstance(row, At) else row for row in extractor(node, context))
                yield from _stored(walk, lengths)


def _stored(walk: Walk, lengths: dict[str, int]) -> Iterator[Any]:
    """The rows that an extractor stored itself, tables in the order of their declaration."""
    for kind, table in TABLES.items():
        for row in walk.tables.get(table.name, [])[lengths.get(table.name, 0) :]:
            yield kind(*row[1 if table.unique else 2 :])


def rows(extractor: Extractor, source: str, module: str = "m", path: str = "m.py") -> None:
    """Print the rows one extractor yields: the `rows` of the doctests."""
    for row in yielded(extractor, source, module, path):
        print(row)  # noqa: T201  # a doctest compares what is printed

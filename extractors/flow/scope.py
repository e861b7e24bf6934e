"""What lowering remembers while it walks: one Scope per function, one Walk per file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from extractors.flow.code import Code


class Walk(Protocol):
    """The file that is being lowered, as a scope needs it."""

    def function(self, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
        """Lower a nested function; its index."""

    def classdef(self, scope: Scope, node: ast.ClassDef) -> int:
        """Lower a class; its index."""


class Scope:
    """The function that is being lowered."""

    __slots__ = ("changed", "file", "first", "generator", "mentioned", "owner", "places", "prefix", "size", "stores")

    def __init__(self, file: Walk, prefix: str, owner: int, first: str = "") -> None:
        self.file = file
        self.prefix = prefix
        self.owner = owner
        self.first = first
        self.places: list[int] = []
        self.mentioned: set[str] = set()
        self.stores: dict[str, Code] = {}
        self.changed: set[str] = set()
        self.generator = False
        self.size = 0

    def at(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> int:
        """The index of the node's place in the table of places."""
        places = self.places
        places += (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[arg-type] # ends are set by the parser
        return len(places) // 4 - 1

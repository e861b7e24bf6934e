"""Kinds of nodes: which fields hold others, and the code that each has in the shape of a scope."""

from __future__ import annotations

import ast
import zlib
from typing import Final

_NOT_NODES: Final = frozenset(
    "ctx op ops conversion simple level type_comment kind is_async str id attr arg asname module names lineno rest kwd_attrs".split()
)


def _shape(node: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node class that can hold nodes."""
    if node in {ast.Constant, ast.MatchSingleton}:
        return ()
    kept = [name for name in node._fields if name not in _NOT_NODES]
    return tuple(name for name in kept if name != "name" or node.__name__ == "TypeAlias")


SHAPES: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    kind: _shape(kind) for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
}
GENERATOR_CODES: Final = frozenset({254, 255})
# Kinds that are counted have a code of their own; all go by name and not by order, so that the interpreter's version
# doesn't change them.
_COUNTED: Final = (
    "AsyncFor AsyncWith Await BoolOp Call ExceptHandler For If IfExp Lambda Return While comprehension match_case "
    "Yield YieldFrom"
).split()
CODES: Final = {
    kind: 256 - len(_COUNTED) + _COUNTED.index(kind.__name__)
    if kind.__name__ in _COUNTED
    else zlib.crc32(kind.__name__.encode()) % (256 - len(_COUNTED))
    for kind in SHAPES
}
UNCOUNTED: Final = bytes(range(256 - len(_COUNTED)))
"""The codes that several kinds share."""


def counted(shape: bytearray, *kinds: type[ast.AST]) -> int:
    """How many nodes of these kinds a scope of this shape has of its own. Only for kinds that have a code of their own."""
    count = shape.count
    return sum([count(CODES[kind]) for kind in kinds])  # asked of every function: a generator would cost half again

"""What stands in the body of a class, also behind a condition: `if sys.version_info >= (3, 11): …`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

_BLOCKS: Final = frozenset({ast.If, ast.Try, ast.TryStar, ast.With})


def members(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """
    Each statement of a class's own body, without those that only say when.

    >>> [part.targets[0].id for part in members(ast.parse("if a:\\n x = 1\\nelif b:\\n y = 1\\ntry:\\n z = 1\\nexcept E:\\n u = 1\\nelse:\\n v = 1\\nw = 1").body)]
    ['x', 'y', 'z', 'u', 'v', 'w']
    """
    for statement in body:
        if statement.__class__ in _BLOCKS:
            block: Any = statement
            handlers = [part for handler in getattr(block, "handlers", ()) for part in handler.body]
            rest = (getattr(block, "orelse", ()), getattr(block, "finalbody", ()))
            yield from members([*block.body, *handlers, *rest[0], *rest[1]])
        else:
            yield statement

"""What files and classes are called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from extractors.flow import code

INIT = "__init__"


def nearness(left: str, right: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count


def dotted(path: str, packages: set[str]) -> Iterable[str]:
    """The dotted names of a file: from the top of its package first, then from each folder above."""
    pure = PurePosixPath(path)
    parts = list(pure.parts[:-1]) if pure.stem == INIT else [*pure.parts[:-1], pure.stem]
    folder = pure.parent
    top = len(folder.parts)
    while top and "/".join(folder.parts[:top]) in packages:
        top -= 1
    own = parts[top:] or parts[-1:] or [pure.stem]
    yield ".".join(own)
    for start in range(top - 1, -1, -1):
        yield ".".join(parts[start:])


def word(base: object) -> str:
    """The last name of a base class as it is written, or of an annotation."""
    if isinstance(base, str):
        return base
    if isinstance(base, list) and base and base[0] == code.ATTR:
        return str(base[2])
    return word(base[1]) if isinstance(base, list) and base and base[0] in (code.CALL, code.ITEM) else ""

"""
Rows as bytes: a table's columns one after the other, numbers as steps from the last one.

What stands in one column is alike, so that a state packed by any compressor takes half of what rows or a database would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import sub
from typing import Any, Final

import msgspec

Row = tuple[Any, ...]
Columns = list[list[Any]]
_FAR: Final = 1 << 61
"""Numbers beyond are kept as they are: a step between two of them may have more than 64 bits."""
_NONE: Final = type(None)


class Damaged(ValueError):
    """Bytes that `packed` can't have made."""


def packed(tables: Iterable[tuple[str, Sequence[Row]]]) -> bytes:
    """Tables with their names as bytes; those without rows are left out."""
    return msgspec.msgpack.encode(
        {name: [_packed(column) for column in zip(*rows, strict=True)] for name, rows in tables if rows}
    )


def rows(columns: Columns) -> list[Row]:
    """A table's rows."""
    return list(zip(*columns, strict=True))


def unpacked(content: bytes) -> dict[str, Columns]:
    """The columns of the tables again. Raises Damaged."""
    try:
        tables = msgspec.msgpack.decode(content, type=dict[str, list[str | list[Any]]])
        found = {name: [_unpacked(column) for column in columns] for name, columns in tables.items()}
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError, IndexError) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error
    if any(len(set(map(len, columns))) != 1 for columns in found.values()):
        raise Damaged("columns are not of one length")
    return found


def _packed(column: Sequence[Any]) -> str | list[Any]:
    """A text of all texts, the steps between numbers, `[where there is one, those]` where some are absent, or `[values]`."""
    kinds = set(map(type, column))
    if kinds == {int} and min(column) > -_FAR and max(column) < _FAR:
        return [column[0], *map(sub, column[1:], column)]
    if kinds == {str}:
        joined = "\0".join(column)
        return joined if joined.count("\0") == len(column) - 1 else [list(column)]
    if _NONE in kinds and len(kinds) == 2:
        return [bytes(value is not None for value in column), _packed([value for value in column if value is not None])]
    return [list(column)]


def _unpacked(column: str | list[Any]) -> list[Any]:
    if isinstance(column, str):
        return column.split("\0")
    first = column[0]
    if isinstance(first, int):
        return list(accumulate(column))
    if isinstance(first, bytes):
        there = _unpacked(column[1])
        if first.count(1) != len(there):
            raise ValueError("too many or too few values")
        values = iter(there)
        return [next(values) if is_there else None for is_there in first]
    return list(first)

"""
Rows as bytes: a table's columns one after the other, numbers as steps from the last one; a few rows as they are.

What stands in one column is alike, so that a state packed by any compressor takes half of what rows or a database would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import sub
from typing import Any, Final, NamedTuple

import msgspec

Row = tuple[Any, ...]
_FEW: Final = 10
"""Rows up to which columns save less than they cost: most tables of a file hold so few."""
_FAR: Final = 1 << 61
"""Numbers beyond are kept as they are: a step between two of them may have more than 64 bits."""


class Damaged(ValueError):
    """Bytes that `packed` can't have made."""


class Flat(NamedTuple):
    """A table's rows, one after the other."""

    width: int  #: values of a row
    values: list[Any]

    @property
    def keys(self) -> list[Any]:
        """The first value of each row."""
        return self.values[:: self.width]

    @property
    def rows(self) -> list[Row]:
        """The rows."""
        return list(zip(*[iter(self.values)] * self.width, strict=True))


def packed(tables: Iterable[tuple[str, Sequence[Row]]]) -> bytes:
    """Tables with their names as bytes; those without rows are left out."""
    return msgspec.msgpack.encode({name: _table(rows) for name, rows in tables if rows})


def _table(rows: Sequence[Row]) -> list[Any]:
    if len(rows) <= _FEW:
        return [len(rows[0]), *chain.from_iterable(rows)]
    return [_packed(column) for column in zip(*rows, strict=True)]


def unpacked(content: bytes) -> dict[str, Flat]:
    """The tables again. Raises Damaged."""
    try:
        tables = msgspec.msgpack.decode(content, type=dict[str, list[Any]])
        return {name: _flat(table) for name, table in tables.items()}
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError, IndexError) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error


def _flat(table: list[Any]) -> Flat:
    width = table[0]
    if width.__class__ is int:
        if width < 1 or len(table) == 1 or (len(table) - 1) % width:
            raise ValueError("no whole rows")
        del table[0]
        return Flat(width, table)
    width, first = len(table), list(_unpacked(table[0], 1))
    count = len(first)
    values: list[Any] = [None] * (width * count)
    values[::width] = first
    for number in range(1, width):
        values[number::width] = _unpacked(table[number], count)  # refused unless they are as many
    return Flat(width, values)


def _packed(column: Sequence[Any]) -> str | list[Any]:
    """
    A text of all texts, the steps between numbers, or `[values]`; one value stands for as many that are equal.

    What is quick to unpack is chosen over what is small: compressors find out how the values of a list are alike.
    """
    kinds, first = set(map(type, column)), column[0]
    if len(kinds) == 1 and float not in kinds and column.count(first) == len(column):  # 0.0 equals -0.0
        return [[first]]
    if kinds == {int} and min(column) > -_FAR and max(column) < _FAR:
        return [first, *map(sub, column[1:], column)]
    if kinds == {str}:
        joined = "\0".join(column)
        return joined if joined.count("\0") == len(column) - 1 else [list(column)]
    return [list(column)]


def _unpacked(column: str | list[Any], count: int) -> Iterable[Any]:
    if column.__class__ is str:
        return column.split("\0")
    first = column[0]
    if first.__class__ is int:
        return accumulate(column)
    if first.__class__ is not list:
        raise TypeError("no column")
    return first * count if len(first) == 1 else first

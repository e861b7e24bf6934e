"""What a worker finds in single files, as it is kept between runs: each file's rows, packed, one file after the other."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from aud_action.packed import Row, packed
from aud_action.shard import storable

_LENGTH: Final = 8
"""Bytes of a length."""
_MOODS: Final = {"timeout", "MemoryError"}
"""Errors that depend on the machine's mood: such a file is read again."""
_LARGEST: Final = 1 << 63


class Parcel(NamedTuple):
    """One file's rows."""

    file: Row  #: that of the table `files`
    content: bytes  #: all of them, packed
    lasts: bool  #: whether the next run would find the same


class Parcels:
    """The file that one worker writes."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  # closed by `close`

    def add(self, tables: dict[str, list[Row]]) -> None:
        """Take one file's rows."""
        lasts = not any(row[3] in _MOODS for row in tables.get("python_extraction_errors", ()))
        ordered = {name: sorted(rows, key=itemgetter(0)) for name, rows in tables.items()}
        try:
            content = packed(ordered.items())
        except (UnicodeEncodeError, OverflowError):
            held = {name: [_stored(row) for row in rows if _fits(row)] for name, rows in ordered.items()}
            lasts = lasts and all(len(held[name]) == len(rows) for name, rows in ordered.items())
            content = packed(held.items())
        self._put(msgspec.msgpack.encode(Parcel(_stored(tables["files"][0]), content, lasts)))

    def _put(self, message: bytes) -> None:
        self._file.write(len(message).to_bytes(_LENGTH) + message)

    def close(self, lost: Collection[int] = ()) -> None:
        """End the file. lost: numbers of files of which some rows fit no table."""
        at = self._file.tell()
        self._put(msgspec.msgpack.encode(sorted(lost)))
        self._file.write(at.to_bytes(_LENGTH))
        self._file.close()


def _stored(row: Row) -> Row:
    return tuple(map(storable, row))


def _fits(row: Row) -> bool:
    return all(-_LARGEST <= value < _LARGEST for value in row if isinstance(value, int))


def parcels(path: str) -> Iterator[Parcel]:
    """What a worker has written."""
    with open(path, "rb") as file:

        def message(kind: Any) -> Any:
            return msgspec.msgpack.decode(file.read(int.from_bytes(file.read(_LENGTH))), type=kind)

        file.seek(-_LENGTH, os.SEEK_END)
        end = int.from_bytes(file.read())
        file.seek(end)
        lost = frozenset(message(list[int]))
        file.seek(0)
        while file.tell() < end:
            parcel: Parcel = message(Parcel)
            yield parcel._replace(lasts=parcel.lasts and parcel.file[0] not in lost)

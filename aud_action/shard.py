"""What is written of a part of the run's files: a database without indexes, as fast as SQLite takes rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

import apsw

from schema import SITE_BITS, TABLES
from schema.ground import ExtractionError

_BY_NAME = {table.name: table for table in TABLES.values()}
_INSERTS = {name: table.insert for name, table in _BY_NAME.items()}
OF_FILES = frozenset({"files", "file_metrics"})
"""Tables whose key is a file's number, not a place in it."""
BATCH = 100
"""Rows to a statement."""
_BUFFERS = 512, 4000
"""Bytes and number: each text of a statement's rows has its own buffer, and none is asked of the system."""
_SURROGATE = re.compile("[\ud800-\udfff]")
Row = tuple[Any, ...]
apsw.shutdown()  # it can be set up only while it isn't in use
apsw.config(apsw.SQLITE_CONFIG_MEMSTATUS, False)
apsw.config(apsw.SQLITE_CONFIG_LOOKASIDE, *_BUFFERS)
apsw.initialize()


class Shard:
    """A database one worker writes: no journal, no indexes or views, one transaction, many rows to a statement."""

    def __init__(self, path: str) -> None:
        # one thread: SQLite's locks would only cost
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_NOMUTEX
        self._db = apsw.Connection(path, flags=flags, statementcachesize=len(TABLES) * 2 + 16)
        self._db.execute(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE"
        )
        self._db.execute("BEGIN;" + ";".join(table.ddl for table in TABLES.values()))
        self._cursor = self._db.cursor()
        self._waiting: dict[str, list[Row]] = {name: [] for name in _BY_NAME}
        self._poured: dict[tuple[str, int], list[Any]] = {}  #: values, row after row, by table and its width
        self._lost: dict[int, list[str]] = {}

    def add(self, tables: dict[str, list[Row]]) -> None:
        """Take one file's rows. Files are cheapest in the order of their numbers, so that rows go to a table's end."""
        for name, rows in tables.items():
            waiting = self._waiting[name]
            waiting += rows
            if len(waiting) >= BATCH:
                whole = len(waiting) - len(waiting) % BATCH
                for first in range(0, whole, BATCH):
                    self._insert(name, waiting[first : first + BATCH])
                del waiting[:whole]

    def _insert(self, name: str, rows: list[Row]) -> None:
        """Insert rows; what can't be stored is left out, and remembered."""
        try:
            if len(rows) == BATCH:
                self._cursor.execute(_many(name), tuple(chain.from_iterable(rows)))
            else:
                self._cursor.executemany(_INSERTS[name], rows)
        except (UnicodeEncodeError, OverflowError, apsw.Error):
            self._insert_slowly(name, rows)

    def _insert_slowly(self, name: str, rows: list[Row]) -> None:
        self._db.executemany(f'DELETE FROM "{name}" WHERE {_BY_NAME[name].key} = ?', [row[:1] for row in rows])
        for row in rows:
            try:
                self._db.execute(_INSERTS[name], tuple(storable(value) for value in row))
            except (OverflowError, apsw.Error) as error:
                number = row[0] if name in OF_FILES else row[0] >> SITE_BITS
                self._lost.setdefault(number, []).append(f"{name}: {error}")

    def pour(self, name: str, width: int, values: list[Any]) -> None:
        """Take rows that stood in a database before, one after the other. Raises apsw.Error for rows that can't have."""
        waiting = self._poured.setdefault((name, width), [])
        waiting += values
        for many in _pieces(waiting, BATCH * width):
            self._cursor.execute(_many(name), many)
        del waiting[: len(waiting) - len(waiting) % (BATCH * width)]

    def close(self, more: Iterable[str] = ()) -> frozenset[int]:
        """
        Insert what waits, say what was lost, commit and close; the numbers of files that have lost something.

        more: statements that make a whole database of it.
        """
        for name, rows in self._waiting.items():
            self._insert(name, rows)
        for (name, width), values in self._poured.items():
            self._cursor.executemany(_INSERTS[name], _pieces(values, width))
        self._insert("python_extraction_errors", [lost_rows(*lost) for lost in self._lost.items()])
        self._db.execute(";".join([*more, "COMMIT"]))
        self._db.close()
        return frozenset(self._lost)


def _pieces(values: list[Any], size: int) -> Iterator[list[Any]]:
    """The whole pieces of a list."""
    return (values[start : start + size] for start in range(0, len(values) - len(values) % size, size))


@cache
def _many(name: str) -> str:
    """INSERT of BATCH rows at once: half the price of one by one."""
    head, word, row = _INSERTS[name].partition(" VALUES ")
    return head + word + ",".join([row] * BATCH)


def storable(value: Any) -> Any:
    """A value SQLite can hold: lone surrogates, which have no UTF-8, become escapes."""
    if isinstance(value, str) and _SURROGATE.search(value):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def lost_rows(number: int, messages: list[str]) -> Row:
    """The row that says that some rows of a file could not be stored."""
    base = number << SITE_BITS
    return (base + (1 << (SITE_BITS - 1)), base, *ExtractionError("store", "limit", "; ".join(messages)[:200], None))

"""The database of a run: shards are merged into it, indexed and read."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aud_action.literals import guarded
from aud_action.shard import OF_FILES, storable
from aud_action.spelling import nearest
from schema import SITE_BITS, TABLES, Table, fingerprint, shown, statements

_BY_NAME = {table.name: table for table in TABLES.values()}
_DERIVED = 1 << (SITE_BITS - 1)
"""Sites of a file from this one on are derivations'."""
QUERY_SECONDS = 60
"""How many seconds of CPU one query of a rule page or a user may take: SQL can recurse for ever, and a busy machine is no fault of it."""
Row = tuple[Any, ...]


def _range(name: str, number: int) -> tuple[int, int]:
    """The keys of one file's rows: from the first to before the second."""
    return (number, number + 1) if name in OF_FILES else (number << SITE_BITS, (number + 1) << SITE_BITS)


def belongs(name: str, keys: Sequence[Any], number: int) -> bool:
    """Whether rows with these keys may stand in a table as the walk's rows of one file."""
    table = _BY_NAME.get(name)
    if table is None or table.derived or not keys:
        return False
    low, high = _range(name, number)
    last = low | _DERIVED if name == "sites" else high
    return bool(low <= min(keys) and max(keys) < last)


def version() -> int:
    """The schema's number in the database's header."""
    return int(fingerprint()[:7], 16)


def expected_schema() -> set[tuple[str, str, str, str]]:
    """The rows of `sqlite_master` of a shard: type, name, table, SQL."""
    made = sqlite3.connect(":memory:")
    try:
        made.executescript(";".join(statements()))
        return set(made.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    finally:
        made.close()


def indexes() -> list[str]:
    """The statements that make the declared indexes, and sign the schema."""
    made = (statement for table in _BY_NAME.values() for statement in table.indexes)
    missing = [statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1) for statement in made]
    return [*missing, f"PRAGMA user_version={version()}"]


class Store:
    """The database of one run."""

    def __init__(self, path: str | Path, *, fresh: bool = False) -> None:
        self.path = os.fspath(path)
        if fresh and os.path.exists(self.path):
            os.unlink(self.path)
        self._db = sqlite3.connect(self.path, isolation_level=None)
        self._known: dict[str, frozenset[str]] = {}
        self._db.create_function("regexp", 2, _regexp, deterministic=True)
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("PRAGMA journal_mode=MEMORY")
        if not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            self._db.execute("PRAGMA page_size=8192")
            self._script(statements())

    def _script(self, lines: Iterable[str]) -> None:
        self._db.executescript(";".join(["BEGIN", *lines, "COMMIT"]))

    @classmethod
    def from_shards(cls, path: str | Path, shards: list[str]) -> Store:
        """The database made of the shards: the first becomes it, the others are copied into it record by record."""
        target = os.fspath(path)
        if os.path.exists(target):
            os.unlink(target)
        if shards:
            os.replace(shards[0], target)
        store = cls(target)
        if shards:
            store._script(shown())
        for shard in shards[1:]:
            store.merge(shard)
            os.unlink(shard)
        return store

    def merge(self, shard: str) -> None:
        """Copy every row of another database in; ids are a function of path and place, so none collide."""
        self._db.execute("ATTACH ? AS shard", (shard,))
        self._db.execute("BEGIN")
        for name, table in _BY_NAME.items():
            if not table.derived:
                self._db.execute(f'INSERT INTO main."{name}" SELECT {table.stored} FROM shard."{name}"')
        self._db.execute("COMMIT")
        self._db.execute("DETACH shard")

    def sign(self, mark: int) -> None:
        """Say in the header what the database is: the schema's version, and whose part it is (0: a whole)."""
        self._db.execute(f"PRAGMA user_version={version()}")
        self._db.execute(f"PRAGMA application_id={mark}")

    def derived(self) -> Iterator[tuple[str, list[Row]]]:
        """Every row that derivations made, a table at a time."""
        for name, table in _BY_NAME.items():
            if table.derived:
                yield name, self._db.execute(f'SELECT {table.stored} FROM "{name}" ORDER BY 1').fetchall()
        yield "sites", self._db.execute(f"SELECT * FROM sites WHERE id & {_DERIVED} ORDER BY 1").fetchall()

    def insert(self, tables: Mapping[str, Iterable[Sequence[Any]]]) -> None:
        """Insert rows as they stand. Raises sqlite3.Error for rows that don't fit their table, KeyError without one."""
        self._db.execute("BEGIN")
        for name, rows in tables.items():
            self._db.executemany(_BY_NAME[name].insert, rows)
        self._db.execute("COMMIT")

    def index(self) -> None:
        """Make the declared indexes, after the rows are there."""
        self._script(indexes())

    def add(self, rows: Iterable[Row], table: Table) -> int:
        """Insert derived rows, each beginning with its site (or its id when the table is keyed); how many there were."""
        first = self._db.execute(f'SELECT coalesce(max(id), 0) FROM "{table.name}"').fetchone()[0] + 1
        numbered = list(rows) if table.keyed else [(number, *row) for number, row in enumerate(rows, first)]
        self._db.execute("BEGIN")
        try:
            self._db.executemany(table.insert, numbered)
        except (
            UnicodeEncodeError
        ):  # a lone surrogate; looking at each value beforehand would cost more than inserting it
            self._db.execute("ROLLBACK")
            self._db.execute("BEGIN")
            self._db.executemany(table.insert, ([storable(value) for value in row] for row in numbered))
        self._db.execute("COMMIT")
        return len(numbered)

    def refill(self, rows: Sequence[Row], table: Table) -> bool:
        """Make these a derived table's rows; whether it had others before."""
        before = self._db.execute(f'SELECT {table.stored} FROM "{table.name}" ORDER BY id').fetchall()
        if before:
            after = rows if table.keyed else [(number, *row) for number, row in enumerate(rows, 1)]
            if before == [tuple(row) for row in after]:
                return False
            self.clear(table)
        self.add(rows, table)
        return bool(before or rows)

    def clear(self, table: Table) -> None:
        """Forget a derived table's rows."""
        self._db.execute(f'DELETE FROM "{table.name}"')

    def forget_derived_sites(self, first: int) -> None:
        """Delete the sites that derivations made: those numbered from `first` in their file."""
        self._db.execute("DELETE FROM sites WHERE (id & ?) >= ?", ((1 << SITE_BITS) - 1, first))

    def rows(self, sql: str, parameters: tuple[Any, ...] = (), of: Iterable[int] | None = None) -> Iterator[Row]:  # noqa: ARG002
        """The rows of a query of our own. of: the files in whose rows alone it looks, for who keeps a record of that."""
        return self._db.execute(sql, parameters)

    @property
    def whole(self) -> Store:
        """The store behind a record of what is read."""
        return self

    def apart(self, name: str) -> Store:  # noqa: ARG002
        """A store for what is read once for several derivations."""
        return self

    def use(self, part: Store) -> None:
        """Note that what was read apart is used."""

    def columns(self, sql: str, parameters: tuple[Any, ...] = ()) -> frozenset[str]:
        """The columns that a query reads, as `table.column`."""
        known = self._known.get(sql)
        if known is None:
            seen: set[str] = set()
            self._db.set_authorizer(_noting(seen))
            self._db.execute(f"EXPLAIN {sql}", parameters).close()
            self._db.set_authorizer(None)
            known = self._known[sql] = frozenset(seen)
        return known

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {name: self._db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(_BY_NAME)}

    def reader(self) -> Reader:
        """A connection for SQL that we did not write ourselves."""
        return Reader(self.path)

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def _noting(seen: set[str]) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def note(action: int, table: str | None, column: str | None, _db: str | None, _trigger: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            seen.add(f"{table}.{column}")
        return sqlite3.SQLITE_OK

    return note


class Reader:
    """Read-only, and nothing but SELECT: for rule pages and `aud query`."""

    def __init__(self, path: str | Path) -> None:
        self.columns: set[str] = set()  #: what was read, as `table.column`
        self._db = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
        self._db.execute("PRAGMA query_only=ON")
        self._db.execute("PRAGMA trusted_schema=OFF")
        self._many = self._has_many_sites()
        self._db.create_function("regexp", 2, _regexp, deterministic=True)
        self._db.set_authorizer(self._select_only)
        self._deadline = 0.0
        self._db.set_progress_handler(self._is_late, 100_000)

    def select(self, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[list[str], Iterator[Row]]:
        """Column names and rows. Raises ValueError for SQL that is wrong, does more than read, or takes too long."""
        self._deadline = time.thread_time() + QUERY_SECONDS
        try:
            cursor = self._db.execute(guarded(sql) if self._many else sql, parameters)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise ValueError(self._said(error)) from error
        return [column[0] for column in cursor.description or ()], self._rows(cursor)

    def _has_many_sites(self) -> bool:
        """Whether it pays to work out what a text must hold for a pattern to match: for the rules, that is 70 ms."""
        try:
            return self._db.execute("SELECT 1 FROM sites LIMIT 1 OFFSET ?", (_FEW_SITES,)).fetchone() is not None
        except sqlite3.Error:
            return False

    def _select_only(self, action: int, first: str | None, second: str | None, _db: str | None, _by: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            self.columns.add(f"{first}.{second}")
        if action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

    def _is_late(self) -> bool:
        return time.thread_time() > self._deadline

    def _rows(self, cursor: sqlite3.Cursor) -> Iterator[Row]:
        try:
            yield from cursor
        except sqlite3.Error as error:
            raise ValueError(self._said(error)) from error

    def _said(self, error: Exception) -> str:
        """What SQLite says, in words that help who wrote the query."""
        text = str(error)
        if text == "not authorized":
            return "only a SELECT is allowed, and of SQLite's functions those that read no files"
        if text == "interrupted":
            return f"the query took longer than {QUERY_SECONDS} s"
        if text.startswith("no such table: "):
            names = [
                name for (name,) in self._db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
            ]
            return f"{text}{nearest(text.rpartition(' ')[2], names)} (`aud tables` lists all)"
        if text.startswith("no such column: "):
            return f"{text} (`aud tables NAME` lists a table's columns)"
        return text

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


_FEW_SITES = 60_000
"""Places of a program in which matching every pattern costs as much."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})


_searches: dict[str, Callable[[str], object]] = {}


def _regexp(pattern: str, value: object) -> bool:
    """SQLite's `value REGEXP pattern`; called for every row, so each pattern is compiled once."""
    search = _searches.get(pattern)
    if search is None:
        search = _searches[pattern] = re.compile(pattern).search
    if value.__class__ is not str:
        return value is not None and search(str(value)) is not None
    return search(value) is not None

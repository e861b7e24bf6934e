"""What a table is: one declaration, from which DDL, insert, view and fingerprint follow."""

from __future__ import annotations

import hashlib
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

SITE_BITS = 24
"""A site is `file << SITE_BITS | n`: n counts the nodes of one file that some row mentions."""

RowType = type[Any]
Computed = dict[str, tuple[type, str, str]]
"""Columns that SQLite works out when they are read, by name: type, expression, meaning."""
_SQL_TYPES = {int: "INTEGER", bool: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}
TABLES: dict[RowType, Table] = {}
VIEWS: dict[RowType, View] = {}


class Column(NamedTuple):
    """One column: its name, SQLite type, and whether absence means something."""

    name: str
    type: str
    nullable: bool

    @property
    def ddl(self) -> str:
        """The column's part of CREATE TABLE."""
        return f'"{self.name}" {self.type}' + ("" if self.nullable else " NOT NULL")


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table and the SQL that follows from it."""

    name: str
    row: RowType
    columns: tuple[Column, ...]
    index: tuple[str, ...]
    hot: bool
    derived: bool
    keyed: bool
    unique: bool
    computed: Computed

    @property
    def stem(self) -> str:
        """The name without its prefix: the name of the view for people."""
        return self.name.removeprefix("python_")

    @property
    def has_id(self) -> bool:
        """Whether rows have an id of their own, because several may share a site."""
        return not self.unique

    @property
    def key(self) -> str:
        """The primary key's column."""
        return "id" if self.has_id else "site"

    @property
    def ddl(self) -> str:
        """CREATE TABLE: the key is `file << 24 | n`, so that one file's rows are a range."""
        key = ['"site" INTEGER NOT NULL'] if self.has_id and not self.keyed else []
        columns = [f'"{self.key}" INTEGER PRIMARY KEY', *key, *(column.ddl for column in self.columns)]
        columns += [f'"{name}" {_SQL_TYPES[kind]} AS ({sql}) VIRTUAL' for name, (kind, sql, _) in self.computed.items()]
        return f'CREATE TABLE "{self.name}" (\n  ' + ",\n  ".join(columns) + "\n) STRICT"

    @property
    def stored(self) -> str:
        """What a SELECT gets a stored row by: a star where it can, for SQLite copies such records as they are."""
        if not self.computed:
            return "*"
        key = ["site"] if self.has_id and not self.keyed else []
        return ", ".join(f'"{name}"' for name in (self.key, *key, *(column.name for column in self.columns)))

    @property
    def indexes(self) -> list[str]:
        """CREATE INDEX of each declared index, made after the load; nobody looks for what is absent."""
        names = [*(() if self.keyed or self.unique else ("site",)), *self.index]
        sparse = {column.name for column in self.columns if column.nullable}
        return [
            f'CREATE INDEX "{self.name}_{name}" ON "{self.name}" ("{name}")'
            + (f' WHERE "{name}" IS NOT NULL' if name in sparse else "")
            for name in names
        ]

    @property
    def insert(self) -> str:
        """INSERT of one row: id (unless unique), site (unless keyed), then the columns in order."""
        width = len(self.columns) + (1 if self.keyed or self.unique else 2)
        return f'INSERT INTO "{self.name}" VALUES ({",".join("?" * width)})'

    @property
    def has_view(self) -> bool:
        """Whether there is a view for people."""
        return not self.keyed and self.stem != self.name

    @property
    def view(self) -> str | None:
        """The view for people: path, line, col and scope in front."""
        if not self.has_view:
            return None
        return _placed(self.stem, self.name, [*(column.name for column in self.columns), *self.computed])


@dataclass(frozen=True, slots=True)
class View:
    """A table that no row is stored of, because it follows from others: SQL that gives `site` and its columns."""

    name: str
    row: RowType
    columns: tuple[Column, ...]
    sql: str

    @property
    def stem(self) -> str:
        """The name without its prefix: the name of the view for people."""
        return self.name.removeprefix("python_")

    @property
    def has_view(self) -> bool:
        """Whether there is a view for people: not when a table has that name."""
        return all(table.name != self.stem for table in TABLES.values())

    @property
    def ddl(self) -> list[str]:
        """CREATE VIEW of itself, and of the view for people."""
        names = [column.name for column in self.columns]
        shown = ", ".join(f'"{name}"' for name in ("site", *names))
        own = f'CREATE VIEW "{self.name}" ({shown}) AS\n{self.sql}'
        return [own, _placed(self.stem, self.name, names)] if self.has_view else [own]


def _placed(stem: str, name: str, columns: list[str]) -> str:
    """CREATE VIEW with path, line, col and scope in front."""
    shown = ", ".join(f't."{column}"' for column in columns)
    return (
        f'CREATE VIEW "{stem}" AS SELECT f.path, s.line, s.col, o.name AS scope, {shown}, t.site\n'
        f'FROM "{name}" t JOIN sites s ON s.id = t.site JOIN files f ON f.id = s.file '
        "LEFT JOIN scopes o ON o.id = s.scope"
    )


def _column(name: str, hint: object) -> Column:
    nullable = False
    if isinstance(hint, types.UnionType):
        kinds = [kind for kind in hint.__args__ if kind is not type(None)]
        nullable = len(kinds) < len(hint.__args__)
        hint = kinds[0]
    return Column(name, _SQL_TYPES[typing.cast("type", hint)], nullable)


def _columns(row: RowType) -> tuple[Column, ...]:
    hints: dict[str, object] = {}
    for kind in row.__mro__:  # NamedTuple has made types of them; a row like another one has them from it
        hints = getattr(kind, "__annotations__", {}) | hints
    return tuple(_column(field, hints[field]) for field in row._fields)


def table(
    name: str,
    *,
    index: tuple[str, ...] = (),
    hot: bool = False,
    derived: bool = False,
    keyed: bool = False,
    unique: bool = False,
    computed: Computed | None = None,
) -> Callable[[RowType], RowType]:
    """
    Declare the NamedTuple below as the row of a table.

    hot: the linker needs it in memory. derived: written by a derivation, not by the walk. keyed: the row's `id` is
    itself the thing (files, sites), so there is no `site` column. unique: a site has at most one row, so that the site
    is the key: the fastest to write and to join; for tables of every call or assignment. computed: what follows from the
    row's other columns, and costs nothing until it is read.
    """

    def declare(row: RowType) -> RowType:
        TABLES[row] = Table(name, row, _columns(row), index, hot, derived, keyed, unique, computed or {})
        return row

    return declare


def view(name: str, sql: str) -> Callable[[RowType], RowType]:
    """Declare the NamedTuple below as the row of a table that follows from others; sql gives the site, then its columns."""

    def declare(row: RowType) -> RowType:
        VIEWS[row] = View(name, row, _columns(row), sql)
        return row

    return declare


_OWNED = """
WHERE {0}.owner IS NULL
  OR EXISTS (SELECT 1 FROM python_shared_objects o WHERE o.name = {0}.owner AND o.library = {0}.library)"""


def union(name: str, *rows: RowType) -> Callable[[RowType], RowType]:
    """
    Declare the NamedTuple below as any row of some tables that have its columns.

    A row with an owner is one where the object of that name is of the row's library: files alone can't tell.
    """

    def declare(row: RowType) -> RowType:
        columns = ", ".join(("site", *row._fields))
        of = [
            f"SELECT {columns} FROM {TABLES[one].name}" + ("owner" in one._fields) * _OWNED.format(TABLES[one].name)
            for one in rows
        ]
        return view(name, "\nUNION ALL ".join(of))(row)

    return declare


def statements() -> list[str]:
    """Every statement that makes an empty database, without indexes, in a fixed order."""
    return [table.ddl for table in _sorted()] + shown()


def shown() -> list[str]:
    """Those of them that make views: nobody reads through them before the rows of all files are together."""
    views = sorted(VIEWS.values(), key=lambda view: view.name)
    return [view for table in _sorted() if (view := table.view)] + [line for view in views for line in view.ddl]


def _sorted() -> list[Table]:
    return sorted(TABLES.values(), key=lambda table: table.name)


def fingerprint() -> str:
    """The schema's identity: a database with another one is dropped and rebuilt."""
    lines = statements() + [line for table in TABLES.values() for line in sorted(table.indexes)]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

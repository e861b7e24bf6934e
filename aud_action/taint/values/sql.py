"""SQL statements as texts: which columns they write, and of which tables they read. Pure functions of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_NAME = r"""["`\[]?(?:\w++["`\]]?\.["`\[]?)*+(?P<{}>\w++)["`\]]?"""
_STARTS = re.compile(r"\s*(?:select|with|insert|replace|update)\b", re.IGNORECASE)
_INSERT = re.compile(
    r"\s*(?:insert|replace)\s+(?:\w+\s+){0,2}?into\s+"
    + _NAME.format("table")
    + r"\s*\((?P<columns>[^()]*)\)\s*values\s*\(",
    re.IGNORECASE,
)
_UPDATE = re.compile(r"\s*update\s+(?:or\s+\w+\s+)?" + _NAME.format("table") + r"\s+set\s+", re.IGNORECASE)
_SET = re.compile(_NAME.format("column") + r"\s*=\s*(?P<value>[^,]*?)\s*(?:,|\bwhere\b|$)", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|join)\s+" + _NAME.format("table"), re.IGNORECASE)
_SELECT = re.compile(r"\bselect\s+(?:distinct\s+)?(?P<columns>.*?)\bfrom\b", re.IGNORECASE | re.DOTALL)
_CALLED = re.compile(r"\bas\s+" + _NAME.format("called") + r"$", re.IGNORECASE)
_COLUMN = re.compile(_NAME.format("name") + r"(?:\s+(?:as\s+)?" + _NAME.format("called") + r")?", re.IGNORECASE)
_PLACE = re.compile(r"\?|%s|%\((?P<quoted>\w+)\)s|(?<![:\w]):(?P<named>\w+)|\$(?P<number>\d+)")
_LONGEST = 4_000


class Writes(NamedTuple):
    """A statement that stores parameters: each column with the number or name of the parameter that it takes."""

    table: str
    columns: tuple[tuple[str, int | str], ...]


class Reads(NamedTuple):
    """A statement that yields rows. columns: name in the table and in the answer, None for an expression; empty for all."""

    tables: tuple[str, ...]
    columns: tuple[tuple[str | None, str | None], ...]


def begins(text: str) -> bool:
    """Whether a text begins as a statement does that stores or yields rows."""
    return _STARTS.match(text) is not None


@cache
def statement(text: str) -> Writes | Reads | None:
    """
    What a statement does; None for anything else.

    >>> statement("INSERT INTO notes (title, body, kind) VALUES (?, ?, 'x')")
    Writes(table='notes', columns=(('title', 0), ('body', 1)))
    >>> statement("UPDATE app.notes SET body = %(text)s WHERE id = %(id)s")
    Writes(table='notes', columns=(('body', 'text'),))
    >>> statement("SELECT n.id, n.body AS text, count(*) FROM notes n JOIN users u ON u.id = n.author")
    Reads(tables=('notes', 'users'), columns=(('id', 'id'), ('body', 'text'), (None, None)))
    >>> statement('select * from "Notes"')
    Reads(tables=('notes',), columns=())
    """
    if len(text) > _LONGEST:
        return None
    found = _INSERT.match(text)
    if found is not None:
        names = [one.strip(' \t\n"`[]').lower() for one in found["columns"].split(",")]
        return Writes(found["table"].lower(), tuple(_taken(zip(names, _split(text[found.end() :]), strict=False), 0)))
    found = _UPDATE.match(text)
    if found is not None:
        sets = [(one["column"].lower(), one["value"]) for one in _SET.finditer(text, found.end())]
        return Writes(found["table"].lower(), tuple(_taken(_until_where(text, found.end(), sets), 0)))
    return _read(text)


def _read(text: str) -> Reads | None:
    tables = tuple(dict.fromkeys(one["table"].lower() for one in _FROM.finditer(text)))
    chosen = _SELECT.search(text)
    if not tables or chosen is None:
        return None
    columns = [one.strip() for one in _split(chosen["columns"] + ")")]
    if any(one == "*" or one.endswith(".*") for one in columns):
        return Reads(tables, ())
    return Reads(tables, tuple(_name(one) for one in columns))


def _name(column: str) -> tuple[str | None, str | None]:
    """What a column is called in its table and in the answer; None for what is worked out."""
    found = _COLUMN.fullmatch(column)
    if found is not None:
        name = found["name"].lower()
        return name, (found["called"] or name).lower()
    called = _CALLED.search(column)
    return None, called["called"].lower() if called is not None else None


def _until_where(text: str, start: int, sets: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    end = re.compile(r"\bwhere\b", re.IGNORECASE).search(text, start)
    count = len(sets) if end is None else sum(1 for one in _SET.finditer(text, start) if one.start() < end.start())
    yield from sets[:count]


def _taken(pairs: Iterator[tuple[str, str]] | zip[tuple[str, str]], number: int) -> Iterator[tuple[str, int | str]]:
    """Each column whose value is a parameter, with which."""
    for column, value in pairs:
        places = list(_PLACE.finditer(value))
        for place in places[:1]:
            name = place["quoted"] or place["named"]
            yield column, name or (int(place["number"]) - 1 if place["number"] else number)
        number += len(places)


def _split(text: str) -> Iterator[str]:
    """What stands between commas, up to the bracket that closes the list."""
    depth, start = 0, 0
    for index, letter in enumerate(text):
        if letter == "(":
            depth += 1
        elif letter == ")" and depth == 0:
            yield text[start:index]
            return
        elif letter == ")":
            depth -= 1
        elif letter == "," and depth == 0:
            yield text[start:index]
            start = index + 1
    yield text[start:]

"""What a text must hold for a pattern to match: SQLite compares that before it asks Python about the pattern, five times cheaper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple

_parser: Final = import_module("re._parser")  # the parser of `re` itself: there is no public one
_codes: Final = import_module("re._constants")
_TERM: Final = re.compile(r"(\|\|\s*)?(?<![\w.'\"])((?!NOT\b)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?) REGEXP '((?:[^']|'')*)'")
_MOST: Final = 24
"""Alternatives beyond which comparing costs what matching does."""


class Beginning(NamedTuple):
    """How a match may begin."""

    text: str
    is_start: bool  #: only at the start of the text
    is_open: bool = True  #: whether what follows in the pattern may be added


def guarded(sql: str) -> str:
    r"""
    The same query, with a cheap condition before each `column REGEXP 'pattern'` whose matches begin with known letters.

    >>> guarded("SELECT 1 FROM t WHERE name REGEXP '^os\\.'")
    "SELECT 1 FROM t WHERE ((name >= 'os.' AND name < 'os/') AND name REGEXP '^os\\.')"
    >>> guarded("SELECT 1 FROM t WHERE name REGEXP '\\.md5$'")
    "SELECT 1 FROM t WHERE ((instr(name, '.md5')) AND name REGEXP '\\.md5$')"
    >>> guarded("SELECT 1 FROM t WHERE one || other REGEXP '\\.md5$'")
    "SELECT 1 FROM t WHERE one || other REGEXP '\\.md5$'"
    """
    return _TERM.sub(_guard, sql) if "REGEXP" in sql else sql


def _guard(term: re.Match[str]) -> str:
    found = beginnings(term[3].replace("''", "'"))
    if not found or term[1]:  # what is joined before the column belongs to the text too
        return term[0]
    return f"(({' OR '.join(_compared(term[2], one) for one in found)}) AND {term[0]})"


def _compared(column: str, one: Beginning) -> str:
    if not one.is_start:
        return f"instr({column}, {_quoted(one.text)})"
    after = one.text[:-1] + chr(ord(one.text[-1]) + 1)
    return f"{column} >= {_quoted(one.text)} AND {column} < {_quoted(after)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def beginnings(pattern: str) -> tuple[Beginning, ...]:
    """
    Texts one of which every match begins with; none when that can't be told, or is too much to compare.

    >>> [one.text for one in beginnings("^(a|bc)d?")], beginnings("(?i)^a"), beginnings("a*b")
    (['a', 'bc'], (), ())
    """
    try:
        tree = _parser.parse(pattern)
    except re.error:
        return ()
    if tree.state.flags & (re.IGNORECASE | re.MULTILINE | re.VERBOSE):
        return ()
    found = _followed([Beginning("", is_start=False)], tree)
    if len(found) > _MOST or not all(one.text and "\0" <= one.text[-1] < "\ud7ff" for one in found):
        return ()
    return tuple(one for one in found if not any(_covers(other, one) for other in found if other != one))


def _covers(one: Beginning, other: Beginning) -> bool:
    """Whether the first holds wherever the second does."""
    if one.is_start:
        return other.is_start and other.text.startswith(one.text) and one.text != other.text
    return one.text in other.text and (other.is_start or one.text != other.text)


def _followed(before: list[Beginning], items: Iterable[tuple[Any, Any]]) -> list[Beginning]:
    """Every beginning, grown by what follows in the pattern."""
    found = before
    for code, given in items:
        closed, growing = [one for one in found if not one.is_open], [one for one in found if one.is_open]
        grown = list(dict.fromkeys([*closed, *_grown(growing, code, given)]))
        if len(grown) > _MOST:  # what is known so far is enough
            return [one._replace(is_open=False) for one in found]
        found = grown
    return found


def _grown(found: list[Beginning], code: Any, given: Any) -> list[Beginning]:
    if code is _codes.LITERAL:
        return [one._replace(text=one.text + chr(given)) for one in found]
    if code is _codes.AT:
        starts = given in (_codes.AT_BEGINNING, _codes.AT_BEGINNING_STRING)
        return [one._replace(is_start=True) if starts and not one.text else one for one in found]
    if code is _codes.SUBPATTERN and not given[1] and not given[2]:
        return _followed(found, given[3])
    if code is _codes.BRANCH:
        return [grown for branch in given[1] for grown in _followed(found, branch)]
    if code is _codes.IN and all(kind is _codes.LITERAL for kind, _ in given):
        return [one._replace(text=one.text + chr(letter)) for one in found for _, letter in given]
    if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT):
        return _repeated(found, *given)
    return [one._replace(is_open=False) for one in found]


def _repeated(found: list[Beginning], least: int, most: int, items: Any) -> list[Beginning]:
    if least == 0 and most == 1:
        return [*found, *_followed(found, items)]
    if least == 0:
        return [one._replace(is_open=False) for one in found]
    grown = _followed(found, items)
    return grown if least == most == 1 else [one._replace(is_open=False) for one in grown]

"""The captures in a route's pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schema.web import RouteParameter

_ANGLE = re.compile(r"<(?:(?P<converter>[A-Za-z_]\w*)(?:\((?P<arguments>[^<>]*)\))?:)?(?P<name>[A-Za-z_]\w*)>")
_SANIC = re.compile(r"<(?P<name>[A-Za-z_]\w*)(?::(?P<converter>[^<>]*))?>")
_BRACES = re.compile(r"\{(?P<name>[A-Za-z_]\w*)(?::(?P<converter>[^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}")
_GROUP = re.compile(r"\((?:\?P<(?P<name>\w+)>|(?!\?))(?P<regex>[^()]*)\)")
_WORD = re.compile(r"[A-Za-z_]\w*\Z")


def angle_captures(pattern: str) -> Iterator[RouteParameter]:
    """
    `<converter(arguments):name>` as Werkzeug and Django write it.

    >>> for capture in angle_captures("/a/<int:id>/<any(x,y):kind>/<rest>"): print(capture)
    RouteParameter(name='id', converter='int', regex=None, position=0)
    RouteParameter(name='kind', converter='any', regex='x,y', position=1)
    RouteParameter(name='rest', converter=None, regex=None, position=2)
    """
    for position, match in enumerate(_ANGLE.finditer(pattern)):
        yield RouteParameter(match["name"], match["converter"], match["arguments"], position)


def name_first_captures(pattern: str) -> Iterator[RouteParameter]:
    """
    `<name:converter>` as Sanic and Bottle write it; what is no word is an expression.

    >>> for capture in name_first_captures("/a/<id:int>/<x:[a-z]+>/<path:path>/<n:re:[0-9]+>"): print(capture)
    RouteParameter(name='id', converter='int', regex=None, position=0)
    RouteParameter(name='x', converter=None, regex='[a-z]+', position=1)
    RouteParameter(name='path', converter='path', regex=None, position=2)
    RouteParameter(name='n', converter='re', regex='[0-9]+', position=3)
    """
    for position, match in enumerate(_SANIC.finditer(pattern)):
        yield _classified(match["name"], match["converter"], position)


def brace_captures(pattern: str) -> Iterator[RouteParameter]:
    r"""
    `{name:converter}` as Starlette, aiohttp, Falcon and Pyramid write it.

    >>> for capture in brace_captures("/a/{id:int}/{x:\\d{2}}/{rest}"): print(capture)
    RouteParameter(name='id', converter='int', regex=None, position=0)
    RouteParameter(name='x', converter=None, regex='\\d{2}', position=1)
    RouteParameter(name='rest', converter=None, regex=None, position=2)
    """
    for position, match in enumerate(_BRACES.finditer(pattern)):
        yield _classified(match["name"], match["converter"], position)


def regex_captures(pattern: str) -> Iterator[RouteParameter]:
    r"""
    The groups of a regular expression; unnamed ones are named by their number.

    >>> for capture in regex_captures("^/a/(?P<id>\\d+)/(.*)$"): print(capture)
    RouteParameter(name='id', converter=None, regex='\\d+', position=0)
    RouteParameter(name='1', converter=None, regex='.*', position=1)
    """
    for position, match in enumerate(_GROUP.finditer(pattern)):
        yield RouteParameter(match["name"] or str(position), None, match["regex"], position)


def _classified(name: str, converter: str | None, position: int) -> RouteParameter:
    if converter is None or _WORD.match(converter):
        return RouteParameter(name, converter, None, position)
    word, colon, rest = converter.partition(":")
    if colon and word == "re":
        return RouteParameter(name, word, rest, position)
    if _WORD.match(word.partition("(")[0]) and "(" in word:
        return RouteParameter(name, word.partition("(")[0], word.partition("(")[2].rstrip(")"), position)
    return RouteParameter(name, None, converter, position)


def captures(framework: str, pattern: str | None) -> Iterator[RouteParameter]:
    """The captures of a pattern in a framework's own grammar."""
    if not pattern:
        return
    if framework in {"sanic", "bottle"}:
        yield from name_first_captures(pattern)
    elif framework in {"flask", "quart", "django", "klein", "channels"}:
        yield from angle_captures(pattern)
    elif framework in {"tornado", "django-regex"}:
        yield from regex_captures(pattern)
    else:
        yield from brace_captures(pattern)

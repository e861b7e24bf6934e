"""Routes: what their captures can't contain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

from aud_action.taint.code.frame import Frame
from aud_action.taint.values.charset import BIT, of_pattern
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.value import NUMBER, Value

_FLASK = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_TYPED_LAST = re.compile(r"<(\w+)(?::([^<>]*))?>")
_BRACES = re.compile(r"\{(\w+)(?::([^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}")
_GROUPS = re.compile(r"\(\?P<(\w+)>((?:[^()\\]|\\.|\([^()]*\))*)\)")
_SAFE_CONVERTERS = {"int", "float", "uuid", "any", "date", "bool", "ymd", "UUID"}
_SLUG = of_pattern("[-a-zA-Z0-9_]+", 0, "fullmatch")
_SEGMENT = of_pattern("[^/]+", 0, "fullmatch")


def captures(route: str | None, syntax: str) -> dict[str, int | None]:
    """
    The names a route captures: the mask of what each can't contain, None for a number.

    >>> captures("/u/<int:n>/<name>", "flask")["n"] is None
    True
    >>> captures("/u/<order_number:n>/<path:rest>", "flask")
    {'n': None, 'rest': 0}
    >>> captures("/u/<path:n> /v/<int:n>", "flask"), captures("/u/<int:n> /v/<path:n>", "flask")
    ({'n': 0}, {'n': 0})
    >>> [bool(mask & marks(BIT["/"])) for mask in captures("/<a:([a-z]+)>/<b:re:[A-Z]+>/<c:re:.+>/<d>", "bottle").values()]
    [True, True, False, True]
    """
    found: dict[str, int | None] = {}
    for name, mask in _captures(route, syntax) if route is not None else ():
        known = found.get(name, mask)  # of several routes, one after the other, the one that lets most through
        found[name] = known if mask is None else mask if known is None else known & mask
    return found


def _captures(route: str, syntax: str) -> Iterator[tuple[str, int | None]]:
    if syntax in ("flask", "django"):
        for converter, name in _FLASK.findall(route):
            yield name, None if converter in _SAFE_CONVERTERS else _converter(converter)
    if syntax == "bottle":
        for name, told in _TYPED_LAST.findall(route):
            converter, _, pattern = told.partition(":")
            pattern = pattern if converter == "re" else "" if not told or converter.isidentifier() else told
            safe = converter in _SAFE_CONVERTERS
            yield name, None if safe else _regex(pattern) if pattern else _converter(converter)
    if syntax == "braces":
        for name, converter in _BRACES.findall(route):
            safe = converter in _SAFE_CONVERTERS
            yield name, None if safe else _converter(converter) if converter.isidentifier() else _regex(converter)
    if syntax in ("regex", "django"):
        for name, pattern in _GROUPS.findall(route):
            yield name, _regex(pattern)


_PLAIN_GROUPS = re.compile(r"(?<!\\)\((?!\?)((?:[^()\\]|\\.|\((?!\?)[^()]*\))*)\)")


def in_order(route: str | None, names: list[str]) -> dict[str, int | None]:
    """
    What the groups of a pattern of Django's that has no names for them let through, one to each parameter after the request.

    >>> [name for name, mask in in_order(r"^user/(\\d+)/(.*)$", ["number", "rest"]).items() if mask & marks(BIT["'"])]
    ['number']
    >>> in_order(r"^user/(?P<name>.*)/(\\d+)$", ["name"]), in_order(r"^user/(\\d+)$", ["area", "number"])
    ({}, {})
    """
    groups = _PLAIN_GROUPS.findall(route) if route is not None and not captures(route, "django") else []
    return {name: _regex(group) for name, group in zip(names, groups, strict=True)} if len(groups) == len(names) else {}


def matched(patterns: list[str], names: list[str]) -> dict[str, int]:
    """
    What the groups of patterns let through to parameters, by their names or in their order, decoded after the match.

    >>> [name for name, mask in matched([r"/a/(\\d+)/([^/]+)"], ["number", "name"]).items() if mask]
    ['number']
    >>> [name for name, mask in matched([r"/a/(?P<key>\\w+)", "/a"], ["key"]).items() if mask]
    ['key']
    """
    found: dict[str, int] = {}
    for pattern in patterns:
        known = captures(pattern, "regex") or {
            name: _regex(group) for name, group in zip(names, _PLAIN_GROUPS.findall(pattern), strict=False)
        }
        for name, mask in known.items():
            told = mask if mask is not None and mask & marks(BIT["%"]) else 0
            found[name] = found.get(name, told) & told
    return found


def decoded(route: str | None) -> dict[str, int | None]:
    """
    What the captures in braces can't contain where they are decoded after the match: only what `%` can't spell.

    >>> decoded("/u/{n:int}/{name}/{rest:[^/]+}")
    {'n': None, 'name': 0, 'rest': 0}
    """
    known = captures(route, "braces").items()
    return {name: mask if mask is None or mask & marks(BIT["%"]) else 0 for name, mask in known}


def capture(frame: Frame, value: Value, base: Value, name: Any) -> Value:
    """`request.path_params["number"]`: what the routes of the program let through under this name."""
    if not _CAPTURED.intersection(base.paths):
        return value
    mask = _own(frame, name) if frame.machine.entries.found.get(frame.function) else UNTOLD
    mask = frame.machine.entries.let_through.get(name, 0) if mask == UNTOLD else mask
    if mask is None:
        return NUMBER
    return value.but(taints=tuple(one._replace(cleared=one.cleared | mask) for one in value.taints)) if mask else value


UNTOLD = -1
"""No route says it."""


def _own(frame: Frame, name: Any) -> int | None:
    """What the routes to the function itself let through under a name."""
    masks: list[int | None] = []
    for entry in frame.machine.entries.found.get(frame.function, ()):
        known = decoded(entry.route) if entry.model.captures == "braces" else {}
        if name not in known:
            return UNTOLD
        masks.append(known[name])
    bounds = [one for one in masks if one is not None]
    return reduce(int.__and__, bounds) if bounds else None


_CAPTURED = frozenset({"starlette.requests.Request.path_params", "aiohttp.web.Request.match_info"})


def _converter(name: str) -> int | None:
    if name == "slug":
        return marks(_SLUG)
    if name in ("path", "re", "regex"):
        return 0
    return marks(_SEGMENT) if name in ("", "str", "string", "default") else None  # one that the project wrote checks


def _regex(pattern: str) -> int:
    return marks(of_pattern(pattern, 0, "fullmatch")) if pattern else marks(_SEGMENT)

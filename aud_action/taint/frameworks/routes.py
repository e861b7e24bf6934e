"""Routes: what their captures can't contain."""

from __future__ import annotations

import re

from aud_action.taint.values.charset import of_pattern
from aud_action.taint.values.harmless import marks

_FLASK = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_TYPED_LAST = re.compile(r"<(\w+)(?::(\w+)[^<>]*)?>")
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
    """
    found: dict[str, int | None] = {}
    if route is None:
        return found
    if syntax in ("flask", "django"):
        for converter, name in _FLASK.findall(route):
            found[name] = None if converter in _SAFE_CONVERTERS else _converter(converter)
    if syntax == "bottle":
        for name, converter in _TYPED_LAST.findall(route):
            found[name] = None if converter in _SAFE_CONVERTERS else _converter(converter)
    if syntax == "braces":
        for name, converter in _BRACES.findall(route):
            safe = converter in _SAFE_CONVERTERS
            found[name] = None if safe else _converter(converter) if converter.isidentifier() else _regex(converter)
    if syntax in ("regex", "django"):
        for name, pattern in _GROUPS.findall(route):
            found[name] = _regex(pattern)
    return found


def _converter(name: str) -> int | None:
    if name == "slug":
        return marks(_SLUG)
    if name in ("path", "re", "regex"):
        return 0
    return marks(_SEGMENT) if name in ("", "str", "string", "default") else None  # one that the project wrote checks


def _regex(pattern: str) -> int:
    return marks(of_pattern(pattern, 0, "fullmatch")) if pattern else marks(_SEGMENT)

"""The captures in a route's pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schema.web import RouteParameter

_ANGLE = re.compile(r"<(?:(?P<converter>[A-Za-z_]\w*)(?:\((?P<arguments>[^<>]*)\))?:)?(?P<name>[A-Za-z_]\w*)>")


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

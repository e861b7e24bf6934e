"""Functions of the standard library that only make one text of another: of a constant, the constant."""

from __future__ import annotations

import html
import os.path
import shlex
import urllib.parse
from collections.abc import Callable

from aud_action.taint.flaws.terms import Named
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import Value, join_all

_LONGEST = 4096
_PURE: dict[str, Callable[[str], str]] = {
    "shlex.quote": shlex.quote,
    "html.escape": html.escape,
    "html.unescape": html.unescape,
    "markupsafe.escape": html.escape,
    "urllib.parse.quote": urllib.parse.quote,
    "urllib.parse.quote_plus": urllib.parse.quote_plus,
    "urllib.parse.unquote": urllib.parse.unquote,
    "urllib.parse.unquote_plus": urllib.parse.unquote_plus,
    "os.path.basename": os.path.basename,
    "os.path.dirname": os.path.dirname,
}


def made(path: str, positional: list[Value], named: Named) -> Value | None:
    """What a function makes of a constant text; None for any other function, or any other text."""
    function = _PURE.get(path)
    if function is None or named or len(positional) != 1 or positional[0].taints or not positional[0].consts:
        return None
    texts = [one for one in positional[0].consts if isinstance(one, str) and len(one) <= _LONGEST]
    if len(texts) != len(positional[0].consts):
        return None
    return join_all([constant(function(one)) for one in texts])

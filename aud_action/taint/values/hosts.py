"""Patterns that hold an address to a host: whoever wrote a text that matches, the request goes there."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

from aud_action.taint.values.charset import characters, op, re_error, tree_of

_LABELS, _ANYTHING, _END = "\0", "\1", "\2"
"""Letters of a host, whichever; anything at all; where the text ends."""
_HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/\1\2]+)[/\2]", re.IGNORECASE)
_FIXED = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_DOMAIN = re.compile(r"\.[\w-]+(?:\.[\w-]+)+")
_BEGINS = (op.AT_BEGINNING, op.AT_BEGINNING_STRING)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, getattr(op, "POSSESSIVE_REPEAT", None))
_MOST = 64


@cache
def pins_host(pattern: str, flags: int, how: str) -> bool:
    r"""
    Whether all texts that match begin with an address of one of a few hosts, or of hosts of one domain.

    how: fullmatch, match or search, as in `re`.

    >>> [pins_host(one, 0, "match") for one in (r"https?://(?:www\.)?a\.com/", r"https://[\w.-]+\.a\.com(:\d+)?/", r"//a\.com$")]
    [True, True, True]
    >>> [pins_host(one, 0, "match") for one in (r"https://a\.com", r"https://.*\.a\.com/", r"https://\w+\.com/", r"//[a-z]+a\.com/")]
    [False, False, False, False]
    >>> pins_host(r"https://a\.com/", 0, "search"), pins_host(r"https://a\.com/|x", 0, "match")
    (False, False)
    """
    try:
        tree = tree_of(pattern, flags)
    except (re_error, RecursionError, OverflowError, TypeError):
        return False
    nodes = list(tree)
    begins = how in ("match", "fullmatch") or (bool(nodes) and nodes[0][0] is op.AT and nodes[0][1] in _BEGINS)
    if not begins or tree.state.flags & re.MULTILINE:
        return False
    texts = _texts(nodes)
    return bool(texts) and all(_is_held(text + (_END if how == "fullmatch" else "")) for text in texts)


def _is_held(text: str) -> bool:
    found = _AUTHORITY.match(text)
    if found is None:
        return False
    host = re.sub(r":[\d\0]*$", "", found[1])
    if _LABELS in host:
        return _DOMAIN.fullmatch(host.rpartition(_LABELS)[2]) is not None
    return _FIXED.fullmatch(host) is not None


def _texts(nodes: list[Any]) -> set[str]:
    """What a match may look like up to the end of the host; nothing when these are too many."""
    made = {""}
    for kind, argument in nodes:
        made = {one + more for one, more in product(made, _of(kind, argument))}
        if not made or len(made) > _MOST:
            return set()
    return made


def _of(kind: Any, argument: Any) -> set[str]:
    if kind is op.LITERAL:
        return {_sign(chr(argument))}
    if kind in _REPEATS:
        return _repeated(*argument)
    if kind is op.SUBPATTERN:
        return _texts(list(argument[-1]))
    if kind is op.BRANCH:
        ways = [_texts(list(one)) for one in argument[1]]
        return set().union(*ways) if all(ways) else {_ANYTHING}
    if kind is op.AT:
        return {_END} if argument in (op.AT_END, op.AT_END_STRING) else {""}
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return {""}
    return {_one_of(characters([(kind, argument)], False))}


def _repeated(least: int, most: Any, body: Any) -> set[str]:
    inner = _texts(list(body)) or {_ANYTHING}
    if most != 1:
        labels = all(set(one) <= _HOST_LETTERS | {_LABELS} for one in inner)
        inner = {_LABELS + "." * all(one.endswith(".") for one in inner)} if labels else {_ANYTHING}
    return inner if least else inner | {""}


def _one_of(found: frozenset[str] | None) -> str:
    if found is None:
        return _ANYTHING
    if found <= frozenset("/?#"):
        return "/"
    return _LABELS if found <= _HOST_LETTERS else _ANYTHING


def _sign(char: str) -> str:
    return "/" if char in "?#" else char

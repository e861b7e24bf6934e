"""Strings worth a look: addresses, queries, markup, paths, keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from math import log2
from typing import Final

from extractors.context import CUT, At, Context
from extractors.registry import extracts
from schema.strings import NotableString

_SHORTEST: Final = 7
_LONGEST: Final = 20_000
_SHORTEST_TOKEN: Final = 20
_STARTS: Final = re.compile(
    r"""(?P<url>[a-z][a-z0-9+.-]{1,15}://[^\s/])
    |(?P<sql>\s*(?:SELECT\s.{1,400}?\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(?:TABLE|INDEX|VIEW)\s
        |ALTER\s+TABLE\s|DROP\s+(?:TABLE|INDEX|VIEW)\s|WITH\s+\w+\s+AS\s*\())
    |(?P<html>\s*<(?:!doctype|html|head|body|div|p|a|span|script|form|table|ul|li|h[1-6]|img|input|iframe|b|i|br)\b[^<]*>)
    |(?P<block>\s*-----BEGIN\ [A-Z ]+-----)
    |(?P<token>gh[pousr]_[A-Za-z0-9]{30,}|sk_(?:live|test)_[A-Za-z0-9]{16,}|AKIA[0-9A-Z]{16}\Z|xox[abprs]-[A-Za-z0-9-]{10,}
        |eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|AIza[A-Za-z0-9_-]{35})
    |(?P<address>\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\Z)
    |(?P<path>/(?:etc|tmp|var|usr|home|root|opt|proc|dev|srv)/[^\s<>]+\Z|[A-Za-z]:\\[^\s<>]+\Z|~/[^\s<>]+\Z)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CODED: Final = re.compile(r"[A-Za-z0-9+/=_-]{24,200}\Z")
_RANDOM: Final = 4.2
"""Bits per character above which 24 or more characters of a token's alphabet are hardly a word."""
_LEAST: Final = int(2**_RANDOM)
"""Different characters that a text of so many bits must have more than."""
_MASKED: Final = frozenset({"key-block", "token", "entropy"})


def entropy(text: str) -> float:
    """
    Bits per character.

    >>> entropy("aaaa"), entropy("abab"), entropy("")
    (0.0, 1.0, 0.0)
    """
    text = text[:CUT]
    shares = [text.count(character) / len(text) for character in dict.fromkeys(text)]
    return round(-sum([share * log2(share) for share in shares]), 3) + 0.0 if text else 0.0


def kind_of(text: str) -> str | None:
    """
    What a string looks like, by how it begins; None for a string nobody looks at twice.

    >>> [kind_of(text) for text in ("https://a.b/c", "select a from b where c", "please select a frog", "10.0.0.1:80", "/etc/passwd", "1.2.3")]
    ['url', 'sql', None, 'address', 'path', None]
    """
    if len(text) < _SHORTEST_TOKEN and text.isidentifier():
        return None  # one plain word: most strings, and the pattern is dear
    found = _STARTS.match(text)
    if found is not None:
        return "key-block" if found.lastgroup == "block" else found.lastgroup
    if _CODED.match(text) is None or text.isalpha() or text.isdigit():
        return None
    return "entropy" if len(set(text[:CUT])) > _LEAST and entropy(text) > _RANDOM else None


@extracts(ast.Module)
def notable_string(node: ast.Module, context: Context) -> Iterator[At]:
    """
    Each string worth a look; docstrings are texts for people, and no facts.

    >>> rows(notable_string, "'''https://in.a/docstring'''\\nURL = 'http://shop.example/api'\\nq = 'DELETE FROM users'\\nk = 'Zk3qP9xT7mW2vB8nL5cR1dF6'\\nw = 'an ordinary text'")
    NotableString(kind='url', value='http://shop.example/api', length=23, entropy=3.621)
    NotableString(kind='sql', value='DELETE FROM users', length=17, entropy=3.572)
    NotableString(kind='entropy', value='Zk3q…', length=24, entropy=4.585)
    """
    documented: set[int] | None = None
    for number, value in enumerate(context.survey.texts):
        if value.__class__ is not str or not _SHORTEST <= len(value) <= _LONGEST:
            continue
        kind = kind_of(value)
        if kind is not None:
            if documented is None:
                documented = {id(part) for part in _docstrings(context)}
            literal = context.survey.strings[number]
            if id(literal) in documented:
                continue
            shown = f"{value[:4]}…" if kind in _MASKED else value[:CUT]
            yield At(literal, NotableString(kind, shown, len(value), entropy(value)))


def _docstrings(context: Context) -> Iterator[ast.expr]:
    for scope in context.survey.scopes:
        body = getattr(scope.node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr):
            yield first.value

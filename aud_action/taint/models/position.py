"""Where in a TOML text a section, a record or a key stands: tomllib doesn't say, people want to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([^\[\]\n]+?)[ \t]*\]\]?")
_KEY = re.compile(r"[ \t]*(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[\w.-]+)[ \t]*=")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]', re.DOTALL
)


class Spot(NamedTuple):
    """A header or a key, and the line it begins on."""

    line: int
    header: bool
    name: str


def spots(text: str) -> Iterator[Spot]:
    """
    Every header and key, in order; what stands inside a value is none.

    >>> [spot.name for spot in spots('[[sink]]\\nmatch = [\\n  "a = b",\\n]\\nclass = "xss"')]
    ['sink', 'match', 'class']
    """
    at, length = 0, len(text)
    while at < length:
        line = text.count("\n", 0, at) + 1
        header, key = _HEADER.match(text, at), _KEY.match(text, at)
        if header:
            yield Spot(line, True, header.group(2))
            at = header.end()
        elif key:
            yield Spot(line, False, key.group(1).strip("\"'"))
            at = key.end()
        at = _after(text, at)


def _after(text: str, at: int) -> int:
    """The beginning of the line after the statement that a position is in."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        word = token.group()
        if word in "[{":
            depth += 1
        elif word in "]}":
            depth -= 1
        elif word == "\n" and depth <= 0:
            return token.end()
    return len(text)


def line_of(text: str, section: str, number: int, key: str = "", word: str = "") -> int:
    """The line of the `number`th record (from 0) of a section, of a key in it, of a word in that key's value."""
    seen, inside, line = -1, False, 1
    for spot in spots(text):
        if spot.header:
            if inside:
                break
            bare = spot.name.removeprefix("tool.aud.taint.")
            seen += bare == section
            inside = bare == section and seen == number
            line = spot.line if inside else line
        elif inside and spot.name == key:
            line = spot.line
            break
    if word and (inside or not section):
        rest = text.split("\n")[line - 1 :]
        line += next((count for count, one in enumerate(rest) if word in one), 0)
    return line

"""What a file holds that its reader doesn't see."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.tokens import place
from schema.hidden import HiddenCharacter

_HIDDEN: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060\u00ad\u061c]")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NAME: Final = re.compile(r"[^\W\d]\w*")
_LIMIT: Final = 50  #: rows per kind and file: a text in another alphabet is no finding
_SCRIPTS: Final = {"CYRILLIC", "GREEK", "ARMENIAN", "FULLWIDTH", "MATHEMATICAL"}


def _mixed(name: str) -> bool:
    """Whether a name mixes Latin letters with letters that look like them."""
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
    return "LATIN" in scripts and bool(scripts & _SCRIPTS)


@extracts(ast.Module)
def hidden_character(node: ast.Module, context: Context) -> Iterator[At]:
    """
    Each bidirectional control, each invisible character, and each bound name that mixes alphabets.

    >>> rows(hidden_character, "a = 1  # \\u202e\\n\\u0430dmin = 2")
    HiddenCharacter(kind='bidi', character='U+202E', text=None)
    HiddenCharacter(kind='homoglyph', character='U+0430', text='\\\\u0430dmin')
    """
    written = [line for line in context.lines if line.__class__ is bytes]
    if not written:
        return
    names = _mixed_names(context)
    if not names and not _HIDDEN.search(b"".join(written).decode("utf-8", "replace")):
        return
    source = context.source_bytes
    text = source.decode("utf-8", "replace")
    for count, match in enumerate(_HIDDEN.finditer(text)):
        if count < _LIMIT:
            kind = "bidi" if _BIDI.match(match.group()) else "invisible"
            yield _row(source, text, match, kind, match.group(), None)
    for count, match in enumerate(match for match in _NAME.finditer(text) if match.group() in names) if names else ():
        if count < _LIMIT:
            odd = next(letter for letter in match.group() if not letter.isascii())
            yield _row(source, text, match, "homoglyph", odd, ascii(match.group())[1:-1])


def _mixed_names(context: Context) -> set[str]:
    """The names bound in this file that mix alphabets: nearly always none, and then the text needn't be read."""
    bound = {name for scope in context.survey.scopes for name in scope.bindings if not name.isascii()}
    bound |= {scope.name.rpartition(".")[2] for scope in context.survey.scopes if not scope.name.isascii()}
    return {name for name in bound if not name.isascii() and _mixed(name)}


def _row(source: bytes, text: str, match: re.Match[str], kind: str, character: str, name: str | None) -> At:
    start = len(text[: match.start()].encode())
    where = place(source, start, start + len(match.group().encode()))
    return At(where, HiddenCharacter(kind, f"U+{ord(character):04X}", name))

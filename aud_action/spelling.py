"""What a word that isn't known was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_ALIKE: Final = 0.65  #: of 1.0; below, a suggestion is a guess that makes the reader wonder


def nearest(word: str, known: Iterable[str]) -> str:
    """
    `; did you mean …?` for a word that isn't known, or nothing.

    >>> nearest("sql-injektion", ["xss", "sql-injection"]), nearest("nosuch", ["no-set-ciphers"])
    ("; did you mean 'sql-injection'?", '')
    """
    import difflib

    close = difflib.get_close_matches(word, list(known), 1, _ALIKE)
    return f"; did you mean {close[0]!r}?" if close else ""

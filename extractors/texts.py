"""Files that are no Python: who reads them, where in them a row stands, and how their rows are stamped."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase, translate
from functools import cache
from typing import Any, Final

Reader = Callable[["Text"], Iterator[tuple[int, Any]]]
_READERS: Final[list[tuple[tuple[str, ...], Reader]]] = []
_PROSE: Final[set[Reader]] = set()


class Text:
    """One text file: its path, its text, and the lines things stand on."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.name = path.rpartition("/")[2]
        self.text = text
        self._starts = [0, *(offset + 1 for offset, char in enumerate(text) if char == "\n")]

    def line_at(self, offset: int) -> int:
        """The line, from 1, of a place in the text."""
        return bisect_right(self._starts, max(0, offset))

    def line_of(self, needle: str, after: str = "") -> int:
        """The first line that holds a text as a word, behind another text when that is there; 1 when none does."""
        start = max(0, self.text.find(after)) if after else 0
        offset = self.text.find(needle, start)
        while offset >= 0:
            around = self.text[offset - 1 : offset] + self.text[offset + len(needle) : offset + len(needle) + 1]
            if not any(char.isalnum() or char in "_-." for char in around):
                break
            offset = self.text.find(needle, offset + 1)
        return self.line_at(offset if offset >= 0 else start)

    def span(self, line: int) -> tuple[int, int, int, int]:
        """Line, column, end line and end column of a line, in UTF-16 units."""
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        content = self.text[self._starts[line - 1] : end].rstrip("\r")
        return line, 1, line, len(content.encode("utf-16-le", "surrogatepass")) // 2 + 1


def reads(*patterns: str, prose: bool = False) -> Callable[[Reader], Reader]:
    """
    Register the generator below for files whose name, or folder and name, matches: it yields (line, row).

    prose: people read it, so that a letter that can't be decoded does no harm.
    """

    def register(reader: Reader) -> Reader:
        _READERS.append((patterns, reader))
        if prose:
            _PROSE.add(reader)
        return reader

    return register


def patterns() -> list[str]:
    """Every pattern of names of files that somebody reads."""
    return sorted({pattern for wanted, _ in _READERS for pattern in wanted})


@cache
def _any() -> Callable[[str], object]:
    """Matches whatever some pattern matches: nearly all files are nobody's."""
    return re.compile("|".join(map(translate, patterns()))).match


def is_prose(path: str) -> bool:
    """Whether all who read a file read it for its words."""
    return set(readers(path)) <= _PROSE


def readers(path: str) -> list[Reader]:
    """
    Who reads a file, by its name, or by its folder and name.

    >>> [reader.__name__ for reader in readers("a/requirements-dev.txt")], readers("a/views.py")
    (['requirements'], [])
    >>> [reader.__name__ for reader in readers("a/requirements/dev.txt")], readers("a/notes/dev.txt")
    (['requirements'], [])
    """
    folder, _, name = path.rpartition("/")
    both = f"{folder.rpartition('/')[2]}/{name}"
    if not _any()(name) and not _any()(both):
        return []
    return [
        reader
        for patterns, reader in _READERS
        if any(fnmatchcase(both if "/" in pattern else name, pattern) for pattern in patterns)
    ]

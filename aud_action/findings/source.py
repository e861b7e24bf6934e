"""Text of scanned files, as reports and fingerprints read it: `Sources(root)` is the callable that they take."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aud_action.findings import Location

SourceText = Callable[[str], str | None]
"""A file's text by its path: UTF-8, U+FFFD for what isn't, newlines as they stand; None when it can't be read."""

MAX_BYTES = 16 << 20
_NEWLINE = re.compile(r"\r\n|\r|\n")


class Sources:
    """The files below one folder, read when asked for. What leads out of the folder isn't read."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._read = lru_cache(maxsize=64)(self._load)

    def __call__(self, path: str) -> str | None:
        """The text of one file, or None when it is absent, too large, no regular file, or outside the folder."""
        return self._read(path)

    def _load(self, path: str) -> str | None:
        try:
            file = (self._root / path).resolve()
            found = file.stat()
            if not file.is_relative_to(self._root) or not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
                return None
            return file.read_bytes().decode("utf-8", "replace")
        except (OSError, ValueError):
            return None


def split(text: str) -> list[str]:
    r"""
    The lines as Python and SARIF count them: a form feed or U+2028 doesn't end one, and a byte order mark is in none.

    >>> split("\ufeffa\r\nb\x0cc\rd")
    ['a', 'b\x0cc', 'd']
    """
    return _NEWLINE.split(text.removeprefix("\ufeff"))


def character(line: str, column: int) -> int:
    """
    The 0-based character of a 1-based UTF-16 column.

    >>> character("🐍x", 3)
    1
    """
    if line.isascii():
        return min(column - 1, len(line))
    units = line.encode("utf-16-le", "surrogatepass")[: (column - 1) * 2]
    return len(units.decode("utf-16-le", "replace"))


def cut_out(text: str, location: Location) -> str:
    """The text of a region, "" when the file has changed so much that it isn't there."""
    lines = split(text)[location.line - 1 : location.end_line]
    if not lines or location.end_line < location.line:
        return ""
    if location.end_line - location.line < len(lines):
        lines[-1] = lines[-1][: character(lines[-1], location.end_col)]
    lines[0] = lines[0][character(lines[0], location.col) :]
    return "\n".join(lines)

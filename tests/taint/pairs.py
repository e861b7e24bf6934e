"""Reads the pairs: vulnerable and safe twins that differ in the one thing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# file: (\S+)$", re.MULTILINE)


class Case(NamedTuple):
    """One fence: a small project, the classes of the flaws that it has, the options under which."""

    title: str
    page: str
    line: int
    files: dict[str, str]
    expected: tuple[str, ...]
    threats: tuple[str, ...]


def cases(folder: Path) -> Iterator[Case]:
    """Every fence of every page of a folder."""
    for page in sorted(folder.glob("*.md")):
        text = page.read_text("utf-8")
        setup = "".join(one.group(2) for one in _FENCE.finditer(text) if one.group(1) == "setup")
        marks = [*_HEADING.finditer(text)]
        for mark, stop in zip(marks, [*[one.start() for one in marks[1:]], len(text)], strict=True):
            for fence in _FENCE.finditer(text, mark.end(), stop):
                line = text.count("\n", 0, fence.start()) + 2
                yield _case(mark.group(1), page.name, line, setup, fence.group(1), fence.group(2))


def _case(title: str, page: str, line: int, setup: str, word: str, text: str) -> Case:
    threats = tuple(re.findall(r"^# threats: (.+)$", text, re.MULTILINE))
    flaw = title.split(":", maxsplit=1)[0].strip()
    return Case(
        title, page, line, split(text, setup), (flaw,) if word == "bad" else (), tuple(" ".join(threats).split())
    )


def split(text: str, setup: str = "") -> dict[str, str]:
    """The files of a fence; the first is `app.py` unless it is named, and begins with the page's setup."""
    parts = _FILE.split(text)
    files = {"app.py": setup + parts[0]} if parts[0].strip() else {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        files[name] = (setup if not files else "") + body
    return files

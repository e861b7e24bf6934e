"""Code frames: the lines around a place, with the place marked. Text is escaped for a terminal or a Markdown fence."""

from __future__ import annotations

import re
from typing import NamedTuple

from aud_action.findings import Location
from aud_action.findings.redaction import redacted
from aud_action.findings.source import SourceText, character, split
from aud_action.report.escape import terminal

MAX_LINES = 7  #: of one region
MAX_WIDTH = 140
MAX_LOOK = 10_000  #: letters of a line that are looked through for secrets


class Line(NamedTuple):
    """One line of a frame in three parts; `marked` is what the finding is about."""

    number: int
    before: str
    marked: str
    after: str

    @property
    def text(self) -> str:
        """The whole line."""
        return self.before + self.marked + self.after


def line_of(location: Location, sources: SourceText) -> str:
    """The place's first line without its indent, "" when the file can't be read."""
    text = sources(location.path)
    lines = split(text)[location.line - 1 : location.line] if text is not None else []
    return terminal(_cut(_safe(lines[0]).strip(), "", "")[0]) if lines else ""


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """The parts within the frame's width: minified code has lines of megabytes."""
    if len(before) + len(marked) + len(after) <= MAX_WIDTH:
        return before, marked, after
    room = MAX_WIDTH // 2
    before = before if len(before) <= room else "…" + before[-room:]
    marked = marked if len(marked) <= room else marked[:room] + "…"
    rest = max(MAX_WIDTH - len(before) - len(marked), 0)
    return before, marked, after if len(after) <= rest else after[:rest] + "…"


def _marked(number: int, line: str, location: Location) -> Line:
    start = character(line, location.col) if number == location.line else len(line) - len(line.lstrip())
    stop = character(line, location.end_col) if number == location.end_line else len(line)
    before, marked, after = _cut(line[:start], line[start:stop], line[stop:])
    return Line(number, terminal(before), terminal(marked), terminal(after))


def _safe(line: str) -> str:
    """A line with its secrets masked; one too long to look through is masked wherever it has letters."""
    return (
        redacted(line) if len(line) <= MAX_LOOK else re.sub(r"[A-Za-z0-9]{20,}", lambda word: "*" * len(word[0]), line)
    )


def frame(location: Location, sources: SourceText, around: int = 1) -> list[Line]:
    """The region's lines with some around; empty when the file can't be read."""
    text = sources(location.path)
    if text is None:
        return []
    lines = split(text)
    last = min(max(location.end_line, location.line), location.line + MAX_LINES - 1, len(lines))
    frame = []
    for number in range(max(location.line - around, 1), min(last + around, len(lines)) + 1):
        line = _safe(lines[number - 1])
        if location.line <= number <= last:
            frame.append(_marked(number, line, location))
        else:
            frame.append(Line(number, terminal(_cut(line, "", "")[0]), "", ""))
    return frame

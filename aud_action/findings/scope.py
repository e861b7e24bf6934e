"""What a change touches: `parse(diff)` reads a unified diff, `narrow(result, change, how)` judges findings by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from aud_action.findings import Finding, Location, Result

How = Literal["all", "changed-files", "changed-lines"]
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass(slots=True)
class Lines:
    """What changed in one file, in lines of the new one."""

    added: set[int] = field(default_factory=set)
    removed_after: set[int] = field(default_factory=set)  #: lines that stood below these are gone
    whole: bool = False  #: the change is known, its lines aren't

    def touch(self, location: Location) -> bool:
        """Whether the region has a line that is new."""
        return self.whole or any(line in self.added for line in range(location.line, location.end_line + 1))


@dataclass(frozen=True, slots=True)
class Change:
    """The difference that a pull request makes."""

    files: dict[str, Lines] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)  #: new path to old


def unquote(name: str) -> str:
    r"""
    A path as git writes it in a diff.

    >>> unquote('"b/\\303\\251\\n.py"')
    'b/é\n.py'
    """
    if not (name.startswith('"') and name.endswith('"')):
        return name.removesuffix("\t")

    def byte(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        return bytes([int(code, 8) & 255]) if len(code) == 3 else _LETTERS.get(code, code)

    raw = name[1:-1].encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(byte, raw).decode("utf-8", "surrogateescape")


def parse(diff: str) -> Change:
    """
    A change from `git diff -U0 -M` (more context does no harm).

    Lines are counted by the hunks' heads, so nothing inside a file can pass for one.
    """
    change, lines = Change(), iter(diff.split("\n"))
    current, old = Lines(), ""
    for line in lines:
        if line.startswith("+++ "):
            name = unquote(line[4:])
            current = Lines() if name == "/dev/null" else change.files.setdefault(name.removeprefix("b/"), Lines())
        elif line.startswith("rename from "):
            old = unquote(line[12:])
        elif line.startswith("rename to "):
            new = unquote(line[10:])
            change.renames[new] = old
            change.files.setdefault(new, Lines())
        elif hunk := _HUNK.match(line):
            _count(hunk, lines, current)
    return change


def patch(text: str) -> Lines:
    """The lines of one file's hunks, as GitHub's API gives them."""
    found, lines = Lines(), iter(text.split("\n"))
    for line in lines:
        if hunk := _HUNK.match(line):
            _count(hunk, lines, found)
    return found


def _count(hunk: re.Match[str], lines: Iterator[str], found: Lines) -> None:
    """Take one hunk's lines from the iterator, as many as its head says."""
    old, new = (int(count) if count is not None else 1 for count in hunk.group(2, 4))
    at = int(hunk.group(3)) + (new == 0)  # an empty side is numbered by the line before it
    while old > 0 or new > 0:
        line = next(lines, None)
        if line is None:
            return
        kind = line[:1]
        if kind == "+":
            found.added.add(at)
        elif kind == "-":
            found.removed_after.add(at - 1)
        if kind != "\\":
            old -= kind != "+"
            new -= kind != "-"
            at += kind != "-"


def _places(finding: Finding) -> list[Location]:
    return [finding.location, *(step.location for step in finding.flow)]


def touches(change: Change, finding: Finding, how: How) -> bool:
    """
    Whether the change has a part in the finding.

    By lines: a line of its region or of a step of its path is new, or lines between two of its steps are gone, where
    the check may have stood that kept the value harmless.
    """
    places = _places(finding)
    if how == "changed-files":
        return any(place.path in change.files for place in places)
    return any(place.path in change.files and change.files[place.path].touch(place) for place in places) or _gap(
        change, places
    )


def _gap(change: Change, places: Iterable[Location]) -> bool:
    spans: dict[str, list[int]] = {}
    for place in places:
        spans.setdefault(place.path, []).extend((place.line, place.end_line))
    return any(
        min(span) <= line < max(span)
        for path, span in spans.items()
        if path in change.files
        for line in change.files[path].removed_after
    )


def narrow(result: Result, change: Change | None, how: How) -> Result:
    """The result in which only what the change has a part in is new. Without a change everything is."""
    if change is None or how == "all":
        return result
    reason = "no part of it is on changed lines" if how == "changed-lines" else "no part of it is in a changed file"
    return replace(
        result,
        findings=tuple(
            finding
            if finding.state != "new" or touches(change, finding, how)
            else replace(finding, state="out_of_scope", reason=reason)
            for finding in result.findings
        ),
    )

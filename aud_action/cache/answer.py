"""The last run's findings, for when nothing has changed at all: a few kilobytes instead of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from aud_action.cache.folder import ANSWER, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.findings import Finding, Location, Unanalysed
from aud_action.findings.suppression import Comment

LIMIT: Final = 64 << 20
"""Bytes of the largest answer that is read."""
_WHOLE: Final = (1, 1, 1, 1)
"""Where a file as a whole stands, whatever its first line is."""


class Answer(NamedTuple):
    """What matching found, before comments, baseline and thresholds decide."""

    key: str  #: digest of everything that it depends on
    findings: tuple[Finding, ...]
    unanalysed: tuple[Unanalysed, ...]
    comments: tuple[Comment, ...]
    tables: dict[str, int]  #: rows per table
    tests: int  #: files that are tests by their paths
    reads: frozenset[str]  #: columns that it depends on, as `table.column`
    advisories: tuple[int, str] | None = None  #: how many were looked through, and the day of the newest

    def moved(self, shifts: Mapping[str, int | None]) -> Answer | None:
        """The same, where all that stands in some files went down by so many lines; None where that can't be said."""
        if None in shifts.values() or any(gap.path in shifts for gap in self.unanalysed):
            return None
        down = {path: lines for path, lines in shifts.items() if lines}
        places = (place for one in self.findings for place in one.places)
        if any(place.path in down and place[1:] == _WHOLE for place in places):
            return None
        findings = tuple(
            _down(one, down) if any(place.path in down for place in one.places) else one for one in self.findings
        )
        comments = tuple(
            one._replace(covers_from=one.covers_from + down[one.path], covers_to=one.covers_to + down[one.path])
            if one.path in down
            else one
            for one in self.comments
        )
        return self._replace(findings=findings, comments=comments)


def _down(finding: Finding, down: Mapping[str, int]) -> Finding:
    def place(was: Location) -> Location:
        lines = down.get(was.path, 0)
        return was._replace(line=was.line + lines, end_line=was.end_line + lines)

    flow, related = (
        tuple(step._replace(location=place(step.location)) for step in steps)
        for steps in (finding.flow, finding.related)
    )
    return replace(finding, location=place(finding.location), flow=flow, related=related)


def write(folder: Folder, answer: Answer) -> None:
    """Keep an answer. Raises OSError."""
    import msgspec

    folder.write(ANSWER, sealed(msgspec.msgpack.encode(answer)))


def read(folder: Folder, key: str, paths: frozenset[str], rules: frozenset[str]) -> Answer | None:
    """The kept answer when it is for `key`; None when it is for another. Raises Unusable for what we can't have written."""
    import msgspec

    content = folder.read(ANSWER, LIMIT)
    if content is None:
        return None
    body = unsealed(content)
    if body is None:
        raise Unusable("the kept findings have another seal")
    try:
        answer = msgspec.msgpack.decode(body, type=Answer)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unusable(f"the kept findings can't be read: {error}") from error
    if answer.key != key:
        return None
    if not all(_fits(finding, paths, rules) for finding in answer.findings):
        raise Unusable("the kept findings speak of files or rules that are not there")
    return answer


def _fits(finding: Finding, paths: frozenset[str], rules: frozenset[str]) -> bool:
    """Whether every place lies in a file of this run and every rule is one that ran."""
    places = finding.places
    return (
        finding.rule in rules
        and 0 < finding.severity <= 10
        and all(map(_is_place, places))
        and all(place.path in paths for place in places)
    )


def _is_place(place: Location) -> bool:
    return all(0 < number < 1 << 31 for number in place[1:])

"""The last run's findings, for when nothing has changed at all: a few kilobytes instead of the database."""

from __future__ import annotations

from typing import Final, NamedTuple

from aud_action.cache.folder import ANSWER, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.findings import Finding, Location, Unanalysed
from aud_action.findings.suppression import Comment

LIMIT: Final = 64 << 20
"""Bytes of the largest answer that is read."""


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
    places = (finding.location, *(step.location for step in (*finding.flow, *finding.related)))
    return (
        finding.rule in rules
        and 0 < finding.severity <= 10
        and all(map(_is_place, places))
        and all(place.path in paths for place in places)
    )


def _is_place(place: Location) -> bool:
    return all(0 < number < 1 << 31 for number in place[1:])

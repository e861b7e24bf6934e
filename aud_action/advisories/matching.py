"""Which advisories apply to a version, or to every version that a specifier allows (PEP 440)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from aud_action.advisories.records import Affected, Range, Record

Entry = tuple[Record, Affected]
_RANKS: Final = ("CVE-", "GHSA-", "PYSEC-")
INTRODUCED, FIXED, LAST = range(3)
"""Kinds of borders, in the order in which they count at one version."""


class Span(NamedTuple):
    """Versions from one on, up to another; None where there is no end."""

    low: Version | None
    high: Version | None
    has_high: bool = False  #: the upper end itself is in it

    def holds(self, version: Version) -> bool:
        """Whether a version lies in it."""
        return (self.low is None or version >= self.low) and not self._is_beyond(version)

    def _is_beyond(self, version: Version) -> bool:
        return self.high is not None and (version > self.high or (version == self.high and not self.has_high))

    def covers(self, other: Span) -> bool:
        """Whether all of the other lies in it."""
        if self.low is not None and (other.low is None or other.low < self.low):
            return False
        if self.high is None or other.high is None:
            return self.high is None
        return other.high < self.high or (other.high == self.high and (self.has_high or not other.has_high))


class Found(NamedTuple):
    """One weakness, of one or several records."""

    names: tuple[str, ...]  #: the best known first
    summary: str | None
    severity: float | None
    fixed_in: Version | None
    is_malicious: bool


def version_of(text: str | None) -> Version | None:
    """A version as PEP 440 reads it; None for anything else."""
    try:
        return Version(text) if text else None
    except ValueError:  # InvalidVersion, and a number of too many digits
        return None


def spans(given: Range) -> Iterator[Span]:
    """
    The spans of a range, whatever the order of its events; a border that is no version ends nothing and begins nothing.

    >>> from aud_action.advisories.records import Event
    >>> [(str(one.low), str(one.high), one.has_high) for one in spans(Range("ECOSYSTEM", [
    ...     Event(introduced="2.0"), Event(last_affected="2.3"), Event(introduced="0"), Event(fixed="1.5")]))]
    [('0.dev0', '1.5', False), ('2.0', '2.3', True)]
    """
    borders: list[tuple[Version, int, bool]] = []
    for event in given.events:
        for text, kind in ((event.introduced, INTRODUCED), (event.fixed, FIXED), (event.last_affected, LAST)):
            version = version_of(text)
            if version is not None:
                borders.append((version, kind, text == "0"))
    low: Version | None = None
    is_open = False
    for version, kind, is_first in sorted(borders, key=lambda one: one[:2]):
        if kind == INTRODUCED and not is_open:
            low, is_open = (Version("0.dev0") if is_first else version), True
        elif kind != INTRODUCED and is_open:
            if low != version or kind == LAST:
                yield Span(low, version, has_high=kind == LAST)
            is_open = False
    if is_open:
        yield Span(low, None)


def allowed(specifier: str) -> Span | None:
    """
    From the least to the greatest version that a specifier allows; None when it has no upper end, or is none.

    >>> allowed(">=1"), allowed("^1.2")
    (None, None)
    >>> [(str(span.low), str(span.high)) for span in map(allowed, ("~=1.4.2", "<2,>1.0", "==3.*")) if span]
    [('1.4.2', '1.5.dev0'), ('1.0', '2'), ('3', '4.dev0')]
    """
    try:
        parts = list(SpecifierSet(specifier))
    except InvalidSpecifier:
        return None
    low: Version | None = None
    high: tuple[Version, bool] | None = None
    for part in parts:
        bound = version_of(part.version.removesuffix(".*"))
        if bound is None:
            return None
        above, below = _bounds(part.operator, bound, is_wild=part.version.endswith(".*"))
        low = above if low is None or (above is not None and above > low) else low
        high = below if high is None or (below is not None and below < high) else high
    return Span(low or Version("0.dev0"), *high) if high else None


def _bounds(operator: str, bound: Version, *, is_wild: bool) -> tuple[Version | None, tuple[Version, bool] | None]:
    """The least version, and the greatest with whether it is allowed itself."""
    if operator == "~=":
        return bound, (_next(bound.release[:-1]), False)
    if operator == "==" and is_wild:
        return bound, (_next(bound.release), False)
    if operator in {"==", "==="}:
        return bound, (bound, True)
    if operator in {"<", "<="}:
        return None, (bound, operator == "<=")
    return (bound if operator in {">", ">="} else None), None


def _next(release: Sequence[int]) -> Version:
    """What comes before every release on the next line."""
    return Version(".".join(map(str, (*release[:-1], release[-1] + 1))) + ".dev0")


def applying(entries: Iterable[Entry], version: Version | None, specifier: str | None) -> list[Found]:
    """The weaknesses that a version has, or else every version that the specifier allows."""
    if version is not None:
        held = [(entry, span) for entry in entries if (span := _held(entry[1], version)) is not None]
    else:
        wanted = allowed(specifier or "")
        held = [(entry, span) for entry in entries for span in _spans(entry[1]) if wanted and span.covers(wanted)]
    groups: list[tuple[set[str], list[tuple[Entry, Span]]]] = []
    for entry, span in held:  # records that share a name speak of one weakness
        names, members = set(entry[0].names), [(entry, span)]
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    return sorted(
        (_found(names, members) for names, members in groups), key=lambda one: (-(one.severity or 0), one.names)
    )


def _spans(part: Affected) -> Iterator[Span]:
    for given in part.ranges or ():
        if given.type != "GIT":
            yield from spans(given)


def _held(part: Affected, version: Version) -> Span | None:
    """The span of an advisory that a version lies in."""
    for span in _spans(part):
        if span.holds(version):
            return span
    is_named = any(version_of(text) == version for text in part.versions or ())
    return Span(version, None) if is_named else None


def _found(names: set[str], members: list[tuple[Entry, Span]]) -> Found:
    records = [entry[0] for entry, _ in members]
    ends = [None if span.has_high else span.high for _, span in members]
    fixes = [end for end in ends if end is not None]
    return Found(
        tuple(sorted(names, key=lambda name: (not name.startswith(_RANKS), _rank(name), name))),
        next((record.summary for record in records if record.summary), None),
        max((score for record in records if (score := record.score)), default=None),
        max(fixes) if len(fixes) == len(ends) else None,
        any(record.is_malicious for record in records),
    )


def _rank(name: str) -> int:
    return next((number for number, start in enumerate(_RANKS) if name.startswith(start)), len(_RANKS))


def safe(entries: Sequence[Entry], above: Version | None, is_accepted: Callable[[Record], bool]) -> Version | None:
    """The first release above a version that is known to mend something and has no weakness but accepted ones."""
    fixes = {span.high for _, part in entries for span in _spans(part) if span.high is not None and not span.has_high}
    counting = [part for record, part in entries if not is_accepted(record)]
    for candidate in sorted(fix for fix in fixes if (above is None or fix > above)):
        if not candidate.is_prerelease and all(_held(part, candidate) is None for part in counting):
            return candidate
    return None

"""One OSV record: what of it says which releases of which package it speaks of, and how bad that is."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

ECOSYSTEM: Final = "PyPI"
_NAME: Final = re.compile(r"[-_.]+")
_WORDS: Final = {"low": 2.5, "moderate": 5.5, "medium": 5.5, "high": 8.0, "critical": 9.5}
_MALICIOUS: Final = 9.8


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One border of a range, only one of its fields."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None


class Range(msgspec.Struct, frozen=True, omit_defaults=True):
    """Releases between events; of the type `ECOSYSTEM` they are PEP 440 versions, of `GIT` commits."""

    type: str
    events: list[Event]


class Package(msgspec.Struct, frozen=True):
    """The package that a part of a record speaks of."""

    ecosystem: str
    name: str


class Severity(msgspec.Struct, frozen=True):
    """A CVSS vector."""

    type: str
    score: str


class Affected(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which releases of one package are meant."""

    package: Package | None = None
    ranges: list[Range] | None = None
    versions: list[str] | None = None
    severity: list[Severity] | None = None

    @property
    def name(self) -> str:
        """The package's normalised name; "" when it is no Python package."""
        package = self.package
        is_ours = package is not None and package.ecosystem.partition(":")[0] == ECOSYSTEM
        return _NAME.sub("-", package.name).lower() if package is not None and is_ours else ""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One advisory; fields that nobody here asks for are left out."""

    id: str
    modified: str = ""
    withdrawn: str | None = None
    aliases: list[str] | None = None
    summary: str | None = None
    severity: list[Severity] | None = None
    affected: list[Affected] | None = None
    database_specific: dict[str, Any] | None = None

    @property
    def names(self) -> frozenset[str]:
        """All identifiers of the weakness."""
        return frozenset((self.id, *(self.aliases or ())))

    @property
    def is_malicious(self) -> bool:
        """Whether the releases were made to do harm."""
        return self.id.startswith("MAL-")

    @property
    def score(self) -> float | None:
        """How bad it is, from 0.1 to 10; None when nobody says so."""
        from aud_action.advisories.cvss import base_score

        if self.is_malicious:
            return _MALICIOUS
        given = [*(self.severity or ()), *(one for part in self.affected or () for one in part.severity or ())]
        scores = [score for one in given if one.type == "CVSS_V3" and (score := base_score(one.score))]
        word = (self.database_specific or {}).get("severity")
        said = _WORDS.get(word.lower()) if isinstance(word, str) else None
        return max(scores, default=said)

    def trimmed(self) -> Record | None:
        """What a snapshot keeps; None for a record that is withdrawn or of no Python package."""
        parts = [
            msgspec.structs.replace(
                part,
                ranges=[one for one in part.ranges or () if one.type != "GIT"] or None,
                versions=sorted(set(part.versions or ())) or None,
            )
            for part in self.affected or ()
            if part.name
        ]
        if self.withdrawn or not parts:
            return None
        word = (self.database_specific or {}).get("severity")
        said = {"severity": word} if isinstance(word, str) else None
        return msgspec.structs.replace(
            self, affected=parts, aliases=sorted(set(self.aliases or ())) or None, database_specific=said
        )

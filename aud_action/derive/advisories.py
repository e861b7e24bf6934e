"""Advisories of the user's list that apply to what manifests and locks state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aud_action import advisories as lists
from aud_action.derive import derives
from aud_action.derive.reading import Reading
from aud_action.settings import Settings
from aud_action.store import Store
from schema.advisories import Advisory, AdvisoryList

if TYPE_CHECKING:
    from aud_action.advisories.records import Record

_STATED: Final = """
SELECT d.site, d.name, d.version, d.specifier, d.is_direct FROM python_dependencies d JOIN files f ON f.id = d.site >> 24
WHERE d.source = 'index' AND coalesce(d.version, d.specifier) IS NOT NULL ORDER BY f.path, d.id
"""
OUTSIDE: Final = "advisories"
"""What is read beside the tables."""


@derives(Advisory, AdvisoryList)
def advisories(store: Store, settings: Settings) -> Iterator[tuple[int, Advisory | AdvisoryList]]:
    """The list, and each advisory that applies to a dependency: to its version, or else to every version that it allows."""
    if isinstance(store, Reading):
        store.look(OUTSIDE)
    stated = list(store.rows(_STATED)) if lists.place(settings) else []
    listed = lists.listed(settings, {name for _, name, *_ in stated})
    if listed is None:
        return
    yield 1, AdvisoryList(listed.records, listed.day)
    from aud_action.advisories.matching import applying, safe, version_of  # as dear as all extractors

    accepted = frozenset(settings.accepted_advisories)

    def is_accepted(record: Record) -> bool:
        return bool(record.names & accepted)

    for site, name, written, specifier, is_direct in stated:
        entries = listed.by_package.get(name, ())
        version = version_of(written)
        if not entries or (written and version is None):
            continue
        found = applying(entries, version, specifier)
        free = safe(entries, version, is_accepted) if found else None
        for one in found:
            yield (
                site,
                Advisory(
                    package=name,
                    version=written,
                    specifier=specifier,
                    identifier=one.names[0],
                    aliases=",".join(one.names[1:]) or None,
                    summary=one.summary,
                    severity=one.severity,
                    fixed_in=str(one.fixed_in) if one.fixed_in else None,
                    safe_version=str(free) if free else None,
                    is_malicious=one.is_malicious,
                    is_accepted=bool(accepted.intersection(one.names)),
                    is_direct=bool(is_direct),
                    database_date=listed.day,
                ),
            )

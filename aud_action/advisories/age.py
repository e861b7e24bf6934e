"""How old the list of advisories is: what nobody has fetched for long says nothing of what was found since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

ADVISORIES: Final = "SELECT records, database_date FROM python_advisory_lists"
_OLD: Final = 30
"""Days after which a list is called old."""


def age(listed: tuple[int, str] | None, today: date | None = None) -> Iterator[str]:
    """
    A note of how many advisories were looked through, of what day the newest is, and whether that is long ago.

    >>> list(age((2, "2026-11-01"), date(2026, 11, 27))), list(age(None))
    (['2 advisories were looked through, the newest of 2026-11-01'], [])
    >>> list(age((2, "2026-08-01"), date(2026, 11, 27)))
    ['2 advisories were looked through, the newest of 2026-08-01, 118 days ago: fetch the list anew']
    """
    if listed is None:
        return
    count, day = listed
    text = f"{count:,} {'advisory was' if count == 1 else 'advisories were'} looked through, the newest of {day or 'an unknown day'}"
    try:
        days = ((today or datetime.now(UTC).date()) - date.fromisoformat(day)).days
    except ValueError:
        days = 0
    yield f"{text}, {days} days ago: fetch the list anew" if days > _OLD else text

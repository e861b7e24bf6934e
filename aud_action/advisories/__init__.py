"""
Lists of advisories in the OSV format that a user gives, and what they say of a version. Nothing is fetched.

A list is a folder, a zip (an OSV export of one ecosystem), one record (`.json`) or a snapshot (`.jsonl`, a record a line),
as `aud advisories update` makes it. Where it lies is the setting `advisories`, else `.aud/advisories.jsonl`.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aud_action.settings import Settings, WrongInput

if TYPE_CHECKING:
    from aud_action.advisories.sources import Listed

SNAPSHOT: Final = ".aud/advisories.jsonl"
"""The list that is read when the settings name none."""


def place(settings: Settings) -> Path | None:
    """Where the list of a run lies, if there is one. Raises WrongInput when a named one is missing."""
    path = settings.root / (settings.advisories or SNAPSHOT)
    if settings.advisories and not path.exists():
        raise WrongInput(
            f"advisories: there is no {path}; give a folder, a zip, a .json or a .jsonl file of OSV records"
        )
    return path if path.exists() else None


def identity(settings: Settings) -> str:
    """What a run's list says and which of it is accepted, as a digest; "" without a list."""
    path = place(settings)
    if path is None:
        return ""
    from aud_action.advisories.sources import digest

    return f"{digest(path)} {' '.join(sorted(settings.accepted_advisories))}"


def listed(settings: Settings, packages: Collection[str]) -> Listed | None:
    """What the run's list has for some packages; None without a list. Raises WrongInput for what is no list of advisories."""
    path = place(settings)
    if path is None:
        return None
    from aud_action.advisories.sources import read

    return read(path, packages)

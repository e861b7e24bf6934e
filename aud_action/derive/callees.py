"""The names that are called, and those that are assigned to, anywhere: a rule compares a pattern with each name once, not with each row."""

from __future__ import annotations

from collections.abc import Iterator

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.assignments import Target
from schema.calls import Callee

_NAMES = "SELECT callee, count(*) FROM python_calls WHERE callee <> '' GROUP BY callee ORDER BY callee"

_TARGETS = "SELECT target, count(*) FROM python_assignments GROUP BY target ORDER BY target"


@derives(Callee)
def callees(store: Store, _settings: Settings) -> Iterator[tuple[int, Callee]]:
    """Each exact name that some call has."""
    for number, (name, calls) in enumerate(store.rows(_NAMES), 1):
        yield number, Callee(name, calls)


@derives(Target)
def targets(store: Store, _settings: Settings) -> Iterator[tuple[int, Target]]:
    """Each text that something is assigned to."""
    for number, (name, assignments) in enumerate(store.rows(_TARGETS), 1):
        yield number, Target(name, assignments)

"""What a run's findings mean for its outcome: call `exit_code(result, fail_on)`; `select` first, where asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from aud_action.findings import LEVELS, Finding, Level, Result
from aud_action.rules import PRECISIONS
from aud_action.settings import LevelOrNever


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The order in which people should read them: severity, then precision, then place."""
    return sorted(findings, key=lambda f: (-f.severity, -PRECISIONS.index(f.precision), f.location, f.rule, f.message))


def select(result: Result, min_severity: Level = "low", min_confidence: str = "low") -> Result:
    """The result without findings below a level or a precision: the same everywhere, counts included."""
    rank, floor = PRECISIONS.index(min_confidence), LEVELS.index(min_severity)
    kept = tuple(f for f in result.findings if LEVELS.index(f.level) >= floor and PRECISIONS.index(f.precision) >= rank)
    return replace(result, findings=kept)


def new(result: Result) -> list[Finding]:
    """The findings that this run is judged by, worst first."""
    return worst_first(finding for finding in result.findings if finding.state == "new")


def is_open(finding: Finding) -> bool:
    """Whether nobody has accepted the finding, by a comment or in a baseline."""
    return finding.state in {"new", "out_of_scope"}


def counts(findings: Iterable[Finding]) -> dict[Level, int]:
    """How many there are of each level, worst level first, zeros included."""
    found = Counter(finding.level for finding in findings)
    return {level: found[level] for level in reversed(LEVELS)}


def failing(result: Result, fail_on: LevelOrNever) -> list[Finding]:
    """The new findings at or above the threshold, worst first."""
    if fail_on == "never":
        return []
    return [finding for finding in new(result) if LEVELS.index(finding.level) >= LEVELS.index(fail_on)]


def exit_code(result: Result, fail_on: LevelOrNever, *, fail_on_unanalysed: bool = False) -> int:
    """0 passed, 1 findings at or above `fail_on` (or unanalysed files, where asked for), 3 incomplete run."""
    if result.incomplete:
        return 3
    return int(bool(failing(result, fail_on)) or (fail_on_unanalysed and bool(result.unanalysed)))

"""What was found: the values that reports print and that publishing decides on. No logic, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Level = Literal["low", "medium", "high", "critical"]
State = Literal["new", "baseline", "suppressed", "out_of_scope"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high", "critical")


def level(severity: float) -> Level:
    """GitHub's word for a security-severity (docs: sarif-support-for-code-scanning)."""
    return "critical" if severity >= 9 else "high" if severity >= 7 else "medium" if severity >= 4 else "low"


class Location(NamedTuple):
    """A region of one file: 1-based lines and columns, columns in UTF-16 units, `end_col` exclusive."""

    path: str
    line: int
    col: int
    end_line: int
    end_col: int


class Step(NamedTuple):
    """One step of a path from source to sink, in words a person would use."""

    location: Location
    message: str
    kind: str  #: source, step, call, return or sink
    depth: int  #: call depth, for SARIF nestingLevel


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule matched."""

    rule: str
    message: str
    severity: float
    precision: str
    location: Location
    scope: str = ""  #: qualified name of the enclosing function, class or module
    flow: tuple[Step, ...] = ()  #: source first, sink last; empty for a pattern
    related: tuple[Step, ...] = ()
    identity: str = ""  #: what makes it another finding though the code is the same
    fingerprint: str = ""  #: survives moves within the file and reformatting
    state: State = "new"
    reason: str = ""  #: why it is suppressed or out of scope
    site: int = 0  #: the place's number in the database

    @property
    def places(self) -> tuple[Location, ...]:
        """Every place that it tells of."""
        return (self.location, *(step.location for step in (*self.flow, *self.related)))

    @property
    def level(self) -> Level:
        """Low, medium, high or critical."""
        return level(self.severity)


class Accepted(NamedTuple):
    """One finding that a baseline accepts."""

    path: str
    rule: str
    fingerprint: str
    scope: str


class Unanalysed(NamedTuple):
    """One file that was not, or not wholly, analysed, and why."""

    path: str
    line: int | None
    reason: str
    is_passage: bool = False  #: data went through it: what is missing may be missing in other files, too


@dataclass(frozen=True, slots=True)
class Result:
    """Everything one run found out, as reports need it."""

    findings: tuple[Finding, ...] = ()
    files: int = 0  #: files considered
    unanalysed: tuple[Unanalysed, ...] = ()
    incomplete: tuple[str, ...] = ()  #: why the run is incomplete; empty for a whole one
    metrics: dict[str, float] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)  #: rows per table
    fixed: tuple[Accepted, ...] = ()  #: what the baseline or the pull request's base has and the run hasn't
    notes: tuple[str, ...] = ()  #: notices for people that change nothing
    tests: int = 0  #: files that are tests by their paths: no data is followed there, and few rules look

    @property
    def unanalysed_files(self) -> int:
        """Files that were not, or not wholly, analysed: each may have several gaps."""
        return len({gap.path for gap in self.unanalysed})

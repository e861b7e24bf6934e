"""Match: every rule page's SQL over the database, each row a finding with its place, its words and its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aud_action.findings import Finding, Location, Step
from aud_action.findings.redaction import redacted
from aud_action.rules import PRECISIONS, Rule
from aud_action.settings import Settings, WrongInput
from aud_action.store import Reader

_HOLE: Final = re.compile(r"\{(\w+)\}")
_SHOWN: Final = PRECISIONS.index("medium")
"""What the default profile shows; a less precise finding takes the place of none that is shown."""
_PLACE: Final = """
SELECT f.path, s.line, s.col, s.end_line, s.end_col, f.is_test, o.name
FROM sites s JOIN files f ON f.id = s.id >> 24 LEFT JOIN scopes o ON o.id = s.scope WHERE s.id = ?
"""
_STEPS: Final = """
SELECT f.path, s.line, s.col, s.end_line, s.end_col, t.message, t.kind, t.depth
FROM python_flow_steps t JOIN sites s ON s.id = t.site JOIN files f ON f.id = s.id >> 24 WHERE t.flow = ? ORDER BY t.position
"""

_HARMLESS: Final = "SELECT site, flaw FROM python_harmless_calls"


_OPEN: Final = """
SELECT site FROM python_handlers WHERE guard IS NULL AND NOT has_verification
  AND EXISTS (SELECT 1 FROM python_handlers g JOIN files f ON f.id = g.site >> 24 WHERE g.guard IS NOT NULL AND NOT f.is_test)
"""
_ENTRY: Final = (
    "SELECT s.scope FROM python_flow_steps t JOIN sites s ON s.id = t.site WHERE t.flow = ? ORDER BY t.position LIMIT 1"
)
_GRAVE: Final = 7.5  #: severity of an injection from which it matters more when nobody is asked to log in
_RAISED: Final = 0.5


def match(reader: Reader, settings: Settings, pages: Iterable[Rule]) -> Iterator[Finding]:
    """Every finding of every page, in the order of rule, path and place. Raises WrongInput for SQL that is wrong."""
    matcher = _Matcher(reader, settings)
    for rule in pages:
        yield from sorted(matcher.findings(rule), key=lambda finding: finding.location)


class _Matcher:
    """One reader and what the settings want."""

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self.reader = reader
        self.settings = settings
        # an audit lists whatever other tools would
        self.harmless = set(reader.select(_HARMLESS)[1]) if settings.profile != "audit" else set()
        self._open: set[int] | None = None

    def _is_open(self, rule: Rule, flow: int) -> bool:
        """Whether a grave flow begins in a handler that asks for no user, in an application that does elsewhere."""
        if rule.group != "injection" or rule.severity < _GRAVE:
            return False
        if self._open is None:
            self._open = {site for (site,) in self.reader.select(_OPEN)[1]}
        return any(scope in self._open for (scope,) in self._select(_ENTRY, flow)) if self._open else False

    def findings(self, rule: Rule) -> Iterator[Finding]:
        """One rule's findings; a site is found once, by the first row that names it."""
        try:
            columns, rows = self.reader.select(rule.sql)
            place = _place(rule, columns)
            seen: set[int] = set()
            for row in rows:
                if row[place] not in seen and not any(
                    (row[place], better) in self.harmless
                    for better in (() if rule.harmless_too else rule.superseded_by)
                ):
                    seen.add(row[place])
                    yield from self._finding(rule, dict(zip(columns, row, strict=True)))
        except WrongInput:
            raise
        except ValueError as error:
            raise WrongInput(f"rule {rule.id}: {error}") from error

    def _finding(self, rule: Rule, values: dict[str, Any]) -> Iterator[Finding]:
        place = next(self._select(_PLACE, values["site"]), None)
        if place is None:
            raise WrongInput(f"rule {rule.id}: its SQL gives the site {values['site']!r}, which is no place in a file")
        path, line, col, end_line, end_col, is_test, scope = place
        if path.endswith(".pyi") or (is_test and not rule.in_tests and self.settings.profile == "default"):
            return  # a stub never runs
        given = self.settings.severity.get(rule.id)
        severity = given or values.get("severity") or rule.severity
        message = redacted(_HOLE.sub(lambda hole: str(values[hole[1]]), _answered(rule.message, values)))
        if values.get("flow") is not None and self._is_open(rule, values["flow"]):
            severity = given or min(10.0, severity + _RAISED)
            message += "; no log-in is asked for"
        yield Finding(
            rule=rule.id,
            message=message,
            severity=float(severity),
            precision=str(values.get("precision") or rule.precision),
            location=Location(path, line, col, end_line, end_col),
            scope=scope or "",
            flow=tuple(self._path(values["flow"])) if values.get("flow") is not None else (),
            identity=str(values.get("identity") or ""),
            site=values["site"],
        )

    def _path(self, flow: int) -> Iterator[Step]:
        for *place, message, kind, depth in self._select(_STEPS, flow):
            yield Step(Location(*place), message, kind, depth)

    def _select(self, sql: str, parameter: object) -> Iterator[Any]:
        return self.reader.select(sql, (parameter,))[1]


def _place(rule: Rule, columns: list[str]) -> int:
    """Where in a row its site is. Raises WrongInput when a column is missing, even if there is no row."""
    for word in ("site", *_HOLE.findall(rule.message)):
        if word not in columns:
            why = "" if word == "site" else ", of which its message speaks"
            raise WrongInput(f"rule {rule.id}: its SQL must select a column `{word}`{why}")
    return columns.index("site")


def _answered(message: str, values: dict[str, Any]) -> str:
    """The message where what a handler returns is the sink: no function that a reader could look up."""
    return message.replace("`{sink_callee}`", "the answer") if values.get("sink_callee") == "return" else message


def superseded(findings: Iterable[Finding], pages: dict[str, Rule]) -> Iterator[Finding]:
    """The findings without those that a more exact rule has told at the same place, and not as a mere guess."""
    findings = list(findings)
    told: dict[tuple[str, str, int], int] = {}
    for finding in findings:
        key = (finding.rule, finding.location.path, finding.location.line)
        told[key] = max(told.get(key, 0), PRECISIONS.index(finding.precision))
    for finding in findings:
        better = pages[finding.rule].superseded_by
        enough = min(PRECISIONS.index(finding.precision), _SHOWN)
        if not any(told.get((rule, finding.location.path, finding.location.line), -1) >= enough for rule in better):
            yield finding

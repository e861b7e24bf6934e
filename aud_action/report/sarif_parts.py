"""The parts of a SARIF run as sarif-om objects. Imported only when a file is written: sarif-om costs 50 ms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sarif_om as om

from aud_action.findings import Finding, Location, Result, Step, level
from aud_action.findings.fingerprint import NAME
from aud_action.report.escape import plain, uri
from aud_action.rules import Rule

MAX_STEPS = 1_000  #: of a flow; GitHub shows as many
MAX_TAGS = 10
MAX_NOTIFICATIONS = 1_000
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}

_NOTIFICATIONS = {
    "unanalysed-file": ("A file was not analysed", "Findings in this file, and flows through it, may be missing."),
    "incomplete-run": ("The run is incomplete", "A stage was cut short; what was found until then is reported."),
    "results-cut": (
        "Findings were left out",
        "Code scanning limits a file to 25,000 results and 10 MB; the worst are kept.",
    ),
    "notice": ("A notice", "Something a reader of the results should know; it changes none of them."),
}


class Parts:
    """Makes the parts of one run; `hashes` has GitHub's hash of each line with a finding, by path and line."""

    def __init__(self, rules: Mapping[str, Rule], hashes: Mapping[tuple[str, int], str]) -> None:
        self._rules = rules
        self._index = {name: n for n, name in enumerate(rules)}
        self._hashes = hashes

    def tool(self, version: str) -> om.Tool:
        """The driver with every rule that ran, found or not."""
        driver = om.ToolComponent(
            name="aud",
            semantic_version=version,
            information_uri="https://github.com/marketplace/actions/aud",
            rules=[_rule(rule) for rule in self._rules.values()],
            notifications=[_notification_kind(name) for name in _NOTIFICATIONS],
        )
        return om.Tool(driver=driver)

    def automation(self, category: str) -> om.RunAutomationDetails:
        """The category: what stands before the last `/`."""
        return om.RunAutomationDetails(id=category.rstrip("/") + "/")

    def provenance(self, repository: str, revision: str) -> om.VersionControlDetails:
        """Which commit of which repository was read."""
        return om.VersionControlDetails(repository_uri=repository, revision_id=revision or None)

    def result(self, finding: Finding) -> om.Result:
        """One finding, its region first, its path as a code flow."""
        related = [*finding.flow[:1], *finding.related]
        return om.Result(
            rule_id=finding.rule,
            rule_index=self._index.get(finding.rule, -1),
            level=LEVELS[finding.level],
            message=om.Message(text=_message(finding)),
            locations=[_place(finding.location, scope=finding.scope)],
            related_locations=[_place(s.location, s.message, n) for n, s in enumerate(related[:100], 1)] or None,
            code_flows=[_flow(finding)] if finding.flow else None,
            partial_fingerprints=self._fingerprints(finding),
            suppressions=_suppressions(finding),
            properties={"precision": finding.precision, "security-severity": f"{finding.severity:.1f}"},
        )

    def _fingerprints(self, finding: Finding) -> dict[str, str]:
        """GitHub's line hash exactly, or not at all: another value costs one warning per result."""
        found = {NAME: finding.fingerprint} if finding.fingerprint else {}
        if value := self._hashes.get((finding.location.path, finding.location.line)):
            found["primaryLocationLineHash"] = value
        return found

    def invocation(self, result: Result, left_out: int, further: Iterable[str]) -> om.Invocation:
        """Whether the run was whole, and everything a reader must know about its gaps."""
        notifications = [*_gaps(result, left_out), *(_notification("notice", text) for text in further)]
        return om.Invocation(
            execution_successful=not result.incomplete,
            tool_execution_notifications=notifications[:MAX_NOTIFICATIONS],
        )


def _gaps(result: Result, left_out: int) -> Iterator[om.Notification]:
    for reason in result.incomplete:
        yield _notification("incomplete-run", reason, "error")
    if left_out:
        yield _notification("results-cut", f"{left_out} findings of the lowest severity were left out.", "warning")
    if result.unanalysed:
        total = f"{result.unanalysed_files} of {result.files} files not analysed."
        yield _notification("unanalysed-file", total, "warning")
    for gap in result.unanalysed[: MAX_NOTIFICATIONS // 2]:
        place = om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=uri(gap.path)),
            region=om.Region(start_line=gap.line) if gap.line and gap.line > 0 else None,
        )
        text = f"{gap.path} was not analysed: {gap.reason}"
        yield _notification("unanalysed-file", text, "warning", [om.Location(physical_location=place)])
    for note in result.notes:
        yield _notification("notice", note)


def _notification(kind: str, text: str, level: str = "note", places: list[Any] | None = None) -> om.Notification:
    descriptor = om.ReportingDescriptorReference(id=kind, index=list(_NOTIFICATIONS).index(kind))
    message = om.Message(text=_unlinked(text))
    return om.Notification(message=message, level=level, descriptor=descriptor, locations=places)


def _notification_kind(name: str) -> om.ReportingDescriptor:
    title, text = _NOTIFICATIONS[name]
    return om.ReportingDescriptor(
        id=name,
        name=_pascal(name),
        short_description=om.MultiformatMessageString(text=f"{title}."),
        full_description=om.MultiformatMessageString(text=text),
        help=om.MultiformatMessageString(text=text),
    )


def _pascal(name: str) -> str | None:
    """A readable name; none for an identifier of one word, which it would only repeat."""
    words = name.replace("_", "-").split("-")
    return "".join(word.capitalize() for word in words) if len(words) > 1 else None


def _rule(rule: Rule) -> om.ReportingDescriptor:
    """A rule's page: title, first paragraph, and the whole of it as help."""
    prose = " ".join(rule.prose.split("\n\n", 1)[0].split()) or rule.title
    links = [*rule.see, *(f"https://cwe.mitre.org/data/definitions/{number}.html" for number in rule.cwe)]
    return om.ReportingDescriptor(
        id=rule.id,
        name=_pascal(rule.id),
        short_description=om.MultiformatMessageString(text=rule.title[:1_024]),
        full_description=om.MultiformatMessageString(text=prose[:1_024]),
        help=om.MultiformatMessageString(text=f"{rule.title}\n\n{rule.prose}", markdown=rule.markdown),
        help_uri=next((link for link in links if link.startswith("https://")), None),
        default_configuration=om.ReportingConfiguration(level=LEVELS[level(rule.severity)]),
        properties=_properties(rule),
    )


def _properties(rule: Rule) -> dict[str, Any]:
    tags = [*(f"external/cwe/cwe-{number:03d}" for number in rule.cwe), *(f"owasp/{name}" for name in rule.owasp)]
    shared = {"precision": rule.precision}
    if rule.severity <= 0:  # code scanning takes a severity only above 0: what is no danger is a recommendation
        return {**shared, "tags": ["maintainability", *tags][:MAX_TAGS], "problem.severity": "recommendation"}
    severity = f"{min(rule.severity, 10.0):.1f}"
    return {**shared, "tags": ["security", *tags][:MAX_TAGS], "security-severity": severity}


def _unlinked(text: str) -> str:
    """A message in which brackets of the scanned code can't make a link."""
    return plain(text).replace("](", "\\](")


def _message(finding: Finding) -> str:
    text = _unlinked(finding.message).rstrip(".") + "."
    if finding.flow:
        source = plain(finding.flow[0].message).replace("[", "(").replace("]", ")")
        text += f" It starts at [{source}](1)."
    return text


def _place(location: Location, message: str = "", number: int = -1, scope: str = "") -> om.Location:
    region = om.Region(
        start_line=max(location.line, 1),
        start_column=max(location.col, 1),
        end_line=max(location.end_line, location.line, 1),
        end_column=max(location.end_col, 1),
    )
    artifact = om.ArtifactLocation(uri=uri(location.path))
    return om.Location(
        id=number,
        physical_location=om.PhysicalLocation(artifact_location=artifact, region=region),
        message=om.Message(text=_unlinked(message)) if message else None,
        logical_locations=[om.LogicalLocation(fully_qualified_name=plain(scope))] if scope else None,
    )


def _steps(flow: tuple[Step, ...]) -> tuple[Step, ...]:
    """The flow within GitHub's limit: its two ends say most."""
    half = MAX_STEPS // 2
    return flow if len(flow) <= MAX_STEPS else flow[:half] + flow[-half:]


def _flow(finding: Finding) -> om.CodeFlow:
    steps = [
        om.ThreadFlowLocation(
            location=_place(step.location, step.message or step.kind),
            nesting_level=max(step.depth, 0),
            kinds=[step.kind] if step.kind else None,
            importance="essential" if step.kind in {"source", "sink"} else "important",
        )
        for step in _steps(finding.flow)
    ]
    return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=steps)])


def _suppressions(finding: Finding) -> list[Any] | None:
    if finding.state not in {"suppressed", "baseline"}:
        return None
    kind = "inSource" if finding.state == "suppressed" else "external"
    return [om.Suppression(kind=kind, state="accepted", justification=plain(finding.reason) or None)]

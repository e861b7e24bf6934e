"""Findings as JSON for programs: one document by `write(result, rules, file)`, a line for each by `write_lines`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TextIO

from aud_action import __version__
from aud_action.findings import Finding, Location, Result, Step
from aud_action.findings.threshold import counts, is_open, worst_first
from aud_action.report.escape import name, plain
from aud_action.rules import Rule

VERSION = 1


def write(result: Result, rules: Mapping[str, Rule], file: TextIO) -> None:
    """Every finding, worst first, accepted ones too, each with its state."""
    findings = worst_first(result.findings)
    document = {
        "version": VERSION,
        "tool": {"name": "aud", "version": __version__},
        "complete": not result.incomplete,
        "incomplete": [plain(reason) for reason in result.incomplete],
        "files": result.files,
        "tests": result.tests,
        "counts": counts(filter(is_open, findings)),
        "findings": [_finding(finding, rules.get(finding.rule)) for finding in findings],
        "fixed": [{"path": name(gone.path), "rule": gone.rule, "scope": plain(gone.scope)} for gone in result.fixed],
        "unanalysed": [_gap(gap.path, gap.line, gap.reason) for gap in result.unanalysed],
        "notes": [plain(note) for note in result.notes],
        "metrics": dict(sorted(result.metrics.items())),
        "tables": dict(sorted(result.tables.items())),
    }
    json.dump(document, file, indent=1)
    file.write("\n")


def write_lines(result: Result, rules: Mapping[str, Rule], file: TextIO) -> None:
    """The same findings, each on a line of its own."""
    findings = worst_first(result.findings)
    file.writelines(json.dumps(_finding(finding, rules.get(finding.rule))) + "\n" for finding in findings)


def _finding(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "title": rule.title if rule else finding.rule,
        "message": plain(finding.message),
        "severity": finding.severity,
        "level": finding.level,
        "precision": finding.precision,
        "cwe": list(rule.cwe) if rule else [],
        **_place(finding.location),
        "scope": plain(finding.scope),
        "state": finding.state,
        "reason": plain(finding.reason),
        "fingerprint": finding.fingerprint,
        "flow": [_step(step) for step in finding.flow],
        "related": [_step(step) for step in finding.related],
    }


def _step(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "message": plain(step.message), "depth": step.depth, **_place(step.location)}


def _place(location: Location) -> dict[str, Any]:
    return {**location._asdict(), "path": name(location.path)}


def _gap(path: str, line: int | None, reason: str) -> dict[str, Any]:
    return {"path": name(path), "line": line, "reason": plain(reason)}

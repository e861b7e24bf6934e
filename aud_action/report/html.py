"""Findings as one HTML page without scripts: call `write(result, rules, file, sources=…)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from aud_action import __version__
from aud_action.findings import Result
from aud_action.findings.source import SourceText
from aud_action.findings.threshold import counts, is_open, worst_first
from aud_action.report.frame import frame
from aud_action.report.sentence import coverage, findings_sentence
from aud_action.report.template import environment
from aud_action.rules import Rule

MAX_FINDINGS = 2_000


def write(result: Result, rules: Mapping[str, Rule], file: TextIO, *, sources: SourceText, title: str = "") -> None:
    """The page: counts, then each open finding with code, path and remedy, worst first, then the gaps."""
    findings = worst_first(filter(is_open, result.findings))
    words = {
        "title": title or "aud",
        "version": __version__,
        "result": result,
        "rules": rules,
        "findings": findings[:MAX_FINDINGS],
        "left_out": max(len(findings) - MAX_FINDINGS, 0),
        "counts": counts(findings),
        "sentence": findings_sentence(result),
        "coverage": coverage(result),
        "frame": lambda finding: frame(finding.location, sources, around=2),
    }
    file.writelines(environment().get_template("report.html.j2").generate(words))

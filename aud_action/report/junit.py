"""Findings as JUnit XML, for build servers that show tests: call `write(result, rules, file)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from aud_action.findings import Finding, Result
from aud_action.findings.threshold import is_open, worst_first
from aud_action.report.escape import plain
from aud_action.rules import Rule


def write(result: Result, rules: Mapping[str, Rule], file: TextIO) -> None:
    """One suite per rule, one failed case per new finding; a rule without one has a passed case. Gaps are errors."""
    by_rule: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in worst_first(filter(is_open, result.findings)):
        by_rule[finding.rule].append(finding)
    failures = sum(finding.state == "new" for found in by_rule.values() for finding in found)
    gaps = [f"{gap.path}: {gap.reason}" for gap in result.unanalysed] + list(result.incomplete)
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(f'<testsuites name="aud" failures="{failures}" errors="{len(gaps)}">\n')
    for rule in sorted({*rules, *by_rule}):
        _suite(rule, rules.get(rule), by_rule[rule], file)
    file.writelines(
        f'<testsuite name="not analysed" errors="1"><testcase name={_attribute(gap)}><error/></testcase></testsuite>\n'
        for gap in gaps
    )
    file.write("</testsuites>\n")


def _attribute(text: str) -> str:
    return quoteattr(plain(text))


def _suite(name: str, rule: Rule | None, found: list[Finding], file: TextIO) -> None:
    failures = sum(finding.state == "new" for finding in found)
    file.write(f'<testsuite name={_attribute(name)} tests="{max(len(found), 1)}" failures="{failures}">\n')
    if not found:
        file.write(f"<testcase classname={_attribute(name)} name={_attribute(rule.title if rule else name)}/>\n")
    for finding in found:
        place = f"{finding.location.path}:{finding.location.line}"
        file.write(f"<testcase classname={_attribute(name)} name={_attribute(place)}>")
        if finding.state == "new":
            text = "\n".join(
                [
                    plain(finding.message),
                    *(plain(f"{s.location.path}:{s.location.line} {s.message}") for s in finding.flow),
                ]
            )
            file.write(
                f"<failure type={_attribute(finding.level)} message={_attribute(finding.message)}>{escape(text)}</failure>"
            )
        else:
            file.write(f"<skipped message={_attribute(finding.reason)}/>")
        file.write("</testcase>\n")
    file.write("</testsuite>\n")

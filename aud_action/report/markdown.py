"""
Findings as GitHub Markdown: call `summary(result, rules, view)` or `comment(result, rules, view)`.

`summary` is the job summary and what `--markdown` writes, `comment` the pull request's comment. Both stay within a
number of characters by showing fewer findings, never by cutting a row, and say what they left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aud_action.findings import Finding, Location, Result, Step
from aud_action.findings.source import SourceText
from aud_action.findings.threshold import counts, new, worst_first
from aud_action.report.escape import uri
from aud_action.report.frame import frame, line_of
from aud_action.report.sentence import coverage, number
from aud_action.report.template import environment
from aud_action.rules import Rule, book

SUMMARY_LIMIT = 1_000_000  #: bytes; GitHub drops a whole summary above 1 MiB
COMMENT_LIMIT = 65_000  #: of 65,536 characters
_SIZES = (200, 100, 50, 25, 12, 6, 3, 1, 0)
_MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class View:
    """How findings are looked at: with which code, links and words."""

    sources: SourceText
    links: str = ""  #: address that paths are appended to, `https://github.com/owner/name/blob/sha`
    rule_links: str = ""  #: address that `<rule>.md` is appended to
    details: str = ""  #: address of the run, where everything is
    scope: str = "all"  #: all, changed-files or changed-lines: what `new` means
    title: str = "aud"
    marker: str = ""  #: a comment's first line, by which it is found again
    failed: bool = False  #: the check fails because of these findings


def summary(result: Result, rules: Mapping[str, Rule], view: View, limit: int = SUMMARY_LIMIT) -> str:
    """The whole report: new findings with path and code, then the backlog, gaps and measurements."""
    return _render("summary.md.j2", result, rules, view, limit)


def comment(result: Result, rules: Mapping[str, Rule], view: View, limit: int = COMMENT_LIMIT) -> str:
    """The pull request's comment: only what is new, the worst findings open, and what was fixed."""
    return _render("comment.md.j2", result, rules, view, limit)


def _render(name: str, result: Result, rules: Mapping[str, Rule], view: View, limit: int) -> str:
    template = environment().get_template(name)
    words = _words(result, rules, view)

    def render(shown: int) -> str:
        return template.render(**words, shown=shown)

    return _fitting(render, len(words["new"]) + len(words["backlog"]), limit)


def _fitting(render: Callable[[int], str], total: int, limit: int) -> str:
    """The text with as many findings as fit."""
    for size in [size for size in _SIZES if size < total or size == _SIZES[0] or size == 0]:
        text = render(size)
        if len(text.encode("utf-8", "replace")) <= limit:
            return text
    return render(0)


def _words(result: Result, rules: Mapping[str, Rule], view: View) -> dict[str, Any]:
    """Everything a template may speak of."""
    fresh = new(result)
    backlog = worst_first(finding for finding in result.findings if finding.state == "out_of_scope")
    firsts = {finding.rule: finding for finding in reversed(fresh)}
    accepted = [finding for finding in result.findings if finding.state in {"suppressed", "baseline"}]
    return {
        "result": result,
        "rules": rules,
        "view": view,
        "new": fresh,
        "backlog": backlog,
        "accepted": accepted,
        "levels": list(counts(())),
        "counts": {"new": counts(fresh), "backlog": counts(backlog), "accepted": counts(accepted)},
        "headline": _headline(result, fresh, view),
        "coverage": coverage(result),
        "number": number,
        "link": lambda location: _link(location, view),
        "frame": lambda finding: _frame(finding, view.sources),
        "steps": lambda finding: _steps(finding, view.sources),
        "rule_address": lambda finding: _rule_address(finding, view),
        "explains": lambda finding: firsts.get(finding.rule) is finding,  # a rule's page once is enough
    }


def _headline(result: Result, fresh: list[Finding], view: View) -> str:
    if result.incomplete:
        return "incomplete run"
    kind = "" if view.scope == "all" else "new "
    if not fresh:
        gap = ", with gaps" if result.unanalysed else ""
        return f"no {kind}findings{gap}"
    worst = fresh[0].level
    many = counts(fresh)[worst]
    if many == len(fresh):
        return number(many, f"{kind}{worst} finding")
    return f"{number(len(fresh), f'{kind}finding')}, {many} {worst}"


def _link(location: Location, view: View) -> str:
    """The address of the lines; "" when the repository's address isn't known."""
    if not view.links:
        return ""
    last = f"-L{location.end_line}" if location.end_line > location.line else ""
    return f"{view.links}/{uri(location.path)}#L{location.line}{last}"


def _rule_address(finding: Finding, view: View) -> str:
    """The address of the rule's page; "" for a page of the repository's own."""
    return f"{view.rule_links}/{finding.rule}.md" if view.rule_links and finding.rule in book() else ""


def _frame(finding: Finding, sources: SourceText) -> str:
    lines = frame(finding.location, sources)
    width = max((len(str(line.number)) for line in lines), default=0)
    return "\n".join(f"{'>' if line.marked else ' '} {line.number:>{width}} │ {line.text}".rstrip() for line in lines)


def _steps(finding: Finding, sources: SourceText) -> list[tuple[Step, str] | None]:
    """A flow's steps, each with its code unless that has been shown; None stands for the middle of a long one."""
    place = finding.location
    shown = {(place.path, line) for line in range(place.line, place.end_line + 1)}
    steps: list[tuple[Step, str] | None] = []
    for step in finding.flow:
        at = (step.location.path, step.location.line)
        steps.append((step, "" if at in shown else line_of(step.location, sources)))
        shown.add(at)
    half = _MAX_STEPS // 2
    return steps if len(steps) <= _MAX_STEPS else [*steps[:half], None, *steps[-half:]]

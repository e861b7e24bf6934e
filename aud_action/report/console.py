"""Findings for a terminal: `show(result, rules, file, sources=…)`, or `lines(result, file)`. Only here is rich imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

from aud_action.findings import Finding, Result
from aud_action.findings.source import SourceText
from aud_action.findings.threshold import counts, worst_first
from aud_action.report.escape import plain
from aud_action.report.frame import Line, frame
from aud_action.report.sentence import coverage, findings_sentence
from aud_action.rules import Rule

Piece = tuple[str, str]  #: text and rich style
Tell = Callable[[Sequence[Piece]], None]  #: prints one line
STYLES = {"critical": "bold white on red", "high": "bold red", "medium": "bold yellow", "low": "bold cyan"}
DIM = "dim"
MAX_UNANALYSED = 10
MAX_STEPS = 12
MANY = 20  #: findings from which on it is said which rules they are of
MAX_RULES = 8


def show(
    result: Result,
    rules: Mapping[str, Rule],
    file: TextIO,
    *,
    sources: SourceText,
    color: bool = False,
    limit: int = 100,
    hint: bool = False,
) -> None:
    """
    Print the new findings with their code, worst first, and one closing sentence that counts the others too.

    color: whether the file is a terminal that shows styles. limit: how many findings are shown in full.
    hint: whether the reader has a command line to learn more by.
    """
    tell = _coloured(file) if color else _plain(file)
    findings = worst_first(finding for finding in result.findings if finding.state == "new")
    for finding in findings[:limit]:
        for line in _finding(finding, rules.get(finding.rule), sources):
            tell(line)
    if len(findings) > limit:
        tell(
            [
                (
                    f"{len(findings) - limit:,} more findings: --format concise lists all, --json, --sarif and --html hold all",
                    DIM,
                )
            ]
        )
    if findings and hint:
        tell(
            [
                (f"aud explain {plain(findings[0].rule)}", "magenta"),
                (" says why it is dangerous and what to do instead", DIM),
            ]
        )
    for line in _ending(result, findings):
        tell(line)


def lines(result: Result, file: TextIO) -> None:
    """Print each new finding as editors and `grep` read it, `path:line:col: level rule: message`, and the same ending."""
    tell = _plain(file)
    findings = worst_first(finding for finding in result.findings if finding.state == "new")
    for one in findings:
        where = one.location
        place = f"{plain(where.path)}:{where.line}:{where.col}"
        tell([(f"{place}: {one.level} {plain(one.rule)}: {plain(one.message)}", "")])
    for line in _ending(result, findings):
        tell(line)


def _plain(file: TextIO) -> Tell:
    """Without rich, whose import alone costs a fifth of a run in which nothing has changed."""
    return lambda pieces: print(*(text for text, _ in pieces), sep="", file=file)


def _coloured(file: TextIO) -> Tell:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, markup=False, highlight=False, emoji=False, force_terminal=True)
    return lambda pieces: console.print(Text.assemble(*pieces), soft_wrap=True)


def _finding(finding: Finding, rule: Rule | None, sources: SourceText) -> Iterator[list[Piece]]:
    where = finding.location
    yield [
        (f" {finding.level} ", STYLES[finding.level]),
        (f" {plain(finding.message)}", "bold"),
    ]
    scope = f"  in {plain(finding.scope)}" if finding.scope else ""
    place = f"{plain(where.path)}:{where.line}:{where.col}"
    yield [("  --> ", "blue"), (place, ""), (scope, DIM)]
    yield from _frame(frame(where, sources))
    yield from _flow(finding)
    weakness = "".join(f"  CWE-{number}" for number in rule.cwe[:2]) if rule else ""
    yield [("  rule ", DIM), (plain(finding.rule), "magenta"), (weakness, DIM)]
    yield [("", "")]


def _frame(lines: list[Line]) -> Iterator[list[Piece]]:
    width = max((len(str(line.number)) for line in lines), default=0)
    for line in lines:
        yield [
            (f"  {line.number:>{width}} | ", "blue"),
            (line.before, "" if line.marked else DIM),
            (line.marked, "bold"),
            (line.after.rstrip(), ""),
        ]
        if line.marked:
            under = " " * _cells(line.before) + "^" * max(_cells(line.marked), 1)
            yield [(f"  {'':>{width}} | ", "blue"), (under, "bold red")]


def _cells(text: str) -> int:
    """How wide a terminal shows the text: some characters take two cells."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _flow(finding: Finding) -> Iterator[list[Piece]]:
    steps = list(finding.flow)
    if not steps:
        return
    yield [("  path from source to sink", DIM)]
    hidden = max(len(steps) - MAX_STEPS, 0)
    shown = steps if not hidden else [*steps[: MAX_STEPS // 2], *steps[-MAX_STEPS // 2 :]]
    for number, step in enumerate(shown, 1):
        if hidden and number == MAX_STEPS // 2 + 1:
            yield [(f"      … {hidden} more steps", DIM)]
        where = f"{plain(step.location.path)}:{step.location.line}"
        style = "bold" if step.kind in {"source", "sink"} else ""
        yield [
            (f"    {step.kind:<6} ", "green" if style else DIM),
            (where, "cyan"),
            (f"  {plain(step.message)}", style),
        ]


def _by_rule(findings: list[Finding]) -> Iterator[list[Piece]]:
    """Which rules say most, where there is much: those are to be mended, ignored or configured first."""
    found = Counter(finding.rule for finding in findings)
    if len(findings) < MANY or len(found) == 1:
        return
    words = [f"{count:,} {plain(rule)}" for rule, count in found.most_common(MAX_RULES)]
    words += [f"… of {len(found)} rules"] if len(found) > MAX_RULES else []
    yield [("most often: ", "cyan"), (", ".join(words), "")]


def _ending(result: Result, findings: list[Finding]) -> Iterator[list[Piece]]:
    for reason in result.incomplete:
        yield [("incomplete run: ", "bold red"), (plain(reason), "")]
    for gap in result.unanalysed[:MAX_UNANALYSED]:
        line = f":{gap.line}" if gap.line else ""
        yield [("not analysed: ", "yellow"), (f"{plain(gap.path)}{line}", ""), (f"  {plain(gap.reason)}", DIM)]
    if (more := len(result.unanalysed) - MAX_UNANALYSED) > 0:
        yield [(f"not analysed: {more} more places", "yellow")]
    for note in result.notes:
        yield [("note: ", "cyan"), (plain(note), "")]
    yield from _by_rule(findings)
    levels = counts(findings)
    worst = next((level for level, number in levels.items() if number), None)
    yield [(findings_sentence(result), STYLES[worst].replace(" on red", "") if worst else "bold green")]
    yield [(coverage(result), "yellow" if result.unanalysed else DIM)]

"""
Comments that accept a finding: call `suppress(findings, comments, rules, ran)` with the rows of `QUERY`.

Whatever line of the statement a comment stands on, it covers the statement. Other tools' words count where a rule
page names their code as an alias; a bare `noqa` doesn't, as it is mostly there for a line's length.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from aud_action.findings import Finding
from aud_action.rules import Rule
from aud_action.spelling import nearest

QUERY = "SELECT path, word, rule, reason, covers_from, covers_to FROM suppressions ORDER BY path, covers_from, rule"
_SECURITY = re.compile(r"S\d+")


class Comment(NamedTuple):
    """One rule silenced on one statement, as `python_suppressions` has it with its place."""

    path: str
    word: str  #: aud, nosec, noqa, nosemgrep, lgtm or codeql
    rule: str | None  #: as written; None is every rule, but for aud none
    reason: str | None
    covers_from: int
    covers_to: int

    @property
    def text(self) -> str:
        """The comment as one would write it."""
        if self.word == "aud":
            return f"# aud: ignore[{self.rule}]" if self.rule else "# aud: ignore"
        if self.word in {"lgtm", "codeql"}:
            return f"# {self.word}[{self.rule}]" if self.rule else f"# {self.word}"
        return f"# {self.word}: {self.rule}" if self.rule else f"# {self.word}"

    @property
    def speaks_to_us(self) -> bool:
        """Whether the comment is about security at all."""
        return self.word != "noqa" or bool(self.rule and _SECURITY.fullmatch(self.rule))

    def covers(self, finding: Finding) -> bool:
        """Whether the finding starts within the statement."""
        return self.covers_from <= finding.location.line <= self.covers_to


def rule_names(rule: str, rules: Mapping[str, Rule]) -> frozenset[str]:
    """What comments and the configuration may call a rule: its id and its aliases, without regard to case."""
    page = rules.get(rule)
    return frozenset(name.lower() for name in (rule, *(page.aliases if page else ())))


def _silences(comment: Comment, names: frozenset[str]) -> bool:
    if comment.rule is None:
        return comment.word != "aud"  # ours names what it accepts: the next flaw on the line is another one
    written = comment.rule.lower()
    return written in names or written.rsplit(".", 1)[-1] in names


def suppress(
    findings: Iterable[Finding], comments: Iterable[Comment], rules: Mapping[str, Rule], ran: Collection[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """
    The findings, accepted ones with state and reason, and a sentence for each of our comments that silences nothing.

    rules: every rule there is; ran: the ids of those whose findings are here.
    """
    by_path: defaultdict[str, list[Comment]] = defaultdict(list)
    comments = [comment for comment in comments if comment.speaks_to_us]
    for comment in comments:
        by_path[comment.path].append(comment)
    used: set[Comment] = set()
    decided = tuple(_decided(finding, by_path[finding.location.path], rules, used) for finding in findings)
    unused = [comment for comment in comments if comment.word == "aud" and comment not in used]
    return decided, tuple(note for comment in unused if (note := _complaint(comment, decided, rules, ran)))


def _decided(finding: Finding, comments: list[Comment], rules: Mapping[str, Rule], used: set[Comment]) -> Finding:
    if finding.state != "new":
        return finding
    names = rule_names(finding.rule, rules)
    matching = [comment for comment in comments if comment.covers(finding) and _silences(comment, names)]
    if not matching:
        return finding
    used.update(matching)
    reason = next((comment.reason for comment in matching if comment.reason), matching[0].text)
    return replace(finding, state="suppressed", reason=reason)


def _complaint(comment: Comment, findings: Iterable[Finding], rules: Mapping[str, Rule], ran: Collection[str]) -> str:
    """Why the comment silences nothing; "" when the rule it names exists and did not run."""
    where = f"{comment.path}:{comment.covers_from}: `{comment.text}`"
    if comment.rule is None:
        covered = {one.rule for one in findings if one.location.path == comment.path and comment.covers(one)}
        return f"{where} silences nothing, as it names no rule" + (
            f"; write `# aud: ignore[{', '.join(sorted(covered))}]`" if covered else ""
        )
    meant = [rule for rule in rules if _silences(comment, rule_names(rule, rules))]
    if meant:
        return f"{where} silences nothing any more" if set(meant) <= set(ran) else ""
    return f"{where} names no rule{nearest(comment.rule, rules)}"

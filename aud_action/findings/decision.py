"""
What becomes of what was matched: call `decide(result, comments, rules, ran, settings)` once per run.

In this order: the configuration's ignores per file, comments, the baseline, the profile's and the user's minimum, and
the change that alone counts as new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from aud_action.findings import Finding, Result
from aud_action.findings.baseline import BaselineError, accept, read
from aud_action.findings.scope import Change, How, narrow
from aud_action.findings.suppression import Comment, rule_names, suppress
from aud_action.findings.threshold import select
from aud_action.rules import Rule
from aud_action.settings import Settings, WrongInput

_PRECISION = {"default": "medium", "audit": "low", "strict": "low"}


def decide(
    result: Result,
    comments: Iterable[Comment],
    rules: Mapping[str, Rule],
    ran: Collection[str],
    settings: Settings,
    change: Change | None = None,
    how: How = "changed-lines",
) -> Result:
    """
    The result with each finding's state. Raises WrongInput for a baseline that can't be used.

    rules: every rule there is; ran: the ids of those whose findings are here; change: what alone counts as new.
    """
    findings, unused = suppress(_unless_ignored(result.findings, rules, settings), comments, rules, ran)
    result = replace(result, findings=findings, notes=(*result.notes, *unused))
    if settings.baseline:
        try:
            known = read(settings.root / settings.baseline)
        except BaselineError as error:
            raise WrongInput(f"baseline: {error}") from error
        root = settings.root
        result = accept(
            result,
            known,
            rules=ran,
            exists=lambda path: _is_file(root / path),
            renames=change.renames if change else None,
        )
    result = select(result, settings.min_severity, settings.min_precision or _PRECISION[settings.profile])
    return narrow(result, change, how)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _unless_ignored(findings: Iterable[Finding], pages: Mapping[str, Rule], settings: Settings) -> Iterable[Finding]:
    """The findings, accepted where the configuration ignores their rule for their file."""
    if not settings.per_file_ignores:
        return findings
    from pathspec import GitIgnoreSpec

    ignores = [
        (GitIgnoreSpec.from_lines([pattern]), {rule.lower() for rule in rules})
        for pattern, rules in settings.per_file_ignores.items()
    ]

    def decided(finding: Finding) -> Finding:
        names = rule_names(finding.rule, pages) | {"*"}
        for pattern, rules in ignores:
            if names & rules and pattern.match_file(finding.location.path):
                return replace(finding, state="suppressed", reason="ignored for this file by the configuration")
        return finding

    return map(decided, findings)

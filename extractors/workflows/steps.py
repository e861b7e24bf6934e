"""Steps, scripts and permissions of GitHub's workflows and composite actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from extractors.outline import Entry, Outline, Scalar, outline
from extractors.suppressions import silenced
from extractors.texts import Text, reads
from schema.ground import Suppression
from schema.workflows import WorkflowExpression, WorkflowPermission, WorkflowStep

Rows = Iterator[tuple[int, Any]]
_SCRIPTS: Final = {"actions/github-script": "script"}
"""The input that an action runs as code."""
_EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TEXT: Final = re.compile(r"'(?:[^']|'')*+'")
_VERDICT: Final = re.compile(r"\b(?:contains|startsWith|endsWith|hashFiles)\s*\([^()]*\)", re.IGNORECASE)
_CONTEXT: Final = re.compile(
    r"(?<![\w.])(?:github|env|inputs|steps|needs|secrets|matrix|vars)\b(?:\.[\w*-]+|\[[^\]]*\])+"
)
_TESTED: Final = re.compile(r"\s*(?:==|!=|<|>|&&)")
_TESTS: Final = re.compile(r"(?:==|!=|[<>]=?|!)\s*$")
_HEAD: Final = re.compile(
    r"github\.head_ref|GITHUB_HEAD_REF|pull_request\.(?:head\.(?:sha|ref|repo)|merge_commit_sha)|workflow_run\.head_(?:sha|branch|repository)"
    r"|workflow_run\.pull_requests|refs/pull/|\bpull/\S+/(?:head|merge)"
)
_FETCHES: Final = re.compile(r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:-\S+\s+)*(?:fetch|checkout|pull|clone|switch)\b[^\n]*")


class _Job(NamedTuple):
    """What is said around some steps."""

    workflow: str
    trigger: str
    key: str
    condition: str | None
    environment: Mapping[str, str]


@reads("workflows/*.yml", "workflows/*.yaml", "action.yml", "action.yaml")
def workflow(text: Text) -> Rows:
    """Each step, script and permission of a workflow, or of a composite action."""
    is_action = text.name.startswith("action.")
    if not is_action and not f"/{text.path}".endswith(f"/.github/workflows/{text.name}"):
        return
    whole = _table(outline(text.text))
    name = _text(whole, "name") or text.name
    environment = _environment(whole, {})
    if is_action:
        yield from _steps(_Job(name, "", "", None, environment), _table(_value(whole, "runs")))
    else:
        trigger = " ".join(sorted(set(_words(_value(whole, "on")))))
        yield from _permissions(whole, trigger, None)
        for key, entry in _table(_value(whole, "jobs")).items():
            job = _table(entry.value)
            around = _Job(name, trigger, key, _text(job, "if"), _environment(job, environment))
            yield from _permissions(job, trigger, key)
            if uses := _text(job, "uses"):
                yield entry.line, _step(around, job, -1, uses)
            yield from _steps(around, job)
    yield from _suppressions(text)


def _steps(around: _Job, job: dict[str, Entry]) -> Rows:
    steps = _value(job, "steps")
    for position, entry in enumerate(steps if isinstance(steps, list) else ()):
        step = _table(entry.value)
        uses = _text(step, "uses")
        row = _step(around, step, position, uses)
        if row.uses or row.runs:
            yield entry.line, row
        environment = _environment(step, around.environment)
        given = _SCRIPTS.get(row.uses or "")
        places = (("run", _value(step, "run")), ("script", _value(_table(_value(step, "with")), given or "")))
        for place, script in places:
            if isinstance(script, Scalar):
                for offset, context in contexts(script.text, environment):
                    line = script.line + script.text.count("\n", 0, offset)
                    yield line, WorkflowExpression(around.trigger, around.key, position, place, context)


def _step(around: _Job, step: dict[str, Entry], position: int, uses: str | None) -> WorkflowStep:
    called, ref = _called(uses) if uses else (None, None)
    script = _text(step, "run")
    own = _text(step, "if") if position >= 0 else None
    condition = " && ".join(part for part in (around.condition, own) if part) or None
    environment = _environment(step, around.environment)
    head = _fetches_head(script or "") or (called == "actions/checkout" and _is_head(step, environment))
    return WorkflowStep(
        around.workflow, around.trigger, around.key, position, called, ref, script is not None, head, condition
    )


def _called(uses: str) -> tuple[str, str | None]:
    """
    What is called, and at which version.

    >>> _called("actions/checkout@v4"), _called("./build"), _called("docker://ghcr.io:443/a/b:1.2"), _called("docker://a@sha256:0f")
    (('actions/checkout', 'v4'), ('./build', None), ('docker://ghcr.io:443/a/b', '1.2'), ('docker://a', 'sha256:0f'))
    """
    name, _, ref = uses.strip().partition("@")
    if name.startswith("docker://") and not ref and ":" in name.rpartition("/")[2]:
        name, _, ref = name.rpartition(":")
    return name, ref or None


def contexts(script: str, environment: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """
    Where values are put into a script, and what they come from; not what is only asked about.

    >>> list(contexts("echo ${{ github.head_ref || 'x' }} ${{ contains(github.event.issue.body, 'a') }}", {}))
    [(5, 'github.head_ref')]
    >>> list(contexts("${{ env.A }} ${{ github.head_ref == 'b' && 'c' }}", {"A": "${{ github.event['issue'].title }}"}))
    [(0, 'github.event.issue.title')]
    """
    for match in _EXPRESSION.finditer(script):
        for context in _used(match[1]):
            kept = environment.get(context.removeprefix("env.")) if context.startswith("env.") else None
            if kept is None:
                yield match.start(), context
            else:
                inner = [found for part in _EXPRESSION.findall(kept) for found in _used(part)]
                yield from ((match.start(), found) for found in inner)


def _used(expression: str) -> Iterator[str]:
    expression = re.sub(r"\['([\w-]+)'\]", r".\1", expression)
    bare = _VERDICT.sub("''", _TEXT.sub("''", expression))
    for match in _CONTEXT.finditer(bare):
        if not _TESTED.match(bare, match.end()) and not _TESTS.search(bare[max(0, match.start() - 8) : match.start()]):
            yield re.sub(r"\[[^\]]*\]", ".*", match[0])


def _fetches_head(script: str) -> bool:
    return any(found[0].startswith("gh") or _HEAD.search(found[0]) for found in _FETCHES.finditer(script))


def _is_head(step: dict[str, Entry], environment: Mapping[str, str]) -> bool:
    """Whether a checkout is told to take a pull request's side."""
    given = _table(_value(step, "with"))
    said = " ".join(filter(None, (_text(given, "ref"), _text(given, "repository"))))
    return bool(_HEAD.search(re.sub(r"\benv\.(\w+)", lambda name: environment.get(name[1], ""), said)))


def _permissions(table: dict[str, Entry], trigger: str, job: str | None) -> Rows:
    entry = table.get("permissions")
    if entry is None:
        return
    if isinstance(entry.value, Scalar):
        access = entry.value.text.removesuffix("-all") or "none"
        yield entry.line, WorkflowPermission(trigger, job, "*", access)
    for resource, given in _table(entry.value).items():
        if isinstance(given.value, Scalar):
            yield given.line, WorkflowPermission(trigger, job, resource, given.value.text)
    if entry.value == {}:
        yield entry.line, WorkflowPermission(trigger, job, "*", "none")


def _suppressions(text: Text) -> Rows:
    """What comments silence: on their own line, or on the next one when they stand alone."""
    for number, line in enumerate(text.text.split("\n") if "#" in text.text else (), 1):
        before, mark, comment = line.partition("#")
        for found in silenced(mark + comment) if mark else ():
            yield number, Suppression(*found, number, number + (not before.strip()))


def _value(table: dict[str, Entry], key: str) -> Outline:
    return table[key].value if key in table else Scalar("", 0)


def _table(value: Outline) -> dict[str, Entry]:
    return value if isinstance(value, dict) else {}


def _text(table: dict[str, Entry], key: str) -> str | None:
    value = _value(table, key)
    return value.text or None if isinstance(value, Scalar) else None


def _words(value: Outline) -> Iterator[str]:
    """One word, the words of a list, or the keys of a table."""
    if isinstance(value, Scalar):
        yield value.text
    elif isinstance(value, dict):
        yield from value
    else:
        yield from (entry.value.text for entry in value if isinstance(entry.value, Scalar))


def _environment(table: dict[str, Entry], around: Mapping[str, str]) -> Mapping[str, str]:
    own = {
        name: entry.value.text
        for name, entry in _table(_value(table, "env")).items()
        if isinstance(entry.value, Scalar)
    }
    return {**around, **own} if own else around

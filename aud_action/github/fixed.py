"""What a pull request repairs: the findings of its base on lines that it changes, which its head no longer has."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from aud_action.findings import Finding, Result
from aud_action.findings.baseline import entry
from aud_action.findings.scope import Change, parse
from aud_action.github.git import Git
from aud_action.rules import Rule
from aud_action.settings import Settings

MAX_FILES = 300  #: of a change: a larger one is no repair that anybody would read about

Rescan = Callable[[Settings, Change], Result]
"""The pipeline once more: settings, and the change that alone counts."""


def repaired(
    result: Result, rules: Mapping[str, Rule], base: str, change: Change, settings: Settings, git: Git, rescan: Rescan
) -> Result:
    """
    The result with what is fixed.

    Only the base's versions of the changed files are analysed, so rules that need the whole project are not asked, and
    only what stood on lines that are gone or changed counts.
    """
    paths = sorted({change.renames.get(path, path) for path in _changed(change, git, base)})
    if result.incomplete or not base or not 0 < len(paths) <= MAX_FILES:
        return result
    backwards = git.diff("HEAD", base)
    with tempfile.TemporaryDirectory(prefix="aud-base-") as folder:
        if backwards is None or not _lay_out(Path(folder).resolve(), git.files(base, *paths)):
            return result
        before = rescan(_settings(settings, Path(folder).resolve()), parse(backwards))
    known = {(gone.path, gone.rule, gone.fingerprint) for gone in result.fixed}
    gone = [entry(finding) for finding in _gone(before, result, rules)]
    return replace(result, fixed=tuple(sorted({*result.fixed, *(one for one in gone if one[:3] not in known)})))


def _changed(change: Change, git: Git, base: str) -> set[str]:
    """The change's Python files, those that it deletes too."""
    deleted = (git.raw("diff", "--name-only", "--diff-filter=D", "--relative", "-z", base, "HEAD", "--") or b"").split(
        b"\0"
    )
    names = {path.decode("utf-8", "surrogateescape") for path in deleted if path}
    return {path for path in {*change.files, *names} if path.endswith((".py", ".pyi", ".pyw"))}


def _lay_out(folder: Path, files: Mapping[str, bytes]) -> bool:
    for path, content in files.items():
        file = Path(folder, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return bool(files)


def _settings(settings: Settings, folder: Path) -> Settings:
    """The same rules over another folder, without what belongs to the whole of the first."""
    return replace(
        settings,
        root=folder,
        paths=(),
        baseline=None,
        cache_dir=None,
        rules=_folder(settings.root, settings.rules, ".aud/rules"),
        models=_folder(settings.root, settings.models, ".aud/models"),
    )


def _folder(root: Path, given: str | None, usual: str) -> str | None:
    folder = root / (given or usual)
    return str(folder) if folder.is_dir() else None


def _gone(before: Result, after: Result, rules: Mapping[str, Rule]) -> list[Finding]:
    """What counted before and is nowhere now, neither accepted nor moved; a file with a gap proves nothing."""
    left = {(finding.rule, finding.fingerprint) for finding in after.findings}
    gaps = {gap.path for gap in after.unanalysed}
    return [
        finding
        for finding in before.findings
        if finding.state == "new"
        and (finding.rule, finding.fingerprint) not in left
        and finding.location.path not in gaps
        and not (finding.rule in rules and rules[finding.rule].whole_project)
    ]

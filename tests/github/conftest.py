"""A runner of our own for tests: the environment, a git workspace and a pull request of one commit."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aud_action.findings import Finding, Location, Result
from aud_action.findings.scope import narrow
from aud_action.github import run
from aud_action.rules import parse

PAGE = """# Certificates are not checked

```toml
severity = 7.4
precision = "high"
message = "m"
```

Prose.

```sql
SELECT 1
```
"""
RULES = {"tls-verify-disabled": parse("tls-verify-disabled", PAGE)}


@dataclass
class Ran:
    """What one run left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    settings: object = None
    renames: dict[str, str] = field(default_factory=dict)


class Runner:
    """The runner's side of the contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "work"
        self.workspace.mkdir()
        self.environ = {"GITHUB_WORKSPACE": str(self.workspace), "GITHUB_REPOSITORY": "octo/repo", "GITHUB_RUN_ID": "5"}
        self.result = self.before = Result()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        command = ["git", "-C", self.workspace, "-c", "user.name=t", "-c", "user.email=t@example.invalid", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str] | None = None) -> str:
        for name, text in (files or {}).items():
            path = self.workspace / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def pull_request(self, base: str, head: str, *, fork: bool = False, name: str = "pull_request") -> None:
        """The merge commit is checked out, as by actions/checkout."""
        self.git("checkout", "-q", "--detach", base)
        self.git("merge", "-q", "--no-ff", "-m", "merge", head)
        ours = {"full_name": "octo/repo"}
        theirs = {"full_name": "someone/repo"} if fork else ours
        self.event(
            name,
            pull_request={"number": 7, "base": {"sha": base, "repo": ours}, "head": {"sha": head, "repo": theirs}},
        )

    def event(self, name: str, **payload: object) -> None:
        path = self.folder / "event.json"
        path.write_text(json.dumps(payload))
        sha = self.git("rev-parse", "HEAD")
        self.environ |= {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": sha}

    def finds(self, *places: tuple[str, int]) -> None:
        findings = tuple(
            Finding("tls-verify-disabled", f"m{line}", 7.4, "high", Location(path, line, 1, line, 5))
            for path, line in places
        )
        self.result = Result(findings, files=9)

    def run(self, look=lambda settings: None, **given: str) -> Ran:
        out, seen = io.StringIO(), {}
        for name in ("OUTPUT", "STEP_SUMMARY"):
            (self.folder / name).write_text("")
            self.environ[f"GITHUB_{name}"] = str(self.folder / name)
        inputs = {f"INPUT_{key.upper().replace('_', '-')}": value for key, value in given.items()}

        def scan(settings, database, change, how):
            if settings.root != self.workspace:  # the base's versions of the changed files
                return narrow(self.before, change, how), RULES
            seen.update(settings=settings, renames=dict(change.renames) if change else {})
            look(settings)
            if database:
                database.write_bytes(b"database")
            if isinstance(self.result, Exception):
                raise self.result
            return narrow(self.result, change, how), RULES

        code = run(self.environ | inputs, scan, out)
        return Ran(code, out.getvalue(), self._outputs(), (self.folder / "STEP_SUMMARY").read_text(), **seen)

    def _outputs(self) -> dict[str, str]:
        lines = iter((self.folder / "OUTPUT").read_text().splitlines())
        found = {}
        for line in lines:
            name, _, end = line.partition("<<")
            value = []
            for text in lines:
                if text == end:
                    break
                value.append(text)
            found[name] = "\n".join(value)
        return found


@pytest.fixture
def runner(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return Runner(tmp_path)

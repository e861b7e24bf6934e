"""What started the run: the event's name and payload, reduced to what is asked of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 32 << 20
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Commits are "" when the payload has none."""

    name: str
    number: int = 0  #: of the pull request
    fork: bool = False  #: the pull request comes from another repository
    base: str = ""  #: commit that the change is made to
    head: str = ""  #: last commit of the change
    repository: str = ""
    server: str = "https://github.com"
    sha: str = ""  #: the commit that is checked out
    run: str = ""  #: the run's number, for links

    @property
    def is_pull_request(self) -> bool:
        """Whether there is a pull request to judge and to comment on."""
        return self.name in {"pull_request", "pull_request_target"} and self.number > 0

    @property
    def address(self) -> str:
        """Where the repository is looked at; "" when its name isn't known."""
        return f"{self.server}/{self.repository}" if self.repository else ""

    @property
    def details(self) -> str:
        """Where the run is looked at."""
        return f"{self.address}/actions/runs/{self.run}" if self.address and self.run else ""


def _payload(path: str) -> dict[str, Any]:
    """The event's JSON; nothing when it can't be read: a missing payload costs a scope, not the run."""
    try:
        file = Path(path)
        document = json.loads(file.read_bytes()) if path and file.stat().st_size <= MAX_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _sha(value: object) -> str:
    """A commit, or "" for anything else: it becomes an argument of git. All zeros mean that there is none."""
    text = value if isinstance(value, str) else ""
    return text if _SHA.fullmatch(text) and text.strip("0") else ""


def read(environ: Mapping[str, str]) -> Event:
    """The event that the runner's environment describes."""
    name, payload = environ.get("GITHUB_EVENT_NAME", ""), _payload(environ.get("GITHUB_EVENT_PATH", ""))
    pull = _at(payload, "pull_request")
    number = _at(pull, "number")
    base = _at(pull, "base", "sha") or _at(payload, "merge_group", "base_sha") or _at(payload, "before")
    head = _at(pull, "head", "sha") or _at(payload, "merge_group", "head_sha") or _at(payload, "after")
    ours = _at(pull, "base", "repo", "full_name")
    return Event(
        name=name,
        number=number if isinstance(number, int) else 0,
        fork=pull is not None and _at(pull, "head", "repo", "full_name") != ours,
        base=_sha(base),
        head=_sha(head),
        repository=environ.get("GITHUB_REPOSITORY", ""),
        server=environ.get("GITHUB_SERVER_URL", "") or "https://github.com",
        sha=_sha(environ.get("GITHUB_SHA")),
        run=environ.get("GITHUB_RUN_ID", ""),
    )

"""Which lines a pull request changes: from git where its commits are here, else from the API, else nothing is known."""

from __future__ import annotations

from typing import NamedTuple

from aud_action.findings.scope import Change, Lines, parse, patch
from aud_action.github.api import Api, ApiError
from aud_action.github.event import Event
from aud_action.github.git import Git

MAX_FILES = 3_000  #: GitHub lists no more of a pull request


class Difference(NamedTuple):
    """A change and how it was found out; without a change, `how` says why."""

    change: Change | None
    how: str
    base: str = ""  #: the commit it was compared with, when git has it


def difference(event: Event, base_ref: str, git: Git, api: Api | None) -> Difference:
    """What the run's commit changes against its base."""
    if base_ref:
        return _since(git, base_ref) or Difference(
            None, f"base-ref {base_ref!r} is no commit of this checkout; give actions/checkout `fetch-depth: 0`"
        )
    return _merge(git, event) or _since(git, event.base) or _listed(event, api)


def since(base: str, git: Git) -> Change | None:
    """What the working tree changes since it left a commit, new files included; None when that isn't one."""
    start = _left(git, base)
    text = git.diff(start) if start else None
    if text is None:
        return None
    change = parse(text)
    change.files.update({path: Lines(whole=True) for path in git.untracked()})
    return change


def _merge(git: Git, event: Event) -> Difference | None:
    """The merge commit against its first parent: exactly the pull request's lines, with `fetch-depth: 2`."""
    if not event.is_pull_request:
        return None
    first, second = git.commit("HEAD^1"), git.commit("HEAD^2")
    if not first or not second or (event.head and second != event.head):
        return None
    text = git.diff(first, "HEAD")
    return None if text is None else Difference(parse(text), "git diff HEAD^1 HEAD", first)


def _left(git: Git, base: str) -> str:
    """Where HEAD left a base: what the base has got since then is no change of ours. "" for what is no commit here."""
    commit = git.commit(base) if base and not base.startswith("-") else ""
    return commit and (git.line("merge-base", commit, "HEAD") or commit)


def _since(git: Git, base: str) -> Difference | None:
    """Everything since the change left its base, when that commit is here."""
    start = _left(git, base)
    if not start:
        return None
    text = git.diff(start, "HEAD")
    return None if text is None else Difference(parse(text), f"git diff {start[:12]} HEAD", start)


def _listed(event: Event, api: Api | None) -> Difference:
    if not event.is_pull_request:
        return Difference(None, "this event has no base commit in the checkout")
    advice = "give actions/checkout `fetch-depth: 2`"
    if api is None:
        return Difference(None, f"the pull request's base is not in the checkout; {advice}")
    try:
        entries = list(api.pages(f"/pulls/{event.number}/files", MAX_FILES))
    except ApiError as error:
        return Difference(None, f"the pull request's files can't be listed ({error}); {advice}")
    if len(entries) >= MAX_FILES:
        return Difference(None, f"the pull request changes {MAX_FILES:,} files or more; {advice}")
    change = Change()
    for entry in entries:
        _add(change, entry)
    return Difference(change, "the pull request's list of files")


def _add(change: Change, entry: dict[str, object]) -> None:
    """One file of the API's list; without a patch (binary, too large) the whole of it counts as changed."""
    name, old, text = entry.get("filename"), entry.get("previous_filename"), entry.get("patch")
    if not isinstance(name, str) or entry.get("status") == "removed":
        return
    change.files[name] = patch(text) if isinstance(text, str) else Lines(whole=entry.get("changes") != 0)
    if isinstance(old, str):
        change.renames[name] = old

"""One comment per pull request and category, updated in place: call `publish(api, number, body, marker)`."""

from __future__ import annotations

from typing import NamedTuple

from aud_action.github.api import Api, ApiError

MAX_COMMENTS = 3_000
REMEDY = "add `pull-requests: write` to the job's `permissions`"


class Published(NamedTuple):
    """Where the comment is, and what a person should know when it isn't."""

    url: str = ""
    notice: str = ""


def marker(category: str) -> str:
    """The words by which the comment is found again."""
    return f"aud:comment v1 category={category}"


def publish(api: Api, number: int, body: str, first_line: str, *, only_update: bool = False) -> Published:
    """
    Make the pull request's comment say `body`. Never raises: a comment that can't be written is a notice.

    only_update: change a comment that exists, but make none. An unchanged one is left alone, so nobody is notified.
    """
    try:
        existing = _own(api, number, first_line)
        if existing is None:
            return Published() if only_update else _posted(api, number, body)
        if str(existing.get("body", "")).replace("\r\n", "\n").strip() == body.strip():
            return Published(str(existing.get("html_url", "")))
        return _changed(api, number, body, existing)
    except ApiError as error:
        return Published(notice=_explained(error))


def _own(api: Api, number: int, first_line: str) -> dict[str, object] | None:
    """The comment that starts with our line and that a bot wrote: a person's copy of it is not ours."""
    for comment in api.pages(f"/issues/{number}/comments", MAX_COMMENTS):
        user = comment.get("user")
        kind = user.get("type") if isinstance(user, dict) else None
        if kind == "Bot" and str(comment.get("body", "")).startswith(first_line):
            return comment
    return None


def _posted(api: Api, number: int, body: str) -> Published:
    answer = api("POST", f"/issues/{number}/comments", {"body": body})
    return Published(str((answer or {}).get("html_url", "")))


def _changed(api: Api, number: int, body: str, existing: dict[str, object]) -> Published:
    try:
        answer = api("PATCH", f"/issues/comments/{existing['id']}", {"body": body})
    except ApiError as error:
        if error.status not in {403, 404}:
            raise
        return _posted(api, number, body)  # another bot's, or deleted meanwhile
    return Published(str((answer or existing).get("html_url", "")))


def _explained(error: ApiError) -> str:
    text = f"The pull request comment could not be written ({error})"
    if error.status in {401, 403, 404}:
        return f"{text}: {REMEDY}. Pull requests from forks and Dependabot get a read-only token; see docs/action.md."
    return f"{text}. The same text is in the job summary."

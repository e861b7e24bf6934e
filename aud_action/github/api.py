"""GitHub's REST API, as much of it as is needed: patient with limits, clear about permissions, never fatal."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import IO, Any

from aud_action import __version__

TRIES = 3
TIMEOUT = 20  #: seconds
LONGEST_WAIT = 30  #: seconds; a limit that lasts longer is reported instead
PAGE = 100


class ApiError(Exception):
    """An answer that isn't what was asked for. `status` is 0 when there was none."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Api:
    """One repository's API with one token."""

    def __init__(
        self, address: str, token: str, repository: str, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._home = f"{address.rstrip('/')}/repos/{repository}"
        self._token = token
        self._sleep = sleep
        self._opener = urllib.request.build_opener(_Stay)

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer's JSON. Server errors and short limits are waited out. Raises ApiError."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                wait = _wait(error, attempt)
                if attempt == TRIES or wait is None:
                    raise ApiError(error.code, _message(error)) from None
            except (OSError, ValueError) as error:
                wait = float(attempt)
                if attempt == TRIES or method == "POST":  # it may have arrived: a second one would stand there twice
                    raise ApiError(0, f"no usable answer: {error}") from None
            self._sleep(wait)
        raise AssertionError("the last attempt answers or raises")

    def _once(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # the address is the runner's, not the repository's
            f"{self._home}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": f"aud/{__version__}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        answer: IO[bytes]
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def pages(self, path: str, limit: int) -> Iterator[dict[str, Any]]:
        """The entries of a paged list, at most `limit`. Raises ApiError."""
        for page in range(1, -(-limit // PAGE) + 1):
            entries = self("GET", f"{path}?per_page={PAGE}&page={page}")
            if not isinstance(entries, list):
                raise ApiError(0, "no list in the answer")
            yield from (entry for entry in entries if isinstance(entry, dict))
            if len(entries) < PAGE:
                return


def _wait(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Seconds to wait before another try; None when it would not help."""
    if error.code >= 500:
        return float(attempt)
    if error.code not in {403, 429}:
        return None
    after = error.headers.get("Retry-After") or ""
    if not after.isdigit():
        return None
    return float(after) if int(after) <= LONGEST_WAIT else None


def _message(error: urllib.error.HTTPError) -> str:
    try:
        document = json.loads(error.read())
        said = str(document.get("message", ""))
    except (OSError, ValueError, AttributeError):
        said = ""
    return f"{error.code} {said or error.reason}"

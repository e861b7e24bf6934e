"""Responses: what a handler says of the one it makes, and which part of what it hands back is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import CONTENT_TYPE, reach
from aud_action.taint.flaws.terms import Named
from aud_action.taint.values.value import Value

_TELLING: Final = ("set_header", "send_header", "add_header", "Request.setHeader", "web.header")
_MADE: Final = ("Response", ".make_response")
_MAPPINGS: Final = ("dict", "")
"""Headers of one kind, and of several: of those of another handler nothing may be known."""
_ERROR: Final = "builtins.BaseException"
"""An exception as such is an answer of its own (`abort`'s), as a response is; only its text tells too much."""


def told(frame: Frame, env: Env, path: str, positional: list[Value], named: Named, node: Any) -> None:
    """A call by which a handler answers: with a header, or as the protocols of servers have it."""
    if path.endswith(_TELLING) and len(positional) > 1:
        _header(env, positional[0], positional[1])
    elif path == "wsgi.start_response" and len(positional) > 1:
        _headers(frame, env, positional[1], node)
    elif path.endswith(_MADE):
        _moved(frame, env, positional, {name: value for name, value in named if name is not None}, node)
    elif path == "asgi.send" and positional and positional[0].items is not None:
        message = positional[0].items
        if "headers" in message:
            _headers(frame, env, message["headers"], node)
        if "body" in message:
            reach(frame, env, "asgi.response", [message["body"]], [], None, node)


def _moved(frame: Frame, env: Env, positional: list[Value], words: dict[str, Value], node: Any) -> None:
    """A response that is made with its headers, all by name or after body and status."""
    given = dict(zip(("body", "status", "headers"), positional, strict=False)) | words
    if "headers" in given:
        for place in _onwards(given.get("status_code", given.get("status")), given["headers"]):
            reach(frame, env, "wsgi.location", [place], [], None, node)


def _onwards(status: Value | None, headers: Value) -> Iterator[Value]:
    """Where a browser goes on to: a `Location` in a mapping or in pairs, where the status is one of a redirect."""
    if status is None or not all(str(one).startswith("3") for one in status.consts or ("",)):
        return
    for name, held in (headers.items or {}).items():
        pair = held.items or {}
        if str(name).lower() == "location":
            yield held
        elif 0 in pair and 1 in pair and "location" in {str(one).lower() for one in pair[0].consts or ()}:
            yield pair[1]


def _headers(frame: Frame, env: Env, headers: Value, node: Any) -> None:
    """A list of pairs."""
    for pair in (headers.items or {}).values():
        parts = pair.items or {}
        if 0 in parts and 1 in parts and _header(env, parts[0], parts[1]) == "location":
            reach(frame, env, "wsgi.location", [parts[1]], [], None, node)


def _header(env: Env, name: Value, value: Value) -> str:
    """One header, by its name: a handler may say of what kind its response is."""
    known = name.consts[0] if name.consts else ""
    text = (known.decode("latin-1") if isinstance(known, bytes) else str(known)).lower()
    if text == "content-type":
        env.vars[CONTENT_TYPE] = value
    return text


def parts(value: Value) -> Iterator[tuple[Value, str]]:
    """The parts of a returned value that a client reads: its body, `.data` where no browser takes that for a page, and `.location`."""
    if value.kind == "dict" and value.items is not None and "statusCode" in value.items:
        headers = value.items.get("headers")
        if "body" in value.items:
            yield value.items["body"], "" if _says(headers, "html") else ".data"
        for name, held in (headers.items or {}).items() if headers is not None and headers.kind in _MAPPINGS else ():
            if str(name).lower() == "location":
                yield held, ".location"
        return
    found = _body(value)
    if found is not None:
        yield found
    if value.kind == "tuple" and value.items is not None and len(value.items) == 3:
        yield from ((place, ".location") for place in _onwards(value.items.get(1), value.items[2]))


def _body(value: Value) -> tuple[Value, str] | None:
    parts = value.items if value.kind == "tuple" and value.items is not None else {}
    found = parts.get(0, value)
    if _ERROR in found.paths or any(path.endswith("Response") for path in found.paths):
        return None  # judged where it was made
    if any(_says(part, "") and not _says(part, "html") for part in parts.values()):
        return None
    return found, ".data" if found.kind in ("dict", "list") else ""


def _says(headers: Value | None, kind: str) -> bool:
    """Whether headers say of what kind a response is, and that it may be one."""
    if headers is None or headers.kind not in _MAPPINGS or headers.items is None:
        return False
    kinds = [value for name, value in headers.items.items() if str(name).lower() == "content-type"]
    return any(value.consts is not None and any(kind in str(one) for one in value.consts) for value in kinds)

"""A client's session: what one request puts into it a later one of the same client reads."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value, join
from extractors.flow import code

_SESSIONS: Final = (
    "flask.session",
    "quart.session",
    "django.http.HttpRequest.session",
    "starlette.requests.Request.session",
    "aiohttp_session.get_session()",
)


def _held(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`session.get("page", "home")`: what some request put there, or what stands in for it."""
    callee = node[1] if type(node) is list and node[0] == code.CALL else None
    if type(callee) is not list or callee[0] != code.ATTR or not given:
        return UNKNOWN
    session = frame.machine.value_of(frame, env, callee[1])
    otherwise = given[1] if len(given) > 1 else dict(named).get("default", UNKNOWN)
    held = frame.machine.scopes.held(session, keyed(given[0]))
    return otherwise if held is None else join(otherwise, held)


def _put(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`session.setdefault("page", page)`: what is read is what is put there."""
    callee = node[1] if type(node) is list and node[0] == code.CALL else None
    if type(callee) is list and callee[0] == code.ATTR and len(given) > 1:
        session = frame.machine.value_of(frame, env, callee[1])
        frame.machine.scopes.put(frame.machine, session, keyed(given[0]), env.settled(given[1]))
    return _held(frame, env, given, [], node)


CALLS: dict[str, Handler] = {
    **{f"{session}.{method}": _held for session in _SESSIONS for method in ("get", "pop")},
    **{f"{session}.setdefault": _put for session in _SESSIONS},
}
"""API path → what a call of it yields, for sessions."""

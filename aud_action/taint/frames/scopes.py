"""What a framework's requests and applications carry along: some function puts it there, others, run later, read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aud_action.taint.values.value import NEVER, Value, join

if TYPE_CHECKING:
    from aud_action.taint.code.program import FunctionRef
    from aud_action.taint.machine import Machine

_CARRIERS = {
    "sanic.Request.ctx": "ctx", "sanic.Sanic.ctx": "app", "sanic.Request.app.ctx": "app",
    "falcon.Request.context": "context", "falcon.Response.context": "context",
    "starlette.requests.Request.state": "state", "starlette.websockets.WebSocket.state": "state",
    "starlette.requests.Request.app.state": "app", "fastapi.FastAPI.state": "app", "starlette.applications.Starlette.state": "app",
    "aiohttp.web.Request": "request", "aiohttp.web.Application": "app",
    "django.http.HttpRequest": "request", "rest_framework.request.Request": "request",
    "pyramid.request.Request": "request", "twisted.web.http.Request": "request", "bottle.request": "request",
    "cherrypy.request": "request", "litestar.Request.state": "state", "flask.g": "g", "quart.g": "g",
    "flask.Flask.extensions": "extensions", "quart.Quart.extensions": "extensions",
    "tornado.web.Application.settings": "settings", "tornado.web.RequestHandler.settings": "settings",
    "tornado.websocket.WebSocketHandler.settings": "settings",
    "flask.session": "session", "quart.session": "session", "django.http.HttpRequest.session": "session",
    "starlette.requests.Request.session": "session", "aiohttp_session.get_session()": "get_session",
}  # fmt: skip
"""Objects in which a program keeps values of its own, and what a reader must speak of."""
_BY_KEY = {"extensions", "settings", "session", "get_session"}
"""Those that are read by keys, which needn't be spelled where they are read."""
_SAME = {
    "sanic.Request.app.ctx": "sanic.Sanic.ctx",
    "starlette.requests.Request.app.state": "fastapi.FastAPI.state",
    "starlette.applications.Starlette.state": "fastapi.FastAPI.state",
    "starlette.websockets.WebSocket.state": "starlette.requests.Request.state",
    "rest_framework.request.Request": "django.http.HttpRequest",
    "tornado.web.RequestHandler.settings": "tornado.web.Application.settings",
    "tornado.websocket.WebSocketHandler.settings": "tornado.web.Application.settings",
}
_LASTING = frozenset({"app", "extensions", "settings"})
"""What an application carries: what is put there when it starts says what others call."""


class Scope:
    """One such object: what any run has left in it."""

    def __init__(self, name: str, by_key: bool) -> None:
        self.words = frozenset({name})  #: who reads one of its values speaks of one of these
        self.readers: set[FunctionRef] = set()  #: functions that are known to read it
        self.by_key = by_key
        self.lasts = name in _LASTING
        self.late: dict[str, Value] = {}

    def asked(self, name: str) -> frozenset[str]:
        """The names that who reads one of its values must speak of, beside its own."""
        return frozenset() if self.by_key else frozenset({name})


class Scopes:
    """All of them, by the path of the object."""

    def __init__(self) -> None:
        self.known: dict[str, Scope] = {}

    def of(self, base: Value) -> Iterator[Scope]:
        """The scopes that a value is."""
        for path in base.paths:
            name = _CARRIERS.get(path)
            if name is not None:
                home = _SAME.get(path, path)
                yield self.known.setdefault(home, Scope(name, name in _BY_KEY or home.startswith("aiohttp.")))

    def put(self, machine: Machine, base: Value, name: Any, value: Value) -> bool:
        """Keep a value under a name or key, if it is a scope; a session is no client's, though he says which one is his."""
        found = list(self.of(base)) if base.paths and isinstance(name, str) and name != "session" else []
        for scope in found:
            machine.keep(scope, name, value)
        return bool(found)

    def silent(self, value: Value) -> bool:
        """Whether nothing is known of a value but that a scope would hold it."""
        return (
            bool(value.paths)
            and not (value.refs or value.taints or value.items or value.consts)
            and all(path.rpartition(".")[0] in _CARRIERS for path in value.paths)
        )

    def held(self, base: Value, name: Any) -> Value | None:
        """What was kept under a name or key; None for nothing."""
        found = NEVER
        for scope in self.of(base) if base.paths and self.known else ():
            found = join(found, scope.late[name]) if name in scope.late else found
        return None if found is NEVER else found

"""Flask extensions, and what CORS, rate limits, caches and sockets put on handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.flask import FlaskCache, FlaskCors, FlaskRateLimit, FlaskWebsocket

DATA_FREE: Final = frozenset({"connect", "disconnect"})
CORS: Final = "flask_cors.CORS"


def origins(node: ast.expr | None, context: Context) -> list[str | None]:
    """Each origin of a policy: a constant, or as written."""
    if node is None:
        return [None]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [origin for item in node.elts for origin in origins(item, context)]
    value = context.constant(node)
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return [value if isinstance(value, str) else context.source(node, 80)]


@extracts(ast.Call, callee={"CORS", "init_app", "cross_origin"}, when="flask_cors")
def flask_cors(node: ast.Call, context: Context) -> Iterator[FlaskCors]:
    """
    Each allowed origin; no origin at all means any.

    >>> rows(flask_cors, "from flask_cors import CORS\\nCORS(app, resources={r'/api/*': {'origins': ['https://a.example', '*']}}, supports_credentials=True)")
    FlaskCors(kind='app', target='app', origin='https://a.example', credentials='true', resource='/api/*', is_permissive=False)
    FlaskCors(kind='app', target='app', origin='*', credentials='true', resource='/api/*', is_permissive=True)
    """
    name = context.name(node.func)
    kinds = {CORS: "app", f"{CORS}.init_app": "lazy", "flask_cors.cross_origin": "decorator"}
    kind = kinds.get(name)
    if kind is None or (name == CORS and not node.args):
        return
    target = context.source(node.args[0], 80) if node.args and kind != "decorator" else None
    given = context.keyword(node, "supports_credentials")
    value = context.constant(given) if given is not None else None
    credentials = None if given is None else str(value).lower() if isinstance(value, bool) else "unknown"
    for resource, allowed in _resources(node, context):
        for origin in origins(allowed, context):
            permissive = origin is None or origin in {"*", ".*"}
            yield FlaskCors(kind, target, origin or "*", credentials, resource, permissive)


def _resources(node: ast.Call, context: Context) -> Iterator[tuple[str | None, ast.expr | None]]:
    given = context.keyword(node, "resources")
    common = context.keyword(node, "origins")
    if not isinstance(given, ast.Dict):
        yield context.string(given), common
        return
    for key, value in zip(given.keys, given.values, strict=True):
        own = None
        if isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            own = next((entry for word, entry in pairs if context.string(word) == "origins"), None)
        yield context.string(key), own if own is not None else common


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=("flask_limiter", "flask"), decorated=True)
def flask_rate_limit(node: Any, context: Context) -> Iterator[At]:
    """
    Each limit on a handler.

    >>> rows(flask_rate_limit, "from flask_limiter import Limiter\\nlimiter = Limiter(f)\\n@limiter.limit('5/minute', key_func=k)\\ndef login(): ...")
    FlaskRateLimit(function='login', limiter='limiter', rate='5/minute', key='k', has_error_message=False, is_exempt=False)
    """
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        func = call.func if call else decorator
        if isinstance(func, ast.Attribute) and func.attr in {"limit", "shared_limit", "exempt"}:
            if _is_made_by(func.value, "flask_limiter.Limiter", "limiter", context):
                rate = context.string(context.keyword(call, "limit_value", 0)) if call else None
                key = context.source(context.keyword(call, "key_func"), 80) or None if call else None
                message = call is not None and context.keyword(call, "error_message") is not None
                limiter = context.text(func.value) or None
                yield At(decorator, FlaskRateLimit(node.name, limiter, rate, key, message, func.attr == "exempt"))


def _is_made_by(node: ast.expr, callee: str, word: str, context: Context) -> bool:
    """Whether a receiver is what `callee` made; in another file of the project, its name must say so."""
    name = context.name(node)
    return name == callee or (
        not name.startswith(("flask_", "flask.")) and context.text(node).rpartition(".")[2] == word
    )


@extracts(ast.Call, callee={"Limiter"}, when="flask_limiter")
def flask_default_limit(node: ast.Call, context: Context) -> Iterator[FlaskRateLimit]:
    """
    Each limit on the whole application.

    >>> rows(flask_default_limit, "from flask_limiter import Limiter\\nLimiter(k, default_limits=['200/day'])")
    FlaskRateLimit(function=None, limiter=None, rate='200/day', key='k', has_error_message=False, is_exempt=False)
    """
    if context.name(node.func) == "flask_limiter.Limiter":
        given = context.constant(context.keyword(node, "default_limits"))
        key = context.source(context.keyword(node, "key_func", 0), 80) or None
        for rate in given if isinstance(given, tuple) else ():
            yield FlaskRateLimit(None, context.variable(node), str(rate), key, False, False)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=("flask_caching", "flask_cache", "flask"), decorated=True)
def flask_cache(node: Any, context: Context) -> Iterator[At]:
    """
    Each cached function.

    >>> rows(flask_cache, "from flask_caching import Cache\\ncache = Cache()\\n@cache.cached(timeout=60, key_prefix='k')\\ndef f(): ...")
    FlaskCache(function='f', kind='cached', timeout=60, cache='cache', key='k')
    """
    for decorator in node.decorator_list:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(func, ast.Attribute) and func.attr in {"cached", "memoize"}:
            if _is_made_by(func.value, "flask_caching.Cache", "cache", context):
                call = decorator if isinstance(decorator, ast.Call) else None
                given = context.constant(context.keyword(call, "timeout", 0)) if call else None
                timeout = given if type(given) is int and abs(given) < 1 << 31 else None
                key = context.string(context.keyword(call, "key_prefix")) if call else None
                yield At(decorator, FlaskCache(node.name, func.attr, timeout, context.text(func.value) or None, key))


@extracts(ast.Call, callee={"delete_memoized"}, when=("flask_caching", "flask_cache", "flask"))
def flask_cache_deleted(node: ast.Call, context: Context) -> Iterator[FlaskCache]:
    """
    Each place that forgets what is cached.

    >>> rows(flask_cache_deleted, "from flask_caching import Cache\\ncache = Cache()\\ncache.delete_memoized(f)")
    FlaskCache(function='f', kind='delete_memoized', timeout=None, cache='cache', key=None)
    """
    if isinstance(node.func, ast.Attribute) and node.args:
        function = context.source(node.args[0], 80)
        yield FlaskCache(function, "delete_memoized", None, context.text(node.func.value) or None, None)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=("flask_socketio", "flask_sock", "flask"))
def flask_websocket(node: Any, context: Context) -> Iterator[At]:
    """
    Each handler of a socket event.

    >>> rows(flask_websocket, "from flask_socketio import SocketIO\\nsocketio = SocketIO()\\n@socketio.on('chat', namespace='/c')\\ndef f(data): ...\\n@socketio.event\\ndef g(): ...\\nfrom flask_socketio import Namespace\\nclass Room(Namespace):\\n    def on_join(self, data): ...")
    FlaskWebsocket(function='f', event='chat', namespace='/c', has_data=True)
    FlaskWebsocket(function='g', event='g', namespace=None, has_data=False)
    FlaskWebsocket(function='on_join', event='join', namespace=None, has_data=True)
    """
    if node.name.startswith("on_") and context.scope.kind == "class" and _is_namespace(context):
        event = node.name.removeprefix("on_")
        has_data = len(node.args.args) > 1 or node.args.vararg is not None
        yield At(node, FlaskWebsocket(node.name, event, None, has_data and event not in DATA_FREE))
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        func = call.func if call else decorator
        if not isinstance(func, ast.Attribute):
            continue
        has_data = bool(node.args.args or node.args.vararg)
        if func.attr in {"on", "event"} and _is_made_by(func.value, "flask_socketio.SocketIO", "socketio", context):
            event = context.string(context.keyword(call, "message", 0)) if call and func.attr == "on" else node.name
            namespace = context.string(context.keyword(call, "namespace")) if call else None
            yield At(decorator, FlaskWebsocket(node.name, event, namespace, has_data and event not in DATA_FREE))
        elif func.attr == "route" and context.name(func.value) == "flask_sock.Sock":
            yield At(decorator, FlaskWebsocket(node.name, None, None, has_data))


def _is_namespace(context: Context) -> bool:
    """Whether the class around descends from Flask-SocketIO's Namespace, through classes of this file."""
    found = [context.scope.node]
    for owner in found:
        for base in getattr(owner, "bases", ()):
            if context.name(base) == "flask_socketio.Namespace":
                return True
            known = context.binding(base.id) if isinstance(base, ast.Name) else None
            if isinstance(known, ast.ClassDef) and known not in found:
                found.append(known)
    return False


@extracts(ast.Call, callee={"on_event"}, when=("flask_socketio",))
def flask_websocket_added(node: ast.Call, context: Context) -> Iterator[FlaskWebsocket]:
    """
    Each handler that a call registers.

    >>> rows(flask_websocket_added, "from flask_socketio import SocketIO\\nsocketio = SocketIO()\\nsocketio.on_event('x', f, namespace='/n')")
    FlaskWebsocket(function='f', event='x', namespace='/n', has_data=True)
    """
    if context.name(node.func) == "flask_socketio.SocketIO.on_event":
        event = context.string(context.keyword(node, "message", 0))
        handler = context.source(context.keyword(node, "handler", 1), 80)
        namespace = context.string(context.keyword(node, "namespace", 2))
        yield FlaskWebsocket(handler, event, namespace, event not in DATA_FREE)

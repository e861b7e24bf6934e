"""What is put around handlers, and on sockets, of applications that other files make: in files that tell no framework."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from aud_action.derive import derives
from aud_action.derive.classes import program
from aud_action.derive.expressions import dotted, parsed, whole_items
from aud_action.derive.origins import Origins, origins
from aud_action.settings import Settings
from aud_action.store import Store
from extractors.flask.extensions import DATA_FREE
from extractors.flask.hooks import ERRORS as FLASK_ERRORS
from extractors.flask.hooks import HOOKS as FLASK_HOOKS
from extractors.web.around import ADDING, AIOHTTP_HOOKS, ERRORS, HOOKS, MIDDLEWARED
from extractors.web.frameworks import ROOTS
from schema.calls import CallArgument
from schema.flask import SharedFlaskErrorHandler, SharedFlaskHook, SharedFlaskWebsocket
from schema.web import SharedErrorHandler, SharedMiddleware, SharedRequestHook, SharedWebsocketHandler

_FRAMEWORKS: Final = ROOTS | {"flask_socketio": "flask_socketio", "socketio": "socketio"}
_SOCKETS: Final = frozenset({"on", "event", "on_event", "websocket", "websocket_route"})
_SERVED: Final = frozenset({"fastapi", "starlette", "sanic", "litestar"})
_ERROR_CALLS: Final = {"add_exception_handler": ("fastapi", "starlette"), "add_error_handler": ("falcon",)}
_LISTS: Final = AIOHTTP_HOOKS | {"middlewares"}
_DECORATORS: Final = frozenset().union(
    FLASK_HOOKS, FLASK_ERRORS, ERRORS.values(), *HOOKS.values(), _SOCKETS, {"middleware"}
)
_CALLS: Final = frozenset(
    {*FLASK_HOOKS, *ADDING, *_ERROR_CALLS, "register_error_handler", "add_event_handler", "on_event", "append"}
)
_DECORATED: Final = """
SELECT d.site, d.name, d.text, d.target, d.target_site, f.package FROM python_decorators d JOIN files f ON f.id = d.site >> 24
WHERE d.target_kind <> 'class' AND d.text GLOB '*.*' ORDER BY d.site
"""
_CALLED: Final = f"""
SELECT c.site, c.callee, c.receiver, c.method, f.package FROM python_calls c JOIN files f ON f.id = c.site >> 24
WHERE c.method IN ({", ".join(f"'{word}'" for word in sorted(_CALLS))}) AND c.receiver <> '' AND c.context <> 'decorator' ORDER BY c.site
"""
_TOLD: Final = " UNION ".join(
    f"SELECT site FROM python_local_{name}"
    for name in (
        "middlewares",
        "request_hooks",
        "error_handlers",
        "websocket_handlers",
        "flask_hooks",
        "flask_error_handlers",
        "flask_websockets",
    )
)
_FUNCTION: Final = """
SELECT o.name, f.is_async, (SELECT count(*) FROM python_parameters p JOIN sites s ON s.id = p.site WHERE s.scope = f.site)
FROM python_functions f JOIN scopes o ON o.id = f.site WHERE f.site = ?
"""
_CUT: Final = 80


class _Put(NamedTuple):
    """One thing that is put on an application: by which word of which framework, on what, and the function."""

    framework: str
    word: str
    target: str  #: as written
    target_name: str
    function: str  #: as written
    function_name: str
    is_async: bool
    parameters: int
    given: list[CallArgument]
    exact: Callable[[str], str]  #: of a name of this file


@derives(
    SharedMiddleware,
    SharedRequestHook,
    SharedErrorHandler,
    SharedWebsocketHandler,
    SharedFlaskHook,
    SharedFlaskErrorHandler,
    SharedFlaskWebsocket,
)
def shared_hooks(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each hook, middleware, error handler and handler of a socket that no file alone tells to be one."""
    from_library = origins(store)
    told = {site for (site,) in store.rows(_TOLD)}
    for site, name, text, function, function_site, module in list(store.rows(_DECORATED)):
        if site not in told and text.rpartition(".")[2] in _DECORATORS:
            put = _decorator(store, name or f"{module}.{text}", text, from_library, module, site)
            if put is not None:
                exact, is_async, parameters = next(store.rows(_FUNCTION, (function_site,)), ("", 0, 0))
                of = put._replace(
                    function=function, function_name=exact, is_async=bool(is_async), parameters=parameters
                )
                yield from ((site, row) for row in _by_decorator(of))
    for site, callee, receiver, word, module in list(store.rows(_CALLED)):
        if site not in told and (word != "append" or receiver.rpartition(".")[2] in _LISTS):
            text = f"{receiver}.{word}"
            put = _decorator(store, callee or f"{module}.{text}", text, from_library, module, site)
            if put is not None:
                yield from ((site, row) for row in _by_call(put))


def _decorator(store: Store, name: str, text: str, from_library: Origins, module: str | None, site: int) -> _Put | None:
    """What a decorator or call puts on an application whose framework another file tells; None for anything else."""
    made = from_library.under(name, _FRAMEWORKS)
    framework = _FRAMEWORKS.get(made.partition(".")[0])
    if framework is None:
        return None
    target, _, word = text.rpartition(".")
    names = from_library.known.names

    def exact(name: str) -> str:
        return names.resolve(f"{module}.{name}" if module else name, instances=False) if name else ""

    given = program(store).arguments(site)
    return _Put(framework, word, target, name.rpartition(".")[0], "", "", False, 0, given, exact)


def _argument(put: _Put, word: str, position: int) -> CallArgument | None:
    named = (one for one in put.given if one.keyword == word)
    return next(named, next((one for one in put.given if one.position == position), None))


def _text(given: CallArgument | None) -> str | None:
    return given.constant if given is not None and given.constant_type == "str" else None


def _by_decorator(put: _Put) -> Iterator[Any]:
    framework, word = put.framework, put.word
    if framework in {"flask", "quart"}:
        yield from _by_flask(put)
    elif framework in {"flask_socketio", "socketio"}:
        if word in {"on", "event"}:
            yield _socket(put, (_text(_argument(put, "message", 0)) if word == "on" else None) or put.function)
    elif word == ERRORS.get(framework):
        for given in put.given:
            for code, exception in _handled(put, given):
                yield SharedErrorHandler(framework, put.function, code, exception, put.target)
    elif word == "middleware" and framework in MIDDLEWARED:
        yield SharedMiddleware(framework, put.function, "function", None, put.target)
    elif word in HOOKS.get(framework, set()):
        hook = _text(_argument(put, "event_type", 0)) or word
        is_late = hook in {"on_response", "after_request"}
        yield SharedRequestHook(framework, hook, put.function, put.target, is_late, word == "handle_errors")
    elif word in _SOCKETS and framework in _SERVED:
        yield SharedWebsocketHandler(framework, put.function, None, _text(_argument(put, "path", 0)), True)


def _by_flask(put: _Put) -> Iterator[Any]:
    if put.word in FLASK_HOOKS:
        yield _flask_hook(put)
    elif put.word in FLASK_ERRORS:
        for code, exception in _handled(put, _argument(put, "code_or_exception", 0)):
            yield SharedFlaskErrorHandler(put.function, code, exception, put.target)


def _by_call(put: _Put) -> Iterator[Any]:
    framework, word = put.framework, put.word
    first, second = _argument(put, "", 0), _argument(put, "", 1)
    if framework in {"flask", "quart"} and word in FLASK_HOOKS and first is not None:
        name = dotted(parsed(first.source)) or first.source[:_CUT]
        yield _flask_hook(put._replace(function=name, function_name=put.exact(name)))
    elif framework in {"flask", "quart"} and word == "register_error_handler":
        handler = _argument(put, "f", 1)
        for code, exception in _handled(put, _argument(put, "code_or_exception", 0)):
            yield SharedFlaskErrorHandler(handler.source[:_CUT] if handler else "", code, exception, put.target)
    elif framework == "flask_socketio" and word == "on_event" and second is not None:
        yield _socket(put._replace(function=second.source[:_CUT], parameters=1), _text(first))
    elif framework in _ERROR_CALLS.get(word, ()) and second is not None:
        for code, exception in _handled(put, first):
            yield SharedErrorHandler(framework, second.source[:_CUT], code, exception, put.target)
    elif framework in ADDING.get(word, ()) and first is not None:
        yield SharedMiddleware(framework, _made(first), "class", None, put.target)
    elif word == "add_event_handler" and framework in {"fastapi", "starlette"} and second is not None and _text(first):
        yield SharedRequestHook(framework, _text(first) or "", second.source[:_CUT], put.target, False, False)
    elif word == "append" and framework == "aiohttp" and first is not None:
        target, _, listed = put.target.rpartition(".")
        if listed == "middlewares":
            yield SharedMiddleware("aiohttp", _made(first), "class", None, target)
        else:
            yield SharedRequestHook("aiohttp", listed, first.source[:_CUT], target, False, False)


def _made(given: CallArgument) -> str:
    return given.name or given.source[:_CUT]


def _flask_hook(put: _Put) -> SharedFlaskHook:
    response, error = put.word.startswith("after_") and "request" in put.word, put.word.startswith("teardown")
    return SharedFlaskHook(
        put.word, put.function, put.target, put.target_name, put.function_name, response, error, put.is_async
    )


def _socket(put: _Put, event: str | None) -> SharedFlaskWebsocket | SharedWebsocketHandler:
    namespace = _text(_argument(put, "namespace", 2))
    has_data = event not in DATA_FREE
    if put.framework == "flask_socketio":
        return SharedFlaskWebsocket(put.function, event, namespace, has_data and put.parameters > 0)
    return SharedWebsocketHandler("socketio", put.function, event, namespace, has_data and put.parameters > 1)


def _handled(put: _Put, given: CallArgument | None) -> Iterator[tuple[int | None, str | None]]:
    """Each status or exception of one, or of a list of them."""
    if given is None:
        return
    listed = whole_items(given.source)
    if listed:
        names = [dotted(item) for item in listed]
        yield from ((None, name if hasattr(builtins, name) else put.exact(name)) for name in names if name)
    elif given.constant_type == "int" and given.constant is not None:
        yield int(given.constant), None
    else:
        yield None, given.name or given.source[:_CUT]

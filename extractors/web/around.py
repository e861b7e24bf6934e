"""What stands around handlers in every framework: middleware, hooks, error handlers, sockets, origins."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.frameworks import WHEN, framework_of
from schema.web import ErrorHandler, Middleware, RequestHook, WebsocketHandler

HOOKS: Final = {
    "fastapi": {"on_event"},
    "starlette": {"on_event"},
    "sanic": set(
        "on_request on_response listener before_server_start after_server_start before_server_stop after_server_stop "
        "main_process_start main_process_stop signal".split()
    ),
    "bottle": {"hook"},
    "klein": {"handle_errors"},
}
_WORDS: Final = frozenset().union(*HOOKS.values())
ERRORS: Final = {
    "fastapi": "exception_handler",
    "starlette": "exception_handler",
    "sanic": "exception",
    "bottle": "error",
}
AIOHTTP_HOOKS: Final = frozenset("on_startup on_cleanup on_shutdown on_response_prepare cleanup_ctx".split())
MIDDLEWARED: Final = frozenset({"fastapi", "starlette", "sanic", "aiohttp"})
_NOT_FLASK: Final = tuple(word for word in WHEN if not word.startswith(("flask", "quart", "apiflask")))
ADDING: Final = {
    "add_middleware": frozenset({"fastapi", "starlette", "falcon"}),
    "register_middleware": frozenset({"sanic"}),
}
_MIDDLEWARE: Final = frozenset({"starlette.middleware.Middleware", "fastapi.middleware.Middleware"})


def _decorators(node: Any, context: Context) -> Iterator[tuple[ast.expr, ast.expr, ast.Call | None, str]]:
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        func = call.func if call else decorator
        word = func.attr if isinstance(func, ast.Attribute) else context.name(func).rpartition(".")[2]
        yield decorator, func, call, word


def _framework(func: ast.expr, context: Context) -> str | None:
    if isinstance(func, ast.Attribute):
        return framework_of(func.value, context)
    root = context.name(func).partition(".")[0]
    return root if root == "bottle" else None


def _owner(func: ast.expr, context: Context) -> str | None:
    return context.text(func.value) or None if isinstance(func, ast.Attribute) else None


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_NOT_FLASK, decorated=True)
def request_hook(node: Any, context: Context) -> Iterator[At]:
    """
    Each function run around requests, or at start and stop.

    >>> rows(request_hook, "from sanic import Sanic\\napp = Sanic('a')\\n@app.on_request\\nasync def f(request): ...\\n@app.listener('before_server_start')\\nasync def g(app): ...")
    RequestHook(framework='sanic', hook='on_request', function='f', target='app', accepts_response=False, accepts_error=False)
    RequestHook(framework='sanic', hook='before_server_start', function='g', target='app', accepts_response=False, accepts_error=False)
    """
    for decorator, func, call, word in _decorators(node, context):
        framework = _framework(func, context) if word in _WORDS else None
        if framework and word in HOOKS.get(framework, ()):
            event = context.string(call.args[0]) if call and call.args else None
            hook = event or word
            response = hook in {"on_response", "after_request"}
            yield At(
                decorator,
                RequestHook(framework, hook, node.name, _owner(func, context), response, word == "handle_errors"),
            )


@extracts(ast.Call, callee={"append", "FastAPI", "Starlette", "add_event_handler", "add_subscriber"}, when=_NOT_FLASK)
def request_hook_added(node: ast.Call, context: Context) -> Iterator[RequestHook]:
    """
    Each function that a call puts around requests.

    >>> rows(request_hook_added, "from fastapi import FastAPI\\napp = FastAPI(lifespan=life)\\nfrom aiohttp import web\\nother = web.Application()\\nother.on_startup.append(go)")
    RequestHook(framework='fastapi', hook='lifespan', function='life', target='app', accepts_response=False, accepts_error=False)
    RequestHook(framework='aiohttp', hook='on_startup', function='go', target='other', accepts_response=False, accepts_error=False)
    """
    name = context.name(node.func)
    if name in {"fastapi.FastAPI", "starlette.applications.Starlette"}:
        for word in ("lifespan", "on_startup", "on_shutdown"):
            given = context.keyword(node, word)
            for item in (
                given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given] if given is not None else []
            ):
                yield RequestHook(
                    name.partition(".")[0], word, context.source(item, 80), context.variable(node), False, False
                )
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "append" and node.args:
        hook = node.func.value
        if isinstance(hook, ast.Attribute) and hook.attr in AIOHTTP_HOOKS:
            if framework_of(hook.value, context) == "aiohttp":
                yield RequestHook(
                    "aiohttp",
                    hook.attr,
                    context.source(node.args[0], 80),
                    context.text(hook.value) or None,
                    False,
                    False,
                )
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "add_event_handler" and len(node.args) == 2:
        framework = framework_of(node.func.value, context)
        event = context.string(node.args[0])
        if framework in {"fastapi", "starlette"} and event:
            yield RequestHook(
                framework, event, context.source(node.args[1], 80), context.text(node.func.value) or None, False, False
            )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_NOT_FLASK, decorated=True)
def error_handler(node: Any, context: Context) -> Iterator[At]:
    """
    Each function that handles a status or an exception.

    >>> rows(error_handler, "from fastapi import FastAPI\\napp = FastAPI()\\n@app.exception_handler(404)\\nasync def f(request, error): ...")
    ErrorHandler(framework='fastapi', handler='f', code=404, exception=None, target='app')
    """
    for decorator, func, call, word in _decorators(node, context):
        framework = _framework(func, context) if call and word in {"exception_handler", "exception", "error"} else None
        if framework and ERRORS.get(framework) == word and call is not None:
            for given in call.args:
                for code, exception in handled(given, context):
                    yield At(decorator, ErrorHandler(framework, node.name, code, exception, _owner(func, context)))


def handled(given: ast.expr, context: Context) -> Iterator[tuple[int | None, str | None]]:
    """Each status or exception of one, or of a list of them."""
    for part in given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]:
        value = context.constant(part)
        code = value if type(value) is int and abs(value) < 1000 else None
        yield code, None if code is not None else context.name(part) or context.source(part, 80) or None


@extracts(ast.Call, callee={"add_exception_handler", "add_error_handler"}, when=_NOT_FLASK)
def error_handler_added(node: ast.Call, context: Context) -> Iterator[ErrorHandler]:
    """
    Each handler that a call registers.

    >>> rows(error_handler_added, "import falcon\\napp = falcon.App()\\napp.add_error_handler((ValueError, KeyError), f)")
    ErrorHandler(framework='falcon', handler='f', code=None, exception='ValueError', target='app')
    ErrorHandler(framework='falcon', handler='f', code=None, exception='KeyError', target='app')
    """
    framework = framework_of(node.func.value, context) if isinstance(node.func, ast.Attribute) else None
    if framework in {"fastapi", "starlette", "falcon"} and node.args:
        handler = context.source(node.args[1], 80) if len(node.args) > 1 else ""
        for code, exception in handled(node.args[0], context):
            yield ErrorHandler(framework, handler, code, exception, _owner(node.func, context))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_NOT_FLASK, decorated=True)
def middleware_function(node: Any, context: Context) -> Iterator[At]:
    """
    Each function that is middleware.

    >>> rows(middleware_function, "from fastapi import FastAPI\\napp = FastAPI()\\n@app.middleware('http')\\nasync def timed(request, call_next): ...")
    Middleware(framework='fastapi', name='timed', kind='function', position=None, target='app')
    """
    for decorator, func, _, word in _decorators(node, context):
        if word == "middleware":
            is_aiohttp = context.name(func) == "aiohttp.web.middleware"
            framework = "aiohttp" if is_aiohttp else _framework(func, context)
            if framework in MIDDLEWARED:
                target = None if is_aiohttp else _owner(func, context)
                yield At(decorator, Middleware(framework, node.name, "function", None, target))


@extracts(
    ast.Call,
    callee={"add_middleware", "register_middleware", "append", "Middleware", "App", "Application", "wrap_app"},
    when=_NOT_FLASK,
)
def middleware_added(node: ast.Call, context: Context) -> Iterator[Middleware]:
    """
    Each middleware that a call installs, in order.

    >>> rows(middleware_added, "from fastapi import FastAPI\\nfrom x import Gzip\\napp = FastAPI()\\napp.add_middleware(Gzip, level=1)\\nfrom sanic import Sanic\\nother = Sanic('x')\\nother.register_middleware(f, 'request')")
    Middleware(framework='fastapi', name='x.Gzip', kind='class', position=None, target='app')
    Middleware(framework='sanic', name='f', kind='class', position=None, target='other')
    """
    name = context.name(node.func)
    if name in _MIDDLEWARE and node.args:
        yield Middleware(
            "starlette", context.name(node.args[0]) or context.source(node.args[0], 80), "class", None, None
        )
    elif isinstance(node.func, ast.Attribute) and node.func.attr in ADDING and node.args:
        framework = framework_of(node.func.value, context)
        if framework in ADDING[node.func.attr]:
            yield Middleware(framework, made(node.args[0], context), "class", None, _owner(node.func, context))
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "append":
        listed = node.func.value
        if isinstance(listed, ast.Attribute) and listed.attr == "middlewares" and node.args:
            if framework_of(listed.value, context) == "aiohttp":
                yield Middleware("aiohttp", made(node.args[0], context), "class", None, _owner(listed, context))
    elif name in {"falcon.App", "falcon.asgi.App", "falcon.API", "aiohttp.web.Application"}:
        given = context.keyword(node, "middlewares" if name.startswith("aiohttp") else "middleware")
        for position, item in enumerate(
            given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given] if given is not None else []
        ):
            yield Middleware(name.partition(".")[0], made(item, context), "class", position, context.variable(node))


def made(node: ast.expr, context: Context) -> str:
    """The exact name of what is installed, or of what makes it."""
    func = node.func if isinstance(node, ast.Call) else node
    return context.name(func) or context.identity(func) or context.source(func, 80)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=(*_NOT_FLASK, "socketio"), decorated=True)
def websocket_handler(node: Any, context: Context) -> Iterator[At]:
    """
    Each handler of a socket event.

    >>> rows(websocket_handler, "import socketio\\nsio = socketio.AsyncServer()\\n@sio.on('chat', namespace='/r')\\nasync def f(sid, data): ...\\n@sio.event\\ndef connect(sid, environ): ...")
    WebsocketHandler(framework='socketio', handler='f', event='chat', namespace='/r', has_data=True)
    WebsocketHandler(framework='socketio', handler='connect', event='connect', namespace=None, has_data=False)
    """
    for decorator, func, call, word in _decorators(node, context):
        if not isinstance(func, ast.Attribute):
            continue
        if word in {"on", "event"} and context.name(func.value).startswith("socketio."):
            event = context.string(call.args[0]) if call and call.args else node.name
            namespace = context.string(context.keyword(call, "namespace")) if call else None
            has_data = len(node.args.args) > 1 and event not in {"connect", "disconnect"}
            yield At(decorator, WebsocketHandler("socketio", node.name, event, namespace, has_data))
        elif word.startswith("websocket") and call is not None:
            framework = framework_of(func.value, context)
            if framework in {"fastapi", "starlette", "sanic", "litestar"}:
                yield At(
                    decorator,
                    WebsocketHandler(
                        framework, node.name, None, context.string(call.args[0]) if call.args else None, True
                    ),
                )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="falcon", named={"on_websocket"})
def falcon_websocket(node: Any, context: Context) -> Iterator[WebsocketHandler]:
    """
    Each method of a resource of Falcon's that answers a socket.

    >>> rows(falcon_websocket, "import falcon.asgi\\nclass Chat:\\n    async def on_websocket(self, req, ws): ...\\nasync def on_websocket(req, ws): ...")
    WebsocketHandler(framework='falcon', handler='Chat.on_websocket', event=None, namespace=None, has_data=True)
    """
    if context.scope.kind == "class":
        owner: Any = context.scope.node
        yield WebsocketHandler("falcon", f"{owner.name}.{node.name}", None, None, True)

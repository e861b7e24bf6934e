"""Applications and routers, and how they are put together."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from typing import Final

from extractors.context import Context
from extractors.functions import own_nodes
from extractors.registry import extracts
from extractors.rounds import Values, around, filled, rounds
from extractors.web.frameworks import framework_of
from extractors.web.loaded import loaded
from schema.web import Router, RouterMount, WebApplication, WebRun

_APPLICATIONS: Final = {
    "flask.Flask": "flask",
    "flask.app.Flask": "flask",
    "apiflask.APIFlask": "flask",
    "quart.Quart": "quart",
    "quart.app.Quart": "quart",
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "starlette",
    "sanic.Sanic": "sanic",
    "sanic.app.Sanic": "sanic",
    "bottle.Bottle": "bottle",
    "bottle.default_app": "bottle",
    "aiohttp.web.Application": "aiohttp",
    "tornado.web.Application": "tornado",
    "falcon.App": "falcon",
    "falcon.API": "falcon",
    "falcon.asgi.App": "falcon",
    "litestar.Litestar": "litestar",
    "litestar.app.Litestar": "litestar",
    "klein.Klein": "klein",
    "pyramid.config.Configurator": "pyramid",
    "cherrypy.Application": "cherrypy",
    "ninja.NinjaAPI": "ninja",
}
_ROUTERS: Final = {
    "flask.Blueprint": ("flask", "url_prefix"),
    "flask.blueprints.Blueprint": ("flask", "url_prefix"),
    "flask_smorest.Blueprint": ("flask", "url_prefix"),
    "apiflask.APIBlueprint": ("flask", "url_prefix"),
    "flask_restful.Api": ("flask", "prefix"),
    "flask_restx.Api": ("flask", "prefix"),
    "flask_restx.Namespace": ("flask", "path"),
    "quart.Blueprint": ("quart", "url_prefix"),
    "fastapi.APIRouter": ("fastapi", "prefix"),
    "fastapi.routing.APIRouter": ("fastapi", "prefix"),
    "starlette.routing.Router": ("starlette", "prefix"),
    "sanic.Blueprint": ("sanic", "url_prefix"),
    "sanic.blueprints.Blueprint": ("sanic", "url_prefix"),
    "sanic.Blueprint.group": ("sanic", "url_prefix"),
    "aiohttp.web.RouteTableDef": ("aiohttp", "prefix"),
    "litestar.Router": ("litestar", "path"),
    "litestar.router.Router": ("litestar", "path"),
    "ninja.Router": ("ninja", "prefix"),
}
_MADE: Final = _APPLICATIONS.keys() | _ROUTERS.keys()
_DEPTH: Final = 8
_OWN: Final = {name.rpartition(".")[2] for name in (*_APPLICATIONS, *_ROUTERS)}
_WHEN: Final = sorted({name.partition(".")[0] for name in (*_APPLICATIONS, *_ROUTERS)})
_MOUNTS: Final = {
    "register_blueprint": ("blueprint", "blueprint", "url_prefix"),
    "blueprint": ("blueprint", "blueprint", "url_prefix"),
    "include_router": ("router", "router", "prefix"),
    "add_namespace": ("router", "ns", "path"),
    "add_router": ("router", "router", "prefix"),
}
_PATH_FIRST: Final = {
    "mount": ("mount", "path", "app"),
    "host": ("host", "host", "app"),
    "add_subapp": ("mount", "prefix", "subapp"),
}
_RUNS: Final = frozenset(
    "flask.Flask.run quart.Quart.run sanic.Sanic.run bottle.run bottle.Bottle.run uvicorn.run hypercorn.run waitress.serve "
    "aiohttp.web.run_app tornado.web.Application.listen werkzeug.serving.run_simple werkzeug.run_simple http.server.HTTPServer "
    "http.server.ThreadingHTTPServer flask_socketio.SocketIO.run wsgiref.simple_server.make_server granian.Granian cherrypy.quickstart "
    "gevent.pywsgi.WSGIServer cheroot.wsgi.Server dash.Dash.run".split()
)
_HOSTS: Final = ("host", "hostname", "address")
_PLACES: Final = {
    **dict.fromkeys(("flask.Flask.run", "quart.Quart.run", "sanic.Sanic.run"), (0, 1)),
    **dict.fromkeys(
        ("werkzeug.serving.run_simple", "werkzeug.run_simple", "wsgiref.simple_server.make_server"), (0, 1)
    ),
    "flask_socketio.SocketIO.run": (1, 2),
    "tornado.web.Application.listen": (1, 0),
}
"""Where host and port stand, by position."""
_ENVIRONMENT: Final = frozenset({"os.environ.get", "os.getenv", "os.environ"})


def prefix_of(call: ast.Call, word: str, context: Context, position: int | None = None) -> str | None:
    """The constant prefix of a router; "" when none is given, NULL when it isn't constant."""
    given = context.keyword(call, word, position)
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return ""
    return context.string(given)


def _versioned(node: ast.Call, prefix: str | None, context: Context) -> str | None:
    """Sanic puts the version of a blueprint in front of its prefix."""
    version = context.constant(context.keyword(node, "version"))
    if prefix is None or not isinstance(version, (int, float, str)) or isinstance(version, bool):
        return prefix
    before = context.string(context.keyword(node, "version_prefix")) or "/v"
    return f"{before}{str(version).removeprefix('v')}{prefix}"


def is_given_away(node: ast.AST, variable: str | None, context: Context) -> bool:
    """Whether the function around a creation returns or yields what it creates."""
    function = context.scope.node if context.scope.kind == "function" else None
    for child in own_nodes(function) if function is not None else ():
        if isinstance(child, (ast.Return, ast.Yield)):
            value = child.value
            if value is node or (isinstance(value, ast.Name) and value.id == variable):
                return True
    return False


def flag(node: ast.expr | None, context: Context) -> str | None:
    """The constant of a switch, environment when it is read from there, else its source."""
    if node is None:
        return None
    value = context.constant(node)
    if isinstance(value, (bool, int, str)):
        return str(value)
    names = {
        context.name(part)
        for part in (node, getattr(node, "func", None), getattr(node, "left", None))
        if part is not None
    }
    inner = getattr(getattr(node, "left", None), "func", None) or getattr(getattr(node, "value", None), "func", None)
    if (
        names & _ENVIRONMENT
        or context.name(inner) in _ENVIRONMENT
        or context.name(getattr(node, "value", None)) in _ENVIRONMENT
    ):
        return "environment"
    return context.source(node, 80)


@extracts(ast.Call, callee=_OWN | {"group"}, when=_WHEN)
def router(node: ast.Call, context: Context) -> Iterator[Router | RouterMount | WebApplication]:
    """
    Each application and each router that is created.

    >>> rows(router, "from fastapi import APIRouter as R, FastAPI\\nr = R(prefix='/a')\\napp = FastAPI(title='T', debug=True)")
    Router(framework='fastapi', name='m.r', callee='fastapi.APIRouter', prefix='/a', is_application=False)
    Router(framework='fastapi', name='m.app', callee='fastapi.FastAPI', prefix='', is_application=True)
    WebApplication(framework='fastapi', variable='app', factory=None, debug='True', title='T')
    """
    yield from _created(node, context.name(node.func), context)


def own_class(name: str, context: Context, known: Container[str]) -> str:
    """What a class of this file that descends from one of a library's is made of: `class Shop(Flask)` is `flask.Flask`."""
    for _ in range(_DEPTH):
        module, _, last = name.rpartition(".")
        bound = context.survey.scopes[0].bindings.get(last) if module == context.module else None
        bases = [context.name(base, context.survey.scopes[0]) for base in getattr(bound, "bases", ())]
        name = next((base for base in bases if base in known or base.startswith(f"{context.module}.")), "")
        if name in known or not name:
            break
    return name if name in known else ""


def has_own_class(context: Context) -> bool:
    """Whether a file has classes of its own beside a framework's import: one of them may be an application's."""
    if not context.imports.intersection(_WHEN):
        return False
    bound = context.survey.scopes[0].bindings
    return any(own_class(f"{context.module}.{name}", context, _MADE) for name, one in bound.items() if _descends(one))


def _descends(bound: object) -> bool:
    return isinstance(bound, ast.ClassDef) and bool(bound.bases)


@extracts(ast.Call, when=_WHEN, only=has_own_class)
def own_router(node: ast.Call, context: Context) -> Iterator[Router | RouterMount | WebApplication]:
    """
    Each application and router of a class of this file; asked in the few files that have one.

    >>> rows(own_router, "from fastapi import FastAPI\\nclass Shop(FastAPI): pass\\napp = Shop(title='T')\\nother = Any()")
    Router(framework='fastapi', name='m.app', callee='fastapi.FastAPI', prefix='', is_application=True)
    WebApplication(framework='fastapi', variable='app', factory=None, debug=None, title='T')
    """
    name = context.identity(node.func) if isinstance(node.func, ast.Name) else ""
    base = own_class(name, context, _MADE) if name.startswith(f"{context.module}.") else ""
    if base:
        yield from _created(node, base, context)


def _created(node: ast.Call, callee: str, context: Context) -> Iterator[Router | RouterMount | WebApplication]:
    application = _APPLICATIONS.get(callee)
    framework, word = (application, "") if application else _ROUTERS.get(callee, ("", ""))
    if not framework:
        return
    variable = context.variable(node)
    identity = f"{context.scope.name}.{variable}" if variable and context.scope.name else variable or ""
    word, position = ("path", 0 if not application else None) if framework == "litestar" else (word, None)
    prefix = prefix_of(node, word, context, position) if word else ""
    prefix = _versioned(node, prefix, context) if framework == "sanic" else prefix
    yield Router(framework, identity, callee, prefix, application is not None)
    yield from _mounted_at_birth(node, identity, framework, callee, context)
    if application and application != "flask":
        function = context.scope.node if is_given_away(node, variable, context) else None
        title = context.string(context.keyword(node, "title")) or context.string(context.keyword(node, "name", 0))
        factory = getattr(function, "name", None)
        yield WebApplication(framework, variable, factory, flag(context.keyword(node, "debug"), context), title)


def _mounted_at_birth(
    node: ast.Call, identity: str, framework: str, callee: str, context: Context
) -> Iterator[RouterMount]:
    if callee == "sanic.Blueprint.group":
        for child in node.args:
            yield RouterMount(framework, identity, context.identity(child), "", "blueprint")
    elif callee.startswith(("flask_restful.Api", "flask_restx.Api")):
        parent = context.identity(context.keyword(node, "app", 0))
        if parent and parent != "None":
            yield RouterMount(framework, parent, identity, "", "router")
    routes = context.keyword(node, "routes")
    if isinstance(routes, ast.Name):
        yield RouterMount(framework, identity, context.identity(routes), "", "include")


@extracts(ast.Call, callee={*_MOUNTS, *_PATH_FIRST, "init_app"})
def router_mount(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each router that is put under another.

    >>> rows(router_mount, "from flask import Flask\\nfrom shop.views import bp\\napp = Flask('a')\\napp.register_blueprint(bp, url_prefix='/s')")
    RouterMount(framework='flask', parent='m.app', child='shop.views.bp', prefix='/s', kind='blueprint')
    >>> rows(router_mount, "from flask import Flask\\nfrom shop import a, parts\\napp = Flask('a')\\nfor m in (a,): app.register_blueprint(m.bp)\\nfor b, at in parts: app.register_blueprint(b, url_prefix=at)")
    RouterMount(framework='flask', parent='m.app', child='shop.a.bp', prefix='', kind='blueprint')
    RouterMount(framework='flask', parent='m.app', child='shop.parts[]', prefix=None, kind='blueprint')
    >>> rows(router_mount, "from flask import Flask\\nfrom shop import make\\napp = Flask('a')\\napp.register_blueprint(make('x'))")
    RouterMount(framework='flask', parent='m.app', child='shop.make()', prefix='', kind='blueprint')
    """
    for values in rounds(node, context):
        yield from _mounts(filled(node, values), values, context)


def _mounts(node: ast.Call, values: Values, context: Context) -> Iterator[RouterMount]:
    func = node.func
    if not isinstance(func, ast.Attribute):
        return
    if func.attr == "init_app":
        if context.name(func.value) in {"flask_restful.Api", "flask_restx.Api", "flask_smorest.Api"}:
            parent = context.identity(context.keyword(node, "app", 0)) or None
            yield RouterMount("flask", parent, context.identity(func.value), "", "router")
        return
    framework = framework_of(func.value, context)
    if framework is None or (func.attr in {"mount", "host", "blueprint"} and not framework):
        return
    if func.attr in _PATH_FIRST:
        kind, path, word = _PATH_FIRST[func.attr]
        child = context.keyword(node, word, 1)
        prefix = "" if kind == "host" else prefix_of(node, path, context, 0)
    else:
        kind, word, path = _MOUNTS[func.attr]
        child, prefix = (
            context.keyword(node, word, 1 if word == "router" and framework == "ninja" else 0),
            prefix_of(node, path, context),
        )
        if framework == "flask" and prefix == "" and context.keyword(node, path) is None:
            prefix = None if _has_star(node) else ""
    parent = context.identity(func.value) or None
    for single in child.elts if isinstance(child, (ast.List, ast.Tuple)) else [child]:
        if single is not None:
            name = loaded(single, values, context) or _listed(single, node, context) or _made(single, context)
            name = name or context.identity(single) or _of_instance(single, context)
            name = name or context.text(single) or ""
            yield RouterMount(framework, parent, name, prefix, kind)


def _of_instance(child: ast.expr, context: Context) -> str:
    """The router that an object has which is made where it is mounted: `Users().router` is `m.Users.router`."""
    made = child.value if isinstance(child, ast.Attribute) else None
    name = context.identity(made.func) if isinstance(made, ast.Call) else ""
    return f"{name}.{child.attr}" if name and isinstance(child, ast.Attribute) else ""


def _made(child: ast.expr, context: Context) -> str:
    """The function of the project that makes a router: `shop.api.make()`."""
    func = child.func if isinstance(child, ast.Call) else None
    name = context.identity(func)
    return f"{name}()" if name and name.rpartition(".")[2][:1].islower() else ""


def _listed(child: ast.expr, node: ast.Call, context: Context) -> str:
    """The list of another file that a loop around a mount goes through: `shop.api.blueprints[]`."""
    for loop in reversed(around(node, context)):
        if any(part.id == child.id for part in _names(loop.target) if isinstance(child, ast.Name)):
            name = context.identity(loop.iter)
            return f"{name}[]" if name else ""
    return ""


def _names(target: ast.expr) -> list[ast.Name]:
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    return [part for part in parts if isinstance(part, ast.Name)]


def _has_star(node: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in node.keywords)


@extracts(ast.Call, callee={"Mount", "Host"}, when="starlette")
def starlette_mount(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each application or list of routes that a mount or a host names.

    >>> rows(starlette_mount, "from starlette.routing import Mount\\nimport api\\nroutes = [Mount('/a', app=api.app)]")
    RouterMount(framework='starlette', parent='m.routes', child='api.app', prefix='/a', kind='mount')
    """
    from extractors.web.added import enclosing, owner

    kind = {"starlette.routing.Mount": "mount", "starlette.routing.Host": "host"}.get(context.name(node.func))
    child = context.keyword(node, "app", 1) or context.keyword(node, "routes")
    name = context.identity(child) if kind else ""
    if kind and name:
        prefix = prefix_of(node, "path", context, 0) if kind == "mount" else ""  # a host is no part of the path
        yield RouterMount("starlette", owner(context, enclosing(context, node)), name, prefix, kind)


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _RUNS})
def web_run(node: ast.Call, context: Context) -> Iterator[WebRun]:
    """
    Each call that starts a server.

    >>> rows(web_run, "import uvicorn, os\\nuvicorn.run(app, host='0.0.0.0', port=80, reload=os.environ.get('R'))")
    WebRun(callee='uvicorn.run', host='0.0.0.0', port=80, debug=None, reload='environment', workers=None)
    >>> rows(web_run, "from wsgiref.simple_server import make_server\\nfrom gevent.pywsgi import WSGIServer\\nmake_server('', 8000, app)\\nWSGIServer(('0.0.0.0', 81), app)\\nWSGIServer(':82', app)")
    WebRun(callee='wsgiref.simple_server.make_server', host='', port=8000, debug=None, reload=None, workers=None)
    WebRun(callee='gevent.pywsgi.WSGIServer', host='0.0.0.0', port=81, debug=None, reload=None, workers=None)
    WebRun(callee='gevent.pywsgi.WSGIServer', host=None, port=None, debug=None, reload=None, workers=None)
    """
    callee = context.name(node.func)
    if callee not in _RUNS:
        return
    host_at, port_at = _PLACES.get(callee, (None, None))
    numbers = [context.constant(context.keyword(node, *given)) for given in (("port", port_at), ("workers", None))]
    port, workers = (value if type(value) is int and abs(value) < 1 << 31 else None for value in numbers)
    is_paired = callee.startswith(("http.server.", "gevent.", "cheroot."))
    word = {"gevent": "listener", "cheroot": "bind_addr"}.get(callee.partition(".")[0], "server_address")
    address = context.keyword(node, word, 0) if is_paired else None
    pair = context.constant(address) if address is not None else None
    given = next((one for word in _HOSTS if (one := context.keyword(node, word)) is not None), None)
    host = context.string(given if given is not None or host_at is None else context.keyword(node, "", host_at))
    if isinstance(pair, tuple) and len(pair) == 2:
        host, port = str(pair[0]), pair[1] if type(pair[1]) is int and abs(pair[1]) < 1 << 31 else None
    debug = flag(context.keyword(node, "debug") or context.keyword(node, "use_debugger"), context)
    reload = flag(context.keyword(node, "reload") or context.keyword(node, "use_reloader"), context)
    yield WebRun(callee, host, port, debug, reload, workers)

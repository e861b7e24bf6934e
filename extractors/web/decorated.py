"""Routes declared by decorators, for every framework that has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.frameworks import framework_of
from extractors.web.patterns import captures
from extractors.web.shortcuts import fetched, straight
from schema.web import RouteDeclaration, RouteParameter

Handler = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

VERBS: Final = frozenset("get post put patch delete head options trace".split())
_ROUTES: Final = VERBS | {"route", "api_route", "websocket", "websocket_route", "view"}
_BARE: Final = frozenset({"bottle", "klein"})


def _named(name: str) -> str:
    """The method of a constant that is called like it (`HTTPMethod.POST`); * for any other name."""
    word = name.rpartition(".")[2]
    return word if word.isupper() else "*"


def methods(call: ast.Call, context: Context, default: str, position: int | None = None) -> list[str]:
    """One word per HTTP method; the default when none is given, * when they aren't constant."""
    given = context.keyword(call, "methods") or context.keyword(call, "method") or context.keyword(call, "http_method")
    if given is None and position is not None:
        given = context.keyword(call, "methods", position)
    if given is None:
        return [default]
    value = context.constant(given)
    words = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    if not words and isinstance(given, (ast.List, ast.Tuple, ast.Set)):
        words = tuple(context.string(item) or _named(context.text(item)) for item in given.elts)
    return list(dict.fromkeys(str(word).upper() for word in words)) or [default if value == () else "*"]


def pattern(call: ast.Call, context: Context, position: int = 0) -> str | None:
    """The constant pattern of a declaration."""
    for word in ("rule", "path", "uri", "uri_template", "url"):
        given = context.keyword(call, word)
        if given is not None:
            return with_holes(given, context)
    given = context.keyword(call, "rule", position)
    return with_holes(given, context) if given is not None else ""


def with_holes(node: ast.expr, context: Context) -> str | None:
    """
    A text with `{…x}` for what stands in it that isn't constant; None when nothing of it is.

    >>> from extractors.web.shortcuts import first_argument
    >>> [with_holes(*first_argument(f"N = '/n'\\nf({text})")) for text in ("N + '/a'", "f'{base}/a/{{id}}'", "a.b + '/x'", "base", "f'{g()}/a'", "'/x/%s/y' % key")]
    ['/n/a', '{…base}/a/{id}', '{…a.b}/x', None, '{…}/a', '/x/{…key}/y']
    """
    text = context.string(node)
    if text is not None or not isinstance(node, (ast.JoinedStr, ast.BinOp)):
        return text
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _formatted(node, context)
    parts = [_hole(part, context) for part in _parts(node)]
    return "".join(parts) if any(not part.startswith("{…") for part in parts) else None


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """What a text is put together from, by `+` or in an f-string."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left)
        yield from _parts(node.right)
    elif isinstance(node, ast.JoinedStr):
        yield from (
            one.value if isinstance(one, ast.FormattedValue) and one.format_spec is None else one for one in node.values
        )
    else:
        yield node


def _formatted(node: ast.BinOp, context: Context) -> str | None:
    """A text with `%s` in it, and what is put there."""
    text = context.string(node.left)
    values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    pieces = text.split("%s") if text and text.count("%") == len(values) else []
    if len(pieces) != len(values) + 1:
        return None
    holes = [*(_hole(value, context) for value in values), ""]
    return "".join(f"{piece}{hole}" for piece, hole in zip(pieces, holes, strict=True))


def _hole(node: ast.expr, context: Context) -> str:
    known = context.string(node)
    name = context.text(node) if known is None else ""
    return known if known is not None else f"{{…{name}}}"


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, decorated=True)
def route_decorated(node: Handler, context: Context) -> Iterator[At]:
    """
    Each method of a route declared by decorator.

    >>> rows(route_decorated, "from flask import Flask\\napp = Flask('a')\\n@app.route('/u/<int:id>', methods=['GET', 'POST'])\\nasync def user(id): ...")
    RouteDeclaration(framework='flask', method='GET', pattern='/u/<int:id>', handler='user', router='app', router_name='m.app', handler_name='m.user', endpoint=None, kind='decorated')
    RouteDeclaration(framework='flask', method='POST', pattern='/u/<int:id>', handler='user', router='app', router_name='m.app', handler_name='m.user', endpoint=None, kind='decorated')
    RouteParameter(name='id', converter='int', regex=None, position=0)
    """
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        call = straight(decorator, context)
        if isinstance(call.func, ast.Call) and context.text(call.func.func) == "getattr":
            for round_ in unrolled(call, context):
                one = fetched(round_, context)
                if isinstance(one.func, ast.Attribute) and one.func.attr in _ROUTES:
                    yield from (At(decorator, row) for row in _on_router(node, one, one.func, context))
            continue
        func = call.func
        if isinstance(func, ast.Attribute):
            if func.attr in _ROUTES and decorator not in context.absorbed:
                yield from (At(decorator, row) for row in _on_router(node, call, func, context))
        elif isinstance(func, ast.Name):
            name = context.name(func)
            root, _, word = name.rpartition(".")
            if word in _ROUTES and root.partition(".")[0] in _BARE:
                for round_ in unrolled(call, context):
                    made = _declared(node, round_, root.partition(".")[0], word, None, context)
                    yield from (At(decorator, row) for row in made)


Rows = Iterator[RouteDeclaration | RouteParameter]


def _on_router(node: Handler, call: ast.Call, func: ast.Attribute, context: Context) -> Rows:
    framework = framework_of(func.value, context)
    if framework is None or context.name(func).startswith(("flask.testing", "fastapi.testclient")):
        return
    first = context.keyword(call, "rule", 0)
    if not framework and func.attr not in {"route", "websocket"} and not _is_path(first, context):
        return
    for one in unrolled(call, context) if first is not None and not isinstance(first, ast.Constant) else (call,):
        yield from _declared(node, one, framework, func.attr, func.value, context)


def _is_path(node: ast.expr | None, context: Context) -> bool:
    return (context.string(node) or "").startswith("/")


def _declared(
    node: Handler, call: ast.Call, framework: str, word: str, router: ast.expr | None, context: Context
) -> Rows:
    if word == "view" and framework != "aiohttp":
        return
    text = context.text(router) or None
    name = (context.identity(router) or None) if router is not None else f"{framework}.default_app"
    if framework == "aiohttp" and word == "route":
        given = [str(context.string(context.keyword(call, "method", 0)) or "*").upper()]
        path = pattern(call, context, 1)
    else:
        is_any = word == "view" or (framework == "klein" and word == "route")
        at = 1 if framework == "bottle" else None
        given = [word.upper()] if word in VERBS else methods(call, context, "*" if is_any else "GET", at)
        path = pattern(call, context)
    if (
        path is not None
        and path
        and framework in {"", "flask", "quart", "fastapi", "starlette", "bottle"}
        and path[0] != "/"
    ):
        path = None if framework == "" and not path.startswith("{…") else path
    endpoint = context.string(context.keyword(call, "endpoint") or context.keyword(call, "name"))
    kind = "websocket" if word.startswith("websocket") else "class" if isinstance(node, ast.ClassDef) else "decorated"
    handler_name = f"{context.scope.name}.{node.name}" if context.scope.name else node.name
    own_methods = kind == "class" and context.keyword(call, "methods") is None
    for method in ["*"] if own_methods else given:
        yield RouteDeclaration(framework, method, path, node.name, text, name, handler_name, endpoint, kind)
    yield from captures(framework, path)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when="pyramid", decorated=True)
def pyramid_view_configured(node: ast.FunctionDef, context: Context) -> Iterator[At]:
    """
    Each method of a view configured by `view_config`; its pattern stands with the route of that name.

    >>> rows(pyramid_view_configured, "from pyramid.view import view_config\\n@view_config(route_name='home', request_method='POST')\\ndef f(request): ...")
    RouteDeclaration(framework='pyramid', method='POST', pattern=None, handler='f', router=None, router_name=None, handler_name='m.f', endpoint='home', kind='decorated')
    """
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and context.name(decorator.func) == "pyramid.view.view_config":
            route = context.string(view_option(decorator, "route_name", context))
            given = view_option(decorator, "request_method", context)
            path = None if route is not None else traversed(decorator, context)
            value = context.constant(given) if given is not None else "*"
            name = f"{context.scope.name}.{node.name}" if context.scope.name else node.name
            for method in value if isinstance(value, tuple) else (value,):
                word = method if isinstance(method, str) else "*"
                yield At(
                    decorator, RouteDeclaration("pyramid", word, path, node.name, None, None, name, route, "decorated")
                )


def view_option(call: ast.Call, word: str, context: Context) -> ast.expr | None:
    """An option of a view configuration, or the default that `view_defaults` of the class around gives it."""
    given = context.keyword(call, word)
    if given is not None or context.scope.kind != "class":
        return given
    for decorator in getattr(context.scope.node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and context.name(decorator.func) == "pyramid.view.view_defaults":
            return context.keyword(decorator, word)
    return None


def traversed(call: ast.Call, context: Context) -> str:
    """The pattern of a view without a route: any resource of the tree, then the view's name."""
    name = context.string(view_option(call, "name", context))
    return f"/*traverse/{name}" if name else "/*traverse"

"""What FastAPI and its kin inject into handlers, and where parameters come from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.survey import Imported
from extractors.web.decorated import VERBS, pattern
from extractors.web.frameworks import framework_of
from extractors.web.patterns import brace_captures
from extractors.web.shortcuts import straight
from schema.web import HandlerParameter, InjectedDependency

_DEPENDS: Final = {
    f"{module}.{name}": name.lower()
    for module in ("fastapi", "fastapi.params", "fastapi.param_functions")
    for name in ("Depends", "Security")
} | {"litestar.di.Provide": "provide"}
_PLACES: Final = {
    f"{module}.{name}": name.lower()
    for module in ("fastapi", "fastapi.params", "fastapi.param_functions", "ninja")
    for name in ("Query", "Path", "Body", "Form", "File", "Header", "Cookie")
}
_REQUEST: Final = frozenset(
    f"{module}.{name}"
    for module in (
        "fastapi",
        "starlette.requests",
        "fastapi.requests",
        "starlette.websockets",
        "fastapi.responses",
        "starlette.responses",
        "starlette.background",
    )
    for name in ("Request", "WebSocket", "Response", "BackgroundTasks", "HTTPConnection")
) | {"fastapi.security.SecurityScopes", "django.http.HttpRequest", "django.http.request.HttpRequest"}
_SCALARS: Final = frozenset(
    "str int float bool bytes complex datetime.datetime datetime.date datetime.time datetime.timedelta decimal.Decimal uuid.UUID "
    "list set tuple frozenset typing.List typing.Set typing.Any enum.Enum pathlib.Path typing.Literal".split()
)
_CONSTRAINTS: Final = frozenset("gt ge lt le min_length max_length pattern regex multiple_of".split())
_WHEN: Final = ("fastapi", "litestar", "ninja")


def annotated(node: ast.expr | None, context: Context, depth: int = 0) -> tuple[ast.expr | None, list[ast.expr]]:
    """The type and the metadata of `Annotated[type, …]`, also through an alias of this file."""
    if isinstance(node, ast.Name) and depth < 8:
        bound = context.binding(node.id)
        if isinstance(bound, ast.Subscript):
            return annotated(bound, context, depth + 1)
    if isinstance(node, ast.Subscript) and context.name(node.value).rpartition(".")[2] == "Annotated":
        if isinstance(node.slice, ast.Tuple) and node.slice.elts:
            return node.slice.elts[0], list(node.slice.elts[1:])
    return node, []


def _dependency(node: ast.expr | None, context: Context) -> tuple[str, ast.Call] | None:
    kind = _DEPENDS.get(context.name(node.func)) if isinstance(node, ast.Call) else None
    return (kind, node) if kind and isinstance(node, ast.Call) else None


def _row(
    kind: str,
    call: ast.Call,
    function: str,
    site: int | None,
    router: str | None,
    parameter: str | None,
    kept: ast.expr | None,
    context: Context,
    mount: int | None = None,
) -> InjectedDependency:
    given = context.keyword(call, "dependency", 0)
    given = given if given is not None else kept  # `Depends()` takes the type itself
    made = given.func if isinstance(given, ast.Call) else given  # `Depends(Role("admin"))` takes what a call makes
    name = context.identity(made) or context.name(made) or context.source(made, 80)
    scopes = context.constant(context.keyword(call, "scopes", 1)) if kind == "security" else None
    words = " ".join(sorted(map(str, scopes))) if isinstance(scopes, tuple) else None
    cached = context.constant(context.keyword(call, "use_cache")) is not False
    return InjectedDependency(function, site, router, mount, parameter, name, kind, words, cached)


def _parameters(node: Any) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    yield from zip(plain, defaults, strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN)
def injected_dependency(node: Any, context: Context) -> Iterator[At]:
    """
    Each dependency of a function: of a handler, or of another dependency.

    >>> rows(injected_dependency, "from typing import Annotated\\nfrom fastapi import Depends, Security\\nUser = Annotated[dict, Security(me, scopes=['a'])]\\nasync def f(u: User, db=Depends(connect)): ...")
    InjectedDependency(function='f', function_site=1, router_name=None, mount_site=None, parameter='u', provider='me', kind='security', scopes='a', is_cached=True)
    InjectedDependency(function='f', function_site=1, router_name=None, mount_site=None, parameter='db', provider='connect', kind='depends', scopes=None, is_cached=True)
    """
    site = None
    for parameter, default in _parameters(node):
        kept, metadata = annotated(parameter.annotation, context)
        for given in (default, *metadata):
            found = _dependency(given, context)
            if found is not None:
                site = site or context.site(node)
                yield At(given or node, _row(*found, node.name, site, None, parameter.arg, kept, context))
    for decorator in node.decorator_list:
        for item in _listed(decorator, context):
            found = _of_list(item, context)
            if found is not None:
                yield At(item, _row(*found, node.name, context.site(node), None, None, None, context))


def _listed(node: ast.AST, context: Context) -> list[ast.expr]:
    given: Any = context.keyword(node, "dependencies") if isinstance(node, ast.Call) else None
    given = context.binding(given.id) if isinstance(given, ast.Name) else given
    return list(given.elts) if isinstance(given, (ast.List, ast.Tuple)) else []


def _of_list(node: ast.expr, context: Context) -> tuple[str, ast.Call] | None:
    """A dependency that a list of them holds, also one that a function of the project's own makes: `[needs("write")]`."""
    found = _dependency(node, context)
    own = context.identity(node.func) if isinstance(node, ast.Call) and found is None else ""
    if own and isinstance(node, ast.Call):
        made = ast.copy_location(ast.Call(node.func, [node.func], []), node)
        return "depends", made
    return found


@extracts(ast.Assign, when="fastapi", within="module")
def dependency_alias(node: ast.Assign, context: Context) -> Iterator[At]:
    """
    Each dependency that an annotation alias carries: other files import it.

    >>> rows(dependency_alias, "from typing import Annotated\\nfrom fastapi import Depends\\nUser = Annotated[dict, Depends(me)]")
    InjectedDependency(function='User', function_site=None, router_name='m.User', mount_site=None, parameter=None, provider='me', kind='depends', scopes=None, is_cached=True)
    """
    target = node.targets[0]
    if isinstance(target, ast.Name) and isinstance(node.value, ast.Subscript):
        kept, metadata = annotated(node.value, context)
        for given in metadata:
            found = _dependency(given, context)
            if found is not None:
                yield At(given, _row(*found, target.id, None, context.identity(target) or None, None, kept, context))


@extracts(ast.Call, callee={"FastAPI", "APIRouter", "include_router"}, when="fastapi")
def router_dependency(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each dependency of a whole router or application, or of one mount of a router.

    >>> rows(router_dependency, "from fastapi import APIRouter, Depends\\nr = APIRouter(dependencies=[Depends(check)])")
    InjectedDependency(function='r', function_site=None, router_name='m.r', mount_site=None, parameter=None, provider='check', kind='depends', scopes=None, is_cached=True)
    >>> rows(router_dependency, "from fastapi import Depends, FastAPI\\nr = APIRouter()\\nFastAPI().include_router(r, dependencies=[Depends(check)])")
    InjectedDependency(function='r', function_site=None, router_name='m.r', mount_site=1, parameter=None, provider='check', kind='depends', scopes=None, is_cached=True)
    """
    items = _listed(node, context)
    if not items:
        return
    mount = None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "include_router":
        mount = context.site(node)
        child = context.keyword(node, "router", 0)
        text, name = context.text(child), context.identity(child)
    else:
        text = context.variable(node) or ""
        name = f"{context.scope.name}.{text}" if context.scope.name else text
    for item in items:
        found = _of_list(item, context)
        if found is not None:
            yield At(item, _row(*found, text, None, name or None, None, None, context, mount))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN, decorated=True)
def handler_parameter(node: Any, context: Context) -> Iterator[At]:
    """
    Each declared input of a handler, and the place it comes from by FastAPI's rules.

    >>> rows(handler_parameter, "from fastapi import FastAPI, Header, Request\\napp = FastAPI()\\n@app.post('/x/{id}')\\ndef f(id: int, q: str = 'a', h: str = Header(alias='X-H'), item: Item = None, request: Request = None): ...")
    HandlerParameter(parameter='id', place='path', annotation='int', annotation_name=None, default_source=None, constraint_source=None, alias=None)
    HandlerParameter(parameter='q', place='query', annotation='str', annotation_name=None, default_source="'a'", constraint_source=None, alias=None)
    HandlerParameter(parameter='h', place='header', annotation='str', annotation_name=None, default_source="Header(alias='X-H')", constraint_source=None, alias='X-H')
    HandlerParameter(parameter='item', place='body', annotation='Item', annotation_name=None, default_source='None', constraint_source=None, alias=None)
    HandlerParameter(parameter='request', place='request', annotation='Request', annotation_name='fastapi.Request', default_source='None', constraint_source=None, alias=None)
    """
    calls = [straight(entry, context) for entry in node.decorator_list if isinstance(entry, ast.Call)]
    route = next((call for call in calls if _is_route(call, context)), None)
    if route is None:
        return
    captured = {capture.name for capture in brace_captures(pattern(route, context) or "")}
    for parameter, default in _parameters(node):
        kept, metadata = annotated(parameter.annotation, context)
        marker = next(
            (
                item
                for item in (default, *metadata)
                if isinstance(item, ast.Call)
                and (context.name(item.func) in _PLACES or context.name(item.func) in _DEPENDS)
            ),
            None,
        )
        yield At(
            parameter,
            HandlerParameter(
                parameter=parameter.arg,
                place=_place(parameter.arg, captured, kept, marker, context),
                annotation=context.source(parameter.annotation) or None,
                annotation_name=context.identity(_plain(parameter.annotation)) or None,
                default_source=context.source(default) or None,
                constraint_source=_constraint(kept, marker, context),
                alias=context.string(context.keyword(marker, "alias")) if marker else None,
            ),
        )


def _is_route(call: ast.Call, context: Context) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in VERBS | {"api_route", "websocket"}:
        return False
    return framework_of(func.value, context) in {"fastapi", "ninja", ""} and pattern(call, context) is not None


def _place(name: str, captured: set[str], kept: ast.expr | None, marker: ast.Call | None, context: Context) -> str:
    if marker is not None:
        return _PLACES.get(context.name(marker.func), "dependency")
    if name in captured:
        return "path"
    plain = _plain(kept)
    exact = context.name(plain)
    bound = context.binding(plain.id) if isinstance(plain, ast.Name) else None
    if exact in _REQUEST:
        return "request"
    if exact in {"fastapi.UploadFile", "starlette.datastructures.UploadFile"}:
        return "file"
    if isinstance(bound, Imported) and exact not in _SCALARS:
        return "unknown"
    return (
        "query"
        if plain is None
        or exact in _SCALARS
        or (exact == "" and isinstance(plain, ast.Constant))
        or _is_enum(plain, context)
        else "body"
    )


def _plain(node: ast.expr | None) -> ast.expr | None:
    """The type without `| None`, Optional and what is in brackets."""
    while True:
        if isinstance(node, ast.BinOp):
            node = node.left if not (isinstance(node.left, ast.Constant) and node.left.value is None) else node.right
        elif isinstance(node, ast.Subscript):
            head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if head not in {"Optional", "Union"}:
                return node.value
            node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        else:
            return node


def _is_enum(node: ast.expr | None, context: Context) -> bool:
    """Whether a type is an Enum of this file; one that is imported can't be told from a model here."""
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    if isinstance(bound, Imported) or not isinstance(bound, ast.ClassDef):
        return False
    return any(context.name(base).startswith("enum.") for base in bound.bases)


def _constraint(kept: ast.expr | None, marker: ast.Call | None, context: Context) -> str | None:
    if marker is not None:
        held = [
            f"{keyword.arg}={context.source(keyword.value)}"
            for keyword in marker.keywords
            if keyword.arg in _CONSTRAINTS
        ]
        if held:
            return ", ".join(held)
    if isinstance(kept, ast.Subscript) and context.name(kept.value).rpartition(".")[2] == "Literal":
        return context.source(kept)
    return "Enum" if _is_enum(_plain(kept), context) else None

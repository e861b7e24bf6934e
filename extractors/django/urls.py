"""Lists of addresses, and the routers of Django REST framework."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.web.added import enclosing, opened, owner, target
from extractors.web.patterns import captures
from extractors.web.shortcuts import straight
from schema.django import DjangoUrl
from schema.web import RouteDeclaration, RouteParameter, Router, RouterMount

_PATHS: Final = {
    "django.urls.path": "path",
    "django.urls.conf.path": "path",
    "django.urls.re_path": "re_path",
    "django.urls.conf.re_path": "re_path",
    "django.conf.urls.url": "re_path",
}
_SOCKETS: Final = "channels.routing.URLRouter"
_WHOLE: Final = frozenset({"django.core.asgi.get_asgi_application", "django.core.wsgi.get_wsgi_application"})
_INCLUDES: Final = frozenset({"django.urls.include", "django.urls.conf.include", "django.conf.urls.include"})
_ROUTERS: Final = frozenset(
    "rest_framework.routers.DefaultRouter rest_framework.routers.SimpleRouter rest_framework_nested.routers.NestedSimpleRouter "
    "rest_framework_nested.routers.NestedDefaultRouter rest_framework_extensions.routers.ExtendedSimpleRouter".split()
)
_WHEN: Final = ("django", "rest_framework", "rest_framework_nested")


@extracts(ast.Call, callee={"path", "re_path", "url"}, when="django")
def django_url(
    node: ast.Call, context: Context
) -> Iterator[DjangoUrl | RouteDeclaration | RouteParameter | RouterMount]:
    """
    Each entry of a list of addresses, with the prefixes of the lists it is written in.

    >>> rows(django_url, "from django.urls import path, include\\nfrom . import views\\nurlpatterns = [path('a/', include([path('<int:id>/', views.item, name='item')]))]", module="shop.urls")
    DjangoUrl(pattern='a/', kind='include', target='', name=None, namespace=None, position=0)
    DjangoUrl(pattern='<int:id>/', kind='path', target='views.item', name='item', namespace=None, position=0)
    RouteDeclaration(framework='django', method='*', pattern='a/<int:id>/', handler='views.item', router=None, router_name='shop.urls.urlpatterns', handler_name='shop.views.item', endpoint='item', kind='path')
    RouteParameter(name='id', converter='int', regex=None, position=0)
    """
    kind = _PATHS.get(context.name(node.func))
    if kind is not None:
        yield from _listed(node, node, kind, context)


def _has_partial(context: Context) -> bool:
    """Whether a file has a name of its own for one of Django's functions with some arguments: `public = partial(path, …)`."""
    bound = context.survey.scopes[0].bindings.values() if "functools" in context.imports else ()
    return any(_partial(one, context) for one in bound)


def _partial(bound: object, context: Context) -> str | None:
    is_one = isinstance(bound, ast.Call) and bool(bound.args) and context.name(bound.func) == "functools.partial"
    return _PATHS.get(context.name(bound.args[0])) if is_one and isinstance(bound, ast.Call) else None


@extracts(ast.Call, when="django", only=_has_partial)
def django_partial_url(
    node: ast.Call, context: Context
) -> Iterator[DjangoUrl | RouteDeclaration | RouteParameter | RouterMount]:
    """
    Each entry of a list of addresses by a name of one's own; asked in the few files that have one.

    >>> rows(django_partial_url, "from functools import partial\\nfrom django.urls import path\\npublic = partial(path, kwargs={'a': 1})\\nurlpatterns = [public('a/', f), other('b/', f)]")
    DjangoUrl(pattern='a/', kind='path', target='f', name=None, namespace=None, position=0)
    RouteDeclaration(framework='django', method='*', pattern='a/', handler='f', router=None, router_name='m.urlpatterns', handler_name=None, endpoint=None, kind='path')
    """
    kind = _partial(context.binding(node.func.id), context) if isinstance(node.func, ast.Name) else None
    if kind is not None:
        yield from _listed(node, straight(node, context), kind, context)


def _listed(
    node: ast.Call, call: ast.Call, kind: str, context: Context
) -> Iterator[DjangoUrl | RouteDeclaration | RouteParameter | RouterMount]:
    """What an entry says, and the lists that it is written in say before it. call: with all that it is given."""
    around = enclosing(context, node)
    before = [
        opened(_before(call, context), call, context)
        for call in around
        if context.name(call.func) in _PATHS or _is_localized(call, context)
    ]
    position = _position(node, around, context)
    router = owner(context, around)
    is_plain = bool(call.args) and isinstance(call.args[0], ast.Constant)  # most are; lists of addresses are long
    for one in (call,) if is_plain or call is not node else unrolled(node, context):
        yield from _entry(one, kind, [*before, _pattern(one, context)], position, router, context)


def _entry(
    node: ast.Call, kind: str, parts: list[str | None], position: int, router: str | None, context: Context
) -> Iterator[DjangoUrl | RouteDeclaration | RouteParameter | RouterMount]:
    pattern = None if None in parts else "".join(_joined(str(part)) for part in parts)
    view = context.keyword(node, "view", 1)
    name = context.string(context.keyword(node, "name"))
    if isinstance(view, ast.Call) and context.name(view.func) in _INCLUDES:
        child, namespace = _included(view, context)
        yield DjangoUrl(parts[-1], "include", child or "", name, namespace, position)
        if child:
            yield RouterMount("django", router, child, pattern, "include")
            yield from _joined_lists(child, context)
    elif isinstance(view, ast.Attribute) and view.attr == "urls":
        is_admin = context.name(view).startswith("django.contrib.admin.")
        yield DjangoUrl(parts[-1], "admin" if is_admin else "router", context.text(view), name, None, position)
        if not is_admin:
            yield RouterMount("django", router, context.identity(view.value), pattern, "include")
    elif isinstance(view, ast.Call) and context.name(view.func) == _SOCKETS:
        child = context.identity(context.keyword(view, "routes", 0))
        yield DjangoUrl(parts[-1], "include", child, name, None, position)
        if child:
            yield RouterMount("channels", router, child, pattern, "include")
    else:
        handler, exact = target(view, context)
        yield DjangoUrl(parts[-1], kind, handler, name, None, position)
        is_consumer = isinstance(view, ast.Call) and context.text(view.func).endswith(".as_asgi")
        framework, methods = ("channels", ["GET"]) if is_consumer else ("django", _words(view, context))
        word = "websocket" if is_consumer else kind
        if isinstance(view, ast.Call) and context.name(view.func) in _WHOLE:
            return  # the whole of Django under one address: its routes stand for themselves
        for method in methods:
            yield RouteDeclaration(framework, method, pattern, handler, None, router, exact, name, word)
        yield from captures("django" if kind == "path" else "django-regex", pattern)


_LANGUAGE: Final = "<language>/"
"""What `i18n_patterns` puts in front: the prefix of the language that is active."""


def _is_localized(call: ast.Call, context: Context) -> bool:
    return context.name(call.func) == "django.conf.urls.i18n.i18n_patterns"


def _before(call: ast.Call, context: Context) -> str | None:
    """What a call puts before the addresses that it is given."""
    return _LANGUAGE if _is_localized(call, context) else _pattern(call, context)


def _words(view: ast.expr | None, context: Context) -> list[str]:
    """The methods that a set of views is told to answer: `as_view({"get": "list"})`; `*` where its class says so."""
    given = view.args[0] if isinstance(view, ast.Call) and len(view.args) == 1 else None
    keys = (
        given.keys
        if isinstance(given, ast.Dict) and isinstance(view, ast.Call) and context.text(view.func).endswith(".as_view")
        else []
    )
    words = [context.string(key) for key in keys if key is not None]
    return [word.upper() for word in words if word] or ["*"]


def _joined(part: str) -> str:
    return part.removeprefix("^")


def _pattern(node: ast.Call, context: Context) -> str | None:
    given = context.keyword(node, "route", 0) or context.keyword(node, "regex", 0)
    if isinstance(given, ast.Call) and given.args:  # a pattern to be translated: `_("about/")`
        given = given.args[0]
    return context.string(given)


def _position(node: ast.Call, around: list[ast.Call], context: Context) -> int:
    """The index of an entry in the list it is written in."""
    statement: Any = context.statement
    for holder in [*(call for call in reversed(around)), statement]:
        for child in ast.iter_child_nodes(holder):
            for part in [child, *(ast.iter_child_nodes(child) if isinstance(child, ast.BinOp) else ())]:
                if isinstance(part, (ast.List, ast.Tuple)) and node in part.elts:
                    return part.elts.index(node)
    return 0


def _included(call: ast.Call, context: Context) -> tuple[str | None, str | None]:
    """What an `include` takes in: a module's list, a list of this file, a router's; and its namespace."""
    given = context.keyword(call, "arg", 0)
    namespace = context.string(context.keyword(call, "namespace", 1))
    if isinstance(given, ast.Tuple) and given.elts:
        namespace = namespace or (context.string(given.elts[1]) if len(given.elts) > 1 else None)
        given = given.elts[0]
    text = context.string(given)
    if text is not None:
        return f"{text}.urlpatterns", namespace
    if isinstance(given, ast.Attribute) and given.attr == "urls":
        return context.identity(given.value) or context.identity(given), namespace
    return context.identity(given.func if isinstance(given, ast.Call) else given) or None, namespace


def _joined_lists(child: str, context: Context) -> Iterator[RouterMount]:
    """The lists that a list of this file takes over: `v2 = v1 + [...]`, `[*v1, ...]`."""
    module, _, name = child.rpartition(".")
    bound = context.survey.scopes[0].bindings.get(name) if module == context.module and name != "urlpatterns" else None
    for part in _summands(bound) if isinstance(bound, (ast.BinOp, ast.List)) else ():
        if isinstance(part, ast.Name):
            yield RouterMount("django", child, context.identity(part), "", "include")


_HANDLERS: Final = frozenset({"handler400", "handler403", "handler404", "handler500"})


@extracts(ast.Assign, ast.AugAssign, when=_WHEN, within="module", named={"urlpatterns", *_HANDLERS})
def django_list(node: Any, context: Context) -> Iterator[RouterMount | DjangoUrl]:
    """
    Each list of addresses that is taken over from elsewhere, and each error handler.

    >>> rows(django_list, "from rest_framework.routers import DefaultRouter\\nr = DefaultRouter()\\nurlpatterns = r.urls\\nhandler404 = 'shop.views.lost'")
    DjangoUrl(pattern=None, kind='router', target='r.urls', name=None, namespace=None, position=0)
    RouterMount(framework='django', parent='m.urlpatterns', child='m.r', prefix='', kind='include')
    DjangoUrl(pattern=None, kind='handler', target='shop.views.lost', name='handler404', namespace=None, position=0)
    """
    first = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    if not isinstance(first, ast.Name):
        return
    if first.id in _HANDLERS:
        yield DjangoUrl(None, "handler", context.string(node.value) or context.text(node.value), first.id, None, 0)
    elif first.id == "urlpatterns":
        for part in _summands(node.value):
            if isinstance(part, ast.Attribute) and part.attr == "urls":
                yield DjangoUrl(None, "router", context.text(part), None, None, 0)
                yield RouterMount("django", context.identity(first), context.identity(part.value), "", "include")
            elif isinstance(part, (ast.Name, ast.Call)):
                child = context.identity(part.func if isinstance(part, ast.Call) else part)
                if child and child != context.identity(first) and not child.startswith("django."):
                    yield RouterMount("django", context.identity(first), child, "", "include")


def _summands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_summands(node.left), node.right]
    return [item.value for item in node.elts if isinstance(item, ast.Starred)] if isinstance(node, ast.List) else [node]


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _ROUTERS}, when=_WHEN)
def drf_router(node: ast.Call, context: Context) -> Iterator[Router | RouteDeclaration]:
    """
    Each router of Django REST framework; a default one answers with a list of what it has.

    >>> rows(drf_router, "from rest_framework import routers\\nr = routers.SimpleRouter()")
    Router(framework='django', name='m.r', callee='rest_framework.routers.SimpleRouter', prefix='', is_application=False)
    """
    name, variable = context.name(node.func), context.variable(node)
    if name in _ROUTERS and variable:
        whole = f"{context.scope.name}.{variable}" if context.scope.name else variable
        yield Router("django", whole, name, "", False)
        if name.endswith("DefaultRouter") and not _has_no_root(variable, context):
            root = "rest_framework.routers.APIRootView"
            yield RouteDeclaration("django", "GET", "", "APIRootView", variable, whole, root, "api-root", "root")


def _has_no_root(variable: str, context: Context) -> bool:
    assigned = (node for node, _ in context.scope.items if isinstance(node, ast.Assign))
    return any(context.text(node.targets[0]) == f"{variable}.include_root_view" for node in assigned)


@extracts(ast.Call, callee={"register"}, when=_WHEN)
def drf_registration(node: ast.Call, context: Context) -> Iterator[RouteDeclaration]:
    """
    Each set of views registered on a router.

    >>> rows(drf_registration, "from rest_framework import routers\\nr = routers.SimpleRouter()\\nr.register('users', UserViewSet)")
    RouteDeclaration(framework='django', method='*', pattern='users', handler='UserViewSet', router='r', router_name='m.r', handler_name=None, endpoint=None, kind='register')
    """
    for call in unrolled(node, context):
        yield from _registered(call, context)


def _registered(node: ast.Call, context: Context) -> Iterator[RouteDeclaration]:
    if not isinstance(node.func, ast.Attribute):
        return
    receiver = context.name(node.func.value)
    ours = receiver in _ROUTERS or (
        context.text(node.func.value).endswith("router") and not receiver.startswith("django.")
    )
    view = context.keyword(node, "viewset", 1)
    if ours and view is not None:
        handler, exact = target(view, context)
        prefix = context.string(context.keyword(node, "prefix", 0))
        endpoint = context.string(context.keyword(node, "basename", 2))
        text, name = context.text(node.func.value) or None, context.identity(node.func.value) or None
        yield RouteDeclaration("django", "*", prefix, handler, text, name, exact, endpoint, "register")

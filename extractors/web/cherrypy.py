"""Routes of CherryPy: exposed methods of objects that hang in a tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.web import RouteDeclaration, RouterMount

_VERBS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_ROOTED: Final = frozenset({"cherrypy.quickstart", "cherrypy.tree.mount", "cherrypy.Application"})
_PATHS: Final = {"index": "/", "default": "/{…}"}


def _is_expose(node: ast.expr, context: Context) -> bool:
    return context.name(node.func if isinstance(node, ast.Call) else node) == "cherrypy.expose"


def _declared(name: str, method: str, pattern: str, context: Context) -> RouteDeclaration:
    owner = context.scope
    return RouteDeclaration(
        "cherrypy", method, pattern, name, None, owner.name, f"{owner.name}.{name}", None, "decorated"
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="cherrypy", decorated=True)
def cherrypy_exposed(node: Any, context: Context) -> Iterator[At]:
    """
    Each address of an exposed method: its own name and its aliases.

    >>> rows(cherrypy_exposed, "import cherrypy\\nclass Root:\\n    @cherrypy.expose(['add', 'new'])\\n    def insert(self, x): ...\\n    @cherrypy.expose\\n    def index(self): ...")
    RouteDeclaration(framework='cherrypy', method='*', pattern='/insert', handler='insert', router=None, router_name='m.Root', handler_name='m.Root.insert', endpoint=None, kind='decorated')
    RouteDeclaration(framework='cherrypy', method='*', pattern='/add', handler='insert', router=None, router_name='m.Root', handler_name='m.Root.insert', endpoint=None, kind='decorated')
    RouteDeclaration(framework='cherrypy', method='*', pattern='/new', handler='insert', router=None, router_name='m.Root', handler_name='m.Root.insert', endpoint=None, kind='decorated')
    RouteDeclaration(framework='cherrypy', method='*', pattern='/', handler='index', router=None, router_name='m.Root', handler_name='m.Root.index', endpoint=None, kind='decorated')
    """
    if context.scope.kind != "class":
        return
    for decorator in node.decorator_list:
        if not _is_expose(decorator, context):
            continue
        given = context.keyword(decorator, "alias", 0) if isinstance(decorator, ast.Call) else None
        value = context.constant(given) if given is not None else ()
        aliases = value if isinstance(value, tuple) else (value,)
        for name in (node.name, *(alias.replace(".", "_") for alias in aliases if isinstance(alias, str))):
            yield At(decorator, _declared(node.name, "*", _PATHS.get(name, f"/{name}"), context))


@extracts(ast.Assign, when="cherrypy")
def cherrypy_tree(node: ast.Assign, context: Context) -> Iterator[RouteDeclaration | RouterMount]:
    """
    Each method exposed by an assignment, and each object that is hung under another.

    >>> rows(cherrypy_tree, "import cherrypy\\nclass Page: ...\\nclass Root:\\n    page = Page()\\n    def index(self): ...\\n    index.exposed = True\\n    def __init__(self):\\n        self.other = Page()\\nroot = Root()\\nroot.third = Page()")
    RouterMount(framework='cherrypy', parent='m.Root', child='m.Page', prefix='/third', kind='mount')
    RouterMount(framework='cherrypy', parent='m.Root', child='m.Page', prefix='/page', kind='mount')
    RouteDeclaration(framework='cherrypy', method='*', pattern='/', handler='index', router=None, router_name='m.Root', handler_name='m.Root.index', endpoint=None, kind='decorated')
    RouterMount(framework='cherrypy', parent='m.Root', child='m.Page', prefix='/other', kind='mount')
    """
    for target in node.targets:
        owner = context.text(target.value) if isinstance(target, ast.Attribute) else ""
        if isinstance(target, ast.Attribute) and target.attr == "exposed":
            if owner and context.scope.kind == "class" and context.constant(node.value) is True:
                yield _declared(owner, "*", _PATHS.get(owner, f"/{owner}"), context)
        elif isinstance(node.value, ast.Call):
            child = context.name(node.value.func)
            if isinstance(target, ast.Attribute):
                parent = context.name(target.value)
                word = target.attr
            else:
                parent = context.scope.name if context.scope.kind == "class" else ""
                word = context.text(target)
            if parent and child and child[0] != "." and not child.startswith("cherrypy.") and "." in child and word:
                prefix = "" if word == "root" and parent == "cherrypy" else f"/{word}"
                yield RouterMount("cherrypy", parent, child, prefix, "mount")


@extracts(ast.ClassDef, when="cherrypy")
def cherrypy_resource(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each HTTP method of an exposed class, as the dispatcher by method asks for it.

    >>> rows(cherrypy_resource, "import cherrypy\\nclass Book:\\n    exposed = True\\n    def POST(self, title): ...")
    RouteDeclaration(framework='cherrypy', method='POST', pattern='', handler='POST', router=None, router_name='m.Book', handler_name='m.Book.POST', endpoint=None, kind='class')
    """
    inner = context.inner(node)
    exposed = inner.bindings.get("exposed")
    by_flag = isinstance(exposed, ast.expr) and context.constant(exposed) is True
    if not (by_flag or any(_is_expose(decorator, context) for decorator in node.decorator_list)):
        return
    for method in node.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.name in _VERBS:
            word = method.name
            row = RouteDeclaration("cherrypy", word, "", word, None, inner.name, f"{inner.name}.{word}", None, "class")
            yield At(method, row)


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _ROOTED}, when="cherrypy")
def cherrypy_mount(node: ast.Call, context: Context) -> Iterator[RouterMount]:
    """
    Each object that is made the root of a tree.

    >>> rows(cherrypy_mount, "import cherrypy\\nfrom shop import Root\\ncherrypy.tree.mount(Root(), '/shop', config={})")
    RouterMount(framework='cherrypy', parent=None, child='shop.Root', prefix='/shop', kind='mount')
    """
    if context.name(node.func) not in _ROOTED:
        return
    given = context.keyword(node, "root", 0)
    name = context.name(given.func if isinstance(given, ast.Call) else given)
    path = context.keyword(node, "script_name", 1)
    prefix = "" if path is None else context.string(path)
    if name:
        yield RouterMount("cherrypy", None, name, prefix.rstrip("/") if prefix else prefix, "mount")

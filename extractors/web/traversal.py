"""Access-control lists of Pyramid, and what stands around its views."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.functions import own_nodes
from extractors.registry import extracts
from schema.web import Middleware
from schema.webextras import PyramidAclEntry

_ALL: Final = ("Deny", "system.Everyone", "ALL_PERMISSIONS")
_AROUND: Final = {
    "add_tween": ("tween", "tween_factory"),
    "add_view_deriver": ("view_deriver", "deriver"),
    "set_security_policy": ("security_policy", "policy"),
    "set_authentication_policy": ("authentication_policy", "policy"),
    "set_authorization_policy": ("authorization_policy", "policy"),
    "set_default_permission": ("default_permission", "permission"),
    "set_default_csrf_options": ("csrf_options", "require_csrf"),
    "set_session_factory": ("session_factory", "factory"),
}


def _entries(node: ast.AST | None, owner: str, context: Context) -> Iterator[PyramidAclEntry]:
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    for position, item in enumerate(items):
        if isinstance(item, ast.Tuple) and len(item.elts) == 3:
            action, principal, permission = item.elts
            given = permission.elts if isinstance(permission, (ast.Tuple, ast.List, ast.Set)) else [permission]
            word = context.name(action).rpartition(".")[2] or context.source(action, 20)
            who = context.string(principal) or context.source(principal, 80)
            for one in given:
                yield PyramidAclEntry(owner, position, word, who, context.string(one) or context.source(one, 80))
        elif context.name(item).rpartition(".")[2] == "DENY_ALL":
            yield PyramidAclEntry(owner, position, *_ALL)


@extracts(ast.Assign, when="pyramid")
def acl_entry(node: ast.Assign, context: Context) -> Iterator[PyramidAclEntry]:
    """
    Each entry of an access-control list of a class.

    >>> rows(acl_entry, "from pyramid.authorization import Allow, Everyone, DENY_ALL\\nclass Root:\\n    __acl__ = [(Allow, Everyone, 'view'), (Allow, 'group:a', ('edit', 'add')), DENY_ALL]")
    PyramidAclEntry(resource='Root', position=0, action='Allow', principal='Everyone', permission='view')
    PyramidAclEntry(resource='Root', position=1, action='Allow', principal='group:a', permission='edit')
    PyramidAclEntry(resource='Root', position=1, action='Allow', principal='group:a', permission='add')
    PyramidAclEntry(resource='Root', position=2, action='Deny', principal='system.Everyone', permission='ALL_PERMISSIONS')
    """
    if any(context.text(target).rpartition(".")[2] == "__acl__" for target in node.targets):
        owner = context.scope if context.scope.kind == "class" else context.scope.parent
        yield from _entries(node.value, owner.name.rpartition(".")[2] if owner is not None else "", context)


@extracts(ast.FunctionDef, when="pyramid")
def acl_method(node: ast.FunctionDef, context: Context) -> Iterator[PyramidAclEntry]:
    """
    Each entry of an access-control list that a method makes.

    >>> rows(acl_method, "from pyramid.authorization import Allow\\nclass Page:\\n    def __acl__(self):\\n        return [(Allow, self.owner, 'edit')]")
    PyramidAclEntry(resource='Page', position=0, action='Allow', principal='self.owner', permission='edit')
    """
    if node.name == "__acl__" and context.scope.kind == "class":
        for child in own_nodes(node):
            if isinstance(child, ast.Return):
                yield from _entries(child.value, context.scope.name.rpartition(".")[2], context)


@extracts(ast.Call, callee={*_AROUND}, when="pyramid")
def pyramid_around(node: ast.Call, context: Context) -> Iterator[Middleware]:
    """
    Each tween, view deriver and policy that Pyramid is configured with.

    >>> rows(pyramid_around, "import pyramid\\nconfig.add_tween('shop.timing')\\nconfig.set_default_permission('view')")
    Middleware(framework='pyramid', name='shop.timing', kind='tween', position=None, target='config')
    Middleware(framework='pyramid', name='view', kind='default_permission', position=None, target='config')
    """
    func: Any = node.func
    if isinstance(func, ast.Attribute):
        kind, word = _AROUND[func.attr]
        given = context.keyword(node, word, 0)
        inner = given.func if isinstance(given, ast.Call) else given
        name = context.string(given) or context.name(inner) or context.source(inner, 80)
        yield Middleware("pyramid", name, kind, None, context.text(func.value) or None)

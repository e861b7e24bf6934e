"""What views and APIs of Flask-AppBuilder answer without a line of the project's own, and which of it they are told to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aud_action.derive.classes import Class, Program
from aud_action.derive.expressions import dotted, parsed

if TYPE_CHECKING:
    from aud_action.derive.routers import Routers
    from aud_action.derive.routes import Declared

_API: Final = (
    ("info", "GET", "/_info"), ("get", "GET", "/<int:pk>"), ("get_list", "GET", "/"), ("post", "POST", "/"),
    ("put", "PUT", "/<pk>"), ("delete", "DELETE", "/<pk>"),
)  # fmt: skip
_VIEW: Final = (
    ("list", "GET", "/list/"), ("show", "GET", "/show/<pk>"), ("add", "GET POST", "/add"), ("edit", "GET POST", "/edit/<pk>"),
    ("delete", "GET POST", "/delete/<pk>"), ("download", "GET", "/download/<string:filename>"),
    ("action", "GET POST", "/action/<string:name>/<pk>"), ("action_post", "POST", "/action_post"),
)  # fmt: skip
BUILTIN: Final = {"ModelRestApi": _API, "ModelView": _VIEW}
PROTECTED: Final = "flask_appbuilder.security.decorators"
"""What guards each of them, as the library decorates it."""
_DEPTH: Final = 6


def builtin(known: Program, routers: Routers) -> Iterator[Declared]:
    """A declaration for each method that an added class has of the library, unless it says itself what that does."""
    from aud_action.derive.routes import Declared

    for name in list(routers.parents):
        view = known.named(name)
        base = view.base_under("flask_appbuilder.") if view else None
        every = BUILTIN.get(base.rpartition(".")[2], ()) if base else ()
        for method, words, pattern in every:
            if view is not None and is_answered(view, method) and view.method(method, inherited=True) is None:
                for word in words.split():
                    owner = view.qualified_name
                    yield Declared(view.site, "flask", word, pattern, method, view.name, owner, "", None, "builtin")


def is_answered(view: Class, method: str) -> bool:
    """Whether a view makes a route of its method: `include_route_methods` and `exclude_route_methods` may say otherwise."""
    wanted, unwanted = (_words_of(view, word) for word in ("include_route_methods", "exclude_route_methods"))
    return (wanted is None or method in wanted) and (unwanted is None or method not in unwanted)


def _words_of(view: Class, attribute: str) -> set[str] | None:
    for owner in view.lineage:
        found = owner.attribute(attribute)
        if found is not None:
            return _words(parsed(found.row.value_source), owner, 0)
    return None


def _words(node: ast.expr | None, owner: Class, depth: int) -> set[str] | None:
    """The words of a set, by names of constants of this or another class too; None when one of them isn't known."""
    if node is None or depth > _DEPTH:
        return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [_words(side, owner, depth + 1) for side in (node.left, node.right)]
        return None if None in sides else {word for side in sides if side for word in side}
    if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
        parts = [_words(part, owner, depth + 1) for part in node.elts]
        return None if None in parts else {word for part in parts if part for word in part}
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else None
    head, _, last = dotted(node).rpartition(".")
    module = owner.qualified_name.rpartition(".")[0]
    holder = owner.program.named(f"{module}.{head}") if head else owner
    found = holder.attribute(last, inherited=True) if holder and last else None
    return _words(parsed(found.row.value_source), holder, depth + 1) if found and holder else None

"""Which framework a router belongs to."""

from __future__ import annotations

import ast
from typing import Final

from extractors.context import Context

ROOTS: Final = {
    "flask": "flask",
    "flask_smorest": "flask",
    "flask_openapi3": "flask",
    "apiflask": "flask",
    "flask_restful": "flask",
    "flask_restx": "flask",
    "quart": "quart",
    "fastapi": "fastapi",
    "starlette": "starlette",
    "sanic": "sanic",
    "bottle": "bottle",
    "aiohttp": "aiohttp",
    "litestar": "litestar",
    "falcon": "falcon",
    "klein": "klein",
    "pyramid": "pyramid",
    "tornado": "tornado",
    "ninja": "ninja",
}
WHEN: Final = tuple(ROOTS)


def framework_of(router: ast.AST | None, context: Context) -> str | None:
    """
    The framework of a router: "" when another file must tell, None when it is something else for certain.

    An exactly known receiver decides; one that comes from the project belongs to the only framework its file imports.
    """
    name = context.name(router)
    root = name.partition(".")[0]
    if root in ROOTS:
        return ROOTS[root]
    if name and (not _is_ours(root, context) or _is_plain_class(name, context)):
        return None
    imported = {ROOTS[module] for module in context.imports & ROOTS.keys()}
    if "fastapi" in imported:
        imported.discard("starlette")
    return imported.pop() if len(imported) == 1 else ""


def _is_ours(root: str, context: Context) -> bool:
    """Whether a name that begins with `root` can be the project's own: its packages aren't known here, ours is."""
    return root == context.module.partition(".")[0] or root not in context.imports or root not in _FOREIGN


def _is_plain_class(name: str, context: Context) -> bool:
    """Whether a receiver is made from a class of this file that descends from nothing."""
    bound = (
        context.survey.scopes[0].bindings.get(name.rpartition(".")[2])
        if name.startswith(f"{context.module}.")
        else None
    )
    return isinstance(bound, ast.ClassDef) and not bound.bases


_FOREIGN: Final = frozenset(
    "click typer pytest unittest mock requests httpx celery responses respx aioresponses httpretty django rest_framework "
    "dash nox invoke fabric aiogram telegram discord slack_bolt".split()
)

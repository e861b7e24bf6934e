"""What a setup.py says, read as a tree and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.project.requirement import dependency
from extractors.registry import extracts
from schema.project import EntryPointDeclaration, Manifest

SETUPS: Final = frozenset({"setuptools.setup", "distutils.core.setup"})
_DEPTH: Final = 8
_LISTS: Final = {"install_requires": "requirement", "setup_requires": "build", "tests_require": "group"}


@extracts(ast.Call, callee={"setup"}, when=("setuptools", "distutils"))
def setup_call(node: ast.Call, context: Context) -> Iterator[Manifest | At]:
    """
    What one call of `setup` states.

    >>> rows(setup_call, "from setuptools import setup\\nNEED = ['Flask>=2']\\nsetup(name='shop', version='1', install_requires=NEED + ['x==1'], extras_require={'t': ['pytest']}, entry_points={'console_scripts': ['shop = shop.cli:main']})\\ngame.setup(name='x')")
    Manifest(kind='setup.py', name='shop', version='1', build_backend=None, requires_python=None)
    Dependency(name='flask', specifier='>=2', version=None, group_name='', kind='requirement', extras=None, marker=None, source='index', is_pinned=False, has_hash=False, is_direct=True)
    Dependency(name='x', specifier='==1', version='1', group_name='', kind='requirement', extras=None, marker=None, source='index', is_pinned=True, has_hash=False, is_direct=True)
    Dependency(name='pytest', specifier=None, version=None, group_name='t', kind='optional', extras=None, marker=None, source='index', is_pinned=False, has_hash=False, is_direct=True)
    EntryPointDeclaration(group_name='console_scripts', name='shop', target='shop.cli:main')
    """
    if context.name(node.func) not in SETUPS:
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    name, version, python = (context.string(given.get(word)) for word in ("name", "version", "python_requires"))
    yield Manifest("setup.py", name, version, None, python)
    for word, kind in _LISTS.items():
        yield from _requirements(given.get(word), "test" if kind == "group" else "", kind, context)
    for group, value in _pairs(given.get("extras_require"), context):
        yield from _requirements(value, group, "optional", context)
    for group, value in _pairs(given.get("entry_points"), context):
        for part, text in _texts(value, context):
            script, _, target = (piece.strip() for piece in text.partition("="))
            if target:
                yield At(part, EntryPointDeclaration(group, script, target))


def _followed(node: ast.expr | None, context: Context) -> Any:
    bound = context.binding(node.id) if isinstance(node, ast.Name) else node
    return bound if isinstance(bound, ast.expr) else None


def _pairs(node: ast.expr | None, context: Context) -> Iterator[tuple[str, ast.expr]]:
    table = _followed(node, context)
    if isinstance(table, ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if key is not None and (name := context.string(key)) is not None:
                yield name, value


def _texts(node: ast.expr | None, context: Context) -> Iterator[tuple[ast.expr, str]]:
    for part in _parts(node, context):
        text = context.string(part)
        if text is not None:
            yield from ((part, line) for line in text.splitlines() if line.strip())


def _parts(node: ast.expr | None, context: Context, depth: int = 0) -> list[Any]:
    """The items of a list, also of several that are added up."""
    made = _followed(node, context)
    if isinstance(made, ast.BinOp) and isinstance(made.op, ast.Add) and depth < _DEPTH:
        return [*_parts(made.left, context, depth + 1), *_parts(made.right, context, depth + 1)]
    return list(made.elts) if isinstance(made, (ast.List, ast.Tuple)) else [made]


def _requirements(node: ast.expr | None, group: str, kind: str, context: Context) -> Iterator[At]:
    for part, text in _texts(node, context):
        row = dependency(text, group, kind)
        if row is not None:
            yield At(part, row)

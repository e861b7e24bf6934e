"""Settings modules and migrations of Django."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from schema.django import DjangoMigration, DjangoSetting, DjangoSettingItem
from schema.web import Middleware

_MARKS: Final = frozenset(
    {"INSTALLED_APPS", "ROOT_URLCONF", "MIDDLEWARE", "DATABASES", "WSGI_APPLICATION", "REST_FRAMEWORK"}
)
_ENVIRONMENT: Final = (
    "os.environ",
    "os.getenv",
    "environ.",
    "decouple.",
    "environs.",
    "dj_database_url.",
    "config(",
    "env(",
    "env.",
)
_MIDDLEWARE: Final = frozenset({"MIDDLEWARE", "MIDDLEWARE_CLASSES"})
_RAW: Final = frozenset({"RunSQL", "RunPython"})


def is_settings(context: Context) -> bool:
    """Whether the file is a settings module: by what it defines, or by its name and place."""
    bound = context.survey.scopes[0].bindings
    if len(_MARKS & bound.keys()) >= 1 and (
        "INSTALLED_APPS" in bound or "ROOT_URLCONF" in bound or "settings" in context.module
    ):
        return True
    parts = context.module.split(".")
    return parts[-1] == "settings" or (len(parts) > 1 and parts[-2] == "settings" and parts[-1] != "__init__")


def _kind(module: str) -> str:
    last = module.rpartition(".")[2].lower()
    for kind, words in (
        ("test", ("test", "ci")),
        ("dev", ("dev", "local", "debug")),
        ("prod", ("prod", "live", "deploy")),
    ):
        if any(
            last == word or last.startswith(word) or last.endswith((f"_{word}", word))
            for word in words
            if len(word) > 2 or last == word
        ):
            return kind
    return "base"


@extracts(ast.Assign, ast.AnnAssign, ast.AugAssign, within="module", only=is_settings)
def django_setting(node: Any, context: Context) -> Iterator[DjangoSetting | At]:
    """
    Each setting, and each item of one that holds several.

    >>> rows(django_setting, "import os\\nINSTALLED_APPS = ['a', 'b']\\nDEBUG = os.environ.get('D') == '1'\\nDATABASES = {'default': {'NAME': 'x'}}", module="site.settings")
    DjangoSetting(name='INSTALLED_APPS', value_source="['a', 'b']", constant="('a', 'b')", constant_type='tuple', origin='literal', module_kind='base')
    DjangoSettingItem(name='INSTALLED_APPS', position=0, key=None, value='a')
    DjangoSettingItem(name='INSTALLED_APPS', position=1, key=None, value='b')
    DjangoSetting(name='DEBUG', value_source="os.environ.get('D') == '1'", constant=None, constant_type=None, origin='environment', module_kind='base')
    DjangoSetting(name='DATABASES', value_source="{'default': {'NAME': 'x'}}", constant=None, constant_type=None, origin='computed', module_kind='base')
    DjangoSettingItem(name='DATABASES', position=0, key='default.NAME', value='x')
    """
    if node.value is None:
        return
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or not target.id.isupper():
        return
    source = context.source(node.value)
    value = context.constant(node.value)
    computed = "environment" if any(word in source for word in _ENVIRONMENT) else "computed"
    yield DjangoSetting(
        name=target.id,
        value_source=source,
        constant=constant_text(value),
        constant_type=None if value is NOT_CONSTANT else type(value).__name__,
        origin=computed if value is NOT_CONSTANT else "literal",
        module_kind=_kind(context.module),
    )
    is_addition = isinstance(node, ast.AugAssign)
    first = _earlier(target.id, node, context) if is_addition else 0
    yield from _rows(target.id, first, _items(node.value, "", context), context)


def _rows(name: str, first: int, found: Iterable[tuple[str | None, ast.expr]], context: Context) -> Iterator[At]:
    for position, (key, item) in enumerate(found, first):
        text = context.string(item)
        value = text if text is not None else context.source(item)
        yield At(item, DjangoSettingItem(name, position, key, value))
        if name in _MIDDLEWARE:
            yield At(item, Middleware("django", value, "setting", position, None))


def _earlier(name: str, node: Any, context: Context) -> int:
    """How many items a setting has before a statement adds to it."""
    total = 0
    for item, _ in context.survey.scopes[0].items:
        statement: Any = item
        found = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        if isinstance(found[0], ast.Name) and found[0].id == name and statement.lineno < node.lineno:
            many = len(list(_items(statement.value, "", context))) if statement.value is not None else 0
            total = total + many if isinstance(statement, ast.AugAssign) else many
    return total


@extracts(ast.Call, callee={"append", "extend", "insert"})
def django_setting_added(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each item that a call adds to a setting.

    >>> rows(django_setting_added, "MIDDLEWARE = ['a']\\nMIDDLEWARE.append('b')\\nMIDDLEWARE.insert(0, 'c')", module="site.settings")
    DjangoSettingItem(name='MIDDLEWARE', position=1, key=None, value='b')
    Middleware(framework='django', name='b', kind='setting', position=1, target=None)
    DjangoSettingItem(name='MIDDLEWARE', position=0, key=None, value='c')
    Middleware(framework='django', name='c', kind='setting', position=0, target=None)
    """
    func = node.func
    if context.scope.kind != "module" or not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return
    name = func.value.id
    if not node.args or not name.isupper() or not is_settings(context):
        return
    at = context.constant(node.args[0]) if func.attr == "insert" else None
    first = at if isinstance(at, int) and at >= 0 else _earlier(name, node, context)
    given = node.args[-1]
    found = _items(given, "", context) if func.attr == "extend" else [(None, given)]
    yield from _rows(name, first, found, context)


def _copied(node: ast.expr, context: Context) -> ast.expr:
    """What `list(X)` or `tuple(X)` is a copy of."""
    is_copy = isinstance(node, ast.Call) and len(node.args) == 1 and context.text(node.func) in {"list", "tuple"}
    return node.args[0] if isinstance(node, ast.Call) and is_copy else node


def _items(node: ast.expr, key: str, context: Context, depth: int = 0) -> Iterator[tuple[str | None, ast.expr]]:
    node = _copied(node, context)
    if isinstance(node, ast.BinOp) and depth < 8:
        yield from _items(node.left, key, context, depth + 1)
        yield from _items(node.right, key, context, depth + 1)
    elif isinstance(node, ast.Name) and depth < 8:  # APPS = OURS + THEIRS
        named = context.binding(node.id)
        if isinstance(named, (ast.List, ast.Tuple, ast.BinOp)):
            yield from _items(named, key, context, depth + 1)
    elif isinstance(node, (ast.List, ast.Tuple)) and depth < 8:
        for item in node.elts:
            if isinstance(item, ast.Starred) and isinstance(item.value, (ast.Name, ast.List, ast.Tuple, ast.BinOp)):
                yield from _items(item.value, key, context, depth + 1)
            elif isinstance(item, ast.Dict):  # a pair in a list is one item
                yield from _items(item, key, context, depth + 1)
            else:
                yield key or None, item
    elif isinstance(node, ast.Dict) and depth < 8:
        for word, item in zip(node.keys, node.values, strict=True):
            name = ".".join(filter(None, (key, context.string(word) if word is not None else "**")))
            if isinstance(item, (ast.Dict, ast.List, ast.Tuple)) and getattr(
                item, "elts", getattr(item, "values", None)
            ):
                yield from _items(item, name, context, depth + 1)
            else:
                yield name, item


def _in_migrations(context: Context) -> bool:
    return ".migrations." in f".{context.module}"


@extracts(ast.Call, when="django", within="class", only=_in_migrations)
def django_migration(node: ast.Call, context: Context) -> Iterator[DjangoMigration]:
    """
    Each operation of a migration.

    >>> rows(django_migration, "from django.db import migrations\\nclass Migration(migrations.Migration):\\n    operations = [migrations.RunSQL('DROP TABLE x')]", module="shop.migrations.0002_x")
    DjangoMigration(app='shop', operation='RunSQL', target=None, is_raw=True, is_reversible=False)
    """
    name = context.name(node.func)
    module, _, operation = name.rpartition(".")
    if module not in {"django.db.migrations", "django.db.migrations.operations"} or operation in {
        "Migration",
        "swappable_dependency",
    }:
        return
    target = (
        context.keyword(node, "name", 0)
        if operation in {"CreateModel", "DeleteModel", "RenameModel", "AlterModelTable"}
        else None
    )
    target = target or context.keyword(node, "model_name", 0)
    raw = operation in _RAW
    reverse = context.keyword(node, "reverse_sql", 1) or context.keyword(node, "reverse_code", 1)
    app = f".{context.module}".partition(".migrations.")[0].rpartition(".")[2]
    yield DjangoMigration(app, operation, None if raw else context.string(target), raw, not raw or reverse is not None)

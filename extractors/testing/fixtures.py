"""Fixtures of pytest: what they are, who uses them, and what a conftest shares."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.functions import own_nodes, own_nodes_of
from extractors.registry import extracts
from extractors.testing.names import FIXTURES, FUNCTIONS, fixture_call, fixture_name, is_test, marks, written
from schema.testing import LocalConftestDefinition, PytestFixture, PytestFixtureUse, PytestHook

_GATE: Final = ("pytest", "_pytest", "pytest_asyncio", "pytest_trio", "pytest_twisted")
_GIVEN: Final = frozenset({"self", "cls", "request"})


def _scope(decorator: Any, context: Context) -> str:
    if not isinstance(decorator, ast.Call):
        return "function"
    given = context.keyword(decorator, "scope") or (decorator.args[0] if decorator.args else None)
    return "function" if given is None else context.string(given) or "dynamic"


def _teardown(node: Any, context: Context) -> tuple[bool, int, str | None]:
    """Whether a fixture yields, the number of statements after the yield, and their source."""
    own = list(own_nodes(node))
    finalizers = [
        part for part in own if isinstance(part, ast.Call) and context.text(part.func).endswith(".addfinalizer")
    ]
    has_yield = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own)
    after: list[ast.stmt] = _behind(node.body) if has_yield else []
    behind = {part for statement in after for part in ast.walk(statement)}
    sources = [context.source(part) for part in (*after, *(one for one in finalizers if one not in behind))]
    return has_yield, len(sources), "\n".join(sources)[:400] or None


def _behind(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements after the last one that yields, those inside `with` and in `finally` included."""
    for number in range(len(body) - 1, -1, -1):
        statement = body[number]
        if not any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own_nodes_of([statement])):
            continue
        inner: list[ast.stmt] = []
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            inner = _behind(statement.body)
        elif isinstance(statement, ast.Try):
            inner = [*_behind(statement.body), *statement.finalbody]
        return [*inner, *body[number + 1 :]]
    return []


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_GATE, decorated=True)
def pytest_fixture(node: Any, context: Context) -> Iterator[PytestFixture]:
    """
    Each fixture, with what stands behind its yield.

    >>> rows(pytest_fixture, "import pytest as p\\n@p.fixture(scope='module', autouse=True, name='db')\\nasync def _db():\\n    yield 1\\n    await close()\\n@p.fixture\\ndef f(request):\\n    request.addfinalizer(g)\\n@x.fixture\\ndef g(): ...")
    PytestFixture(name='db', fixture_scope='module', is_autouse=True, is_parametrized=False, yields=True, teardown_statements=1, teardown_source='await close()', is_async=True, alias='_db')
    PytestFixture(name='f', fixture_scope='function', is_autouse=False, is_parametrized=False, yields=False, teardown_statements=1, teardown_source='request.addfinalizer(g)', is_async=False, alias=None)
    """
    decorator: Any = fixture_call(node, context) if node.decorator_list else None
    if decorator is None:
        return
    call = decorator if isinstance(decorator, ast.Call) else None
    given = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
    name = fixture_name(node, decorator, context)
    yields, statements, source = _teardown(node, context)
    yield PytestFixture(
        name=name,
        fixture_scope=_scope(decorator, context),
        is_autouse=context.constant(given.get("autouse")) is True,
        is_parametrized="params" in given,
        yields=yields,
        teardown_statements=statements,
        teardown_source=source,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        alias=node.name if node.name != name else None,
    )


@extracts(ast.Call, callee={"fixture", "yield_fixture"}, when=_GATE)
def called_fixture(node: ast.Call, context: Context) -> Iterator[PytestFixture]:
    """
    Each fixture made by calling: `name = pytest.fixture(f)`.

    >>> rows(called_fixture, "import pytest\\ndb = pytest.fixture(scope='session')(make_db)\\nweb = pytest.fixture(make_web)")
    PytestFixture(name='db', fixture_scope='session', is_autouse=False, is_parametrized=False, yields=False, teardown_statements=0, teardown_source=None, is_async=False, alias='make_db')
    PytestFixture(name='web', fixture_scope='function', is_autouse=False, is_parametrized=False, yields=False, teardown_statements=0, teardown_source=None, is_async=False, alias='make_web')
    """
    if context.name(node.func) not in FIXTURES or not isinstance(context.statement, ast.Assign):
        return
    value: Any = context.statement.value
    function = value.args[0] if isinstance(value, ast.Call) and len(value.args) == 1 else None
    if function is None or (value is not node and value.func is not node) or context.string(function) is not None:
        return
    made: Any = context.binding(function.id) if isinstance(function, ast.Name) else None
    yields = isinstance(made, FUNCTIONS) and _teardown(made, context)[0]
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    scope = context.string(given.get("scope")) if "scope" in given else "function"
    name = context.string(given.get("name")) or context.text(context.statement.targets[0])
    yield PytestFixture(
        name=name,
        fixture_scope=scope or "dynamic",
        is_autouse=context.constant(given.get("autouse")) is True,
        is_parametrized="params" in given,
        yields=yields,
        teardown_statements=_teardown(made, context)[1] if yields else 0,
        teardown_source=_teardown(made, context)[2] if yields else None,
        is_async=isinstance(made, ast.AsyncFunctionDef),
        alias=context.text(function) or None,
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef)
def fixture_use(node: Any, context: Context) -> Iterable[At]:
    """
    Each fixture a test or fixture asks for; parametrised arguments, mocks and defaults are none.

    >>> rows(fixture_use, "import pytest\\n@pytest.mark.usefixtures('db')\\n@pytest.mark.parametrize('x,y', [])\\ndef test_a(web, x, y, z=1): ...\\n@pytest.fixture\\ndef web(request): request.getfixturevalue('app')\\ndef help(me): ...", path="test_m.py")
    PytestFixtureUse(user='test_a', fixture='web', kind='parameter')
    PytestFixtureUse(user='test_a', fixture='db', kind='usefixtures')
    PytestFixtureUse(user='web', fixture='app', kind='request')
    """
    is_fixture = bool(node.decorator_list) and fixture_call(node, context) is not None
    if is_fixture or (node.name.startswith("test") and is_test(node, context) == "pytest"):
        return _uses(node, is_fixture, context)
    return ()


def _uses(node: Any, is_fixture: bool, context: Context) -> Iterator[At]:
    skipped = set(_GIVEN) | _parametrised(node, node.decorator_list, context)
    around: Any = context.scope
    while around is not None and around.kind == "class":
        skipped |= _parametrised(node, around.node.decorator_list, context)
        around = around.parent
    required = node.args.args[: len(node.args.args) - len(node.args.defaults)]
    patched = 0 if is_fixture else sum(_injects(item, context) for item in node.decorator_list)
    is_static = any(context.name(item) == "staticmethod" for item in node.decorator_list)
    own = 1 if context.scope.kind == "class" and not is_static else 0
    for argument in [*required[own + patched :], *node.args.kwonlyargs]:
        if argument.arg not in skipped:
            yield At(argument, PytestFixtureUse(node.name, argument.arg, "parameter"))
    for decorator in node.decorator_list:
        if marks(decorator, context) == "usefixtures" and isinstance(decorator, ast.Call):
            for part in decorator.args:
                yield At(part, PytestFixtureUse(node.name, context.string(part) or "", "usefixtures"))
    for item, _ in context.inner(node).items:
        if isinstance(item, ast.Call) and context.text(item.func).endswith("getfixturevalue"):
            name = context.string(context.keyword(item, "argname", 0))
            if name is not None:
                yield At(item, PytestFixtureUse(node.name, name, "request"))


def _has_shared(context: Context) -> bool:
    return b"usefixtures" in context.source_bytes


@extracts(ast.ClassDef, ast.Assign, when=_GATE, only=_has_shared)
def shared_fixture_use(node: Any, context: Context) -> Iterator[At]:
    """
    Each fixture that a class, or a whole module by its `pytestmark`, asks for.

    >>> rows(shared_fixture_use, "import pytest\\npytestmark = [pytest.mark.usefixtures('db')]\\n@pytest.mark.usefixtures('web')\\nclass TestA: ...", path="test_m.py")
    PytestFixtureUse(user='m', fixture='db', kind='usefixtures')
    PytestFixtureUse(user='TestA', fixture='web', kind='usefixtures')
    """
    if isinstance(node, ast.ClassDef):
        user, given = node.name, node.decorator_list
    elif any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets):
        user = context.scope.node.name if context.scope.kind == "class" else context.module  # type: ignore[attr-defined]  # a class
        given = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]
    else:
        return
    for mark in given:
        if isinstance(mark, ast.Call) and marks(mark, context) == "usefixtures":
            for part in mark.args:
                yield At(part, PytestFixtureUse(user, context.string(part) or "", "usefixtures"))


def _injects(decorator: ast.expr, context: Context) -> int:
    """The arguments `mock.patch` gives to the function below it."""
    if not isinstance(decorator, ast.Call):
        return 0
    name = context.name(decorator.func)
    if name not in {"unittest.mock.patch", "unittest.mock.patch.object", "mock.patch", "mock.patch.object"}:
        return 0
    return int(context.keyword(decorator, "new", 2 if name.endswith("object") else 1) is None)


def _parametrised(node: Any, decorators: list[ast.expr], context: Context) -> set[str]:
    names: set[str] = set()
    for decorator in (written(one, context) for one in decorators):
        if isinstance(decorator, ast.Call):
            if marks(decorator, context) == "parametrize":
                given = context.constant(context.keyword(decorator, "argnames", 0))
                parts = given.split(",") if isinstance(given, str) else given or ()
                names |= {str(part).strip() for part in parts}
            elif context.name(decorator.func) in {"hypothesis.given", "hypothesis.core.given"}:
                positional = [argument.arg for argument in node.args.args]
                names |= {keyword.arg or "" for keyword in decorator.keywords}
                names |= set(positional[len(positional) - len(decorator.args) :] if decorator.args else ())
    return names


@extracts(ast.FunctionDef)
def pytest_hook(node: ast.FunctionDef, context: Context) -> Iterable[PytestHook]:
    """
    Each hook implementation: in a conftest, a plugin, or marked as one.

    >>> rows(pytest_hook, "import pytest\\n@pytest.hookimpl(wrapper=True, tryfirst=True)\\ndef pytest_runtest_call(item): yield\\ndef pytest_addoption(parser): ...", path="conftest.py")
    PytestHook(hook='pytest_runtest_call', function='pytest_runtest_call', parameters=1, is_wrapper=True, is_first=True)
    PytestHook(hook='pytest_addoption', function='pytest_addoption', parameters=1, is_wrapper=False, is_first=False)
    """
    return _hook(node, context) if node.decorator_list or node.name.startswith("pytest_") else ()


def _hook(node: ast.FunctionDef, context: Context) -> Iterator[PytestHook]:
    decorator = next((item for item in node.decorator_list if _is_hookimpl(item, context)), None)
    is_plugin = context.path.rpartition("/")[2].startswith(("conftest", "pytest_")) or "pytest" in context.imports
    if decorator is None and not (node.name.startswith("pytest_") and is_plugin and context.scope.kind != "function"):
        return
    if decorator is None and fixture_call(node, context) is not None:
        return
    given = {keyword.arg: keyword.value for keyword in getattr(decorator, "keywords", ())}
    flags = {word for word, value in given.items() if context.constant(value) is True}
    hook = context.string(given.get("specname")) or node.name
    parameters = len(node.args.args) - (context.scope.kind == "class")
    yield PytestHook(hook, node.name, parameters, bool({"wrapper", "hookwrapper"} & flags), "tryfirst" in flags)


def _is_hookimpl(decorator: ast.expr, context: Context) -> bool:
    name = context.name(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return name in {"pytest.hookimpl", "pluggy.HookimplMarker", "_pytest.config.hookimpl"}


@extracts(ast.Module)
def conftest_definition(node: ast.Module, context: Context) -> Iterator[At]:
    """
    Each thing a conftest gives to its folder.

    >>> rows(conftest_definition, "import pytest\\npytest_plugins = ['a.b', 'c']\\ncollect_ignore = ['x.py']\\n@pytest.fixture(scope='session')\\ndef db(): ...\\ndef pytest_configure(config): ...\\ndef help(): ...", path="tests/conftest.py")
    LocalConftestDefinition(kind='plugin', name='a.b', fixture_scope=None, is_shared=True)
    LocalConftestDefinition(kind='plugin', name='c', fixture_scope=None, is_shared=True)
    LocalConftestDefinition(kind='ignore', name='x.py', fixture_scope=None, is_shared=True)
    LocalConftestDefinition(kind='fixture', name='db', fixture_scope='session', is_shared=True)
    LocalConftestDefinition(kind='hook', name='pytest_configure', fixture_scope=None, is_shared=True)
    """
    if context.path.rpartition("/")[2] != "conftest.py":
        return
    for item, _ in context.survey.scopes[0].items:
        if isinstance(item, FUNCTIONS):
            decorator = fixture_call(item, context)
            if decorator is not None:
                scope = _scope(decorator, context)
                name = fixture_name(item, decorator, context)
                yield At(item, LocalConftestDefinition("fixture", name, scope, scope != "function"))
            elif item.name.startswith("pytest_"):
                yield At(item, LocalConftestDefinition("hook", item.name, None, True))
        elif isinstance(item, ast.Assign):
            yield from _listed(item, context)
            yield from _made(item, context)


def _made(item: ast.Assign, context: Context) -> Iterator[At]:
    """A fixture made by calling: `db = pytest.fixture(scope="session")(make_db)`."""
    call = item.value
    inner = call.func if isinstance(call, ast.Call) and isinstance(call.func, ast.Call) else call
    if not isinstance(call, ast.Call) or not isinstance(inner, ast.Call) or context.name(inner.func) not in FIXTURES:
        return
    name = context.string(context.keyword(inner, "name")) or context.text(item.targets[0])
    scope = _scope(inner, context)
    if call.args and name:
        yield At(item, LocalConftestDefinition("fixture", name, scope, scope != "function"))


_LISTS: Final = {"pytest_plugins": "plugin", "collect_ignore": "ignore", "collect_ignore_glob": "ignore"}


def _listed(item: ast.Assign, context: Context) -> Iterator[At]:
    for target in item.targets:
        kind = _LISTS.get(context.text(target))
        if kind is not None:
            value = context.constant(item.value)
            for name in (value,) if isinstance(value, str) else value or ():
                yield At(target, LocalConftestDefinition(kind, str(name), None, True))

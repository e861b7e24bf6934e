"""Markers and parametrisation of pytest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.testing.names import marks, written
from schema.testing import LocalMarker, PytestParameter, PytestParametrization

_GATE: Final = ("pytest", "_pytest")


def _marker(target: str, kind: str, marker: str, node: ast.expr, context: Context) -> LocalMarker:
    if not isinstance(node, ast.Call):
        return LocalMarker(target, kind, marker, None, None)
    reason = context.string(context.keyword(node, "reason"))
    given: ast.expr | None = None
    if marker == "skip":
        reason = reason or context.string(context.keyword(node, "reason", 0))
    elif marker in {"skipif", "xfail"}:
        given = context.keyword(node, "condition", 0)
    return LocalMarker(target, kind, marker, reason, context.source(given) or None)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when=_GATE, decorated=True)
def pytest_marker(node: Any, context: Context) -> Iterator[At]:
    """
    Each marker on a function or class.

    >>> rows(pytest_marker, "import pytest\\nfrom pytest import mark\\n@mark.slow\\n@pytest.mark.skipif(WIN, reason='posix')\\ndef test_a(): ...\\n@other.mark.slow\\ndef test_b(): ...")
    LocalMarker(target='test_a', target_kind='function', marker='slow', reason=None, condition=None)
    LocalMarker(target='test_a', target_kind='function', marker='skipif', reason='posix', condition='WIN')
    """
    for decorator in node.decorator_list:
        marker = marks(decorator, context)
        if marker is not None:
            is_class = isinstance(node, ast.ClassDef)
            kind = "class" if is_class else "method" if context.scope.kind == "class" else "function"
            yield At(decorator, _marker(node.name, kind, marker, written(decorator, context), context))


@extracts(ast.Assign, when=_GATE, named={"pytestmark"})
def module_marker(node: ast.Assign, context: Context) -> Iterator[At]:
    """
    Each marker in `pytestmark`, of a module or class.

    >>> rows(module_marker, "import pytest\\npytestmark = [pytest.mark.slow, pytest.mark.skip('old')]")
    LocalMarker(target='m', target_kind='module', marker='slow', reason=None, condition=None)
    LocalMarker(target='m', target_kind='module', marker='skip', reason='old', condition=None)
    """
    if not any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets):
        return
    is_module = context.scope.kind == "module"
    target = context.module if is_module else context.scope.node.name  # type: ignore[attr-defined]  # a class
    for part in node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]:
        marker = marks(part, context)
        if marker is not None:
            yield At(part, _marker(target, "module" if is_module else "class", marker, part, context))


@extracts(ast.Call, callee={"param"}, when=_GATE)
def param_marker(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each marker of one parameter set: its target is the set's id, else the test.

    >>> rows(param_marker, "import pytest\\npytest.param(1, marks=pytest.mark.xfail(reason='bug'), id='one')\\n@pytest.mark.parametrize('x', [pytest.param(2, marks=pytest.mark.slow)])\\ndef test_a(x): ...")
    LocalMarker(target='one', target_kind='param', marker='xfail', reason='bug', condition=None)
    LocalMarker(target='test_a', target_kind='param', marker='slow', reason=None, condition=None)
    """
    given = context.keyword(node, "marks")
    if given is None or context.name(node.func) not in {"pytest.param", "_pytest.mark.param"}:
        return
    name = context.string(context.keyword(node, "id")) or str(getattr(context.statement, "name", ""))
    for part in given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]:
        marker = marks(part, context)
        if marker is not None:
            yield At(part, _marker(name, "param", marker, part, context))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when=_GATE, decorated=True)
def pytest_parametrization(node: Any, context: Context) -> Iterator[At]:
    """
    Each parametrize mark with the names it gives.

    >>> rows(pytest_parametrization, "import pytest\\n@pytest.mark.parametrize('a, b', [(1, 2), (3, 4)], ids=str)\\n@pytest.mark.parametrize(['c'], VALUES, indirect=True)\\ndef test_a(a, b, c): ...")
    PytestParametrization(test='test_a', arguments=2, value_sets=2, has_ids=True, is_indirect=False)
    PytestParameter(test='test_a', position=0, name='a')
    PytestParameter(test='test_a', position=1, name='b')
    PytestParametrization(test='test_a', arguments=1, value_sets=None, has_ids=False, is_indirect=True)
    PytestParameter(test='test_a', position=0, name='c')
    """
    for decorator in node.decorator_list:
        call = written(decorator, context)
        if isinstance(call, ast.Call) and marks(call, context) == "parametrize":
            yield from (At(decorator, row) for row in _parametrization(node.name, call, context))


@extracts(ast.Call, callee={"parametrize"})
def generated_parametrization(node: ast.Call, context: Context) -> Iterator[Any]:
    """
    Each `metafunc.parametrize` in `pytest_generate_tests`.

    >>> rows(generated_parametrization, "def pytest_generate_tests(metafunc):\\n    metafunc.parametrize('x', [1, 2])")
    PytestParametrization(test='pytest_generate_tests', arguments=1, value_sets=2, has_ids=False, is_indirect=False)
    PytestParameter(test='pytest_generate_tests', position=0, name='x')
    """
    function: Any = context.scope.node
    if getattr(function, "name", "") != "pytest_generate_tests" or not isinstance(node.func, ast.Attribute):
        return
    parameters = function.args.args
    if parameters and context.text(node.func.value) == parameters[-1].arg:
        yield from _parametrization("pytest_generate_tests", node, context)


def _parametrization(test: str, call: ast.Call, context: Context) -> Iterator[Any]:
    given = context.constant(context.keyword(call, "argnames", 0))
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, tuple) else ()
    names = [name for name in (str(part).strip() for part in parts) if name]
    values = context.keyword(call, "argvalues", 1)
    if isinstance(values, ast.Name):
        values = context.binding(values.id)
    elements = getattr(values, "elts", None)
    is_written = isinstance(elements, list) and not any(isinstance(part, ast.Starred) for part in elements)
    indirect = context.keyword(call, "indirect")
    is_indirect = indirect is not None and context.constant(indirect) not in (False, ())
    has_ids = context.keyword(call, "ids") is not None
    yield PytestParametrization(test, len(names), len(elements or ()) if is_written else None, has_ids, is_indirect)
    for position, name in enumerate(names):
        yield PytestParameter(test, position, name)

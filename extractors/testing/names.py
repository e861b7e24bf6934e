"""What the test extractors share: which functions are tests, and which names are fixtures."""

from __future__ import annotations

import ast
from typing import Any, Final

from extractors.context import Context
from extractors.statements import called
from extractors.survey import Scope

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
FIXTURES: Final = frozenset(
    "pytest.fixture pytest.yield_fixture _pytest.fixtures.fixture pytest_asyncio.fixture pytest_trio.trio_fixture "
    "pytest_twisted.async_fixture".split()
)
CASES: Final = frozenset(
    "unittest.TestCase unittest.IsolatedAsyncioTestCase unittest.case.TestCase unittest.FunctionTestCase "
    "unittest.async_case.IsolatedAsyncioTestCase twisted.trial.unittest.TestCase tornado.testing.AsyncTestCase "
    "tornado.testing.AsyncHTTPTestCase aiohttp.test_utils.AioHTTPTestCase testtools.TestCase "
    "absl.testing.absltest.TestCase".split()
)
CASE_ROOTS: Final = ("django.test.", "rest_framework.test.", "django.contrib.staticfiles.testing.")
_DEPTH: Final = 20


def is_test_file(path: str) -> bool:
    """Whether pytest collects a file by its default names."""
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def case_base(node: ast.AST, context: Context, depth: int = 0) -> str | None:
    """The library's test case a class comes from, through classes of this file; None for other classes."""
    for base in getattr(node, "bases", ()):
        name = context.name(base)
        if name in CASES or (name.startswith(CASE_ROOTS) and name.endswith("TestCase")):
            return name
        known = context.binding(base.id) if isinstance(base, ast.Name) and depth < _DEPTH else None
        if isinstance(known, ast.ClassDef) and known is not node:
            found = case_base(known, context, depth + 1)
            if found is not None:
                return found
    return None


def is_test(node: Any, context: Context, scope: Scope | None = None) -> str | None:
    """The framework that collects a function by its name and place: pytest, unittest or None."""
    if not node.name.startswith("test"):
        return None
    where = scope or context.scope
    if where.kind == "class":
        if where.case == "":
            where.case = case_base(where.node, context)
        if where.case is not None:
            return "unittest"
        plain = not {"__init__", "__new__"} & where.bindings.keys()
        in_test = where.node.name.startswith("Test") and plain and is_test_file(context.path)  # type: ignore[attr-defined]  # a class
        return "pytest" if in_test and where.parent is not None and where.parent.kind != "function" else None
    return "pytest" if where.kind == "module" and is_test_file(context.path) else None


def fixture_call(node: Any, context: Context) -> ast.Call | ast.expr | None:
    """The decorator that makes a function a fixture."""
    for decorator in node.decorator_list:
        if context.name(called(decorator)) in FIXTURES:
            return decorator  # type: ignore[no-any-return]  # an expression of the tree
    return None


def fixture_name(node: Any, decorator: Any, context: Context) -> str:
    """The name by which tests ask for a fixture."""
    if isinstance(decorator, ast.Call):
        given = context.string(context.keyword(decorator, "name"))
        if given:
            return given
    return str(node.name)


def written(decorator: ast.expr, context: Context) -> ast.expr:
    """A decorator itself, or the marker that its name stands for: `slow = pytest.mark.skipif(…)`, then `@slow`."""
    bound = context.binding(decorator.id) if isinstance(decorator, ast.Name) else None
    return bound if isinstance(bound, (ast.Call, ast.Attribute)) else decorator


def marks(decorator: ast.expr, context: Context) -> str | None:
    """The marker's name of `pytest.mark.x` or `pytest.mark.x(…)`."""
    name = context.name(called(decorator))
    for start in ("pytest.mark.", "_pytest.mark.structures.MARK_GEN."):
        if name.startswith(start):
            return name.removeprefix(start).partition(".")[0]
    return None

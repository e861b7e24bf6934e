"""Tests, test cases and assertions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.members import members
from extractors.registry import extracts
from extractors.statements import called
from extractors.survey import Scope
from extractors.testing.names import FUNCTIONS, case_base, fixture_call, is_test, marks
from schema.testing import Assertion, LocalCase, LocalTest

_SKIPS: Final = frozenset({"unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.expectedFailure"})


def _is_skipped(node: Any, context: Context) -> bool:
    for decorator in node.decorator_list:
        if context.name(called(decorator)) in _SKIPS - {"unittest.expectedFailure"}:
            return True
        if marks(decorator, context) in {"skip", "skipif"}:
            return True
    return False


@extracts(ast.FunctionDef, ast.AsyncFunctionDef)
def test_function(node: Any, context: Context) -> tuple[()]:
    """
    Each test, by the default names of pytest and of unittest's loader.

    >>> rows(test_function, "import unittest\\ndef test_a():\\n    assert f()\\nclass TestB:\\n    async def test_c(self): ...\\nclass D(unittest.TestCase):\\n    @unittest.skip('x')\\n    def test_e(self): self.assertTrue(1)\\nclass F:\\n    def test_g(self): ...\\ndef help():\\n    def test_h(): ...", path="tests/test_m.py")
    LocalTest(name='test_a', framework='pytest', class_name=None, is_async=False, is_skipped=False, has_assertion=True)
    LocalTest(name='test_c', framework='pytest', class_name='TestB', is_async=True, is_skipped=False, has_assertion=False)
    LocalTest(name='test_e', framework='unittest', class_name='D', is_async=False, is_skipped=True, has_assertion=True)
    """
    framework = is_test(node, context) if node.name.startswith("test") else None
    if framework is None or (node.decorator_list and fixture_call(node, context) is not None):
        return ()
    owner = context.scope.node if context.scope.kind == "class" else None
    skipped = _is_skipped(node, context) or (owner is not None and _is_skipped(owner, context))
    name = getattr(owner, "name", None)
    is_async = node.__class__ is ast.AsyncFunctionDef
    context.put(LocalTest, node, (node.name, framework, name, is_async, skipped, _asserts(node, context)))
    return ()


def _asserts(node: ast.AST, context: Context) -> bool:
    scope = context.inner(node)
    for item, _ in scope.items:
        if item.__class__ is ast.Assert:
            return True
        if item.__class__ is ast.Call and _kind(item, context, scope) is not None:
            return True
    return False


@lru_cache(maxsize=1)
def _says_subtest(source: bytes) -> bool:
    """Whether a file has the word at all: looked for once, not in each test of each class."""
    return b"subTest" in source


@extracts(ast.ClassDef, when="unittest django rest_framework twisted tornado aiohttp testtools absl".split())
def unittest_case(node: ast.ClassDef, context: Context) -> Iterator[LocalCase]:
    """
    Each test case class, also below another one of the file.

    >>> rows(unittest_case, "from unittest import TestCase, IsolatedAsyncioTestCase as I\\nclass Base(TestCase):\\n    def setUp(self): ...\\nclass A(Base):\\n    @classmethod\\n    def setUpClass(cls): ...\\n    def test_a(self):\\n        with self.subTest(): ...\\nclass B(I):\\n    async def asyncSetUp(self): ...\\nclass C(object): ...")
    LocalCase(name='Base', base='unittest.TestCase', tests=0, has_setup=True, has_teardown=False, has_class_setup=False, has_class_teardown=False, has_subtests=False, is_async=False)
    LocalCase(name='A', base='unittest.TestCase', tests=1, has_setup=False, has_teardown=False, has_class_setup=True, has_class_teardown=False, has_subtests=True, is_async=False)
    LocalCase(name='B', base='unittest.IsolatedAsyncioTestCase', tests=0, has_setup=True, has_teardown=False, has_class_setup=False, has_class_teardown=False, has_subtests=False, is_async=True)
    """
    base = case_base(node, context)
    if base is None:
        return
    own = context.inner(node).bindings
    methods = [item for item in members(node.body) if isinstance(item, FUNCTIONS)]
    tests = sum(item.name.startswith("test") for item in methods)
    subtests = _says_subtest(context.source_bytes) and any(
        isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr == "subTest"
        for method in methods
        for item, _ in context.inner(method).items
    )
    yield LocalCase(
        node.name,
        base,
        tests,
        bool({"setUp", "asyncSetUp"} & own.keys()),
        bool({"tearDown", "asyncTearDown"} & own.keys()),
        bool({"setUpClass", "setUpTestData"} & own.keys()),
        "tearDownClass" in own,
        subtests,
        base.endswith("IsolatedAsyncioTestCase") or any(isinstance(item, ast.AsyncFunctionDef) for item in methods),
    )


_PYTEST: Final = {
    "pytest.raises": "raises",
    "pytest.warns": "warns",
    "pytest.deprecated_call": "warns",
    "pytest.approx": "approx",
    "pytest.fail": "fail",
}
_OWN: Final = frozenset({"self", "cls"})
_HELPERS: Final = frozenset({"raises", "warns", "approx", "deprecated_call"})
_MOCK: Final = frozenset(
    "assert_called assert_called_once assert_called_with assert_called_once_with assert_any_call assert_has_calls "
    "assert_not_called assert_awaited assert_awaited_once assert_awaited_with assert_awaited_once_with "
    "assert_any_await assert_has_awaits assert_not_awaited".split()
)
_UNITTEST: Final = frozenset(
    "assertEqual assertNotEqual assertTrue assertFalse assertIs assertIsNot assertIsNone assertIsNotNone assertIn "
    "assertNotIn assertIsInstance assertNotIsInstance assertRaises assertRaisesRegex assertWarns assertWarnsRegex "
    "assertLogs assertNoLogs assertAlmostEqual assertNotAlmostEqual assertGreater assertGreaterEqual assertLess "
    "assertLessEqual assertRegex assertNotRegex assertCountEqual assertMultiLineEqual assertSequenceEqual "
    "assertListEqual assertTupleEqual assertSetEqual assertDictEqual assertStartsWith assertEndsWith assertHasAttr "
    "assertNotHasAttr assertIsSubclass assertContains assertNotContains assertRedirects assertTemplateUsed "
    "assertTemplateNotUsed assertFormError assertQuerySetEqual assertQuerysetEqual assertNumQueries assertHTMLEqual "
    "assertHTMLNotEqual assertXMLEqual assertJSONEqual assertJSONNotEqual assertRaisesMessage assertWarnsMessage "
    "assertInHTML assertURLEqual".split()
)


def _kind(node: ast.Call, context: Context, scope: Scope | None = None) -> str | None:
    func: Any = node.func
    if func.__class__ is ast.Attribute:
        word = func.attr
        if word in _MOCK:
            return "mock"
        if word in _UNITTEST or word == "fail":
            is_own = func.value.__class__ is ast.Name and func.value.id in _OWN
            if is_own and word == "fail" and _fails_otherwise(scope or context.scope, context):
                return None
            return "unittest" if is_own else _PYTEST.get(context.name(func, scope))
        if word not in _HELPERS:
            return None
    return _PYTEST.get(context.name(func, scope)) if "pytest" in context.imports else None


def _fails_otherwise(scope: Scope, context: Context) -> bool:
    """Whether the class around has its `fail` from a library that refuses values with it, and tests nothing."""
    owner = scope.parent if scope.parent is not None and scope.parent.kind == "class" else None
    bases = getattr(owner.node, "bases", ()) if owner is not None else ()
    return any(context.name(base).partition(".")[0] in {"rest_framework", "click", "marshmallow"} for base in bases)


_CALLING: Final = ("assertRaises", "assertWarns", "assertLogs", "assertNoLogs")
"""What takes a function and its arguments, and no message."""


@extracts(ast.Call, callee=_UNITTEST | _MOCK | {name.rpartition(".")[2] for name in _PYTEST})
def assertion_call(node: ast.Call, context: Context) -> tuple[()]:
    """
    Each assertion that is a call.

    >>> rows(assertion_call, "import pytest\\nclass A:\\n    def test_a(self):\\n        self.assertEqual(1, 2, 'why')\\n        m.assert_called_once()\\n    def f(self):\\n        with pytest.raises(ValueError): ...\\n        client.fail()\\nfrom rest_framework import serializers\\nclass F(serializers.Field):\\n    def to_internal_value(self, data): self.fail('invalid')")
    Assertion(function='m.A.test_a', kind='unittest', method='assertEqual', source="self.assertEqual(1, 2, 'why')", has_message=True, in_test=False, is_constant=False)
    Assertion(function='m.A.test_a', kind='mock', method='assert_called_once', source='m.assert_called_once()', has_message=False, in_test=False, is_constant=False)
    Assertion(function='m.A.f', kind='raises', method='raises', source='pytest.raises(ValueError)', has_message=False, in_test=False, is_constant=False)
    """
    kind = _kind(node, context)
    if kind is not None:
        func = node.func
        method = func.attr if func.__class__ is ast.Attribute else context.text(func)
        last = kind == "unittest" and len(node.args) > 2 and not method.startswith(_CALLING)
        has_message = (last and context.string(node.args[2]) is not None) or (
            bool(node.keywords) and context.keyword(node, "msg") is not None
        )
        columns = (context.scope.name, kind, method, context.source(node), has_message, _inside_test(context), False)
        context.put(Assertion, node, columns)
    return ()


def _inside_test(context: Context) -> bool:
    scope = context.scope
    known = scope.is_test
    if known is None:
        is_function = scope.kind == "function" and scope.parent is not None
        known = scope.is_test = is_function and is_test(scope.node, context, scope.parent) is not None
    return known


@extracts(ast.Assert)
def assertion(node: ast.Assert, context: Context) -> Iterator[Assertion]:
    """
    Each assert of a test.

    >>> rows(assertion, "def test_a():\\n    assert (x, 'always true')\\n    assert x == 1, 'why'\\ndef f(): assert y", path="test_m.py")
    Assertion(function='m.test_a', kind='assert', method=None, source="(x, 'always true')", has_message=False, in_test=True, is_constant=True)
    Assertion(function='m.test_a', kind='assert', method=None, source='x == 1', has_message=True, in_test=True, is_constant=False)
    """
    if _inside_test(context):
        always = isinstance(node.test, ast.Tuple) or (
            not isinstance(node.test, ast.Name) and context.constant(node.test) is not NOT_CONSTANT
        )
        source, has_message = context.source(node.test), node.msg is not None
        yield Assertion(context.scope.name, "assert", None, source, has_message, True, always)

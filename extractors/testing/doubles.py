"""Test doubles: mocks, patches, monkeypatches, and hand-made ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.testing.names import is_test_file
from schema.testing import Mock

_MOCKS: Final = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"})
_LIBRARIES: Final = ("unittest.mock.", "mock.", "mock.mock.")
_HTTP: Final = frozenset(
    "responses.activate responses.add responses.RequestsMock responses.mock requests_mock.Mocker requests_mock.mock "
    "respx.mock respx.MockRouter httpretty.activate aioresponses.aioresponses httpretty.enabled vcr.use_cassette".split()
)
_TIME: Final = frozenset({"freezegun.freeze_time", "time_machine.travel"})
_PATCHES: Final = {
    "patch": "patch",
    "object": "object",
    "dict": "dict",
    "multiple": "patch",
    "spy": "patch",
    "stub": "mock",
}
_MONKEY: Final = frozenset("setattr setenv delattr delenv setitem delitem syspath_prepend chdir".split())
_CALLEES: Final = (
    _MOCKS | _MONKEY | {name.rpartition(".")[2] for name in _HTTP | _TIME} | {*_PATCHES, "create_autospec"}
)


def _kind(node: ast.Call, context: Context) -> str | None:
    """What kind of double a call makes, by its exact name, or by the fixture its receiver is."""
    name = context.name(node.func)
    if name.startswith(_LIBRARIES):
        rest = name.removeprefix("unittest.").removeprefix("mock.").removeprefix("mock.")
        if rest in _MOCKS:
            return "mock"
        if rest == "create_autospec":
            return "autospec"
        head, _, word = rest.rpartition(".")
        return _PATCHES.get(word) if head in {"", "patch"} and (word == "patch" or head) else None
    if name in _HTTP or name in _TIME:
        return "http" if name in _HTTP else "time"
    return _by_fixture(node, context)


def _by_fixture(node: ast.Call, context: Context) -> str | None:
    """`mocker` and `monkeypatch` are known by the name pytest gives them: they must be parameters."""
    root, _, rest = context.text(node.func).partition(".")
    if root not in {"mocker", "monkeypatch"} or root not in _parameters(context):
        return None
    if root == "monkeypatch":
        return "monkeypatch" if rest in _MONKEY else None
    word = rest.rpartition(".")[2]
    return "mock" if word in _MOCKS else "autospec" if word == "create_autospec" else _PATCHES.get(word)


def _parameters(context: Context) -> set[str]:
    names: set[str] = set()
    scope: Any = context.scope
    while scope is not None:
        given = getattr(scope.node, "args", None)
        if isinstance(given, ast.arguments):
            names |= {argument.arg for argument in (*given.args, *given.kwonlyargs)}
        scope = scope.parent
    return names


def _place(node: ast.Call, context: Context) -> str:
    statement: Any = context.statement
    if node in getattr(statement, "decorator_list", ()):
        return "decorator"
    is_with = isinstance(statement, (ast.With, ast.AsyncWith))
    return "with" if is_with and any(item.context_expr is node for item in statement.items) else "call"


@extracts(ast.Call, callee=_CALLEES)
def mock(node: ast.Call, context: Context) -> Iterator[Mock]:
    """
    Each mock, patch and monkeypatch.

    >>> rows(mock, "from unittest import mock as m\\nfrom unittest.mock import patch\\n@patch('a.b', autospec=True)\\ndef test_a(b, monkeypatch):\\n    monkeypatch.setenv('HOME', '/')\\n    with patch.object(C, 'f', return_value=1): ...\\n    x = m.Mock(spec=C, side_effect=E)\\n    obj.patch('x'); setattr(x, 'y', 1)")
    Mock(kind='patch', target='a.b', place='decorator', has_return_value=False, has_side_effect=False, has_spec=True, is_autospec=True)
    Mock(kind='monkeypatch', target='HOME', place='call', has_return_value=False, has_side_effect=False, has_spec=False, is_autospec=False)
    Mock(kind='object', target='C.f', place='with', has_return_value=True, has_side_effect=False, has_spec=False, is_autospec=False)
    Mock(kind='mock', target='C', place='call', has_return_value=False, has_side_effect=True, has_spec=True, is_autospec=False)
    """
    kind = _kind(node, context)
    if kind is None:
        return
    given = {keyword.arg for keyword in node.keywords}
    has_spec = bool({"spec", "spec_set", "autospec"} & given) or kind == "autospec"
    is_autospec = kind == "autospec" or context.constant(context.keyword(node, "autospec")) is True
    target = _target(node, kind, context)
    place = _place(node, context)
    yield Mock(kind, target, place, "return_value" in given, "side_effect" in given, has_spec, is_autospec)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when={name.partition(".")[0] for name in _HTTP})
def decorating_mock(node: Any, context: Context) -> Iterator[At]:
    """
    Each double of the network that a decorator without arguments sets up.

    >>> rows(decorating_mock, "import responses\\n@responses.activate\\ndef test_a(): ...")
    Mock(kind='http', target=None, place='decorator', has_return_value=False, has_side_effect=False, has_spec=False, is_autospec=False)
    """
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) and context.name(decorator) in _HTTP:
            yield At(decorator, Mock("http", None, "decorator", False, False, False, False))


def _target(node: ast.Call, kind: str, context: Context) -> str | None:
    """What is replaced: `a.b`, for objects with the attribute behind."""
    first = context.keyword(node, "spec") or (node.args[0] if node.args else None)
    if first is None:
        return None
    target = context.string(first) or context.text(first) or context.source(first)
    second = node.args[1] if len(node.args) > 1 else None
    attribute = context.string(second) if kind in {"object", "monkeypatch"} else None
    is_environment = isinstance(node.func, ast.Attribute) and node.func.attr.endswith("env")
    return f"{target}.{attribute}" if attribute and not is_environment else target


@extracts(ast.ClassDef)
def test_double(node: ast.ClassDef, context: Context) -> Iterator[Mock]:
    """
    Each hand-made double of a test file.

    >>> rows(test_double, "class FakeMailer(Mailer): ...\\nclass Faker: ...\\nclass Stub: ...", path="tests/test_mail.py")
    Mock(kind='double', target='Mailer', place='class', has_return_value=False, has_side_effect=False, has_spec=True, is_autospec=False)
    Mock(kind='double', target=None, place='class', has_return_value=False, has_side_effect=False, has_spec=False, is_autospec=False)
    """
    for word in ("Fake", "Stub", "Spy", "Dummy"):
        rest = node.name.lstrip("_").removeprefix(word)
        named = rest != node.name.lstrip("_") and (not rest or not rest[0].islower())
        if named and (is_test_file(context.path) or "tests/" in context.path):
            target = context.text(node.bases[0]) if node.bases else None
            yield Mock("double", target or None, "class", False, False, bool(node.bases), False)

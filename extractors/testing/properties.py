"""Property tests: what Hypothesis is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.statements import called
from schema.testing import HypothesisStrategy, HypothesisTest

_MODULES: Final = ("hypothesis.", "hypothesis.core.", "hypothesis.strategies.", "hypothesis.stateful.")


def _is(name: str, *words: str) -> bool:
    head, _, word = name.rpartition(".")
    return word in words and f"{head}." in _MODULES


def _strategy(owner: str, parameter: str | None, node: ast.expr, context: Context) -> At:
    plain = called(node)
    return At(
        node,
        HypothesisStrategy(
            owner, parameter, context.name(plain) or context.text(plain) or context.source(plain, 80), False
        ),
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="hypothesis", decorated=True)
def hypothesis_test(node: Any, context: Context) -> Iterator[HypothesisTest | At]:
    """
    Each property test with its strategies.

    >>> rows(hypothesis_test, "from hypothesis import given as g, settings, strategies as st\\n@settings(max_examples=5)\\n@g(st.integers(), y=st.text())\\ndef test_a(x, y): ...\\n@st.composite\\ndef pair(draw): ...\\n@given.x()\\ndef test_b(): ...")
    HypothesisTest(test='test_a', strategies=2, has_settings=True, has_examples=False, is_stateful=False)
    HypothesisStrategy(owner='test_a', parameter='x', strategy='hypothesis.strategies.integers', is_composite=False)
    HypothesisStrategy(owner='test_a', parameter='y', strategy='hypothesis.strategies.text', is_composite=False)
    HypothesisStrategy(owner='pair', parameter=None, strategy='hypothesis.strategies.composite', is_composite=True)
    """
    names = [context.name(called(decorator)) for decorator in node.decorator_list]
    for decorator, name in zip(node.decorator_list, names, strict=True):
        if _is(name, "composite"):
            yield At(node, HypothesisStrategy(node.name, None, name, True))
        if not _is(name, "given") or not isinstance(decorator, ast.Call):
            continue
        strategies = len(decorator.args) + len(decorator.keywords)
        has_settings = any(_is(other, "settings") for other in names)
        has_examples = any(_is(other, "example") for other in names)
        yield HypothesisTest(node.name, strategies, has_settings, has_examples, False)
        keywords = {keyword.arg for keyword in decorator.keywords}
        positional = [argument.arg for argument in node.args.args if argument.arg not in keywords]
        filled = positional[len(positional) - len(decorator.args) :] if decorator.args else []
        for number, part in enumerate(decorator.args):
            yield _strategy(node.name, filled[number] if number < len(filled) else None, part, context)
        for keyword in decorator.keywords:
            yield _strategy(node.name, keyword.arg, keyword.value, context)


@extracts(ast.ClassDef, when="hypothesis")
def state_machine(node: ast.ClassDef, context: Context) -> Iterator[HypothesisTest]:
    """
    Each state machine.

    >>> rows(state_machine, "from hypothesis.stateful import RuleBasedStateMachine, rule\\nclass M(RuleBasedStateMachine):\\n    @rule(x=st.integers())\\n    def add(self, x): ...")
    HypothesisTest(test='M', strategies=1, has_settings=False, has_examples=False, is_stateful=True)
    """
    if any(_is(context.name(base), "RuleBasedStateMachine") for base in node.bases):
        rules = sum(
            _is(context.name(called(decorator)), "rule")
            for item in node.body
            for decorator in getattr(item, "decorator_list", ())
        )
        yield HypothesisTest(node.name, rules, False, False, True)


@extracts(ast.Call, callee={"register_type_strategy"}, when="hypothesis")
def registered_strategy(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each strategy registered for a type.

    >>> rows(registered_strategy, "import hypothesis.strategies as st\\nst.register_type_strategy(User, st.builds(User))")
    HypothesisStrategy(owner='User', parameter=None, strategy='hypothesis.strategies.builds', is_composite=False)
    """
    given = context.keyword(node, "strategy", 1)
    if given is not None and _is(context.name(node.func), "register_type_strategy"):
        owner = context.text(context.keyword(node, "custom_type", 0))
        yield _strategy(owner, None, given, context)

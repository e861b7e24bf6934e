"""What single statements and expressions of the language do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.codes import GENERATOR_CODES
from extractors.context import At, Context
from extractors.functions import own_nodes
from extractors.members import members
from extractors.registry import extracts
from schema.language import (
    Comprehension,
    ContextManager,
    ContextManagerClass,
    Generator,
    Match,
    Property,
    Raise,
)


def called(node: Any) -> Any:
    """What a decorator or base names: the callee of a call, else itself."""
    return node.func if isinstance(node, ast.Call) else node


def _item(node: ast.expr, target: ast.expr | None, is_async: bool, position: int, context: Context) -> None:
    callee = context.name(node.func) or None if isinstance(node, ast.Call) else None
    as_name = None if target is None else context.source(target) or None
    context.put(ContextManager, node, (callee, context.source(node), as_name, is_async, position))


@extracts(ast.With, ast.AsyncWith)
def context_manager(node: ast.With | ast.AsyncWith, context: Context) -> tuple[()]:
    """
    Each item of a with statement.

    >>> rows(context_manager, "with (open(p) as f, lock): ...\\nasync def g():\\n    async with s.get(u) as r: ...")
    ContextManager(callee='open', source='open(p)', as_name='f', is_async=False, position=0)
    ContextManager(callee=None, source='lock', as_name=None, is_async=False, position=1)
    ContextManager(callee=None, source='s.get(u)', as_name='r', is_async=True, position=0)
    """
    is_async = isinstance(node, ast.AsyncWith)
    for position, item in enumerate(node.items):
        _item(item.context_expr, item.optional_vars, is_async, position, context)
    return ()


@extracts(ast.Call, callee={"enter_context", "enter_async_context"})
def entered_context(node: ast.Call, context: Context) -> tuple[()]:
    """
    Each context manager entered through an exit stack.

    >>> rows(entered_context, "f = stack.enter_context(open(p))")
    ContextManager(callee='open', source='open(p)', as_name='f', is_async=False, position=0)
    """
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        targets = context.statement.targets if isinstance(context.statement, ast.Assign) else [None]
        target = targets[0] if context.variable(node) else None
        _item(node.args[0], target, "async" in context.source(node.func), 0, context)
    return ()


_ENTRIES: Final = {"__enter__": "__exit__", "__aenter__": "__aexit__"}
_MAKERS: Final = {"contextlib.contextmanager": False, "contextlib.asynccontextmanager": True}


@extracts(ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, decorated=True)
def context_manager_class(node: Any, context: Context) -> Iterator[ContextManagerClass]:
    """
    Each context manager the project defines.

    >>> rows(context_manager_class, "from contextlib import contextmanager as cm\\n@cm\\ndef f(): yield\\nclass A:\\n    async def __aenter__(self): ...\\n    async def __aexit__(self, *a): ...")
    ContextManagerClass(name='f', kind='function', is_async=False)
    ContextManagerClass(name='A', kind='class', is_async=True)
    """
    if node.__class__ is ast.ClassDef:
        bound = context.inner(node).bindings
        for enter, leave in _ENTRIES.items():
            if enter in bound and leave in bound:
                yield ContextManagerClass(node.name, "class", enter == "__aenter__")
                return
        return
    for decorator in node.decorator_list:
        name = context.name(called(decorator))
        if name in _MAKERS:
            yield ContextManagerClass(node.name, "function", _MAKERS[name])


_PROPERTIES: Final = frozenset(
    "property builtins.property abc.abstractproperty types.DynamicClassAttribute pyramid.decorator.reify "
    "sqlalchemy.ext.hybrid.hybrid_property".split()
)
_CACHED: Final = frozenset({"cached_property", "threaded_cached_property", "reify"})
"""What each library calls what it keeps."""


@extracts(ast.ClassDef)
def class_property(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each property of a class.

    >>> rows(class_property, "import functools, abc\\nclass A:\\n    @property\\n    @abc.abstractmethod\\n    def a(self): ...\\n    @a.setter\\n    def a(self, v): ...\\n    @functools.cached_property\\n    def b(self): ...\\n    c = property(get, None, drop)\\n    @b.cache\\n    def d(self): ...")
    Property(name='a', class_name='A', has_setter=True, has_deleter=False, is_cached=False, is_abstract=True)
    Property(name='b', class_name='A', has_setter=False, has_deleter=False, is_cached=True, is_abstract=False)
    Property(name='c', class_name='A', has_setter=False, has_deleter=True, is_cached=False, is_abstract=False)
    >>> rows(class_property, "from kombu.utils.objects import cached_property\\nclass A:\\n    if NEW:\\n        @property\\n        def a(self): ...\\n    else:\\n        @cached_property\\n        def b(self): ...")
    Property(name='a', class_name='A', has_setter=False, has_deleter=False, is_cached=False, is_abstract=False)
    Property(name='b', class_name='A', has_setter=False, has_deleter=False, is_cached=True, is_abstract=False)
    """
    found: dict[str, tuple[ast.AST, Property]] = {}
    for statement in members(node.body):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if statement.decorator_list:
                _property(statement, node.name, found, context)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, ast.Call):
            _called_property(statement, statement.value, node.name, found, context)
    for place, row in found.values():
        yield At(place, row)


def _property(method: Any, owner: str, found: dict[str, tuple[ast.AST, Property]], context: Context) -> None:
    names = [context.name(called(decorator)) for decorator in method.decorator_list]
    kind = next((name for name in names if name in _PROPERTIES or name.rpartition(".")[2] in _CACHED), None)
    if kind is not None:
        is_cached = kind.rpartition(".")[2] in _CACHED
        is_abstract = kind == "abc.abstractproperty" or "abc.abstractmethod" in names
        found[method.name] = (method, Property(method.name, owner, False, False, is_cached, is_abstract))
        return
    for decorator in method.decorator_list:
        name, _, word = context.text(decorator).rpartition(".")
        if name in found and word in {"setter", "deleter"}:
            place, row = found[name]
            setter, deleter = row.has_setter or word == "setter", row.has_deleter or word == "deleter"
            found[name] = (place, row._replace(has_setter=setter, has_deleter=deleter))


def _called_property(
    statement: Any, call: ast.Call, owner: str, found: dict[str, tuple[ast.AST, Property]], context: Context
) -> None:
    name = context.name(call.func)
    is_cached = name.rpartition(".")[2] in _CACHED
    if not is_cached and name not in _PROPERTIES:
        return
    setter, deleter = (_given(context.keyword(call, word, position)) for position, word in ((1, "fset"), (2, "fdel")))
    is_abstract = name == "abc.abstractproperty"
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        if isinstance(target, ast.Name):
            found[target.id] = (call, Property(target.id, owner, setter, deleter, is_cached, is_abstract))


def _given(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.GeneratorExp)
def generator(node: Any, context: Context) -> Iterable[Generator]:
    """
    Each generator, counting only its own body.

    >>> rows(generator, "def f():\\n    while True:\\n        got = yield 1\\n        def g(): yield 2\\n    yield from x\\nh = (i for i in f())")
    Generator(name='f', kind='function', yields=2, has_yield_from=True, has_send=True, is_infinite=True, is_async=False)
    Generator(name='', kind='expression', yields=1, has_yield_from=False, has_send=False, is_infinite=False, is_async=False)
    Generator(name='g', kind='function', yields=1, has_yield_from=False, has_send=False, is_infinite=False, is_async=False)
    """
    if node.__class__ is ast.GeneratorExp:
        is_async = any(clause.is_async for clause in node.generators)
        return [Generator("", "expression", 1, False, False, False, is_async)]
    shape = context.inner(node).shape
    if _YIELD not in shape and _FROM not in shape:
        return ()
    yields, froms = shape.count(_YIELD), shape.count(_FROM)
    is_async = node.__class__ is ast.AsyncFunctionDef
    own = list(own_nodes(node))
    dropped = {id(part.value) for part in own if isinstance(part, ast.Expr)}
    has_send = any(isinstance(part, ast.Yield) and id(part) not in dropped for part in own)
    return [Generator(node.name, "function", yields + froms, froms > 0, has_send, _is_infinite(own), is_async)]


_YIELD, _FROM = sorted(GENERATOR_CODES)
_OUT: Final = (ast.Break, ast.Return)
_YIELDS: Final = (ast.Yield, ast.YieldFrom)


def _is_infinite(own: list[ast.AST]) -> bool:
    for loop in own:
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value:
            inside = list(own_nodes(loop))
            if any(isinstance(part, _YIELDS) for part in inside) and not any(isinstance(part, _OUT) for part in inside):
                return True
    return False


@extracts(ast.Raise)
def raised(node: ast.Raise, context: Context) -> Iterator[Raise]:
    """
    Each raise.

    >>> rows(raised, "try:\\n    raise ValueError(f'{x}') from e\\nexcept KeyError as error: raise\\nexcept TypeError as error: raise error")
    Raise(exception='ValueError', message_source="f'{x}'", is_reraise=False, has_cause=True)
    Raise(exception=None, message_source=None, is_reraise=True, has_cause=False)
    Raise(exception=None, message_source=None, is_reraise=False, has_cause=False)
    """
    made = node.exc
    message = made.args[0] if isinstance(made, ast.Call) and made.args else None
    name = context.name(called(made)) or None
    yield Raise(name, context.source(message) or None, made is None, node.cause is not None)


_COMPREHENSIONS: Final[dict[type[ast.AST], str]] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}


@extracts(*_COMPREHENSIONS)
def comprehension(node: Any, context: Context) -> Iterator[Comprehension]:
    """
    Each comprehension.

    >>> rows(comprehension, "a = [x for x in y if x for z in x]\\nb = {k: [v for v in k] for k in d}")
    Comprehension(kind='list', targets=2, conditions=1, is_async=False, nesting=0)
    Comprehension(kind='dict', targets=1, conditions=0, is_async=False, nesting=1)
    Comprehension(kind='list', targets=1, conditions=0, is_async=False, nesting=0)
    """
    clauses = node.generators
    nesting, inner = 0, node
    while True:
        inner = inner.value if inner.__class__ is ast.DictComp else inner.elt
        if inner.__class__ not in _COMPREHENSIONS:
            break
        nesting += 1
    conditions = sum([len(clause.ifs) for clause in clauses])
    is_async = any([clause.is_async for clause in clauses])
    yield Comprehension(_COMPREHENSIONS[node.__class__], len(clauses), conditions, is_async, nesting)


@extracts(ast.Match)
def matched(node: ast.Match, context: Context) -> Iterator[Match]:
    """
    Each match statement.

    >>> rows(matched, "match x.y:\\n    case {'a': 1}: ...\\n    case P() | [_]: ...\\n    case _: ...")
    Match(subject='x.y', cases=3, has_wildcard=True, patterns='as mapping or')
    """
    patterns = [case.pattern for case in node.cases]
    kinds = sorted({type(pattern).__name__.removeprefix("Match").lower() for pattern in patterns})
    wildcard = any(
        isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
        for case in node.cases
    )
    yield Match(context.source(node.subject), len(patterns), wildcard, " ".join(kinds))

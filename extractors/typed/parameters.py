"""Type parameters, type variables, aliases, literals and overloads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.annotations import is_typing
from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.typed.classes import arguments_of, bases, signature
from schema.typed import LiteralValue, NewType, Overload, TypeAlias, TypeParameter, TypeVariable

_KINDS: Final = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_ALIAS: Final[Any] = getattr(ast, "TypeAlias", None)  # new in Python 3.12


def _bracketed(owner: str, kind: str, node: Any, context: Context) -> Iterator[At]:
    """Type parameters written in brackets (PEP 695), with defaults (PEP 696)."""
    for position, part in enumerate(node.type_params):
        bound = getattr(part, "bound", None)
        constraints = context.source(bound) if isinstance(bound, ast.Tuple) else None
        single = None if constraints else context.source(bound) or None
        default = context.source(getattr(part, "default_value", None)) or None
        word = type(part).__name__
        yield At(
            part,
            TypeParameter(owner, kind, part.name, word, single, constraints, default, position, "bracket"),
        )


@extracts(ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
def type_parameter(node: Any, context: Context) -> Iterable[At]:
    """
    Each type parameter of a class or function.

    >>> rows(type_parameter, "from typing import *\\nfrom typing import Generic, TypeVar, Protocol\\nT = TypeVar('T', bound=int)\\nclass A(Generic[T, U]): ...")
    TypeParameter(owner='A', owner_kind='class', name='T', kind='TypeVar', bound='int', constraints=None, default_source=None, position=0, syntax='base')
    TypeParameter(owner='A', owner_kind='class', name='U', kind='', bound=None, constraints=None, default_source=None, position=1, syntax='base')
    """
    is_class = node.__class__ is ast.ClassDef
    if getattr(node, "type_params", None):
        return _bracketed(node.name, "class" if is_class else "function", node, context)
    return _of_bases(node, context) if is_class and node.bases else ()


def _of_bases(node: ast.ClassDef, context: Context) -> Iterator[At]:
    position = 0
    for name, arguments in bases(node, context):
        if not is_typing(name, "Generic", "Protocol"):
            continue
        for part in arguments_of(arguments):
            yield At(part, _from_base(node.name, part, position, context))
            position += 1


def _from_base(owner: str, part: ast.expr, position: int, context: Context) -> TypeParameter:
    inner: Any = part.value if isinstance(part, ast.Starred) else part
    if isinstance(inner, ast.Subscript) and is_typing(context.name(inner.value), "Unpack"):
        inner = inner.slice
    made = context.binding(inner.id) if isinstance(inner, ast.Name) else None
    known = _variable(made, context) if isinstance(made, ast.Call) else None
    name = context.text(inner) or context.source(inner)
    if known is None:
        return TypeParameter(owner, "class", name, "", None, None, None, position, "base")
    return TypeParameter(
        owner, "class", name, known.kind, known.bound, known.constraints, known.default_source, position, "base"
    )


def _variable(node: ast.Call, context: Context) -> TypeVariable | None:
    callee = context.name(node.func)
    kind = callee.rpartition(".")[2]
    if kind not in _KINDS or not is_typing(callee, kind):
        return None
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    flags = [
        word for word in ("covariant", "contravariant", "infer_variance") if context.constant(given.get(word)) is True
    ]
    return TypeVariable(
        context.string(context.keyword(node, "name", 0)) or context.variable(node) or "",
        kind,
        context.source(given.get("bound")) or None,
        ", ".join(context.source(part) for part in node.args[1:]) or None,
        context.source(given.get("default")) or None,
        {"infer_variance": "inferred"}.get(flags[0], flags[0]) if flags else "invariant",
    )


@extracts(ast.Call, callee=_KINDS)
def type_variable(node: ast.Call, context: Context) -> Iterator[TypeVariable]:
    """
    Each type variable that a call declares.

    >>> rows(type_variable, "import typing as t\\nT = t.TypeVar('T', bound='int', covariant=True)\\nS = t.TypeVar('S', str, bytes)\\nP = t.ParamSpec('P', default=[int])\\nother.TypeVar('X')")
    TypeVariable(name='T', kind='TypeVar', bound="'int'", constraints=None, default_source=None, variance='covariant')
    TypeVariable(name='S', kind='TypeVar', bound=None, constraints='str, bytes', default_source=None, variance='invariant')
    TypeVariable(name='P', kind='ParamSpec', bound=None, constraints=None, default_source='[int]', variance='invariant')
    """
    row = _variable(node, context)
    if row is not None:
        yield row


@extracts(ast.Call, callee={"NewType"})
def new_type(node: ast.Call, context: Context) -> Iterator[NewType]:
    """
    Each NewType.

    >>> rows(new_type, "from typing import NewType as N\\nUserId = N('UserId', int)")
    NewType(name='UserId', base='int')
    """
    if is_typing(context.name(node.func), "NewType") and len(node.args) + len(node.keywords) == 2:
        name = context.string(context.keyword(node, "name", 0)) or context.variable(node) or ""
        yield NewType(name, context.source(context.keyword(node, "tp", 1)))


_CONTAINERS: Final = frozenset("list dict set tuple frozenset type".split())
_CLASSES: Final = _CONTAINERS | frozenset("int str bytes float bool complex bytearray memoryview object".split())
_SIDES: Final = 64


@extracts(ast.Assign, ast.AnnAssign, within=("module", "class"))
def type_alias(node: Any, context: Context) -> Iterator[At]:
    """
    Each alias of a type, declared or by a plain assignment of a subscripted type or a union in a module.

    >>> rows(type_alias, "import typing as t\\nA: t.TypeAlias = 'dict[str, int]'\\nB = t.Annotated[int, 1]\\nC = list[int]\\nD = x[1]\\nE = t.Any\\nF = int | None\\nG = 1 | 2")
    TypeAlias(name='A', value="'dict[str, int]'", kind='annotated')
    TypeAlias(name='B', value='t.Annotated[int, 1]', kind='implicit')
    TypeAlias(name='C', value='list[int]', kind='implicit')
    TypeAlias(name='F', value='int | None', kind='implicit')
    """
    value = node.value
    if node.__class__ is ast.AnnAssign:
        if value is not None and is_typing(context.name(node.annotation), "TypeAlias"):
            yield At(node.target, TypeAlias(context.text(node.target), context.source(value), "annotated"))
        return
    if value.__class__ in (ast.Subscript, ast.BinOp) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name) and _is_type(value, context):
            yield At(target, TypeAlias(target.id, context.source(value), "implicit"))


def _is_type(value: ast.expr, context: Context) -> bool:
    """Whether a subscript or a union can be nothing but a type."""
    if isinstance(value, ast.Subscript):
        name = context.name(value.value)
        return name in _CONTAINERS or name.startswith(("typing.", "typing_extensions.", "collections.abc."))
    sides: list[ast.expr] = [value]
    while len(sides) < _SIDES and isinstance(sides[-1], ast.BinOp):
        union = sides.pop()
        if not isinstance(union.op, ast.BitOr):  # type: ignore[attr-defined]  # a BinOp, by the loop
            return False
        sides += [union.right, union.left]  # type: ignore[attr-defined]  # as above
    return len(sides) > 1 and any(_is_class(side, context) for side in sides)


def _is_class(side: ast.expr, context: Context) -> bool:
    """Whether one side of a union says that it is one of types, and not of numbers or sets."""
    if isinstance(side, ast.Constant):
        return side.value is None
    return _is_type(side, context) if isinstance(side, ast.Subscript) else context.name(side) in _CLASSES


if _ALIAS is not None:

    @extracts(_ALIAS)
    def type_statement(node: Any, context: Context) -> Iterator[At]:
        """
        Each `type X = …`, with its type parameters.

        >>> rows(type_statement, "type X[T: int] = dict[str, T]")
        TypeAlias(name='X', value='dict[str, T]', kind='statement')
        TypeParameter(owner='X', owner_kind='alias', name='T', kind='TypeVar', bound='int', constraints=None, default_source=None, position=0, syntax='bracket')
        """
        yield At(node.name, TypeAlias(node.name.id, context.source(node.value), "statement"))
        yield from _bracketed(node.name.id, "alias", node, context)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=("typing", "typing_extensions"), decorated=True)
def overload(node: Any, context: Context) -> Iterator[Overload]:
    """
    Each overload variant, numbered in its scope.

    >>> rows(overload, "from typing import overload as o\\n@o\\ndef f(x: int) -> int: ...\\n@o\\nasync def f(x: str = ')') -> str: ...\\ndef f(x): return x")
    Overload(function='f', position=0, signature='(x: int) -> int', is_async=False)
    Overload(function='f', position=1, signature="(x: str = ')') -> str", is_async=True)
    """
    if not any(is_typing(context.name(item), "overload") for item in node.decorator_list):
        return
    body = getattr(context.scope.node, "body", ())
    same = [item for item in body if getattr(item, "name", None) == node.name] if isinstance(body, list) else []
    position = same.index(node) if node in same else 0
    yield Overload(node.name, position, signature(node, context), isinstance(node, ast.AsyncFunctionDef))


@extracts(ast.Subscript, when=("typing", "typing_extensions"))
def literal_value(node: ast.Subscript, context: Context) -> Iterator[At]:
    """
    Each value that a Literal allows.

    >>> rows(literal_value, "from typing import Literal as L\\ndef f(a: L['r', 'w'] | None) -> L[1]: ...\\nX = L[True, None]\\nclass C:\\n    m: list[L['x']]")
    LiteralValue(name='a', place='parameter', position=0, value='r', type='str')
    LiteralValue(name='a', place='parameter', position=1, value='w', type='str')
    LiteralValue(name='f', place='return', position=0, value='1', type='int')
    LiteralValue(name='X', place='alias', position=0, value='True', type='bool')
    LiteralValue(name='X', place='alias', position=1, value='None', type='NoneType')
    LiteralValue(name='m', place='attribute', position=0, value='x', type='str')
    """
    word = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    if not word or not is_typing(context.name(node.value), "Literal"):
        return
    place, name = _place(node, context)
    for position, part in enumerate(arguments_of(node.slice)):
        value = context.constant(part)
        if value is NOT_CONSTANT:
            yield At(part, LiteralValue(name, place, position, context.source(part), "name"))
        else:
            yield At(part, LiteralValue(name, place, position, constant_text(value) or "", type(value).__name__))


def _holds(outer: Any, node: Any) -> bool:
    """Whether one expression lies within another, by place."""
    start, end = (outer.lineno, outer.col_offset), (outer.end_lineno, outer.end_col_offset)
    return bool(start <= (node.lineno, node.col_offset) and (node.end_lineno, node.end_col_offset) <= end)


def _place(node: ast.Subscript, context: Context) -> tuple[str, str | None]:
    """What the annotation around a node annotates, and its name."""
    statement: Any = context.statement
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if statement.returns is not None and _holds(statement.returns, node):
            return "return", statement.name
        given = statement.args
        for part in (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg):
            if part is not None and part.annotation is not None and _holds(part.annotation, node):
                return "parameter", part.arg
    if isinstance(statement, ast.AnnAssign) and _holds(statement.annotation, node):
        is_attribute = context.scope.kind == "class" or isinstance(statement.target, ast.Attribute)
        return "attribute" if is_attribute else "variable", context.text(statement.target) or None
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        return "alias", context.text(target) or None
    if _ALIAS is not None and isinstance(statement, _ALIAS):
        return "alias", statement.name.id
    return "other", None

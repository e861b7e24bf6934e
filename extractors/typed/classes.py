"""Protocols, typed dictionaries, enumerations and named tuples."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.annotations import is_typing
from extractors.context import At, Context, constant_text
from extractors.members import members
from extractors.registry import extracts
from extractors.statements import called
from schema.typed import Enum, EnumMember, NamedTupleType, Protocol, ProtocolMember, TypedDict, TypedDictField

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def bases(node: ast.ClassDef, context: Context) -> list[tuple[str, ast.expr | None]]:
    """Exact name and arguments of each base."""
    return [
        (context.name(base.value), base.slice) if isinstance(base, ast.Subscript) else (context.name(base), None)
        for base in node.bases
    ]


def arguments_of(part: ast.expr | None) -> list[ast.expr]:
    """The arguments of a subscript, one by one."""
    return [] if part is None else list(part.elts) if isinstance(part, ast.Tuple) else [part]


def signature(node: Any, context: Context) -> str:
    """Parameters and result as written: `(self, x: int) -> str`."""
    given = node.args
    defaults = [default for default in (*given.defaults, *given.kw_defaults) if default is not None]
    named = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg, *defaults, node.returns]
    parts = [part for part in named if part is not None]
    generics = getattr(node, "type_params", None)
    start = generics[-1].end_col_offset if generics else node.col_offset + len("def ") + len(node.name.encode())
    end = max(((part.end_lineno, part.end_col_offset) for part in parts), default=None)
    if end is None:
        return "()"
    first = generics[-1].end_lineno if generics else node.lineno
    span = ast.Name("", lineno=first, col_offset=start, end_lineno=end[0], end_col_offset=end[1])
    text = " ".join(context.source(span).split()).replace("( ", "(")
    return text[text.find("(") :] + ("" if node.returns is not None else ")")


@extracts(ast.ClassDef, when=("typing", "typing_extensions"))
def protocol(node: ast.ClassDef, context: Context) -> Iterator[Protocol | At]:
    """
    Each protocol with its members.

    >>> rows(protocol, "import typing as t\\n@t.runtime_checkable\\nclass P(t.Protocol[T]):\\n    size: int\\n    def f(self, x: dict[str, int] = {}) -> str: ...\\n    @property\\n    def g(self): ...\\nclass Q(Protocol): ...")
    Protocol(name='P', is_runtime_checkable=True, members=3, type_parameters=1)
    ProtocolMember(protocol='P', name='size', kind='attribute', signature=None, annotation='int')
    ProtocolMember(protocol='P', name='f', kind='method', signature='(self, x: dict[str, int] = {}) -> str', annotation='str')
    ProtocolMember(protocol='P', name='g', kind='property', signature='(self)', annotation=None)
    """
    named = bases(node, context)
    own = [arguments for name, arguments in named if is_typing(name, "Protocol")]
    if not own:
        return
    own_members = list(_members(node, context))
    checked = any(is_typing(context.name(called(item)), "runtime_checkable") for item in node.decorator_list)
    parameters = len(getattr(node, "type_params", ())) or sum(len(arguments_of(part)) for part in own)
    yield Protocol(node.name, checked, len(own_members), parameters)
    yield from own_members


def _members(node: ast.ClassDef, context: Context) -> Iterator[At]:
    for statement in members(node.body):
        if isinstance(statement, _FUNCTIONS):
            is_property = any(context.name(called(item)) == "property" for item in statement.decorator_list)
            kind = "property" if is_property else "method"
            returns = context.source(statement.returns) or None
            yield At(statement, ProtocolMember(node.name, statement.name, kind, signature(statement, context), returns))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            annotation = context.source(statement.annotation)
            yield At(statement, ProtocolMember(node.name, statement.target.id, "attribute", None, annotation))


@extracts(ast.ClassDef)
def typed_dict_class(node: ast.ClassDef, context: Context) -> Iterator[TypedDict | At]:
    """
    Each TypedDict written as a class, and those that extend one of this file.

    >>> rows(typed_dict_class, "from typing import *\\nfrom typing import TypedDict, NotRequired, ReadOnly\\nclass A(TypedDict, total=False):\\n    a: int\\nclass B(A):\\n    b: NotRequired[str]\\n    c: ReadOnly[int]")
    TypedDict(name='A', is_total=False, is_closed=False, fields=1, syntax='class')
    TypedDictField(typed_dict='A', name='a', annotation='int', is_required=False, is_read_only=False)
    TypedDict(name='B', is_total=True, is_closed=False, fields=2, syntax='class')
    TypedDictField(typed_dict='B', name='b', annotation='NotRequired[str]', is_required=False, is_read_only=False)
    TypedDictField(typed_dict='B', name='c', annotation='ReadOnly[int]', is_required=True, is_read_only=True)
    """
    if not _is_typed_dict(node, context, 0):
        return
    given = {keyword.arg: context.constant(keyword.value) for keyword in node.keywords}
    total = given.get("total", True) is not False
    fields = [
        At(statement, _field(node.name, statement.target.id, statement.annotation, total, context))
        for statement in members(node.body)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    yield TypedDict(node.name, total, given.get("closed") is True, len(fields), "class")
    yield from fields


def _is_typed_dict(node: ast.ClassDef, context: Context, depth: int) -> bool:
    for base in node.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        if is_typing(context.name(plain), "TypedDict"):
            return True
        known = context.binding(plain.id) if isinstance(plain, ast.Name) and depth < 20 else None
        if isinstance(known, ast.ClassDef) and known is not node and _is_typed_dict(known, context, depth + 1):
            return True
    return False


def _field(owner: str, name: str, annotation: ast.expr, total: bool, context: Context) -> TypedDictField:
    required, read_only, inner = total, False, annotation
    while isinstance(inner, ast.Subscript) and is_typing(
        context.name(inner.value), "Required", "NotRequired", "ReadOnly", "Annotated"
    ):
        word = context.name(inner.value).rpartition(".")[2]
        required = word == "Required" if word in {"Required", "NotRequired"} else required
        read_only = read_only or word == "ReadOnly"
        inner = arguments_of(inner.slice)[0]
    return TypedDictField(owner, name, context.source(annotation), required, read_only)


@extracts(ast.Call, callee={"TypedDict"})
def typed_dict_call(node: ast.Call, context: Context) -> Iterator[TypedDict | At]:
    """
    Each TypedDict made by a call.

    >>> rows(typed_dict_call, "from typing_extensions import TypedDict as D, Required\\nM = D('M', {'a-b': int, 'c': Required[str]}, total=False)")
    TypedDict(name='M', is_total=False, is_closed=False, fields=2, syntax='call')
    TypedDictField(typed_dict='M', name='a-b', annotation='int', is_required=False, is_read_only=False)
    TypedDictField(typed_dict='M', name='c', annotation='Required[str]', is_required=True, is_read_only=False)
    """
    if not is_typing(context.name(node.func), "TypedDict"):
        return
    name = context.string(context.keyword(node, "typename", 0)) or context.variable(node) or ""
    given = context.keyword(node, "fields", 1)
    total = context.constant(context.keyword(node, "total")) is not False
    pairs = zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ()
    fields = [
        At(key, _field(name, context.string(key) or "", value, total, context))
        for key, value in pairs
        if key is not None
    ]
    yield TypedDict(name, total, context.constant(context.keyword(node, "closed")) is True, len(fields), "call")
    yield from fields


_ENUMS: Final = frozenset(
    "enum.Enum enum.IntEnum enum.StrEnum enum.Flag enum.IntFlag enum.ReprEnum django.db.models.TextChoices "
    "django.db.models.IntegerChoices django.db.models.Choices".split()
)
_FLAGS: Final = frozenset({"enum.Flag", "enum.IntFlag"})


@extracts(ast.ClassDef)
def enumeration(node: ast.ClassDef, context: Context) -> Iterator[Enum | At]:
    """
    Each enumeration with its members; methods, private names and nested classes are none.

    >>> rows(enumeration, "import enum\\nclass Base(enum.Enum):\\n    def f(self): ...\\nclass C(Base):\\n    RED = 1\\n    DARK = RED\\n    GREEN = enum.auto()\\n    x: int\\n    _y = 3\\nclass D(Enum): A = 1")
    Enum(name='Base', base='enum.Enum', is_flag=False, members=0)
    Enum(name='C', base='enum.Enum', is_flag=False, members=3)
    EnumMember(enum='C', name='RED', value='1')
    EnumMember(enum='C', name='DARK', value=None)
    EnumMember(enum='C', name='GREEN', value='auto()')
    """
    base = _enum_base(node, context, 0)
    if base is None:
        return
    members = list(_enum_members(node, context))
    yield Enum(node.name, base, base in _FLAGS, len(members))
    yield from members


def _enum_base(node: ast.ClassDef, context: Context, depth: int) -> str | None:
    for base in node.bases:
        name = context.name(base)
        if name in _ENUMS:
            return name
        known = context.binding(base.id) if isinstance(base, ast.Name) and depth < 20 else None
        if isinstance(known, ast.ClassDef) and known is not node:
            found = _enum_base(known, context, depth + 1)
            if found is not None:
                return found
    return None


def _enum_members(node: ast.ClassDef, context: Context) -> Iterator[At]:
    for statement in members(node.body):
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            for part in parts:
                if isinstance(part, ast.Name) and not part.id.startswith("_"):
                    value = statement.value if part is target else None
                    yield At(part, EnumMember(node.name, part.id, _member_value(value, context)))


def _member_value(value: ast.expr | None, context: Context) -> str | None:
    if isinstance(value, ast.Call) and context.name(value.func) == "enum.auto":
        return "auto()"
    return constant_text(context.constant(value)) if value is not None else None


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _ENUMS))
def enumeration_call(node: ast.Call, context: Context) -> Iterator[Enum | At]:
    """
    Each enumeration made by a call.

    >>> rows(enumeration_call, "from enum import Enum\\nC = Enum('C', 'RED GREEN')\\nD = Enum('D', {'A': 1})\\nE = Color('red')\\nimport enum\\nF = enum.StrEnum('F', ['X'])")
    Enum(name='C', base='enum.Enum', is_flag=False, members=2)
    EnumMember(enum='C', name='RED', value='1')
    EnumMember(enum='C', name='GREEN', value='2')
    Enum(name='D', base='enum.Enum', is_flag=False, members=1)
    EnumMember(enum='D', name='A', value='1')
    Enum(name='F', base='enum.StrEnum', is_flag=False, members=1)
    EnumMember(enum='F', name='X', value='x')
    """
    base = context.name(node.func)
    given = context.keyword(node, "names", 1)
    if base not in _ENUMS or given is None:
        return
    name = context.string(context.keyword(node, "value", 0)) or context.variable(node) or ""
    members = list(_called_members(name, base, given, context))
    yield Enum(name, base, base in _FLAGS, len(members))
    yield from members


def _called_members(enum: str, base: str, given: ast.expr, context: Context) -> Iterator[At]:
    if isinstance(given, ast.Dict):
        for key, value in zip(given.keys, given.values, strict=True):
            if key is not None and (text := context.string(key)):
                yield At(key, EnumMember(enum, text, constant_text(context.constant(value))))
        return
    value = context.constant(given)
    is_flag, is_text = base in _FLAGS, base == "enum.StrEnum"
    if not isinstance(value, (str, tuple)):
        return
    for number, item in enumerate(value.replace(",", " ").split() if isinstance(value, str) else value):
        own: Any = (
            item.lower() if is_text and isinstance(item, str) else 1 << min(number, 64) if is_flag else number + 1
        )
        pair = item if isinstance(item, tuple) and len(item) == 2 else (item, own)
        yield At(given, EnumMember(enum, str(pair[0]), constant_text(pair[1])))


@extracts(ast.ClassDef)
def named_tuple_class(node: ast.ClassDef, context: Context) -> Iterator[NamedTupleType]:
    """
    Each named tuple written as a class.

    >>> rows(named_tuple_class, "import typing\\nclass P(typing.NamedTuple):\\n    x: int\\n    y: int = 0\\n    def f(self): ...")
    NamedTupleType(name='P', syntax='class', fields=2)
    """
    if any(is_typing(context.name(base), "NamedTuple") for base in node.bases):
        fields = sum(isinstance(statement, ast.AnnAssign) for statement in node.body)
        yield NamedTupleType(node.name, "class", fields)


@extracts(ast.Call, callee={"namedtuple", "NamedTuple"})
def named_tuple_call(node: ast.Call, context: Context) -> Iterator[NamedTupleType]:
    """
    Each named tuple made by a call.

    >>> rows(named_tuple_call, "from collections import namedtuple as n\\nP = n('P', 'x, y z')\\nQ = n('Q', ['a'])")
    NamedTupleType(name='P', syntax='call', fields=3)
    NamedTupleType(name='Q', syntax='call', fields=1)
    """
    callee = context.name(node.func)
    if callee != "collections.namedtuple" and not is_typing(callee, "NamedTuple"):
        return
    name = context.string(context.keyword(node, "typename", 0)) or context.variable(node) or ""
    given = context.keyword(node, "field_names", 1) or context.keyword(node, "fields")
    value = context.constant(given)
    names: Any = value.replace(",", " ").split() if isinstance(value, str) else value
    items = getattr(given, "elts", names if isinstance(names, (list, tuple)) else ())
    yield NamedTupleType(name, "call", len(items))

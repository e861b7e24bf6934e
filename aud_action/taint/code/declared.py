"""Annotations: what a declared type says of a value."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import ANY, BOOL, NUMBER, TEXT, UNKNOWN, Value
from extractors.flow import code

NUMERIC = {
    "builtins.int", "builtins.float", "builtins.complex", "uuid.UUID", "decimal.Decimal", "datetime.datetime",
    "datetime.date", "datetime.time", "datetime.timedelta", "fractions.Fraction", "ipaddress.IPv4Address",
    "pydantic.PositiveInt", "pydantic.conint", "pydantic.NonNegativeInt", "pydantic.UUID4", "typing.Literal",
    "typing_extensions.Literal", "pydantic.conint()", "pydantic.types.UUID4", "graphene.Int",
}  # fmt: skip
"""Types whose values can't carry an attacker's text."""
_WRAPPERS = {
    "typing.Optional", "typing.Union", "typing.Annotated", "typing.Final", "typing.ClassVar", "typing.Awaitable",
    "typing_extensions.Annotated", "typing.Type",
    "ninja.Query", "ninja.Path", "ninja.Form", "ninja.Body", "ninja.Header", "ninja.Cookie", "ninja.File",
}  # fmt: skip
_CONTAINERS = {
    "builtins.list", "typing.List", "typing.Sequence", "typing.Iterable", "builtins.set", "typing.Set",
    "typing.Iterator",
    "builtins.tuple", "typing.Tuple", "collections.abc.Sequence", "collections.abc.Iterable", "builtins.frozenset",
    "collections.abc.Iterator", "typing.AsyncIterator", "typing.Generator", "collections.abc.AsyncIterator",
}  # fmt: skip

FIELDS = frozenset(
    f"{path}()"
    for path in ("dataclasses.field", "attr.ib", "attr.attrib", "attr.field", "attrs.field", "msgspec.field")
) | {"pydantic.Field", "pydantic.fields.Field"}
"""What a class says of a field in place of a value: each object has a value of its own."""


_INFOS = {"strawberry.Info", "strawberry.types.Info", "strawberry.types.info.Info"}
"""What resolvers are told of the query: its first parameter is the type of the context."""


def aliased(frame: Frame, annotation: Any) -> tuple[Any, Frame]:
    """What a name for an annotation stands for: `Slug = Annotated[str, …]`, with the frame where it was given."""
    if type(annotation) is not str:
        return annotation, frame
    name, module = annotation, frame.module
    asked = frame.machine.names_asked
    for _ in range(4):
        asked.add(name)
        if name not in module.origins:
            break
        module, name = module.origins[name]
    asked.add(name)
    for statement in module.functions[0].body:
        if statement[0] == code.SET_TO and name in statement[1]:
            told = statement[2]
            if type(told) is list and told[0] == code.ITEM:
                return told, Frame(frame.machine, Closure(module.functions[0], None), frame.depth)
    return annotation, frame


def typed(frame: Frame, annotation: Any, depth: int = 4) -> Value:
    """A value of a declared type; UNKNOWN when the type says nothing."""
    if annotation is None or depth == 0:
        return UNKNOWN
    annotation, frame = aliased(frame, annotation)
    if type(annotation) is list and annotation[0] == code.ITEM:
        return _parametrised(frame, annotation, depth)
    if type(annotation) is list and annotation[0] == code.BIN and annotation[1] == "|":
        sides = [typed(frame, one, depth - 1) for one in annotation[2:4]]
        known = [one for one in sides if one is not UNKNOWN]
        return known[0] if len(known) == 1 else UNKNOWN
    if type(annotation) is list and annotation[0] not in (code.ATTR, code.CALL):
        return UNKNOWN
    try:
        kind = frame.machine.value_of(frame, Env({}), annotation)
    except Unreachable:
        return UNKNOWN
    return instance(frame, kind)


_CALLABLES = {"types.FunctionType", "types.LambdaType", "types.MethodType", "types.CoroutineType"}
"""Types of functions: to call one runs it, and doesn't make one."""


def instance(frame: Frame, kind: Value) -> Value:
    """A value of a class."""
    if set(kind.paths) & NUMERIC:
        return NUMBER
    if "builtins.bool" in kind.paths:
        return BOOL
    if "builtins.str" in kind.paths:
        return TEXT
    refs = tuple(ref for ref in kind.refs if isinstance(ref, ClassRef))
    if refs and any("enum.Enum" in frame.machine.lineage(ref) for ref in refs):
        return NUMBER
    if refs:
        return Value(refs=refs, kind="object")
    paths = tuple(
        path for path in kind.paths if not path.startswith(("builtins.", "typing.")) and path not in _CALLABLES
    )
    return Value(paths=paths, kind="object") if paths else UNKNOWN


def _parametrised(frame: Frame, annotation: Any, depth: int) -> Value:
    try:
        outer = frame.machine.value_of(frame, Env({}), annotation[1])
    except Unreachable:
        return UNKNOWN
    key = annotation[2]
    parts = key[1] if type(key) is list and key[0] == code.TUPLE else [key]
    names = set(outer.paths)
    if names & NUMERIC:
        return NUMBER
    if names & _WRAPPERS:
        kinds = [typed(frame, one, depth - 1) for one in (parts[:1] if "Annotated" in str(names) else parts)]
        known = [one for one in kinds if one is not UNKNOWN]
        return known[0] if len(known) == 1 else UNKNOWN
    if names & _INFOS:
        held = {"context": typed(frame, parts[0], depth - 1)}
        return Value(paths=outer.paths, items={} if held["context"] is UNKNOWN else held, kind="object")
    if names & _CONTAINERS and parts:  # `tuple[()]` has none
        inner = typed(frame, parts[0], depth - 1)
        return Value(items={ANY: inner}, kind="list") if inner is not UNKNOWN else UNKNOWN
    return instance(frame, outer)

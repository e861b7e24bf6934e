"""Constraints of fields and parameters: patterns that a text must match, and functions that check it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.declared import aliased
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.charset import of_pattern
from aud_action.taint.values.harmless import ALL, marks
from aud_action.taint.values.value import NUMBER, Value, all_taints
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_LIBRARIES = ("pydantic.", "fastapi.", "sqlmodel.", "ninja.", "annotated_types.", "litestar.params.", "msgspec.Meta")
_BY_NAME = frozenset(
    "pydantic.field_validator pydantic.validator pydantic.functional_validators.field_validator "
    "pydantic.class_validators.validator pydantic.v1.validator sqlmodel.field_validator".split()
)
_BY_FUNCTION = frozenset(
    "pydantic.AfterValidator pydantic.BeforeValidator pydantic.functional_validators.AfterValidator "
    "pydantic.functional_validators.BeforeValidator".split()
)


def excluded(frame: Frame, *nodes: Any) -> int:
    """The mask of what a text can't contain: by a `pattern` in an annotation, its metadata, or a default."""
    mask = 0
    for callee, node in _said(frame, nodes):
        words = dict(node[3])
        pattern = words.get("pattern", words.get("regex"))
        if callee.startswith(_LIBRARIES) and pattern is not None:
            mask |= _of(frame.machine.value_of(frame, Env({}), pattern))
    return mask


def declared(default: Any) -> int:
    """The same by what a field is set to: `slug: str = Field(pattern="…")`."""
    items = default.items if isinstance(default, Value) and default.kind == "object" else None
    if not items or not any(path.startswith(_LIBRARIES) for path in default.paths):
        return 0
    return _of(items.get("pattern", items.get("regex")))


def _of(pattern: Value | None) -> int:
    known = pattern.consts[0] if pattern and pattern.consts and len(pattern.consts) == 1 else None
    if not isinstance(known, str):
        return 0
    if known.endswith("$") and not known.endswith("\\$"):
        known = known[:-1] + r"\Z"  # where it ends there is no line break either
    return marks(of_pattern(known, 0, "match"))


def checked(frame: Frame, annotation: Any, value: Value) -> Value:
    """A value after the functions that its annotation names: `Annotated[str, AfterValidator(known)]`."""
    for callee, node in _said(frame, [annotation]):
        if callee in _BY_FUNCTION and node[2]:
            value = _called(frame, frame.machine.value_of(frame, Env({}), node[2][0]), value)
    return value


def validated(machine: Machine, owner: ClassRef, name: str, value: Value) -> Value:
    """A field's value after the methods of its model that check it."""
    frame = Frame(machine, Closure(owner.module.functions[0], owner.scope, owner), 0)
    for statement in owner.body.body:
        if statement[0] == code.DEF and any(name in _fields(frame, one) for one in statement[2]):
            function = owner.module.functions[statement[1]]
            method = Closure(function, owner.scope, owner, Value(refs=(owner,), kind="class"), "class")
            value = _called(Frame(machine, method, 0), Value(refs=(method,), kind="function"), value)
    return value


def whole(machine: Machine, owner: ClassRef, instance: Value) -> Value:
    """An object after the methods of its model that check it as a whole."""
    frame = Frame(machine, Closure(owner.module.functions[0], owner.scope, owner), 0)
    for statement in owner.body.body:
        if statement[0] != code.DEF or not any(_is_of_all(frame, one) for one in statement[2]):
            continue
        method = Closure(owner.module.functions[statement[1]], owner.scope, owner).bound(instance)
        told = Env({})
        try:
            machine.call(frame, told, Value(refs=(method,), kind="function"), [], [], [code.CALL, None, [], [], -1])
        except Unreachable:
            continue
        instance = told.settled(instance)
    return instance


def _is_of_all(frame: Frame, decorator: Any) -> bool:
    """`@model_validator(mode="after")`: of an object whose fields are there already."""
    if type(decorator) is not list or decorator[0] != code.CALL:
        return False
    after = dict(decorator[3]).get("mode") == [code.CONST, "after"]
    return after and any(path.endswith(".model_validator") for path in _paths(frame, decorator))


def _called(frame: Frame, function: Value, value: Value) -> Value:
    """What a check makes of a value; the value itself when it refuses every one."""
    try:
        made = frame.machine.call(frame, Env({}), function, [value], [], [code.CALL, None, [], [], -1])
    except Unreachable:
        return value
    if all(one.cleared == ALL for one in all_taints(made)):
        return NUMBER  # one of a few texts that the check knows
    return made


def _fields(frame: Frame, decorator: Any) -> list[str]:
    """The fields that a decorator says its method checks."""
    if type(decorator) is not list or decorator[0] != code.CALL or not _BY_NAME.intersection(_paths(frame, decorator)):
        return []
    return [one[1] for one in decorator[2] if type(one) is list and one[0] == code.CONST]


def _said(frame: Frame, nodes: Any) -> Iterator[tuple[str, Any]]:
    """The calls in annotations, their metadata and alternatives, with the API path of what is called."""
    for one in nodes:
        node, frame = aliased(frame, one)
        if type(node) is not list or not node:
            continue
        if node[0] == code.CALL:
            yield from ((path, node) for path in _paths(frame, node))
        elif node[0] == code.ITEM:
            key = node[2]
            yield from _said(frame, key[1] if type(key) is list and key and key[0] == code.TUPLE else [key])
        elif node[0] == code.BIN:
            yield from _said(frame, node[2:4])


def _paths(frame: Frame, node: Any) -> tuple[str, ...]:
    try:
        return frame.machine.value_of(frame, Env({}), node[1]).paths
    except Unreachable:
        return ()

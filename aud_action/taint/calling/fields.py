"""What is kept in the fields of dataclasses, named tuples and models: each by itself, as they are made and as they are changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aud_action.taint.code.declared import FIELDS, typed
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Fields
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, unpacked
from aud_action.taint.frameworks import constraints, schemas
from aud_action.taint.library.adapters import ADAPTED
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


def finished(frame: Frame, env: Env, owner: ClassRef, instance: Value, only: list[str], node: Any) -> Value:
    """What `__post_init__` leaves of a new instance."""
    for link in frame.machine.order(owner):
        found = frame.machine.class_namespace(link).get("__post_init__") if isinstance(link, ClassRef) else None
        if isinstance(found, Value) and found.refs and isinstance(found.refs[0], Closure):
            outs: dict[str, Value] = {}
            method = found.refs[0].bound(instance)
            passed = [instance.items[name] for name in only if name in instance.items] if instance.items else []
            at = node[-1] if node else -1
            frame.machine.invoke(frame, env, method, passed, [], [None, None, [None] * len(passed), [], at], outs)
            names = method.function.facts.parameters
            return outs.get(names[0].name, instance) if names else instance
    return instance


def only_passed(fields: dict[str, tuple[ClassRef, Any]]) -> list[str]:
    """Fields that are only handed to `__post_init__`: `InitVar[str]`."""
    return [name for name, (_, annotation) in fields.items() if "InitVar" in _words(annotation)]


def _words(annotation: Any) -> tuple[Any, ...]:
    base = annotation[1] if type(annotation) is list and annotation[0] == code.ITEM else annotation
    return (base, base[2]) if type(base) is list and base[0] == code.ATTR else (base,)


def of_class(machine: Machine, owner: ClassRef) -> dict[str, tuple[ClassRef, Any]]:
    """The annotated fields of a dataclass, NamedTuple or model, and those that are made with `attr.ib()`, bases first."""
    fields: dict[str, tuple[ClassRef, Any]] = {}
    for link in reversed(machine.order(owner)):
        if isinstance(link, ClassRef):
            for base in machine.bases(link):
                fields.update({name: (link, None) for ref in base.refs if type(ref) is Fields for name in ref.names})
            held = machine.class_namespace(link)
            fields.update({name: (link, annotation) for name, annotation in link.annotations.items()})
            if link.facts.decorators and not link.annotations:
                fields.update({name: (link, None) for name, one in held.items() if _is_field(one)})
    return fields


def _is_field(value: Any) -> bool:
    return isinstance(value, Value) and not FIELDS.isdisjoint(value.paths)


def field_type(machine: Machine, owner: ClassRef, annotation: Any) -> Value:
    """What a field's annotation says of it."""
    frame = Frame(machine, Closure(owner.module.functions[0], owner.scope, owner), 0)
    return typed(frame, annotation)


def filled(
    machine: Machine, owner: ClassRef, instance: Value, fields: dict[str, tuple[ClassRef, Any]],
    positional: list[Value], named: Named, is_checked: bool = True,
) -> Value:  # fmt: skip
    """An instance with what its fields are given. is_checked: a model makes sure of what it is given."""
    check = _checked if is_checked else _unchecked
    words = {name for name, _ in named}
    items: dict[Any, Value] = {}
    for name, value in [*zip(fields, positional, strict=False), *named]:
        if name is None:
            for key in [one for one in fields if one not in items and one not in words]:
                found = element(value, key)
                if found is not UNKNOWN:
                    items[key] = check(machine, owner, key, fields.get(key), found)
        else:
            items[name] = check(machine, owner, name, fields.get(name), value)
    for name, (link, _) in fields.items():
        if name not in items and ANY not in items and (default := _default(machine, link, name)) is not None:
            items[name] = default
    if "typing.NamedTuple" in machine.lineage(owner):
        items.update({index: items[name] for index, name in enumerate(fields) if name in items})
    made = instance.but(items=items)
    return constraints.whole(machine, owner, made) if is_checked and machine.lineage(owner) & _MODELS else made


def _default(machine: Machine, owner: ClassRef, name: str) -> Value | None:
    """What a field holds of which nothing is said: a constant, or what its factory makes."""
    told = machine.class_namespace(owner).get(name)
    if not isinstance(told, Value):
        return None
    if told.consts is not None:
        return told
    if told.items is None or FIELDS.isdisjoint(told.paths):
        return None
    default = told.items.get("default", UNKNOWN)
    factory = told.items.get("default_factory") or told.items.get("factory") or (default.items or {}).get("factory")
    if factory is None:
        return default if default.consts is not None else None
    frame = Frame(machine, Closure(owner.module.functions[0], owner.scope, owner), 0)
    try:
        made: Value = machine.call(frame, Env({}), factory, [], [], [code.CALL, None, [], [], -1])
    except Unreachable:
        return None
    return made


_MODELS = frozenset({"pydantic.BaseModel", "ninja.Schema", "sqlmodel.SQLModel"})
_VALIDATES = frozenset(
    f"pydantic.BaseModel.{name}" for name in ("model_validate", "model_validate_json", "parse_obj", "parse_raw")
)
_CONSTRUCTS = frozenset({"pydantic.BaseModel.model_construct", "pydantic.BaseModel.construct"})


def _checked(machine: Machine, owner: ClassRef, name: str, field: Any, value: Value) -> Value:
    """A field's value: a model that validates makes a number of a text where one is meant, and refuses what its checks refuse."""
    if field is None or not machine.lineage(owner) & _MODELS:
        return value
    link, annotation = field
    if field_type(machine, link, annotation).kind in ("number", "bool"):
        return NUMBER
    if not value.taints:
        return value
    frame = Frame(machine, Closure(link.module.functions[0], link.scope, link), 0)
    mask = constraints.excluded(frame, annotation) | constraints.declared(machine.class_namespace(link).get(name))
    if mask:
        value = each_taint(value, lambda taint: taint.clearing(mask))
    return constraints.validated(machine, link, name, constraints.checked(frame, annotation, value))


def _unchecked(_machine: Machine, _owner: ClassRef, _name: str, _field: Any, value: Value) -> Value:
    return value


def loaded(
    frame: Frame, model: Value, paths: tuple[str, ...], positional: list[Value], named: Named, result: Value
) -> Value:
    """What a schema, a model or a named tuple of the project makes of what it is given: `Order.model_validate(data)`."""
    if schemas.LOADS.intersection(paths):
        return schemas.read(frame, model, result)
    if ADAPTS.intersection(paths) and model.items and (positional or named):
        return _adapted(frame, model.items.get(ADAPTED, UNKNOWN), (positional or [one for _, one in named])[0], result)
    if model.kind != "class" or not (positional or named):
        return result
    is_checked = not _CONSTRUCTS.intersection(paths)
    if _VALIDATES.intersection(paths):
        positional, named = [], [(None, (positional or [one for _, one in named])[0])]
    elif "typing.NamedTuple._make" in paths:
        positional = unpacked(positional[0])
    elif is_checked:
        return result
    for owner in model.refs:
        fields = of_class(frame.machine, owner) if isinstance(owner, ClassRef) else {}
        if fields:
            instance = Value(refs=(owner,), items={}, kind="object")
            return filled(frame.machine, owner, instance, fields, positional, named, is_checked)
    return result


ADAPTS = frozenset(f"pydantic.TypeAdapter.{name}" for name in ("validate_python", "validate_json", "validate_strings"))


def _adapted(frame: Frame, kind: Value, data: Value, result: Value) -> Value:
    """What `TypeAdapter(list[Move]).validate_python(data)` yields: models whose fields are checked, or a list of them."""
    if kind.kind == "number":
        return NUMBER
    if kind.kind == "list" and kind.items:
        each = _adapted(frame, kind.items.get(ANY, UNKNOWN), element(data, ANY), result)
        return Value(items={ANY: each}, kind="list")
    for owner in kind.refs:
        fields = of_class(frame.machine, owner) if isinstance(owner, ClassRef) else {}
        if fields:
            return filled(frame.machine, owner, kind.but(items={}), fields, [], [(None, data)])
    return result

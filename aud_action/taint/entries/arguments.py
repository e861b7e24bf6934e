"""Arguments that are declared elsewhere: what Graphene's fields, Gradio's components and Spyne's signatures let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Lazy
from aud_action.taint.frames.assign import unpacked
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values import fold
from aud_action.taint.values.value import NUMBER, STRUCTURED, UNKNOWN, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.entries.points import Entry
    from aud_action.taint.machine import Machine

_HARMLESS: Final = frozenset(
    "graphene.Int graphene.Float graphene.Boolean graphene.BigInt graphene.Decimal graphene.UUID graphene.Date "
    "graphene.DateTime graphene.Time graphene.Enum".split()
)
"""Types whose values are numbers, dates or one of a few: of the others a client's text comes through."""
_NUMERIC: Final = frozenset(
    f"spyne.{module}{name}" for module in ("", "model.primitive.", "model.")
    for name in ("Integer Integer32 Integer64 Int Long UnsignedInt UnsignedInteger Float Double Decimal Boolean Date "
                 "DateTime Time Uuid").split()
)  # fmt: skip
"""Types of Spyne's that a message is refused for which doesn't hold them."""
_JSON: Final = frozenset(
    "strawberry.scalars.JSON graphene.JSONString graphene.types.json.JSONString graphene.types.generic.GenericScalar".split()
)
"""Scalars that hold any document."""
_INNER: Final = ("Arguments", "Input")
_BOUNDED: Final = frozenset(
    "gradio.Dropdown gradio.Radio gradio.CheckboxGroup gradio.Checkbox gradio.Slider gradio.Number".split()
)
"""Components whose values Gradio itself holds to their choices, or to numbers."""
_BOUNDED_WORDS: Final = frozenset({"slider", "number", "checkbox", "radio", "dropdown", "checkboxgroup"})


def typed(machine: Machine, frame: Frame, closure: Closure, entry: Entry) -> dict[str, Value]:
    """The parameters of a handler that hold no text of the client's, by what is declared of them."""
    if entry.model.handler == "0/fn":
        return _of_components(closure, entry)
    owner = closure.owner
    lineage = machine.lineage(owner) if owner is not None else ()
    if any(path.startswith("spyne.") for path in lineage):
        return {name: NUMBER for name, kind in _signature(closure, entry) if _NUMERIC.intersection(kind.paths)}
    if owner is None or not any(path.startswith("graphene.") for path in lineage):
        return {name: one for field in _fields(entry) for name, one in machine.entries.schema.bounded(field).items()}
    return {
        name: NUMBER for name, node in _declared(machine, owner, closure) if _is_one_of(machine, frame, node, _HARMLESS)
    }


def filled(machine: Machine, frame: Frame, closure: Closure, entry: Entry, name: str, value: Value) -> Value:
    """A parameter that holds more than a text: a message of several fields, or whatever JSON a client writes."""
    if not value.taints or value.items is not None:
        return value
    if _JSON.intersection(value.paths):
        return _open(machine, value)
    for field in _fields(entry):
        value = machine.entries.schema.filled(field, name, value)
    if closure.owner is None or value.items is not None:
        return value
    lineage = machine.lineage(closure.owner)
    if any(path.startswith("graphene.") for path in lineage):
        nodes = [node for word, node in _declared(machine, closure.owner, closure) if word == name]
        if any(_is_one_of(machine, frame, node, _JSON) for node in nodes):
            return _open(machine, value)
        inputs = [ref for node in nodes for ref in _kind(machine, frame, node).refs if isinstance(ref, ClassRef)]
        return _input(machine, frame, value, inputs[0]) if len(inputs) == 1 else value
    if any(path.startswith("spyne.") for path in lineage):
        return _message(machine, value, [kind for word, kind in _signature(closure, entry) if word == name])
    return value


def _fields(entry: Entry) -> tuple[str, ...]:
    """The field that a resolver is registered for, by the name that a schema's text gives it."""
    named = next((one for name, one in entry.arguments if name == "0"), UNKNOWN)
    return tuple(one for one in named.consts or () if isinstance(one, str)) if not entry.model.captures else ()


def _open(machine: Machine, value: Value) -> Value:
    """A scalar that nothing is declared of: it may be any document, with any names."""
    kept = ~machine.models.mask(["mass-assignment"])
    made = [one._replace(cleared=one.cleared & kept, state=one.state | STRUCTURED) for one in value.taints]
    return Value(tuple(made))


def _input(machine: Machine, frame: Frame, value: Value, owner: ClassRef, depth: int = 3) -> Value:
    """An object of an `InputObjectType`: each field as it is declared; it is read by keys and by attributes."""
    items: dict[Any, Value] = {}
    for link in reversed(machine.order(owner)):
        for field, node in _given(link) if isinstance(link, ClassRef) else ():
            inner = [ref for ref in _kind(machine, frame, node).refs if isinstance(ref, ClassRef)]
            if _is_one_of(machine, frame, node, _HARMLESS):
                items[field] = NUMBER
            elif inner and depth and "graphene.InputObjectType" in machine.lineage(inner[0]):
                items[field] = _input(machine, frame, value, inner[0], depth - 1)
            else:
                items[field] = fold.part(Value(value.taints), "part")
    return Value(items=items, kind="object") if items else value


def _message(machine: Machine, value: Value, kinds: list[Value]) -> Value:
    """`@rpc(MemberQuery)`: of its fields some are numbers."""
    numbers: dict[Any, Value] = {}
    for ref in [ref for kind in kinds for ref in kind.refs if isinstance(ref, ClassRef)]:
        for field, one in list(machine.class_namespace(ref).items()):
            kind = machine.force(one) if type(one) is Lazy else one
            if isinstance(kind, Value) and _NUMERIC.intersection(kind.paths):
                numbers[field] = NUMBER
    return value.but(items=numbers, kind="object") if numbers else value


def _signature(closure: Closure, entry: Entry) -> Iterator[tuple[str, Value]]:
    """`@rpc(Unicode, Integer)`: the parameters, the last of as many, with their types."""
    kinds = [value for name, value in entry.arguments if name is not None and name.isdigit()]
    names = [one.name for one in closure.function.facts.parameters if not one.kind]
    return zip(names[-len(kinds) :] if kinds else (), kinds, strict=False)


def _of_components(closure: Closure, entry: Entry) -> dict[str, Value]:
    """`button.click(run, inputs=[name, speed])`: each parameter by its component."""
    inputs = next((value for name, value in entry.arguments if name in ("1", "inputs")), UNKNOWN)
    given = unpacked(inputs) or [inputs]
    names = [one.name for one in closure.function.facts.parameters if one.name != "self"]
    is_open = "allow_custom_value" in closure.function.module.mentions
    return {
        name: NUMBER for name, one in zip(names, given, strict=False)
        if (_BOUNDED.intersection(one.paths) and not (is_open and "gradio.Dropdown" in one.paths))
        or (one.consts is not None and _BOUNDED_WORDS.issuperset(one.consts))
    }  # fmt: skip


def _declared(machine: Machine, owner: ClassRef, closure: Closure) -> Iterator[tuple[str, Any]]:
    name = closure.function.facts.name
    if name.startswith("resolve_"):
        for target, node in _given(owner):
            if target == name.removeprefix("resolve_") and type(node) is list and node[0] == code.CALL:
                yield from ((word, one) for word, one in node[3] if word is not None)
        return
    for inner in _INNER:
        found = machine.class_namespace(owner).get(inner)
        for ref in found.refs if isinstance(found, Value) else ():
            if isinstance(ref, ClassRef):
                yield from _given(ref)


def _given(owner: ClassRef) -> Iterator[tuple[str, Any]]:
    """What a class body gives to its names."""
    for statement in owner.body.body:
        if statement[0] == code.SET_TO:
            yield from ((name, statement[2]) for name in statement[1] if isinstance(name, str))


_AROUND: Final = frozenset({"graphene.Argument", "graphene.NonNull", "graphene.InputField"})


def _kind(machine: Machine, frame: Frame, node: Any) -> Value:
    """The type that `graphene.Int(…)`, `graphene.Argument(graphene.Int)` or `graphene.NonNull(graphene.Int)` declares."""
    if type(node) is not list or node[0] != code.CALL:
        return UNKNOWN
    try:
        kind = machine.value_of(frame, Env({}), node[1])
        if _AROUND.intersection(kind.paths) and node[2]:
            inner = node[2][0]
            is_made = type(inner) is list and inner[0] == code.CALL
            kind = _kind(machine, frame, inner) if is_made else machine.value_of(frame, Env({}), inner)
    except Unreachable:
        return UNKNOWN
    return kind


def _is_one_of(machine: Machine, frame: Frame, node: Any, known: frozenset[str]) -> bool:
    """Whether `graphene.Int(…)`, `graphene.Argument(graphene.Int)` or an enumeration is declared."""
    kind = _kind(machine, frame, node)
    names = {path for ref in kind.refs for path in machine.lineage(ref)} or set(kind.paths)
    return not known.isdisjoint(names)

"""Arguments that are declared elsewhere: what Graphene's fields and Gradio's components let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.frames.assign import unpacked
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import NUMBER, UNKNOWN, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.entries.points import Entry
    from aud_action.taint.machine import Machine

_HARMLESS: Final = frozenset(
    "graphene.Int graphene.Float graphene.Boolean graphene.BigInt graphene.Decimal graphene.UUID graphene.Date "
    "graphene.DateTime graphene.Time graphene.Enum".split()
)
"""Types whose values are numbers, dates or one of a few: of the others a client's text comes through."""
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
    if owner is None or not any(path.startswith("graphene.") for path in machine.lineage(owner)):
        return {}
    return {name: NUMBER for name, node in _declared(machine, owner, closure) if _is_harmless(machine, frame, node)}


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


def _is_harmless(machine: Machine, frame: Frame, node: Any) -> bool:
    """Whether `graphene.Int(…)`, `graphene.Argument(graphene.Int)` or an enumeration is declared."""
    if type(node) is not list or node[0] != code.CALL:
        return False
    try:
        kind = machine.value_of(frame, Env({}), node[1])
        if "graphene.Argument" in kind.paths and node[2]:
            kind = machine.value_of(frame, Env({}), node[2][0])
    except Unreachable:
        return False
    names = {path for ref in kind.refs for path in machine.lineage(ref)} or set(kind.paths)
    return bool(_HARMLESS.intersection(names))

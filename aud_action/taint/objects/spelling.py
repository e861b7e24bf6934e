"""What objects say of themselves: `str` and `repr` of whatever a program has at hand."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.frames.names import attribute
from aud_action.taint.values import fold, shown
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.concat import concat
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import NUMBER, TEXT, UNKNOWN, Value, all_taints
from extractors.flow import code

_SILENT = {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "django.db.models.Model"}
"""Classes that say no more of an object than what it is."""
_RECORDS = {"pydantic.BaseModel", "sqlmodel.SQLModel", "ninja.Schema", "typing.NamedTuple", "msgspec.Struct"}
_DATACLASSES = {"dataclass", "define", "frozen", "attrs", "dataclasses"}


def text_of(frame: Frame, env: Env, value: Value) -> Value:
    """What `str(value)` is: `__str__` of the project's classes, else the same text."""
    said = _said(frame, env, value, "__str__", "__repr__")
    if said is not None:
        return said
    if value.kind in ("number", "bool") and value.consts is None:
        return NUMBER
    text = shown.represented(value) if _lists_fields(frame, value) else shown.stringed(value)
    if value.consts is not None:
        return text
    taints = all_taints(text)
    return Value(taints, kind="str", forms=text.forms, paths=()) if taints or text.forms else fold.opaque(value)


def represented_of(frame: Frame, env: Env, value: Value) -> Value:
    """What `repr(value)` is: `__repr__` of the project's classes, else the text as a literal of the language."""
    said = _said(frame, env, value, "__repr__")
    literal = frame.machine.models.mask(["code-injection"])
    return each_taint(shown.represented(value), lambda one: one.clearing(literal)) if said is None else said


def _said(frame: Frame, env: Env, value: Value, *names: str) -> Value | None:
    """What a method of the project's class says; of an object without one, nothing that it holds."""
    for name in names if value.refs else ():
        method = attribute(frame, env, value, name)
        if any(isinstance(ref, Closure) for ref in method.refs):
            return frame.machine.call(frame, env, method, [], [], [code.CALL, None, [], [], -1])
    plain = value.kind == "object" and value.refs and all(_is_silent(frame, ref) for ref in value.refs)
    return TEXT if plain else UNKNOWN if value.kind == "class" else None


def _is_silent(frame: Frame, ref: object) -> bool:
    """Whether objects of a class show none of their fields: it isn't a dataclass, a model, an error or a kind of text."""
    return isinstance(ref, ClassRef) and all(
        not link.facts.decorators if isinstance(link, ClassRef) else link.removesuffix("[]") in _SILENT
        for link in frame.machine.order(ref)
    )


def _lists_fields(frame: Frame, value: Value) -> bool:
    """Whether an object's text is its fields', each as `repr` shows it: a model, a dataclass or a named tuple."""
    return value.kind == "object" and any(
        isinstance(ref, ClassRef) and (bool(_RECORDS & frame.machine.lineage(ref)) or _is_dataclass(ref))
        for ref in value.refs
    )


def _is_dataclass(ref: ClassRef) -> bool:
    names = [one[1] if type(one) is list and one[0] == code.CALL else one for one in ref.facts.decorators]
    return any((one if type(one) is str else str(one[2])) in _DATACLASSES for one in names if one)


def text(frame: Frame, env: Env, node: Any) -> Value:
    """An f-string."""
    values = [frame.machine.value_of(frame, env, one) for one in node[1]]
    return frame.step(concat(values), node[2], "is formatted into a text")


def piece(frame: Frame, env: Env, node: Any) -> Value:
    """A hole of an f-string."""
    value = frame.machine.value_of(frame, env, node[1])
    spec = frame.machine.value_of(frame, env, node[3]) if node[3] is not None else None
    if spec is not None and spec.consts and str(spec.consts[0])[-1:] in tuple("bcdeEfFgGnoxX%"):
        return fold.numeral(value)
    if node[2] in ("r", "a"):
        return represented_of(frame, env, value)
    return text_of(frame, env, value) if node[2] == "s" else formatted(frame, env, value, spec or constant(""))


def formatted(frame: Frame, env: Env, value: Value, spec: Value) -> Value:
    """`format(value, spec)`: `__format__` of the project's classes, else its text."""
    method = attribute(frame, env, value, "__format__") if value.refs else UNKNOWN
    if any(isinstance(ref, Closure) for ref in method.refs):
        made: Value = frame.machine.call(frame, env, method, [spec], [], [code.CALL, None, [None], [], -1])
        return made
    return text_of(frame, env, value)


def speller(frame: Frame, env: Env) -> fold.Spell:
    """What a hole of a template makes of a value."""

    def spell(value: Value, how: str) -> Value:
        own = value.refs and value.kind == "object"
        if how == "r":
            return represented_of(frame, env, value) if own else shown.represented(value)
        if not own:
            return shown.stringed(value)
        return text_of(frame, env, value) if how == "s" else formatted(frame, env, value, constant(how[1:]))

    return spell

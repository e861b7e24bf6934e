"""Models of pydantic's that keep what they don't declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aud_action.taint.code.program import ClassRef
from aud_action.taint.values.value import ANY, Taint, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


def is_open(machine: Machine, owner: ClassRef) -> bool:
    """Whether a model says `extra="allow"`: it has whatever fields a client writes."""
    for link in machine.order(owner):
        for statement in link.body.body if isinstance(link, ClassRef) else ():
            if statement[0] == code.SET_TO and "model_config" in statement[1]:
                return bool(_said(statement[2]) == "allow")
        inner = machine.class_namespace(link).get("Config") if isinstance(link, ClassRef) else None
        for ref in inner.refs if isinstance(inner, Value) else ():
            said = machine.class_namespace(ref).get("extra") if isinstance(ref, ClassRef) else None
            if isinstance(said, Value):
                return said.consts == ("allow",) or "pydantic.Extra.allow" in said.paths
    return False


def written(machine: Machine, value: Value) -> tuple[Taint, ...]:
    """The taints of the names of an object's fields: a client chose those that its model doesn't declare."""
    more = (value.items or {}).get(ANY)
    if value.taints or more is None or not more.taints:
        return value.taints
    return more.taints if any(isinstance(ref, ClassRef) and is_open(machine, ref) for ref in value.refs) else ()


def copied(value: Value, update: Value | None) -> Value:
    """`item.model_copy(update={"name": name})`: the same fields, some of them new."""
    if update is None or value.items is None:
        return value
    if update.items is None:
        return value.but(items={**value.items, ANY: Value(update.taints)}) if update.taints else value
    return value.but(items={**value.items, **{name: one for name, one in update.items.items() if name != ANY}})


def _said(node: Any) -> Any:
    """What `ConfigDict(extra="allow")` or `{"extra": "allow"}` says of others."""
    if type(node) is not list:
        return None
    if node[0] == code.CALL:
        found = dict(node[3]).get("extra")
    else:
        found = (
            next((one for key, one in node[1] if key == [code.CONST, "extra"]), None) if node[0] == code.DICT else None
        )
    return found[1] if type(found) is list and found[0] == code.CONST else None

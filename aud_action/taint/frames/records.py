"""Rows of a database as objects: what a query of a class of the project yields, when stored values aren't trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.values import fold
from aud_action.taint.values.value import NUMBER, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

MODEL = "<model>"
"""As if it were an element of a query: the class whose rows it yields."""
_ORM = {
    "django.db.models.Model", "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.declarative_base()",
    "sqlalchemy.ext.declarative.declarative_base()", "flask_sqlalchemy.SQLAlchemy.Model", "flask_sqlalchemy.SQLAlchemy().Model",
    "peewee.Model", "sqlmodel.SQLModel", "tortoise.models.Model", "mongoengine.Document", "odmantic.Model", "beanie.Document",
}  # fmt: skip
MANAGERS = {"query", "objects", "_default_manager"}
"""Attributes of a class that yield queries of its rows."""
_ONE = {
    "get", "first", "last", "one", "one_or_none", "first_or_404", "get_or_404", "one_or_404", "scalar_one", "scalar_one_or_none",
    "scalar", "get_or_none", "earliest", "latest", "get_by_id", "find_one", "get_object_or_404", "aget", "afirst", "alast",
}  # fmt: skip
_STARTS = {"query", "select", "get", "get_object_or_404", "get_list_or_404", "get_one"}
_HARMLESS = re.compile(
    r"Integer|Float|Numeric|Decimal|Boolean|Bool|Date|Time|Duration|UUID|ForeignKey|relationship|AutoField|IntField"
)


def of_class(frame: Frame, owner: ClassRef, name: str, value: Value) -> Value:
    """`Class.objects`, `Class.query`: a query of its rows."""
    if name not in MANAGERS or "database" not in frame.machine.kinds or not is_stored(frame.machine, owner):
        return value
    return value.but(items={MODEL: Value(refs=(owner,), kind="class")}, kind="object")


def is_stored(machine: Machine, owner: ClassRef) -> bool:
    """Whether a class's objects are rows, whose constructor takes columns by name."""
    lineage = machine.lineage(owner)
    return bool(lineage & _ORM) or any(path.endswith((".Model", "declarative_base()")) for path in lineage)


def queried(
    frame: Frame, path: str, positional: list[Value], receiver: Value | None, node: Any, result: Value
) -> Value:
    """What a method of a query yields: another query, or rows."""
    name = path.rpartition(".")[2]
    model = _model(frame, name, positional, receiver)
    if model is None or result.refs:
        return result
    owner = next((ref for ref in model.refs if isinstance(ref, ClassRef)), None)
    if name in _ONE and owner is not None:
        return instance(frame, owner, node)
    return result.but(items={MODEL: model}, kind="object", taints=())


def _model(frame: Frame, name: str, positional: list[Value], receiver: Value | None) -> Value | None:
    for value in [receiver, *positional[:1]]:
        if value is not None and value.items is not None and MODEL in value.items:
            return value.items[MODEL]
    first = positional[0] if positional and name in _STARTS else None
    if first is None or first.kind != "class":
        return None
    return first if any(isinstance(ref, ClassRef) and is_stored(frame.machine, ref) for ref in first.refs) else None


def each(frame: Frame, value: Value, node: Any) -> Value | None:
    """One row of a query that is iterated over; None for anything else."""
    model = value.items.get(MODEL) if value.items else None
    owner = next((ref for ref in model.refs if isinstance(ref, ClassRef)), None) if model is not None else None
    return None if owner is None else instance(frame, owner, node)


def instance(frame: Frame, owner: ClassRef, node: Any) -> Value:
    """A row: its columns hold what anybody stored, but for those that can't hold text."""
    at = node[-1] if type(node) is list and node and type(node[-1]) is int else -1
    slot = ("database", at, owner)
    known = frame.entered.get(slot)
    if known is None:
        text = f"a row of `{owner.facts.name}`" if at < 0 else f"`{described(node)}`, a row of the database"
        known = frame.entered[slot] = fresh("database", text, frame.place(at))
    stored = Value((known,))
    items = {
        name: NUMBER if harmless else fold.part(stored, "part") for name, harmless in columns(frame, owner).items()
    }
    return Value(refs=(owner,), items=items, kind="object")


def columns(frame: Frame, owner: ClassRef) -> dict[str, bool]:
    """The columns of a class, and whether each can hold no text."""
    found: dict[str, bool] = {}
    for link in reversed(frame.machine.order(owner)):
        if not isinstance(link, ClassRef):
            continue
        for node in link.body.body:
            target, value = (node[1], node[3]) if node[0] == code.TYPED else (None, None)
            if node[0] == code.SET_TO and len(node[1]) == 1:
                target, value = node[1][0], node[2]
            if type(target) is str and type(value) is list and value[0] == code.CALL:
                declared = described(node[2]) if node[0] == code.TYPED else ""
                found[target] = bool(
                    _HARMLESS.search(declared + described(value)) or re.search(r"\b(int|float|bool)\b", declared)
                )
    return found

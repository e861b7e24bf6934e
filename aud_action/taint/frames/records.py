"""Rows of a database as objects: what a query yields, with what clients have stored, or with anything where nothing stored is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import tables
from aud_action.taint.frames.tables import is_stored
from aud_action.taint.values import fold
from aud_action.taint.values.value import BOOL, MODEL, NUMBER, ROW, UNKNOWN, Value, join
from extractors.flow import code

MANAGERS = {"query", "objects", "_default_manager"}
"""Attributes of a class that yield queries of its rows."""
_ONE = frozenset(
    "get first last one one_or_none first_or_404 get_or_404 one_or_404 scalar_one scalar_one_or_none scalar get_or_none earliest latest "
    "get_by_id find_one get_object_or_404 aget afirst alast".split()
)
_STARTS = frozenset(
    "query select get get_object_or_404 get_list_or_404 get_one insert update aget_object_or_404 scalar scalars".split()
)
"""Functions that are given the class whose rows are asked for, or changed."""
_OF_CLASS = frozenset("get select get_by_id get_or_none find find_one find_all filter all first where".split())
"""Methods of a class that yield its rows."""
_STORES = frozenset(
    "update values aupdate create acreate get_or_create update_or_create aget_or_create aupdate_or_create".split()
)
_CHOOSES = frozenset({"values", "values_list"})
_COUNTS = frozenset("count acount len delete adelete".split())
_ANSWERS = frozenset("exists aexists contains".split())
_HARMLESS = re.compile(r"Integer|Float|Numeric|Decimal|Boolean|Bool|Date|Time|Duration|UUID|AutoField|IntField")
_NUMBER, _TEXT = re.compile(r"\b(int|float|bool)\b"), re.compile(r"\b(str|Text|dict|Any|JSON)\b|…")
_RELATED = re.compile(r"ForeignKey(?!Constraint)|relationship|OneToOne|ManyToMany|Relationship")


def of_class(frame: Frame, owner: ClassRef, name: str, value: Value) -> Value:
    """`Class.objects`, `Class.query`: a query of its rows."""
    if name not in MANAGERS or not is_stored(frame.machine, owner):
        return value
    return value.but(items={**(value.items or {}), MODEL: Value(refs=(owner,), kind="class")}, kind="object")


def queried(
    frame: Frame, env: Env, name: str, positional: list[Value], named: Named, receiver: Value | None, node: Any, result: Value
) -> Value:  # fmt: skip
    """What a method of a query yields: another query, or rows. name: the method's, or the function's."""
    model = _model(frame, name, positional, receiver)
    if model is None:
        return result
    owner = next((ref for ref in model.refs if isinstance(ref, ClassRef)), None)
    if owner is not None and name in _STORES:
        _stored(frame, env, owner, positional, named, node)
    if result.refs and (receiver is None or result.refs != receiver.refs):
        return result
    if result.items is not None and result.kind != "object":
        return result
    if name in _COUNTS:
        return NUMBER
    if name in _ANSWERS:
        return BOOL
    if owner is not None and name in _ONE:
        return instance(frame, owner, node)
    if owner is not None and name in _CHOOSES and not (named and name == "values"):
        return _chosen(instance(frame, owner, node), name, positional, named)
    return result.but(items={**(result.items or {}), MODEL: model}, kind="object", taints=())


def _stored(frame: Frame, env: Env, owner: ClassRef, positional: list[Value], named: Named, node: Any) -> None:
    """`query.update(name=…)`, `insert(Class).values({…})`, `objects.create(name=…)`."""
    at = node[-1] if type(node) is list and type(node[-1]) is int else -1
    given = [*named, *((None, one) for one in positional if one.kind == "dict")]
    for name, value in given:
        column = None if name == "defaults" else name
        tables.fill(frame, owner, column, env.settled(value), columns(frame, owner), at)


def _chosen(row: Value, name: str, positional: list[Value], named: Named) -> Value:
    """`query.values("name")`, `query.values_list("name", flat=True)`: rows of some columns, or the values of one."""
    items = row.items or {}
    names = [one.consts[0] for one in positional if one.consts] or list(items)
    if name == "values":
        found = Value(items={one: items.get(one, UNKNOWN) for one in names}, kind="dict")
    elif any(word == "flat" for word, _ in named):
        found = items.get(names[0], UNKNOWN) if names else UNKNOWN
    else:
        found = Value(items={index: items.get(one, UNKNOWN) for index, one in enumerate(names)}, kind="tuple")
    return Value(items={ROW: found}, kind="object")


def _model(frame: Frame, name: str, positional: list[Value], receiver: Value | None) -> Value | None:
    for value in [receiver, *positional[:1]]:
        if value is not None and value.items is not None and MODEL in value.items:
            return value.items[MODEL]
    first = positional[0] if positional and name in _STARTS else receiver if name in _OF_CLASS else None
    if first is None or first.kind != "class":
        return None
    return first if any(isinstance(ref, ClassRef) and is_stored(frame.machine, ref) for ref in first.refs) else None


def each(frame: Frame, value: Value, node: Any) -> Value | None:
    """One row of a query that is iterated over; None for anything else."""
    if value.items and ROW in value.items:
        return value.items[ROW]
    model = value.items.get(MODEL) if value.items else None
    owner = next((ref for ref in model.refs if isinstance(ref, ClassRef)), None) if model is not None else None
    return None if owner is None else instance(frame, owner, node)


def instance(frame: Frame, owner: ClassRef, node: Any, depth: int = 1) -> Value:
    """
    A row: its columns hold what clients stored, or what anybody did; but for those that can't hold text.

    depth: of rows that belong to it. Each is one row and, where there may be several, goes through them as well.
    """
    at = node[-1] if type(node) is list and node and type(node[-1]) is int else -1
    anything = _anything(frame, owner, node, at) if "database" in frame.machine.kinds else UNKNOWN
    items: dict[Any, Value] = {}
    for name, harmless in columns(frame, owner).items():
        if harmless:
            items[name] = NUMBER
        else:
            held = tables.held(frame, owner, name, at)
            items[name] = join(held, fold.part(anything, "part")) if anything.taints else held
    if depth:
        for name, target in related(frame, owner).items():
            row = instance(frame, target, node, depth - 1)
            items[name] = row.but(items={**(row.items or {}), ROW: row})
    return Value(refs=(owner,), items=items, kind="object")


def _anything(frame: Frame, owner: ClassRef, node: Any, at: int) -> Value:
    """What anybody may have stored, where values of a database aren't trusted."""
    slot = ("database", at, owner)
    known = frame.entered.get(slot)
    if known is None:
        text = f"a row of `{owner.facts.name}`" if at < 0 else f"`{described(node)}`, a row of the database"
        known = frame.entered[slot] = fresh("database", text, frame.place(at))
    return Value((known,))


def columns(frame: Frame, owner: ClassRef) -> dict[str, bool]:
    """The columns of a class, and whether each can hold no text."""
    known = frame.machine.tables.columns.get(owner)
    if known is None:
        known = frame.machine.tables.columns[owner] = _columns(frame, owner)
    return known


def _columns(frame: Frame, owner: ClassRef) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for name, made, said, declared in _declared(frame, owner):
        if _TEXT.search(declared) or (made and not _RELATED.search(made)):
            found[name] = bool(_HARMLESS.search(said + declared) or _NUMBER.search(declared))
    return found


def related(frame: Frame, owner: ClassRef) -> dict[str, ClassRef]:
    """The members of a class that are rows of others, by foreign keys and relationships."""
    known = frame.machine.tables.related.get(owner)
    if known is None:
        known = frame.machine.tables.related[owner] = _related(frame, owner)
    return known


def _related(frame: Frame, owner: ClassRef) -> dict[str, ClassRef]:
    found: dict[str, ClassRef] = {}
    for name, made, said, declared in _declared(frame, owner):
        words = re.findall(r"\w+", declared + said) if _RELATED.search(made) else []
        target = next((one for word in words if (one := _class(frame, word)) is not None), None)
        if target is not None:
            found[name] = target
    return found


def _declared(frame: Frame, owner: ClassRef) -> Iterator[tuple[str, str, str, str]]:
    """What a class and its bases give a name to: the name, what is called to make the value, that call, the annotation."""
    for link in reversed(frame.machine.order(owner)):
        for node in link.body.body if isinstance(link, ClassRef) else ():
            if node[0] == code.TYPED:
                name, value, declared = node[1], node[3], described(node[2])
            elif node[0] == code.SET_TO and len(node[1]) == 1:
                name, value, declared = node[1][0], node[2], ""
            else:
                continue
            is_made = type(value) is list and value[0] == code.CALL
            if type(name) is str:
                yield name, described(value[1]) if is_made else "", described(value) if is_made else "", declared


def _class(frame: Frame, name: str) -> ClassRef | None:
    """The class of rows with a name, if there is one."""
    frame.machine.names_asked.add(name)
    known = frame.machine.tables.named
    if known is None:
        known = frame.machine.tables.named = {}
        for module in frame.machine.program.modules:
            for one in module.classes if not module.is_test else ():
                known.setdefault(one.facts.name, []).append(one)
    found = [one for one in known.get(name, ()) if is_stored(frame.machine, one)]
    return found[0] if len(found) == 1 else None

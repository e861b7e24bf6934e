"""Statements of SQL that are handed to a call: what they store stays in its table, what they read comes from there."""

from __future__ import annotations

from typing import Any, NamedTuple

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import records, tables
from aud_action.taint.frames.assign import element, write
from aud_action.taint.library import documents
from aud_action.taint.values import sql
from aud_action.taint.values.value import ANY, ROW, UNKNOWN, Value, all_taints, join, join_all
from extractors.flow import code

_STATEMENT = "<statement>"
"""As if it were an element: the statement that an object was made of."""
_ONE = frozenset("fetchone first one fetchrow fetch_one one_or_none get_one mappings_one".split())
_FIRST = frozenset("scalar scalar_one fetchval fetch_val scalar_one_or_none".split())
_MANY = frozenset("fetchall fetchmany all fetch fetch_all scalars mappings iterate".split())
_MADE = frozenset({"text", "SQL"})
_PARAMETERS = ("params", "parameters", "args", "values", "vars", "multiparams")


class _Call(NamedTuple):
    """A call that is given a statement."""

    frame: Frame
    env: Env
    name: str
    given: list[Value]  #: what follows the statement
    named: Named
    receiver: Value | None
    node: Any
    is_own: bool  #: it is one of the project's functions

    @property
    def at(self) -> int:
        """Where it is."""
        return self.node[-1] if type(self.node) is list and type(self.node[-1]) is int else -1


def answered(
    frame: Frame, env: Env, callee: Value, positional: list[Value], named: Named, receiver: Value | None, node: Any, result: Value
) -> Value:  # fmt: skip
    """What a call yields, when it is a query, of a class of rows or by a statement; else its result as it is."""
    name = _name(callee, node)
    is_own = any(isinstance(ref, Closure) for ref in callee.refs)
    held = receiver.items if receiver is not None and not is_own else None
    if receiver is not None and held and ROW in held and not receiver.refs:
        return _fetched(name, held[ROW], receiver, result)
    said = _said(positional[0]) if positional else None
    if said is not None:
        if name in _MADE and len(positional) == 1:
            made = {**(result.items or {}), _STATEMENT: positional[0].but(taints=())}
            return result.but(items=made, kind="object")
        return _ran(_Call(frame, env, name, positional[1:], named, receiver, node, is_own), said, result)
    document = documents.answered(frame, env, name, positional, receiver, node, result)
    if is_own or document is not result:
        return document
    return records.queried(frame, env, name, positional, named, receiver, node, result)


def _name(callee: Value, node: Any) -> str:
    """The last name of what is called."""
    called = node[1] if type(node) is list else None
    if type(called) is list and called[0] == code.ATTR:
        return str(called[2])
    return called if type(called) is str else callee.paths[0].rpartition(".")[2] if callee.paths else ""


def _said(value: Value) -> sql.Writes | sql.Reads | None:
    """The statement that a text is, or that an object was made of."""
    if value.items and _STATEMENT in value.items:
        value = value.items[_STATEMENT]
    if value.consts and len(value.consts) == 1:
        known = value.consts[0]
    elif value.forms and value.items is None and value.forms[0] and type(value.forms[0][0]) is str:
        known = "".join(one if isinstance(one, str) else " x " for one in value.forms[0])
    else:
        return None
    return sql.statement(known) if type(known) is str and sql.begins(known) else None


def _ran(call: _Call, said: sql.Writes | sql.Reads, result: Value) -> Value:
    """A statement is run: what it stores is kept, what it reads comes back."""
    if isinstance(said, sql.Writes):
        _stored(call, said)
        return result
    row = _row(call.frame, said, call.at)
    if row is None or all_taints(result) or (result.refs and not result.items):
        return result
    if call.is_own:  # it may answer with one row or with all
        return Value(items={**(row.items or {}), ROW: row}, kind="object")
    target, cursor = receiver_of(call.node), call.receiver
    if target is not None and call.name.startswith("execute") and cursor is not None and cursor.items is None:
        write(call.frame, call.env, target, cursor.but(items={ROW: row}, kind="object"))
    rows = Value(items={ROW: row}, kind="object", paths=result.paths)
    return _fetched(call.name, row, rows, rows)


def _stored(call: _Call, said: sql.Writes) -> None:
    """Each column is given the parameter that the statement takes for it."""
    words = {name: value for name, value in call.named if name is not None}
    whole = next((words[name] for name in _PARAMETERS if name in words), None)
    if whole is None and len(call.given) == 1 and call.given[0].items is not None:
        whole = call.given[0]
    if whole is not None and call.name == "executemany":
        whole = element(whole, ANY)
    for column, place in said.columns:
        if whole is not None:
            value = element(whole, place)
        elif type(place) is int:
            value = call.given[place] if place < len(call.given) else UNKNOWN
        else:
            value = words.get(str(place), UNKNOWN)
        tables.put(call.frame, said.table, column, call.env.settled(value), call.at)


def _row(frame: Frame, said: sql.Reads, at: int) -> Value | None:
    """One row: by names, and by position where the statement names what it asks for; None when nobody stored anything."""
    items: dict[Any, Value] = {}
    for index, (name, called) in enumerate(said.columns):
        value = join_all([tables.held(frame, table, name, at) for table in said.tables]) if name else UNKNOWN
        items[index] = value
        if called:
            items[called] = value
    if not said.columns:
        for table in said.tables:
            for name in frame.machine.tables.of(table).late:
                items[name] = join(items.get(name, UNKNOWN), tables.held(frame, table, name, at))
        items[ANY] = join_all([tables.held(frame, table, None, at) for table in said.tables])
    return Value(items=items, kind="") if any(one.taints for one in items.values()) else None


def _fetched(name: str, row: Value, receiver: Value, result: Value) -> Value:
    """What a method of a query's answer yields: a row, its first value, all of them, or the answer still."""
    if name in _ONE:
        return row
    if name in _FIRST:
        return (row.items or {}).get(0, UNKNOWN)
    if name in _MANY:
        return Value(items={ANY: row}, kind="list")
    return receiver if result.kind in ("", "object") and not result.refs else result

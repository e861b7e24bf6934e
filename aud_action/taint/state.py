"""State of modules, classes and enclosing functions: what outlives the run that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.frame import Env, Frame
from aud_action.taint.labels import known_of
from aud_action.taint.program import ClassRef, Module
from aud_action.taint.sinks import is_label
from aud_action.taint.value import ANY, UNKNOWN, Value, all_taints, join, join_all

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


def set_global(machine: Machine, frame: Frame, name: str, value: Value) -> None:
    """A function assigns a module's name, or one of an enclosing function."""
    scope = frame.closure.scope
    if scope is not None and name in scope:
        old = scope[name]
        scope[name] = join(old, value) if isinstance(old, Value) else value
        return
    machine.keep(frame.module, name, value)


def changed_elsewhere(machine: Machine, frame: Frame, env: Env, name: str, value: Value) -> None:
    """A container that the function didn't bind itself was changed."""
    scope = frame.closure.scope
    if scope is not None and name in scope:
        scope[name] = env.settled(value)
    elif name in (space := machine.namespace(frame.module)) and isinstance(space[name], Value):
        holder, inner = frame.module.origins.get(name, (frame.module, name))
        settled = env.settled(value)
        if settled.taints or settled.items:
            machine.keep(holder, inner, settled)


def keep(machine: Machine, holder: Module | ClassRef, name: str, value: Value) -> None:
    """State that outlives the run: of a module or of a class. What was passed in, the callers keep."""
    if value.kind == "list" and value.items:
        value = value.but(items={ANY: join_all(list(value.items.values()))})  # any run may have put in its own
    known = known_of(value)
    old = holder.late.get(name)
    if {one.origin for one in all_taints(known)} - {one.origin for one in all_taints(old or UNKNOWN)}:
        machine.dirty.add(name)
    holder.late[name] = known if old is None else join(old, known)
    if machine.stores and any(is_label(taint) for taint in all_taints(value)):
        kept = machine.stores[-1]
        kept[holder, name] = join(kept[holder, name], value) if (holder, name) in kept else value


def afresh(machine: Machine) -> set[str]:
    """Forget what depends on state that has changed since; the names of that state."""
    names, machine.dirty = machine.dirty, set()
    if names:
        machine.memo.clear()
        machine.left.clear()
        for module in machine.program.modules:
            for one in module.classes:
                one.slots.clear()
    return names

"""State of modules, classes and enclosing functions: what outlives the run that changes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.labels import known_of
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Module, Partial
from aud_action.taint.flaws.sinks import is_label
from aud_action.taint.frames.scopes import Scope
from aud_action.taint.values.value import ANY, UNKNOWN, Value, all_taints, join, join_all

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
        return
    machine.names_asked.add(name)
    defined = next((one for one in _defining(machine, frame.module) if name in machine.namespace(one)), None)
    if defined is not None and isinstance(machine.namespace(defined)[name], Value):
        settled = env.settled(value)
        if settled.taints or settled.items:
            machine.keep(*home(machine, defined, name), settled)


def home(machine: Machine, module: Module, name: str) -> tuple[Module, str]:
    """The module that defines what another one calls by a name, and the name there."""
    seen: set[Module] = set()
    while module not in seen:
        seen.add(module)
        machine.names_asked.add(name)
        machine.namespace(module)
        if name not in module.origins:
            break
        module, name = module.origins[name]
    return module, name


def _defining(machine: Machine, module: Module) -> Iterator[Module]:
    """The modules of whose names a module's code speaks: itself, and what it imports with a star."""
    machine.namespace(module)
    yield module
    yield from (star for star in module.stars if isinstance(star, Module))


class Changed(NamedTuple):
    """State that came to hold a client's data: where it is defined, and the names that a reader must speak of."""

    holder: Module | ClassRef | Scope
    names: frozenset[str]

    def read_in(self, module: Module) -> bool:
        """Whether a function of a module may read it."""
        return self.names <= module.mentions and self._is_known(module)

    def read_by(self, function: FunctionRef) -> bool:
        """Whether a function may read it."""
        if not self.names <= function.mentions:
            return False
        if isinstance(self.holder, Scope):
            return function in self.holder.readers or not self.holder.words.isdisjoint(function.mentions)
        return self._is_known(function.module)

    def _is_known(self, module: Module) -> bool:
        """Whether a module speaks of who holds it."""
        if isinstance(self.holder, Scope):
            return bool(self.holder.readers) or not self.holder.words.isdisjoint(module.mentions)
        home = self.holder if isinstance(self.holder, Module) else self.holder.module
        return module is home or home.name.rpartition(".")[2] in module.mentions


def keep(machine: Machine, holder: Module | ClassRef | Scope, name: str, value: Value) -> None:
    """State that outlives the run: of a module or of a class. What was passed in, the callers keep."""
    if value.kind == "list" and value.items:
        value = value.but(items={ANY: join_all(list(value.items.values()))})  # any run may have put in its own
    if any(path.endswith((".session", ".Session")) for path in value.paths):
        return  # of one client; to put something into it has its own rule
    known = _texts(known_of(value))
    old = holder.late.get(name) or UNKNOWN
    for key, now, before in _parts(known, old):
        if {one.origin for one in now.taints} - {one.origin for one in all_taints(before)}:
            names = {name, key} if isinstance(key, str) and value.kind == "object" else {name}
            asked = holder.asked(name) if isinstance(holder, Scope) else frozenset(names)
            machine.dirty.add(Changed(holder, asked))
    if isinstance(holder, Scope) and holder.lasts and not _called(known) <= _called(old):
        machine.dirty.add(Changed(holder, holder.asked(name)))
    if (
        not isinstance(holder, Scope) or name not in holder.late or _told(known) - _told(old)
    ):  # else by the same code again
        holder.late[name] = known if name not in holder.late else join(old, known)
    if machine.stores and any(is_label(taint) for taint in all_taints(value)):
        kept = machine.stores[-1]
        kept[holder, name] = join(kept[holder, name], value) if (holder, name) in kept else value


def _called(value: Value) -> set[Any]:
    """What calls on a value lead to: classes of libraries and of the project."""
    return {*value.paths, *(ref for ref in value.refs if isinstance(ref, (ClassRef, Closure)))}


def _told(value: Value) -> set[Any]:
    """What there is to know of a value, whichever run of the same code made it."""
    return {(one.origin, one.cleared) for one in all_taints(value)} | {
        *(value.consts or ()),
        *value.paths,
        *(_code(one) for one in value.refs),
    } or {None}


def _code(ref: Any) -> Any:
    """The code that a reference leads to: what it was made with may be another in each run."""
    if isinstance(ref, Partial):
        return (Partial, *[_code(one) for one in ref.callee.refs])
    return ref if isinstance(ref, (Closure, ClassRef, FunctionRef, Module)) else type(ref)


def _texts(value: Value, depth: int = 3) -> Value:
    """What a value holds as text: an object that somebody's data took part in making isn't that data."""
    if value.items is None or not depth:
        return value.but(taints=()) if value.kind == "object" else value
    items = {key: _texts(item, depth - 1) for key, item in value.items.items()}
    if value.kind == "object":
        items.pop(ANY, None)
    is_other = not value.kind and not value.refs  # the data itself on one branch, a mapping of the program's on another
    return value.but(taints=value.taints if is_other else (), items=items)


def _parts(value: Value, old: Value) -> Iterator[tuple[Any, Value, Value]]:
    """A value and what it holds, each with what it was before."""
    yield None, value, old
    for key, item in (value.items or {}).items():
        before = (old.items or {}).get(key, UNKNOWN)
        yield key, item if item.items is None else Value(all_taints(item)), before


def afresh(machine: Machine) -> list[Changed]:
    """Forget what depends on state that has changed since; that state."""
    changed, machine.dirty = list(machine.dirty), set()
    if changed:
        machine.memo.clear()
        machine.returned_before, machine.returning = machine.returning, {}
        machine.left.clear()
        for module in machine.program.modules:
            for one in module.classes:
                one.slots.clear()
    return changed

"""Classes of the project: their bases, namespaces, instances, and what their methods keep on self."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aud_action.taint.calling import fields
from aud_action.taint.calling.heirs import announce
from aud_action.taint.code.frame import Env, Frame, Names
from aud_action.taint.code.labels import known_of
from aud_action.taint.code.program import ClassRef, Closure, Members, Super
from aud_action.taint.flaws.guards import tokens
from aud_action.taint.flaws.sinks import reach
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import records, tables
from aud_action.taint.frames.tables import is_stored
from aud_action.taint.library import constructors
from aud_action.taint.limits.stop import Exhausted
from aud_action.taint.values.harmless import ALL
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Taint, Value, all_taints, join, join_taints

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_ROOT = "builtins.object"


def declare(frame: Frame, env: Env, owner: ClassRef) -> None:
    """A class statement runs: its bases are looked up where it stands, and told of it."""
    if owner.bases is None:
        owner.bases = [frame.machine.value_of(frame, env, base) for base in owner.facts.bases]
        known = {name: known_of(one) if isinstance(one, Value) else one for name, one in env.vars.items()}
        owner.scope = Names.of(known, env.vars.home) if frame.function.index else None
    announce(frame, env, owner)


def bases(machine: Machine, owner: ClassRef) -> list[Value]:
    """What a class directly descends from."""
    if owner.bases is None:
        machine.namespace(owner.module)
    if owner.bases is None:  # its module still runs, or it stands in a function that hasn't run
        frame = Frame(machine, Closure(owner.module.functions[0], None), 0)
        owner.bases = []
        owner.bases = [machine.value_of(frame, Env({}), base) for base in owner.facts.bases]
    return owner.bases


def order(machine: Machine, owner: ClassRef) -> list[Any]:
    """The method resolution order: the project's classes as ClassRef, libraries' as API paths."""
    if owner.order is not None:
        return owner.order
    owner.order = [owner]
    sequences: list[list[Any]] = []
    direct: list[Any] = []
    for base in bases(machine, owner):
        for ref in base.refs:
            if isinstance(ref, ClassRef) and ref is not owner:
                sequences.append(list(order(machine, ref)))
                direct.append(ref)
        for path in base.paths if not base.refs else ():
            sequences.append([path])
            direct.append(path)
    owner.order = [owner, *_merged([*sequences, direct])]
    return owner.order


def _merged(sequences: list[list[Any]]) -> list[Any]:
    """C3 linearisation; where there is none, the first come."""
    result: list[Any] = []
    while sequences := [one for one in sequences if one]:
        heads = [one[0] for one in sequences]
        chosen = next((head for head in heads if not any(head in one[1:] for one in sequences)), heads[0])
        result.append(chosen)
        sequences = [[link for link in one if link != chosen] for one in sequences]
    return result


def lineage(machine: Machine, ref: Any) -> set[str]:
    """The API paths of every library class that a class of the project descends from."""
    if not isinstance(ref, ClassRef):
        return set()
    direct = {link for link in order(machine, ref) if isinstance(link, str)}
    return direct | {base for path in direct for base in machine.models.ancestors(path)}


def namespace(machine: Machine, owner: ClassRef) -> Members:
    """What the class body leaves behind."""
    if owner.namespace is not None:
        return owner.namespace
    owner.namespace = Members()
    if owner.bases is None:
        machine.namespace(owner.module)
    frame = Frame(machine, Closure(owner.body, owner.scope, owner), 0)
    machine.pending.append({})
    try:
        env = Env({})
        with machine.budget.within():
            after = machine.block(frame, env, owner.body.body)
        owner.namespace.update((after or env).vars)
    except Exhausted as reason:
        machine.short.exhausted(owner.body, reason)
    finally:
        machine.pending.pop()
    owner.annotations = frame.annotations
    owner.is_whole = True
    return owner.namespace


def construct(frame: Frame, env: Env, owner: ClassRef, positional: list[Value], named: Named, node: Any) -> Value:
    """`Class(…)`: what the constructor leaves on self."""
    machine = frame.machine
    kinds = machine.lineage(owner)
    if "enum.Enum" in kinds:
        for value in positional:
            for token in tokens(value):
                env.believe(token, ALL)
        return NUMBER
    if node and "find_class" not in machine.class_namespace(owner) and not _has_constructor(machine, owner):
        # an unpickler may say what it loads, and a constructor what it gives to the library's
        for path in sorted(kinds):
            reach(frame, env, path, positional, named, None, node)
    instance = _new(frame, env, owner, positional, named, node)
    for link in machine.order(owner):
        if not isinstance(link, ClassRef):
            continue
        found = machine.class_namespace(link).get("__init__")
        if isinstance(found, Value) and found.refs and isinstance(found.refs[0], Closure):
            outs: dict[str, Value] = {}
            method = found.refs[0].bound(instance)
            machine.invoke(frame, env, method, positional, named, [None, None, [], [], node[-1] if node else -1], outs)
            names = method.function.facts.parameters
            return outs.get(names[0].name, instance) if names else instance
    if is_stored(machine, owner):
        for name, value in named:
            tables.fill(frame, owner, name, value, records.columns(frame, owner), node[-1] if node else -1)
    known = fields.of_class(machine, owner)
    if known:
        filled = fields.filled(machine, owner, instance, known, positional, named)
        return fields.finished(frame, env, owner, filled, fields.only_passed(known), node)
    return _of_library(machine, owner, instance, positional, named) if instance.kind == "object" else instance


def _of_library(machine: Machine, owner: ClassRef, instance: Value, positional: list[Value], named: Named) -> Value:
    """An object whose constructor is a library's: it may keep anything under any name, and each word under its own."""
    words = {name: value for name, value in named if name is not None and name != _FILLED}
    columns = words if is_stored(machine, owner) else {}
    taints: tuple[Taint, ...] = ()
    for value in [*positional, *(value for name, value in named if name not in columns)]:
        taints = join_taints(taints, all_taints(value))
    if not taints:
        return instance.but(items=columns) if columns else instance
    return instance.but(items={**words, ANY: Value(taints)})


_FILLED = "instance"
"""The thing that a form or a serializer is given to fill: it doesn't stay what it is."""


def _has_constructor(machine: Machine, owner: ClassRef) -> bool:
    """Whether the project's own `__init__` is what runs, which calls a library's for itself."""
    first = next((one for one in machine.order(owner) if _constructs(machine, one)), None)
    return isinstance(first, ClassRef)


def _constructs(machine: Machine, link: Any) -> bool:
    return not isinstance(link, ClassRef) or "__init__" in machine.class_namespace(link)


def _new(frame: Frame, env: Env, owner: ClassRef, positional: list[Value], named: Named, node: Any) -> Value:
    """A new object: what the class's own `__new__` gives; of one that is made from a container, with what it holds."""
    for link in frame.machine.order(owner):
        own = frame.machine.class_namespace(link).get("__new__") if isinstance(link, ClassRef) else None
        if isinstance(own, Value) and own.refs and isinstance(own.refs[0], Closure):
            maker = own.refs[0].bound(Value(refs=(owner,), kind="class"))
            made = frame.machine.invoke(
                frame, env, maker, positional, named, [None, None, [], [], node[-1] if node else -1]
            )
            if owner in made.refs:
                return made.but(kind="object")
        handler = _HOLDS.get(link) if isinstance(link, str) else None
        if handler is not None:
            made = handler(frame, env, positional, named, node or [None, None, [], [], -1])
            return Value(made.taints, refs=(owner,), items=made.items or {}, kind=made.kind)
    return Value(refs=(owner,), items={}, kind="object")


_HOLDS = {
    **{path: constructors.CALLS[path] for path in ("builtins.list", "builtins.dict", "builtins.set", "collections.OrderedDict")},
    "collections.deque": constructors.CALLS["collections.deque"], "collections.UserDict": constructors.CALLS["builtins.dict"],
    "collections.UserList": constructors.CALLS["builtins.list"],
}  # fmt: skip


def slot(machine: Machine, owner: ClassRef, name: str) -> Value | None:
    """What the methods of a class keep in `self.name`, whichever of them runs; None when none does."""
    if name in owner.slots:
        return owner.slots[name]
    if name in owner.busy:
        return None
    owner.busy.add(name)
    result: Value | None = None
    try:
        for method in _storing(machine, owner, name):
            kept = machine.kept(owner, method).get(name)
            if kept is not None:
                result = kept if result is None else join(result, kept)
    finally:
        owner.busy.discard(name)
    if result is None:
        declared = next(
            (
                link.annotations[name]
                for link in machine.order(owner)
                if isinstance(link, ClassRef) and name in link.annotations
            ),
            None,
        )
        if declared is not None:
            kind = fields.field_type(machine, owner, declared)
            result = None if kind is UNKNOWN else kind
    if result is not None:
        owner.slots[name] = result
    return result


def _storing(machine: Machine, owner: ClassRef, name: str) -> Sequence[Closure]:
    """The methods along the resolution order that set `self.name`."""
    if owner.storing is not None:
        return owner.storing.get(name, ())
    found: dict[str, list[Closure]] = {}
    links = [link for link in machine.order(owner) if isinstance(link, ClassRef)]
    for link in links:
        for ref in machine.class_namespace(link).functions():
            for stored in ref.function.facts.stores:
                found.setdefault(stored, []).append(ref)
    if all(link.is_whole for link in links):
        owner.storing = found
    return found.get(name, ())


def super_of(frame: Frame, env: Env, given: list[Value]) -> Value:
    """`super()`."""
    owner = frame.closure.owner or frame.function.owner
    if given and given[0].refs and isinstance(given[0].refs[0], ClassRef):
        owner = given[0].refs[0]
    names = frame.function.facts.parameters
    receiver = given[1] if len(given) > 1 else env.vars.get(names[0].name, UNKNOWN) if names else UNKNOWN
    if owner is None:
        return UNKNOWN
    return Value(refs=(Super(owner, receiver),), kind="object")

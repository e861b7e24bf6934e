"""Classes whose methods a framework calls: views, resources, servicers, controllers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Lazy, Members
from aud_action.taint.entries.points import Entry
from aud_action.taint.models import EntryModel
from aud_action.taint.values.value import Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


def flagged(machine: Machine, owner: ClassRef, flag: str, model: EntryModel) -> None:
    """The methods of a class on which a flag is set, or that a flag on the class lets through; or functions it lists."""
    own = machine.class_namespace(owner)
    whole = own.get(flag)
    for listed in (whole.items or {}).values() if isinstance(whole, Value) and whole.kind in ("list", "tuple") else ():
        machine.entries.add(listed, Entry(model, None, ()))
    frame = Frame(machine, Closure(owner.module.functions[0], None), 0)
    called = [one[1] if type(one) is list and one[0] == code.CALL else one for one in owner.facts.decorators]
    paths = [path for one in called for path in machine.value_of(frame, Env({}), one).paths]
    is_decorated = any(one.model == model.model for path in paths for one in machine.models.decorators.get(path, ()))
    is_whole = is_decorated or (isinstance(whole, Value) and whole.consts == (True,))
    for name, member in list(own.items()):
        value = machine.force(member) if type(member) is Lazy else member
        if not isinstance(value, Value):
            continue
        mark = (value.items or {}).get(flag)
        if (is_whole and name in model.methods) or (isinstance(mark, Value) and mark.consts == (True,)):
            machine.entries.add(value, Entry(model, None, ()))


def _by_suffix(machine: Machine, owner: ClassRef) -> list[EntryModel]:
    """The entry points of base classes that are known by the end of their names: generated `…Servicer`s."""
    found: list[EntryModel] = []
    for link in machine.order(owner)[1:] if machine.models.suffixes else ():
        name = link.facts.name if isinstance(link, ClassRef) else link.rpartition(".")[2]
        found += [one for suffix, rows in machine.models.suffixes.items() if name.endswith(suffix) for one in rows]
    return found


def _members(machine: Machine, owner: ClassRef) -> list[tuple[str, Any]]:
    """
    What a class of views has of its own, from classes that are none (mixins), and from other classes of views whose methods
    read what it has of its own: `get` of a base that calls `self.handle`.
    """
    found = dict(machine.class_namespace(owner))
    own = set(found)
    for link in machine.order(owner)[1:]:
        if not isinstance(link, ClassRef):
            continue
        members = machine.class_namespace(link)
        mixed_in = not any(one in machine.models.classes for one in machine.lineage(link))
        if mixed_in or any(ref.function.mentions & own for ref in _methods(members)):
            for name, member in members.items():
                found.setdefault(name, member)
        own |= members.keys()
    return list(found.items())


def _methods(members: Members) -> Iterator[Closure]:
    for member in members.values():
        for ref in member.refs if isinstance(member, Value) and member.kind == "function" else ():
            if isinstance(ref, Closure):
                yield ref


def named_by(name: str, model: EntryModel) -> bool:
    """Whether a method is one that the framework calls; `on_*` is the beginning of several."""
    if "*" in model.methods and not name.startswith("_"):
        return True
    return any(name == one or (one.endswith("*") and one != "*" and name.startswith(one[:-1])) for one in model.methods)


def view_methods(machine: Machine, owner: ClassRef) -> list[tuple[Closure, EntryModel]]:
    """The methods of a class that a framework calls, by the library classes it descends from."""
    models = machine.models
    found: list[tuple[Closure, EntryModel]] = []
    direct = [link for link in machine.order(owner) if isinstance(link, str)]  # these say most
    paths = [*direct, *sorted(machine.lineage(owner).difference(direct))]
    matching = [model for path in paths for model in models.classes.get(path, ())]
    matching += _by_suffix(machine, owner)
    if not matching:
        return found
    for name, member in _members(machine, owner):
        value = machine.force(member) if type(member) is Lazy else member
        for ref in value.refs if isinstance(value, Value) else ():
            if not isinstance(ref, Closure):
                continue
            for model in matching:
                if named_by(name, model):
                    found.append((ref, model))
                    break
    return found

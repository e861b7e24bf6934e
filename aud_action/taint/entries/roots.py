"""Where the analysis starts: entry points, functions that read a source, and those that call one that returns it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from aud_action.taint.code.naming import word
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Module
from aud_action.taint.entries import generic, points
from aud_action.taint.entries.callers import Callers, nested
from aud_action.taint.entries.triggers import (
    Wanted,
    handed_on,
    last,
    method_makers,
    owners,
    registering,
    registers,
    triggers,
)
from aud_action.taint.entries.views import flagged, view_methods
from aud_action.taint.frames.names import ANYTHING
from aud_action.taint.frames.state import Changed
from aud_action.taint.values.value import UNKNOWN, Value, all_taints

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_MOST_HEIRS = 6
"""For how many classes that inherit it a method is run: each may say otherwise what it calls and reads of itself."""
_ENOUGH_STEPS = 1500
"""Steps after which it stays open whether a suspect call is harmless."""
Suspects = Mapping[int, Iterable[tuple[int, str]]]
"""Lines and classes of calls that patterns report, by file."""
CONFIRMED = frozenset(
    "sql-injection command-injection code-injection xss ssrf unsafe-deserialization archive-slip".split()
)
"""Classes for which a pattern, too, says that a call may be dangerous."""


def run(machine: Machine) -> None:
    """Run every root, then those that became roots by what the first ones return."""
    _discover(machine)
    wanted = triggers(machine)
    for module, names in wanted.items():
        _module_body(machine, module, names)
    wanted = _keeping(machine, wanted)
    machine.memo.clear()  # what modules registered after a function ran is there now
    machine.returning.clear()
    machine.left.clear()
    _rounds(machine, wanted)
    _left_out(machine, wanted)
    generic.store(machine)
    machine.changed = machine.afresh()
    machine.tables.is_open = True
    if machine.changed:
        _again(machine, machine.changed)


def _rounds(machine: Machine, wanted: Wanted) -> None:
    """Run the functions that speak of some names, then those that speak of functions which return a source."""
    done: set[FunctionRef] = set()
    fields = 0
    names: frozenset[str] | None = None
    while True:  # ends: each function is started once, and there are ever more names
        for owner, function in list(_functions(machine, wanted, done)):
            done.add(function)
            _start(machine, owner, function)
        before, names = (names, fields), _returning(machine)
        machine.telling |= names
        fields = sum(len(one) for one in machine.fields.values())
        if (names, fields) == before:
            return
        wanted = dict.fromkeys(wanted, names)


def _left_out(machine: Machine, wanted: Wanted) -> None:
    """Run the inner functions that read a source and that nothing ran: what a factory made was handed to somebody unknown."""
    for module, names in wanted.items():
        for function in module.functions[1:] if module.mentions & names else ():
            if inner(function) and function not in machine.ran and speaks(function, names):
                _start(machine, None, function)


def _again(machine: Machine, changed: list[Changed]) -> None:
    """Run the functions that read state which has changed since, then those that speak of one which returns it."""
    done: set[FunctionRef] = set()
    names: frozenset[str] = frozenset()
    readable = {one: [each for each in changed if each.read_in(one)] for one in machine.program.modules}
    while True:  # ends: each function is started once, and there are ever more names
        for owner, function in _all(machine):
            read = readable[function.module]
            if function in done or not (function.mentions & names or any(one.read_by(function) for one in read)):
                continue
            done.add(function)
            _start(machine, owner, function)
        names, before = names | _returning(machine, done), names
        machine.telling |= names
        if names == before:
            return


def confirm(machine: Machine, suspects: Suspects) -> set[tuple[str, int, int]]:
    """
    Run each function that makes a suspect call with anything at all in its parameters; the calls that could be asked.

    Some of its callers may never have run: what only they could tell is no reason to call it harmless.
    """
    asked = {(flaw, file, line) for file, found in suspects.items() for line, flaw in found}
    callers = Callers(machine)
    views = {ref.function for owner in machine.views for ref, _ in view_methods(machine, owner)}
    machine.kinds |= {ANYTHING}
    found = len(machine.flows)
    for module in machine.program.modules:
        lines = {line for line, _ in suspects.get(module.file, ())}
        for function in module.functions[1:] if lines and not module.is_test else ():
            place = function.place
            entered = function in machine.started and (function in views or function in machine.entries.found)
            within = [line for line in lines if place.line <= line <= place.end_line]
            if within and not entered and not machine.is_class_body(function) and not callers.known(function):
                start = closure(machine, function.owner, function)
                if not machine.asked(start, ANYTHING, _ENOUGH_STEPS):
                    asked = {one for one in asked if one[1] != module.file or one[2] not in within}
    machine.closing |= callers.names
    del machine.flows[found:]  # with anything at all for a base, no guard that compares with it holds
    return asked


def _module_body(machine: Machine, module: Module, names: frozenset[str]) -> None:
    """A module whose body itself may read a source."""
    if module.functions[0].mentions & names:
        machine.namespace(module)


def _keeping(machine: Machine, wanted: Wanted) -> Wanted:
    """The same with the names of objects that modules keep and of which a source is read: `model = ChatOpenAI()`."""
    models, modules = machine.models, list(wanted)
    classes = owners(machine)
    found = {module: set(names) for module, names in wanted.items()}
    for module, names in wanted.items():
        kept = machine.namespace(module) if module.functions[0].mentions & names else {}
        for name, value in list(kept.items()):
            paths = (
                value.paths if isinstance(value, Value) and value.kind not in ("class", "module", "function") else ()
            )
            if any(not classes.isdisjoint((path, *models.ancestors(path))) for path in paths):
                for home in handed_on(modules, name, {module}):
                    found[home].add(name)
    return {module: frozenset(names) for module, names in found.items()}


def _discover(machine: Machine) -> None:
    """Run the modules that register entry points, so that all are known before the first root."""
    words, handing = registering(machine), method_makers(machine)
    for module in machine.program.modules:
        if not module.is_test and (module.mentions & words or registers(machine, module, handing)):
            machine.namespace(module)
            for owner in module.classes:  # a class body registers its methods: controllers, exposed objects
                if owner.bases is not None and owner.body.mentions & words:
                    machine.class_namespace(owner)
    _factories(machine)
    _flagged(machine)
    models = machine.models
    called = {path for path in models.bases if any(base in models.classes for base in models.ancestors(path))}
    names = {last(path) for path in called | models.classes.keys()}
    classes = [one for module in machine.program.modules if not module.is_test for one in module.classes]
    known: set[ClassRef] = set()
    endings = tuple(models.suffixes)
    growing = True
    while growing:
        growing = False
        for one in classes:
            bases = [one.module.renamed.get(name := word(base), name) for base in one.facts.bases]
            if one not in known and any(base in names or base.endswith(endings) for base in bases):
                known.add(one)
                names.add(one.facts.name)
                growing = True
    machine.views = [one for one in classes if one in known]


class Makers(NamedTuple):
    """The names that a function which makes an application must speak of: one of some, or both of a pair."""

    names: set[str]
    pairs: dict[str, set[str]]

    def named(self, said: frozenset[str]) -> bool:
        """Whether one who speaks of some names may make one."""
        if not said.isdisjoint(self.names):
            return True
        return any(not said.isdisjoint(self.pairs[owner]) for owner in said & self.pairs.keys())


def makers(machine: Machine) -> Makers:
    """What the models tell of how applications are made."""
    models = machine.models
    paths = [path for table in (models.decorators, models.registrations) for path in table]
    owners = {path.rpartition(".")[0] for path in paths} - {"?", ""}
    owners |= {path.rpartition(".")[0] for path, made in models.types.items() if made in owners and "(" not in path}
    names = {last(owner) for owner in owners if last(owner)[:1].isupper()}
    pairs: dict[str, set[str]] = {}
    for path in models.registrations:
        pairs.setdefault(last(path.rpartition(".")[0]), set()).add(last(path))
    return Makers(names, pairs)


def _factories(machine: Machine) -> None:
    """Run the functions that make an application: what they register, and what they call registers."""
    known = makers(machine)
    for owner in _applications(machine):
        made = machine.class_namespace(owner).get("__init__")
        for ref in made.refs if isinstance(made, Value) else ():
            if isinstance(ref, Closure):
                machine.root(closure(machine, owner, ref.function), None, "")
    for module in machine.program.modules:
        if module.is_test or not known.named(module.mentions):
            continue
        for function in module.functions[1:]:
            makes = known.named(function.mentions)
            if makes and function.owner is None and not machine.is_class_body(function):
                machine.root(closure(machine, None, function), None, "")


def _applications(machine: Machine) -> list[ClassRef]:
    """The project's own kinds of Tornado's application: what their constructors keep, handlers read."""
    known = machine.program.heirs.get("Application", ())
    return [one for one in known if "tornado.web.Application" in machine.lineage(one)]


def _flagged(machine: Machine) -> None:
    """Methods that an attribute makes entry points: `method.exposed = True`, or `exposed = True` for a whole class."""
    for library, flag, model in machine.models.flags:
        for module in machine.program.modules:
            if module.is_test or library not in module.mentions:
                continue
            for owner in module.classes:
                flagged(machine, owner, flag, model)


def _functions(
    machine: Machine, wanted: Wanted, done: set[FunctionRef]
) -> Iterator[tuple[ClassRef | None, FunctionRef]]:
    """Functions to start from, in a fixed order."""
    views = _views(machine)
    for module, names in wanted.items():
        spoken = module.mentions & names
        for function in module.functions[1:]:
            if function in done or machine.is_class_body(function):
                continue
            if function in machine.entries.found or function in views or hinted(machine, function):
                yield views.get(function, function.owner), function
            elif (
                machine.is_public(function)
                or _uses_field(machine, function)
                or (spoken and speaks(function, names) and not nested(function))
            ):
                yield function.owner, function


def _all(machine: Machine) -> Iterator[tuple[ClassRef | None, FunctionRef]]:
    """Every function that isn't a test, with the class as whose method it is called."""
    views = _views(machine)
    for module in machine.program.modules:
        for function in module.functions[1:] if not module.is_test else ():
            if not machine.is_class_body(function):
                yield views.get(function, function.owner), function


def _views(machine: Machine) -> dict[FunctionRef, ClassRef]:
    """Each method of a class of views, with that class; those of several classes, and what decorators made of them, are noted."""
    found: dict[FunctionRef, list[tuple[ClassRef, Closure]]] = {}
    for owner in machine.views:
        for ref, _ in view_methods(machine, owner):
            known = found.setdefault(ref.function, [])
            if len(known) < _MOST_HEIRS and not (
                nested(ref.function) and any(one.scope is ref.scope for _, one in known)
            ):
                known.append((owner, ref))
    routed = machine.entries.classes
    for known in found.values():  # of a base that no route leads to, its heirs' routes lead to the method
        known[:] = [one for one in known if one[0] in routed] or known
    machine.wrapping = {function: known for function, known in found.items() if len(known) > 1 or nested(function)}
    return {function: known[-1][0] for function, known in found.items()}


def _uses_field(machine: Machine, function: FunctionRef) -> bool:
    """A method that may read a client's data from `self`, where another method put it."""
    owner = function.owner
    if owner is None or not machine.fields:
        return False
    return any(
        function.mentions & machine.fields[link]
        for link in machine.order(owner)
        if isinstance(link, ClassRef) and link in machine.fields
    )


def speaks(function: FunctionRef, names: frozenset[str]) -> bool:
    """Whether a function, or what is declared of its parameters, speaks of one of some names."""
    if function.mentions & names:
        return True
    annotations = (parameter.annotation for parameter in function.facts.parameters if parameter.annotation is not None)
    return any(word(one) in names for one in annotations)


def hinted(machine: Machine, function: FunctionRef) -> bool:
    """A handler that nothing registers, known by its first parameter's name and by what it reads of it."""
    parameters = [one.name for one in function.facts.parameters[:2] if one.name not in ("self", "cls")]
    for model in machine.models.hints if parameters else ():
        if parameters[0] != model.hint:
            continue
        reads = not function.mentions.isdisjoint(model.methods) or function.facts.name in model.called
        reads = reads or (bool(model.called) and len(parameters) == 2 and parameters[1] in model.exclude)
        derived = function.owner is not None and bool(function.owner.facts.bases)
        if reads and not (derived and model.kind):
            machine.entries.found.setdefault(function, []).append(points.Entry(model, None, ()))
            return True
    return False


def inner(function: FunctionRef) -> bool:
    """Whether a function with a name stands in another."""
    return "<locals>" in function.facts.qualified and function.facts.name != "<lambda>"


def _start(machine: Machine, owner: ClassRef | None, function: FunctionRef) -> None:
    machine.started.add(function)
    for one, ref in machine.wrapping.get(function, ()):
        _enter(machine, one, function, ref.bound(Value(refs=(one,), kind="object")))
    if function not in machine.wrapping:
        _enter(machine, owner, function, closure(machine, owner, function))


def _enter(machine: Machine, owner: ClassRef | None, function: FunctionRef, start: Closure) -> None:
    entry, kind = machine.entry_of(owner, start)
    machine.injecting = entry
    if owner is not None and entry is not None and not set(entry.model.unless).intersection(machine.lineage(owner)):
        machine.entries.views[function] = [entry]
    known = machine.entries.found.get(function, ())
    routed = [one for one in known if one.route is not None and one.model.captures]  # they tell what the captures are
    if routed and all(one.model.first for one in known):
        known = routed
    found: list[points.Entry | None] = [*known]
    for one in found or [entry]:
        if one is not None and one.closure is not None and (owner is None or _holds(one.closure)):
            start = one.closure
        left = machine.root(start, one, one.model.kind if one else kind)
        if owner is not None and function.facts.parameters:
            fields = left.get(function.facts.parameters[0].name, UNKNOWN).items or {}
            kept = {str(name) for name, value in fields.items() if all_taints(value)}
            if kept:
                machine.fields.setdefault(owner, set()).update(kept)


def _holds(start: Closure) -> bool:
    """Whether a method was registered with its object, of which something is known."""
    return start.receiver is not None and start.receiver.kind == "object" and bool(start.receiver.items)


def closure(machine: Machine, owner: ClassRef | None, function: FunctionRef) -> Closure:
    """The function as it is found in its class or module, bound to an instance."""
    if owner is None:
        return Closure(function)
    instance = Value(refs=(owner,), kind="object")
    found = machine.class_namespace(owner).get(function.facts.name)
    for ref in found.refs if isinstance(found, Value) else ():
        if isinstance(ref, Closure) and ref.function is function:
            return ref if ref.kind == "static" else ref.bound(instance)
    return Closure(function, owner.scope, owner, instance)


def _returning(machine: Machine, among: set[FunctionRef] | None = None) -> frozenset[str]:
    """The names of functions, perhaps among some, that return a source which they didn't return before state changed."""
    before = machine.returned_before
    names = {
        one.facts.name
        for one, sources in machine.returning.items()
        if (among is None or one in among) and not sources <= before.get(one, set())
    }
    return frozenset(name for name in names if len(name) > 2 and name != "<lambda>")

"""The names that a function must speak of to read a source by itself: most never do, and are run only when others call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.program import Module
from aud_action.taint.frames.records import MANAGERS
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine
    from aud_action.taint.models import Models

Wanted = Mapping[Module, frozenset[str]]
"""The names for which a function of each module is run."""
_EVERYWHERE = frozenset({"builtins", "dbapi"})


def triggers(machine: Machine) -> Wanted:
    """
    The names that a function which reads a source must speak of.

    A file must know the library that gives a name its meaning, or another that hands it on. A member of a class is read from an
    object, so the class must be named, or an object that is known to be one; what is read of such a member, as the `kwargs` of a
    request's `resolver_match`, by a file that speaks of that as well.
    """
    modules = [module for module in machine.program.modules if not module.is_test]
    spoken = frozenset[str]().union(*(module.mentions for module in modules))
    anywhere = {name for name in spoken if machine.models.called(name)}
    if "database" in machine.kinds:
        anywhere |= MANAGERS | {"select"}
    heads: dict[tuple[str, str], set[str]] = {}
    for path in _spoken(machine):
        heads.setdefault((last(path), _through(path)), set()).add(path.split(".", 1)[0])
    found = {module: set(anywhere) for module in modules}
    for (name, through), libraries in heads.items():
        if libraries & _EVERYWHERE:
            homes: Iterable[Module] = modules
        else:
            homes = handed_on(modules, name, {one for one in modules if one.mentions & libraries})
        for module in homes:
            if not through or through in module.mentions:
                found[module].add(name)
    return {module: frozenset(names) for module, names in found.items()}


def _through(path: str) -> str:
    """
    The attribute of an object from which another one is read; "" for none.

    >>> _through("django.http.HttpRequest.resolver_match.kwargs"), _through("flask.request.args")
    ('resolver_match', '')
    """
    owner, _, member = path.rpartition(".")[0].rpartition(".")
    return member if member.isidentifier() and last(owner)[:1].isupper() else ""


def _spoken(machine: Machine) -> Iterator[str]:
    """The paths of all that is, or that yields, what a source is read from."""
    models = machine.models
    classes: set[str] = set()
    for path, found in models.sources.items():
        if any(one.kind in machine.kinds for one in found):
            owner = path.replace("()", "").replace("[]", "").rpartition(".")[0]
            if last(owner)[:1].isupper():
                classes.add(owner)
            elif last(path) and not _of_class(path):
                yield path
    made, heirs = _sides(models)
    seen: set[str] = set()
    waiting = sorted(classes)
    while waiting:  # the class, what yields it, the classes of objects that do, and those made from it
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            keys = made.get(one, [])
            waiting += [key.rpartition(".")[0] for key in keys if _of_class(key)]
            waiting += heirs.get(one, [])
            yield from (key for key in (one, *keys) if last(key) and not _of_class(key))


def _sides(models: Models) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What yields each class, and the classes made from it."""
    made: dict[str, list[str]] = {}
    for key, value in (*models.types.items(), *models.aliases.items()):
        made.setdefault(value, []).append(key)
    heirs: dict[str, list[str]] = {}
    for key, bases in models.bases.items():
        for base in bases:
            heirs.setdefault(base, []).append(key)
    return made, heirs


def owners(machine: Machine) -> frozenset[str]:
    """The classes of the objects of which a source is read."""
    models = machine.models
    read = [path for path, found in models.sources.items() if any(one.kind in machine.kinds for one in found)]
    names = {path.replace("()", "").replace("[]", "").rpartition(".")[0] for path in read if _of_class(path)}
    return frozenset(names)


def handed_on(modules: list[Module], name: str, homes: set[Module]) -> set[Module]:
    """The modules where a name may be what it is in some: those, and whatever speaks of it and may import it from one of them."""
    found, new = set(homes), homes
    waiting = [module for module in modules if name in module.mentions and module not in homes]
    while new and waiting:
        words = {last(module.name) for module in new}
        packages = {module.name for module in new if module.is_package}
        new = {one for one in waiting if one.mentions & words or any(_below(one, package) for package in packages)}
        waiting = [one for one in waiting if one not in new]
        found |= new
    return found


def _below(module: Module, package: str) -> bool:
    return module.name.startswith(f"{package}.")


def registering(machine: Machine) -> frozenset[str]:
    """The names that a module which registers entry points must speak of."""
    models = machine.models
    tables = (models.decorators, models.registrations)
    return frozenset(last(path) for table in tables for path in table)


def method_makers(machine: Machine) -> frozenset[str]:
    """The names of methods in which a function is defined, as in those that make decorators."""
    inner = {
        one.facts.qualified.split(".<locals>", 1)[0]
        for module in machine.program.modules
        for one in module.functions
        if ".<locals>" in one.facts.qualified and not module.is_test
    }
    return frozenset(name.rpartition(".")[2] for name in inner if "." in name)


def registers(machine: Machine, module: Module, makers: frozenset[str]) -> bool:
    """Whether a module hands functions to an object of another file's: `@container.provide(Stock)`."""
    if not module.functions[0].mentions & makers:
        return False
    program, body = machine.program, module.functions[0].body
    heads = {head for node in body if node[0] == code.DEF for one in node[2] if (head := _head(one))}
    if not heads:
        return False
    brought = [node for node in body if node[0] == code.IMPORT and node[1] in heads and node[3]]
    return any(program.resolve(program.absolute(node[2], node[4], module), module) for node in brought)


def _head(decorator: Any) -> str | None:
    """The name of the object whose method a decorator calls."""
    callee = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else None
    base = callee[1] if type(callee) is list and callee[0] == code.ATTR else None
    return base if type(base) is str else None


def _of_class(key: str) -> bool:
    return last(key.rpartition(".")[0])[:1].isupper()


def last(path: str) -> str:
    """The last name of a dotted path."""
    return path.replace("()", "").replace("[]", "").rpartition(".")[2]

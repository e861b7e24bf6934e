"""
A link that needs not be made: the last one, where the new one would look at nothing that has changed.

A link is one sequence of steps. Which functions it starts from follows from names that files and functions speak of
(`_chosen`); what each step does follows from statements that it reads and from names that it looks for (`alike`). Where
all of these are what they were, the steps are the same and so is what they find, but for the lines on which it stands.
Results of single functions are not kept: one that is known shortens what others may spend, so that what a function
yields depends on who asked for it first, and only a sequence that is wholly the same is known to end the same.
Nor does it fall into parts that a change can't reach: roots that run no function in common, not even through others, are
few. 97 % of Celery's link and 99 % of Django's hang together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from aud_action.taint.code.naming import word
from aud_action.taint.code.program import FileFacts, FunctionRef, Module, Program
from aud_action.taint.entries.callers import nested
from aud_action.taint.entries.roots import Suspects, hinted, inner, makers, speaks
from aud_action.taint.entries.triggers import registering, triggers
from aud_action.taint.flow import Link, Looked
from aud_action.taint.looking import listed, named
from aud_action.taint.machine import Machine
from aud_action.taint.models import load
from aud_action.taint.moved import carried
from aud_action.taint.values.alike import Alike, Other, alike
from extractors.flow.facts import decode


def recalled(
    last: Link,
    before: Mapping[int, bytes],
    files: Sequence[FileFacts],
    suspects: Suspects,
    *,
    threats: Iterable[str] = (),
    own: Iterable[tuple[str, str]] = (),
) -> Link | None:
    """
    What `link` of some files would find, when that can be told from what the last one has found; None when it can't.

    before: the flow facts that files had then, of those that have changed. Models and threats must be those of then.
    """
    looked = last.looked
    if named(files) != looked.files:
        return None
    changed = {one.file: one.facts for one in files if one.file in before and one.facts != before[one.file]}
    try:
        found = {
            file: alike(
                decode(before[file]),
                decode(facts),
                looked.read.get(file, ()),
                frozenset(looked.names),
                looked.members.get(file, {}),
            )
            for file, facts in changed.items()
        }
    except Other:
        return None
    if changed:
        now = Program(files)
        then = now.before({file: before[file] for file in changed})
        models = load(own)
        kinds = models.always | frozenset(threats)
        choices = [_Choice(Machine(one, models, kinds, 0.0), looked) for one in (then, now)]
        if not _is_chosen_alike(choices[0], choices[1], found):
            return None
    return _moved(last, found, suspects)


def _is_chosen_alike(then: _Choice, now: _Choice, found: Mapping[int, Alike]) -> bool:
    """Whether both start from the same modules and functions, as far as names alone tell."""
    return all(
        _is_same_choice(then, one, now, other, found.get(one.file))
        for one, other in zip(then.machine.program.modules, now.machine.program.modules, strict=True)
    )


def _is_same_choice(then: _Choice, one: Module, now: _Choice, other: Module, found: Alike | None) -> bool:
    if found is None:
        return then.wanted[one] & one.mentions == now.wanted[other] & other.mentions
    if then.of_module(one) != now.of_module(other):
        return False
    before = {new: old for old, new in found.functions.items()}
    for function in other.functions[1:]:
        traits = now.of_function(function)
        old = before.get(function.index)
        if any(traits) if old is None else traits != then.of_function(one.functions[old]):
            return False
    return True


class _Choice:
    """How one of two machines chooses."""

    def __init__(self, machine: Machine, looked: Looked) -> None:
        self.machine, self.looked = machine, looked
        self.wanted = triggers(machine)
        self.registering = registering(machine)
        self.makers = makers(machine)
        self.telling, self.closing = frozenset(looked.telling), frozenset(looked.closing)
        models = machine.models
        self.words = {library for library, _, _ in models.flags} | {home for home, _ in looked.changed}
        self.words |= {path.partition(".")[0] for path in models.decorators}

    def of_module(self, module: Module) -> Hashable:
        """What decides of a module whether it is run, and what its classes are."""
        bases = {word(base) for one in module.classes for base in one.facts.bases}
        return (
            bool(module.mentions & self.registering),
            self.makers.named(module.mentions),
            bool(module.functions[0].mentions & self.wanted[module]),
            module.mentions & self.words,
            module.functions[0].mentions & self.closing,
            frozenset((bound, name) for bound, name in module.renamed.items() if bound in bases),
        )

    def of_function(self, function: FunctionRef) -> tuple[Hashable, ...]:
        """What decides of a function whether it is run, beside what others do."""
        if self.machine.is_class_body(function):
            return (bool(function.mentions & self.registering),)
        is_apart = not nested(function)
        return (
            (is_apart or inner(function)) and speaks(function, self.wanted[function.module]),
            bool(is_apart or self.looked.changed) and not function.mentions.isdisjoint(self.telling),
            function.mentions & self.closing,
            self.makers.named(function.mentions),
            hinted(self.machine, function),
            self.machine.is_public(function),
            *(function.mentions.issuperset(names) for _, names in self.looked.changed),
        )


def _moved(last: Link, found: Mapping[int, Alike], suspects: Suspects) -> Link | None:
    """The last link on the lines of now; None where a line isn't known, or patterns report other calls."""
    now = listed(suspects)
    try:
        moved = carried(last, {file: one.lines for file, one in found.items()})
    except KeyError:
        return None
    if tuple(sorted(moved.looked.suspects)) != now:
        return None
    read = {
        file: tuple([found[file].functions[index] for index in indices]) if file in found else indices
        for file, indices in moved.looked.read.items()
    }
    return moved._replace(looked=moved.looked._replace(read=read, suspects=now))

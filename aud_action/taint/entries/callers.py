"""
Functions of which every caller is known: what they are given is what those gave them, and nothing else.

Whether a call that a pattern reports is harmless is asked of the function around it with anything at all in its
parameters (`roots.confirm`), since somebody may call it whom nobody has followed. Where each mention of its name is a call
that was followed, in a function that a framework enters or of which the same is true, there is no such caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.program import ClassRef, FunctionRef
from aud_action.taint.entries.views import view_methods
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_PLAIN = frozenset(
    "property cached_property staticmethod classmethod lru_cache cache contextmanager abstractmethod".split()
)
"""Decorators that call a function only where somebody calls it."""
_BASES = ("builtins.object", "abc.", "typing.", "enum.", "dataclasses.", "pydantic.", "sqlalchemy.")
"""Library classes that call no method which the project adds."""


class Callers:
    """Who calls the functions of a machine that has run."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.names: set[str] = set()  #: names of functions that were asked for
        self.answers: dict[FunctionRef, bool] = {}
        self.said: dict[FunctionRef, frozenset[str]] = {}

    def known(self, function: FunctionRef) -> bool:
        """Whether every call of a function was followed."""
        answer = self.answers.get(function)
        if answer is None:
            self.answers[function] = True  # calls in a circle add no caller
            answer = self.answers[function] = self._found(function)
        return answer

    def _found(self, function: FunctionRef) -> bool:
        if function.index == 0 or function in self.entered or self.machine.is_class_body(function):
            return True
        name = function.facts.name
        if nested(function) or self.machine.is_public(function) or (name.startswith("__") and name.endswith("__")):
            return False
        if not self._is_plain(function) or (None, function) in self.machine.calls:
            return False
        self.names.add(name)
        calling = self.calling.get(function, set())
        if not all(self.known(one) for one in calling):
            return False
        has_users = bool(calling)
        for one in self._mentioning(name):
            told = one in calling or (name in self.called.get(one, ()) and self.known(one))
            if not (told and has_users) and name in self._said(one):  # looked through only where it matters
                if not told:
                    return False
                has_users = True
        return has_users

    @cached_property
    def calling(self) -> dict[FunctionRef, set[FunctionRef]]:
        """Each function that was called, with who called it."""
        found: dict[FunctionRef, set[FunctionRef]] = {}
        for caller, one in self.machine.calls:
            if caller is not None:
                found.setdefault(one, set()).add(caller)
        return found

    @cached_property
    def called(self) -> dict[FunctionRef, set[str]]:
        """The names of what each function called: a mention of a name may be of any function that is called so."""
        found: dict[FunctionRef, set[str]] = {}
        for caller, one in self.machine.calls:
            if caller is not None:
                found.setdefault(caller, set()).add(one.facts.name)
        return found

    @cached_property
    def entered(self) -> frozenset[FunctionRef]:
        """The functions that a framework enters, and that were run so."""
        machine = self.machine
        views = {ref.function for owner in machine.views for ref, _ in view_methods(machine, owner)}
        return frozenset(one for one in machine.started if one in views or one in machine.entries.found)

    def _mentioning(self, name: str) -> Iterator[FunctionRef]:
        """The functions, bodies of classes and modules whose code, or that of functions in them, speaks of a name."""
        for module in self.machine.program.modules:
            if not module.is_test and name in module.mentions:
                yield from (one for one in module.functions if name in one.mentions)

    def _said(self, function: FunctionRef) -> frozenset[str]:
        said = self.said.get(function)
        if said is None:
            said = self.said[function] = _said(function)
        return said

    def _is_plain(self, function: FunctionRef) -> bool:
        """Whether neither a decorator nor a base class may hand it to somebody who calls it."""
        own = self.called.get(_home(function), ())  # decorators of the project, which were followed
        if any(_last(one) not in _PLAIN and _last(one) not in own for one in decorators(function)):
            return False
        order = self.machine.order(function.owner) if function.owner is not None else []
        return all(isinstance(one, ClassRef) or one.startswith(_BASES) for one in order)


def nested(function: FunctionRef) -> bool:
    """Whether a function stands in another."""
    return "<locals>" in function.facts.qualified or function.facts.name == "<lambda>"


def _said(function: FunctionRef) -> frozenset[str]:
    """What the statements and defaults of a function speak of, apart from those of the functions in it."""
    waiting: list[Any] = [function.body, [one.default for one in function.facts.parameters]]
    if function.index == 0 or function.facts.name[:1].isupper():
        waiting += [one for each in function.module.facts.classes for one in (each.bases, each.decorators)]
    found = set[str]()
    while waiting:
        for one in waiting.pop():
            if one.__class__ is str:
                found.add(one)
            elif one.__class__ in _NESTED and one and one[0] != code.IMPORT:
                waiting.append(one)
    return frozenset(found)


_NESTED = (list, tuple)


def decorators(function: FunctionRef) -> list[Any]:
    """The decorators of a function, as its definition gives them."""
    found = [one for one in _definitions(_home(function).body) if one[1] == function.index]
    return found[0][2] if found else [None]


def _home(function: FunctionRef) -> FunctionRef:
    """The body of the class or module that defines a function."""
    return function.owner.body if function.owner is not None else function.module.functions[0]


def _definitions(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        if node and node[0] == code.DEF:
            yield node
        else:
            for one in node:
                yield from _definitions(one)


def _last(node: Any) -> str:
    """The last name of a decorator as it is written."""
    while isinstance(node, list) and node and node[0] == code.CALL:
        node = node[1]
    return str(node[2]) if isinstance(node, list) and node and node[0] == code.ATTR else str(node)

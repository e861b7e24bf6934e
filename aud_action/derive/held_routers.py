"""Routers that objects hold: `self.router = APIRouter(…)` in a class is a router of each object, and of each heir's."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aud_action.derive.arguments import Calls, Handed
from aud_action.derive.classes import Class, Program

if TYPE_CHECKING:
    from aud_action.derive.routes import Declared

_SELF: Final = ".self."
_STORED: Final = """
SELECT o.name, a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE a.target = ? AND substr(o.name, 1, ?) = ? AND a.operator = '='
"""
_ASSIGNED: Final = """
SELECT c.site FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope WHERE o.name = ? AND c.assigned_to = ?
"""


class Holders:
    """Which routers objects hold, and what they were given when they were made."""

    def __init__(self, known: Program, calls: Calls) -> None:
        self.known = known
        self.calls = calls
        self.made: dict[
            str, tuple[ast.expr | None, str]
        ] = {}  #: by class and attribute: the prefix, and where it is given
        self._names: dict[str, str] = {}

    def name(self, dotted: str) -> str:
        """A router's name by the class that holds it: `m.X.__init__.self.router` is `m.X.router`; others stay."""
        known = self._names.get(dotted)
        if known is None:
            known = self._names[dotted] = self._named(dotted)
        return known

    def _named(self, dotted: str) -> str:
        head, is_held, attribute = dotted.partition(_SELF)
        owner = head.rpartition(".")[0] if is_held else ""
        while self.known.is_function(owner):
            owner = owner.rpartition(".")[0]
        if not owner or "." in attribute or self.known.named(owner) is None:
            return dotted
        return self._handed(owner, attribute) or f"{owner}.{attribute}"

    def _handed(self, owner: str, attribute: str) -> str:
        """What an attribute stands for that is always the same thing handed to the class: `self.app = app`."""
        view, found = self.known.named(owner), set()
        for one in view.lineage if view else ():
            inside = f"{one.qualified_name}."
            for function, source in list(self.known.store.rows(_STORED, (f"self.{attribute}", len(inside), inside))):
                name = f"{function}.{source}"
                if not self.calls.is_parameter(name):
                    return ""
                found |= {self.calls.name(name, handed) for handed in self.calls.of(function)}
        known = found.pop() if len(found) == 1 else None
        return self.known.names.resolve(known, instances=False) if known else ""

    def parts(self, name: str) -> tuple[Class | None, str]:
        """The class of the object that holds a router, and the attribute."""
        head, _, attribute = name.rpartition(".")
        view = self.known.named(head) or self.known.named(self.known.names.resolve(head)) if head else None
        return view, attribute

    def source(self, name: str) -> str | None:
        """The name under which the router of an object is made: by its class, or the nearest one that it descends from."""
        view, attribute = self.parts(name)
        every = (f"{one.qualified_name}.{attribute}" for one in (view.lineage if view else ()))
        return next((one for one in every if one in self.made), None)

    def prefixes(self, name: str) -> list[str | None]:
        """The prefixes that the router of an object, or of each object of a class, is made with."""
        made = self.source(name)
        given, scope = self.made[made] if made else (None, "")
        if given is None:
            return [""]
        return list(dict.fromkeys(self.calls.text(given, scope, handed) for handed in self._made_of(name)))

    def _made_of(self, name: str) -> Iterator[Handed]:
        """What the constructor of an object is handed; of each object, for the name of a class."""
        view, _ = self.parts(name)
        head = name.rpartition(".")[0]
        method = view.method("__init__", inherited=True) if view else None
        owner = next((one for one in (view.lineage if view else ()) if one.method("__init__")), None)
        if view is None or method is None or owner is None:
            yield Handed(owner=view.qualified_name if view else "")
            return
        function = f"{owner.qualified_name}.__init__"
        if self.known.named(head) is None:
            module, _, variable = self.known.names.resolve(head, instances=False).rpartition(".")
            sites = [site for (site,) in self.known.store.rows(_ASSIGNED, (module, variable))]
            if len(sites) == 1:
                yield self.calls.bound(function, sites[0], module, view.qualified_name)
                return
        handed = [one for one in self.calls.of(function) if one.owner in {view.qualified_name, owner.qualified_name}]
        yield from (replace(one, owner=view.qualified_name) for one in handed or [Handed()])

    def spread(self, entry: Declared, scope: str, mounted: Iterable[str]) -> Iterator[Declared]:
        """A declaration on the router of a class, for each mounted router of its objects and its heirs'."""
        declaring, attribute = self.parts(entry.router_name or "")
        method = scope.removeprefix(f"{declaring.qualified_name}.").partition(".")[0] if declaring else ""
        own = declaring.method(method) if declaring else None
        found = []
        for name in mounted if own and declaring else ():
            if name.rpartition(".")[2] == attribute:
                view, _ = self.parts(name)
                is_heir = view is not None and declaring in view.lineage
                answering = view.method(method, inherited=True) if view and is_heir else None
                if answering and own and (answering.site == own.site or method == "__init__"):
                    found.append(name)
        yield from (replace(entry, router_name=name) for name in found)
        if not found:
            yield entry

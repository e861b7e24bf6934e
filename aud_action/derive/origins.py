"""Which library an object is from, wherever in the program it was made: what a decorator or a method belongs to."""

from __future__ import annotations

from collections.abc import Container
from typing import Final
from weakref import WeakKeyDictionary

from aud_action.derive.classes import Program, program
from aud_action.derive.expressions import without_none
from aud_action.derive.makers import Held
from aud_action.store import Store
from schema import SITE_BITS

_LOCAL: Final = """
SELECT min(a.value_callee), count(DISTINCT coalesce(a.value_callee, '')) FROM python_assignments a JOIN sites s ON s.id = a.site
WHERE a.site BETWEEN ?1 AND ?2 AND s.scope = ?3 AND a.target = ?4 GROUP BY a.target
"""
_TAKEN: Final = """
SELECT p.annotation FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE p.site BETWEEN ?1 AND ?2 AND s.scope = ?3 AND p.name = ?4
"""
_SCOPE: Final = "SELECT name, kind, parent FROM scopes WHERE id = ?"
_RETURNS: Final = "SELECT returns FROM python_functions WHERE site = ? AND returns <> ''"


class Origins:
    """Resolves names of methods of objects to the library's own: through re-exports, factories and classes that descend."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: Program = program(store)
        self._held = Held(store, self.known.names)
        self._found: dict[str, list[str]] = {}

    def named(self, name: str, wanted: Container[str]) -> str:
        """The first of what a name may stand for that is wanted; "" when none is."""
        return next((one for one in self.every(name) if one in wanted), "")

    def under(self, name: str, roots: Container[str]) -> str:
        """The first of what a name may stand for that is of one of these libraries; "" when none is."""
        return next((one for one in self.every(name) if one.partition(".")[0] in roots), "")

    def every(self, name: str) -> list[str]:
        """
        What a name stands for, nearest first.

        `worker.app.task` is `celery.Celery.task` where `worker` has `app = Celery()`, or `app = make()` of a function
        that returns one, or says in its signature that it does; or `Own.task`, of a class `Own(Celery)`.
        """
        known = self._found.get(name)
        if known is None:
            known = self._found[name] = list(dict.fromkeys(self._every(name)))
        return known

    def _every(self, name: str) -> list[str]:
        resolved = self._held.resolve(self.known.names.resolve(name))
        owner, _, word = resolved.rpartition(".")
        declared = self._declared(owner)
        view = self.known.named(declared or owner) if owner else None
        inherited = [f"{ancestor}.{word}" for ancestor in view.ancestors] if view else []
        return [resolved, *([f"{declared}.{word}"] if declared else []), *inherited]

    def within(self, scope: int | None, text: str) -> str:
        """The name that stands for a dotted name as it is written in a scope: through its variables and parameters."""
        head, dot, rest = text.partition(".")
        while scope is not None:
            name, kind, parent = next(self.store.rows(_SCOPE, (scope,)))
            if kind == "module":
                return f"{name}.{text}"
            first = scope >> SITE_BITS << SITE_BITS
            place = first, first + (1 << SITE_BITS) - 1, scope, head
            made = next(self.store.rows(_LOCAL, place, of=[scope >> SITE_BITS]), None)
            taken = next(self.store.rows(_TAKEN, place, of=[scope >> SITE_BITS]), None)
            if taken is not None and taken[0]:
                return f"{self.known.names.module_of(name)}.{without_none(taken[0])}{dot}{rest}"
            if made is not None or taken is not None:
                return f"{made[0]}{dot}{rest}" if made and made[0] and made[1] == 1 else ""
            scope = parent
        return ""

    def _declared(self, function: str) -> str:
        """The class that a function of the project says that it returns."""
        site = self.known.names.defined.get(function)
        said = next(self.store.rows(_RETURNS, (site,)), None) if site is not None else None
        if said is None:
            return ""
        module = self.known.names.module_of(function)
        return self.known.names.resolve(f"{module}.{without_none(said[0])}", instances=False)


_ORIGINS: WeakKeyDictionary[Store, Origins] = WeakKeyDictionary()


def origins(store: Store) -> Origins:
    """The origins of a program's objects, worked out once per run."""
    known = _ORIGINS.get(store.whole)
    if known is None:
        known = _ORIGINS[store.whole] = Origins(store.apart("origins"))
    store.use(known.store)
    return known

"""Calls by what they do: the exact names that are called, asked once for all who want some of them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from aud_action.derive.makers import Held
from aud_action.derive.names import names
from aud_action.store import Store
from schema.calls import CallArgument

_CALLS = "SELECT site, method, assigned_to FROM python_calls WHERE callee = ? ORDER BY site"
_UNDER = "SELECT name FROM python_callees WHERE name = ?1 OR name > ?2 AND name < ?3"  # `/` comes after the dot
_ARGUMENTS = "SELECT * FROM python_call_arguments WHERE site = ? ORDER BY rowid"


class Used(NamedTuple):
    """One call, by its name as the whole program resolves it."""

    site: int
    callee: str
    method: str
    assigned_to: str | None
    arguments: list[CallArgument]

    @property
    def library(self) -> str:
        """The top-level module."""
        return self.callee.partition(".")[0]

    def given(self, *words: str, position: int | None = None) -> CallArgument | None:
        """The argument by one of these keywords, else at this position."""
        named = next((one for one in self.arguments if one.keyword in words), None)
        if named is not None or position is None:
            return named
        return next((one for one in self.arguments if one.position == position), None)

    def value(self, *words: str, position: int | None = None) -> str | None:
        """What an argument says: its constant, else its source; None when it isn't given."""
        found = self.given(*words, position=position)
        return None if found is None else found.constant if found.constant is not None else found.source

    def shape(self, *words: str, position: int | None = None) -> str:
        """The shape of an argument; missing when it isn't given."""
        found = self.given(*words, position=position)
        return "missing" if found is None else "constant" if found.constant is not None else found.kind


class _Called:
    """The names that are called, by their last segment; each is resolved when somebody asks."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._resolve = names(store).resolve
        self._held = Held(store, names(store))
        self._by_last: dict[str, list[str]] = {}
        for (name,) in store.rows("SELECT name FROM python_callees ORDER BY name"):
            self._by_last.setdefault(name.rpartition(".")[2], []).append(name)

    def among(self, wanted: Container[str], lasts: set[str]) -> Iterator[tuple[str, str]]:
        """(as called, resolved) of each name that is wanted."""
        for last in sorted(lasts):
            for name in self._by_last.get(last, ()):
                resolved = name if name in wanted else self._resolve(name)
                if resolved not in wanted:
                    resolved = self._held.resolve(resolved)
                if resolved in wanted:
                    yield name, resolved

    def ending(self, last: str) -> list[str]:
        """Each name with this last segment, sorted."""
        return self._by_last.get(last, [])

    def under(self, root: str) -> list[str]:
        """Each name of a library."""
        return [name for (name,) in self.store.rows(_UNDER, (root, f"{root}.", f"{root}/"))]


_CALLED: WeakKeyDictionary[Store, _Called] = WeakKeyDictionary()


def called(store: Store) -> _Called:
    """The names that are called, read once per run."""
    known = _CALLED.get(store.whole)
    if known is None:
        known = _CALLED[store.whole] = _Called(store.apart("called"))
    store.use(known.store)
    return known


def _read(store: Store, name: str, resolved: str) -> Iterator[Used]:
    for site, method, assigned_to in list(store.rows(_CALLS, (name,))):
        arguments = [CallArgument(*columns) for _, _, *columns in store.rows(_ARGUMENTS, (site,))]
        yield Used(site, resolved, method, assigned_to, arguments)


def used(store: Store, wanted: dict[str, Any] | frozenset[str]) -> Iterator[Used]:
    """Each call of one of these exact names."""
    lasts = {name.rpartition(".")[2] for name in wanted}
    for name, resolved in sorted(called(store).among(wanted, lasts)):
        yield from _read(store, name, resolved)


def used_under(store: Store, *roots: str) -> Iterator[Used]:
    """Each call of anything of these libraries."""
    for root in roots:
        for name in sorted(called(store).under(root)):
            yield from _read(store, name, name)


def spread(text: str) -> dict[str, None]:
    """Names that braces shorten: `a.{b,c}` is `a.b` and `a.c`."""
    found: dict[str, None] = {}
    for word in text.split():
        head, brace, rest = word.partition("{")
        inner, _, tail = rest.partition("}")
        found.update(dict.fromkeys(f"{head}{one}{tail}" for one in (inner.split(",") if brace else [""])))
    return found

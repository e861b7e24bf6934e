"""The library that an object is from which a file puts something on, whatever file made it: groups and applications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.origins import Origins, origins
from aud_action.settings import Settings
from aud_action.store import Store
from extractors.commands import CLICKS, TYPERS
from schema.objects import SharedObject

_COMMANDS: Final = """
SELECT library, owner, min(site) FROM python_local_commands WHERE owner IS NOT NULL GROUP BY library, owner ORDER BY library, owner
"""
_GROUPS: Final = "SELECT site, owner FROM python_local_commands WHERE library = 'click' AND is_group"


@derives(SharedObject)
def shared_objects(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each group of Click and each application of Typer that commands are put on."""
    from_library = origins(store)
    groups = Groups(store, from_library)
    is_one: dict[str, Callable[[str], bool]] = {
        "click": groups.is_group,
        "typer": lambda name: any(one.startswith(TYPERS) for one in from_library.every(f"{name}.command")),
    }
    for library, owner, site in list(store.rows(_COMMANDS)):
        if is_one[library](owner):
            yield site, SharedObject(owner, library)


class Groups:
    """Which names are groups of Click: what it made, and functions that a decorator made one."""

    def __init__(self, store: Store, from_library: Origins) -> None:
        self._functions: dict[int, str | None] = dict(store.rows(_GROUPS))
        self._from_library = from_library
        self._known: dict[str, bool] = {}

    def is_group(self, name: str) -> bool:
        """Whether commands may be put on what has this name."""
        if name not in self._known:
            self._known[name] = False  # while it is asked for: a circle of groups is none
            self._known[name] = self._is_group(name)
        return self._known[name]

    def _is_group(self, name: str) -> bool:
        names = self._from_library.known.names
        function = names.defined.get(names.resolve(name, instances=False))
        if function is not None and function in self._functions:
            owner = self._functions[function]
            return owner is None or self.is_group(owner)
        return any(one.startswith(CLICKS) for one in self._from_library.every(f"{name}.command"))

"""Every call of a library that is worked out: modules beside this one are found, no list names them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from aud_action.taint import library
from aud_action.taint.library.handler import Handler


def _found() -> dict[str, Handler]:
    calls: dict[str, Handler] = {}
    for name in sorted(module.name for module in iter_modules(library.__path__)):
        own = getattr(import_module(f"{library.__name__}.{name}"), "CALLS", {}) if name != "book" else {}
        if twice := calls.keys() & own.keys():
            raise ValueError(f"{name}: {sorted(twice)} are worked out elsewhere, too")
        calls |= own
    return calls


CALLS: Final = _found()
"""API path → what a call of it yields."""

"""
What a link looks at: the few places where it reads what files hold, noted so that the next link can be left out.

A link reads statements through `FunctionRef.body`, which is unpacked when it is first asked for; names of modules
through `Machine.names_asked`, members of classes through `Members`; and it chooses the functions that it runs by the
names that files and functions speak of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from aud_action.taint.code.program import FileFacts, Module
from aud_action.taint.flow import Looked
from aud_action.taint.frames.scopes import Scope
from aud_action.taint.frames.state import Changed

if TYPE_CHECKING:
    from aud_action.taint.entries.roots import Suspects
    from aud_action.taint.machine import Machine


def looked(machine: Machine, suspects: Suspects) -> Looked:
    """What a machine that has run has looked at."""
    read = {
        module.file: tuple([one.index for one in module.functions if "body" in vars(one)])
        for module in machine.program.modules
    }
    changed = {reader for one in machine.changed for reader in _readers(one)}
    return Looked(
        named(machine.program.modules),
        {file: indices for file, indices in read.items() if indices},
        tuple(sorted(machine.names_asked)),
        {module.file: _members(module) for module in machine.program.modules if module.namespace is not None},
        tuple(sorted(machine.telling.union(*machine.fields.values()))),
        tuple(sorted(machine.closing)),
        tuple(sorted(changed)),
        listed(suspects),
    )


def _members(module: Module) -> dict[int, tuple[str, ...]]:
    spaces = ((index, one.namespace) for index, one in enumerate(module.classes))
    return {index: tuple(sorted(one.asked)) for index, one in spaces if one is not None and not one.is_open}


def _readers(one: Changed) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a file, and a function in it, must speak of to read some state."""
    holder = one.holder
    if isinstance(holder, Scope):
        yield from ((word, tuple(sorted({word, *one.names}))) for word in holder.words)
    else:
        module = holder if isinstance(holder, Module) else holder.module
        yield module.name.rpartition(".")[2], tuple(sorted(one.names))


def named(files: Iterable[FileFacts | Module]) -> str:
    """A digest of which files there are, whatever they hold."""
    told = sorted((one.file, one.path, one.is_test) for one in files)
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def listed(suspects: Suspects) -> tuple[tuple[int, int, str], ...]:
    """Calls that patterns report, in order."""
    return tuple(sorted((file, line, flaw) for file, found in suspects.items() for line, flaw in found))

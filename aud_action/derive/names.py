"""What a dotted name means in the whole program: re-exports are followed, module variables stand for what made them."""

from __future__ import annotations

import sys
from weakref import WeakKeyDictionary

from aud_action.derive.own_name import own_name, within
from aud_action.store import Store

_STEPS = 16
_IMPORTS = """
SELECT o.name, i.module, i.name, i.alias, i.is_star
FROM python_imports i JOIN sites s ON s.id = i.site JOIN scopes o ON o.id = s.scope WHERE o.kind = 'module'
"""
_DEFINED = "SELECT name, id FROM scopes WHERE kind IN ('class', 'function') ORDER BY id"
#: the + keeps the index of targets out of it: in the order of the rows their sites are found far sooner
_MADE = """
SELECT o.name, a.target, min(a.value_callee)
FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE o.kind = 'module' AND a.target_kind = 'name' AND a.operator IN ('=', ':')
GROUP BY o.name, +a.target HAVING count(*) = 1 AND min(a.value_callee) != ''
"""


class Names:
    """Resolves the exact names of the extractors one step further: across files."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._targets: dict[str, str] = {}
        self._stars: dict[str, list[str]] = {}
        self._modules = {name for (name,) in store.rows("SELECT package FROM files WHERE package IS NOT NULL")}
        self._roots = {name.partition(".")[0] for name in self._modules}
        self.defined: dict[str, int] = dict(store.rows(_DEFINED))  #: the site of each class and function, by name
        self._made: dict[str, str] = {}
        for module, source, name, alias, is_star in store.rows(_IMPORTS):
            self._import(module, source, name, alias, bool(is_star))
        for module, target, callee in store.rows(_MADE):
            self._made[f"{module}.{target}"] = callee
        self._tails = self._unique_tails()
        self.own = own_name(store)  #: what the root is imported by, when it is a package itself
        self._known: dict[str, str] = {}

    def _import(self, module: str, source: str, name: str | None, alias: str | None, is_star: bool) -> None:
        if is_star:
            self._stars.setdefault(module, []).append(source)
        elif name is not None:
            self._targets[f"{module}.{alias or name}".lstrip(".")] = f"{source}.{name}" if source else name
        elif alias is not None:
            self._targets[f"{module}.{alias}"] = source

    def _unique_tails(self) -> dict[str, str]:
        """`app.models` for the only module `backend.app.models`: a project whose root isn't the repository's."""
        tails: dict[str, str] = {}
        for module in self._modules:
            parts = module.split(".")
            for start in range(1, len(parts)):
                # what stands in a package is never imported without it; and `import typing` is never a file's
                if ".".join(parts[:start]) not in self._modules and parts[start] not in sys.stdlib_module_names:
                    tail = ".".join(parts[start:])
                    tails[tail] = "" if tail in tails else module
        return {tail: module for tail, module in tails.items() if module and tail.partition(".")[0] not in self._roots}

    def resolve(self, name: str, *, instances: bool = True) -> str:
        """
        The name's own name: where it is defined, or what library it is from.

        instances: a module variable bound once to a call stands for what was called.
        """
        key = name if instances else f"={name}"
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._resolved(name, instances)
        return known

    def _resolved(self, name: str, instances: bool) -> str:
        seen = {name}
        for _ in range(_STEPS):
            step = self._step(name, instances)
            if step is None or step in seen:
                break
            seen.add(step)
            name = step
        return name

    def _step(self, name: str, instances: bool) -> str | None:
        if self.own and name.startswith(f"{self.own}."):
            return within(name, self.own)
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            head = ".".join(parts[:end])
            if head in self.defined:
                return None
            found = self._targets.get(head) or (self._made.get(head) if instances else None) or self._starred(head)
            if found is None and head in self._tails and end < len(parts):
                found = self._tails[head]
            if found and found != head:
                return ".".join([found, *parts[end:]])
        return None

    def _starred(self, head: str) -> str | None:
        module, _, name = head.rpartition(".")
        for source in self._stars.get(module, ()):
            candidate = f"{source}.{name}"
            if candidate in self.defined or candidate in self._targets or candidate in self._made:
                return candidate
        return None

    def is_module(self, name: str) -> bool:
        """Whether a module of the project has this name."""
        return name in self._modules

    def outer(self, module: str) -> str:
        """The name by which a module of the project is imported from outside."""
        return f"{self.own}.{module}" if self.own else module

    def module_of(self, name: str) -> str:
        """The module that a definition's dotted name begins with."""
        module = name.rpartition(".")[0]
        while module and module not in self._modules:
            module = module.rpartition(".")[0]
        return module

    def module(self, name: str) -> str:
        """The project's module that an import of `name` finds; the name itself when there is none."""
        name = within(name, self.own)
        return name if name in self._modules else self._tails.get(name, name)


_NAMES: WeakKeyDictionary[Store, Names] = WeakKeyDictionary()


def names(store: Store) -> Names:
    """The names of a program, read once per run."""
    known = _NAMES.get(store.whole)
    if known is None:
        known = _NAMES[store.whole] = Names(store.apart("names"))
    store.use(known.store)
    return known

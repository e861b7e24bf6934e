"""The program's modules, and which imports which."""

from __future__ import annotations

from collections.abc import Iterator

from aud_action.derive import derives
from aud_action.derive.own_name import own_name, within
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.program import Module, ModuleEdge

_FILES = "SELECT id, path, package FROM files WHERE package IS NOT NULL AND path LIKE '%.py%' ORDER BY path"
_ENTRIES = "SELECT target FROM python_entry_point_declarations"
_IMPORTS = "SELECT site, module, name, is_type_only, is_conditional, is_lazy FROM python_imports ORDER BY site"
_STRENGTH = ("import", "conditional", "lazy", "type_only")


@derives(Module)
def modules(store: Store, _settings: Settings) -> Iterator[tuple[int, Module]]:
    """Each file that can be imported, under its name."""
    entries = {target.partition(":")[0].strip() for (target,) in store.rows(_ENTRIES)}
    for number, path, name in store.rows(_FILES):
        is_package = path.rpartition("/")[2].startswith("__init__.")
        is_entry = name in entries or name.rpartition(".")[2] == "__main__"
        yield number << SITE_BITS, Module(name, name.rpartition(".")[0] or None, is_package, is_entry)


@derives(ModuleEdge, after=(Module,))
def module_edges(store: Store, _settings: Settings) -> Iterator[tuple[int, ModuleEdge]]:
    """Each module's imports: of this program by the whole name, of others by the top-level name."""
    names = {number: name for number, _path, name in store.rows(_FILES)}
    known, own = set(names.values()), own_name(store)
    found: dict[tuple[str, str], tuple[int, str]] = {}
    targets: dict[tuple[str, str | None], str] = {}
    for site, module, name, type_only, conditional, lazy in store.rows(_IMPORTS):
        source = names.get(site >> SITE_BITS)
        if source is None:
            continue
        kind = "type_only" if type_only else "lazy" if lazy else "conditional" if conditional else "import"
        target = targets.get((module, name))
        if target is None:
            inner = "" if module == own and name in known else within(module, own)
            target = targets[module, name] = _target(inner, name, known)
        before = found.get((source, target))
        if before is None:
            found[source, target] = site, kind
        elif kind != before[1]:
            found[source, target] = before[0], min(before[1], kind, key=_STRENGTH.index)
    for (source, target), (site, kind) in sorted(found.items()):
        yield site, ModuleEdge(source, target, target not in known and target != own, kind)


def _target(module: str, name: str | None, known: set[str]) -> str:
    """
    The module an import loads: `from a import b` loads `a.b` when that is a module.

    >>> _target("a", "b", {"a", "a.b"}), _target("a", "c", {"a"}), _target("os.path", "join", {"a"})
    ('a.b', 'a', 'os')
    """
    whole = ".".join(filter(None, (module, name)))
    if whole in known:
        return whole
    while module and module not in known:
        whole, module = module, module.rpartition(".")[0]
    return module or whole

"""What a package is imported by whose own folder is the root, so that no path says its name."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import Final

from aud_action.store import Store

_ROOT: Final = "SELECT count(*) FROM files WHERE path IN ('__init__.py', '__init__.pyi')"
_MODULES: Final = "SELECT package FROM files WHERE package IS NOT NULL"
_DEFINED: Final = "SELECT name FROM scopes WHERE kind IN ('class', 'function')"
_IMPORTS: Final = """
SELECT DISTINCT i.module, i.name, coalesce(i.alias, i.name), coalesce(f.package, '')
FROM python_imports i JOIN files f ON f.id = i.site >> 24 WHERE i.module <> ''
"""
_DEEPEST: Final = 4


def own_name(store: Store) -> str:
    """
    The dotted name that modules of the root import each other by; "" when the root is no package, or nothing tells.

    `shop` where `from shop.models import Cart` is written beside a `models.py` that defines `Cart`: what is imported under
    it is there, for the most part.
    """
    if not next(store.rows(_ROOT))[0]:
        return ""
    modules = {name for (name,) in store.rows(_MODULES)}
    roots = {name.partition(".")[0] for name in modules}
    there = modules | {name for (name,) in store.rows(_DEFINED)}
    wanted, handed = set(), {}
    for module, name, alias, place in store.rows(_IMPORTS):
        target = f"{module}.{name}" if name else module
        wanted.add(target)
        handed[f"{place}.{alias}".lstrip(".")] = target
    found: Counter[str] = Counter()
    for target in wanted:
        parts = target.split(".")[:-1]
        for prefix in [] if not parts or parts[0] in roots else accumulate(parts[:_DEEPEST], "{0}.{1}".format):
            rest = target.removeprefix(f"{prefix}.")
            # a file that imports a name from a library's file of its own name doesn't define it
            found[prefix] += 1 if rest in there or handed.get(rest, target) != target else -1
    best = max(sorted(found), key=lambda prefix: (found[prefix], -len(prefix)), default="")
    return best if found[best] > 0 else ""


def within(name: str, own: str) -> str:
    """
    A dotted name as the root's modules have it.

    >>> within("shop.models.Cart", "shop"), within("os.path", "shop"), within("os.path", "")
    ('models.Cart', 'os.path', 'os.path')
    """
    return name.removeprefix(f"{own}.") if own else name

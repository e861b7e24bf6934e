"""Fixtures that a conftest gives to its folder and other files define: those it imports, those of plugins it names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.expressions import parsed
from aud_action.derive.names import names
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.testing import ImportedFixture

_CONFTESTS: Final = "SELECT id FROM files WHERE path = 'conftest.py' OR path GLOB '*/conftest.py' ORDER BY path"
_IMPORTS: Final = """
SELECT site, module, name, is_star FROM python_imports
WHERE site BETWEEN ? AND ? AND NOT is_lazy AND NOT is_type_only ORDER BY site
"""
_PLUGINS: Final = """
SELECT a.site, a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE a.site BETWEEN ? AND ? AND a.target = 'pytest_plugins' AND o.kind = 'module' AND a.value_source IS NOT NULL ORDER BY a.site
"""
_FIXTURES: Final = """
SELECT o.name, p.name, p.fixture_scope FROM python_pytest_fixtures p JOIN scopes o ON o.id = p.site ORDER BY p.site
"""
Fixture = tuple[str, str]  #: its name and scope


class Sharing:
    """What single files hand on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = names(store)
        self._files: dict[str, int] = dict(store.rows("SELECT package, id FROM files WHERE package IS NOT NULL"))
        self._fixtures = {function: (name, scope) for function, name, scope in store.rows(_FIXTURES)}

    def given(self, file: int, seen: frozenset[int] = frozenset()) -> Iterator[tuple[int, Fixture]]:
        """Each fixture that a file imports, or is given by the plugins it names, and where."""
        span = file << SITE_BITS, ((file + 1) << SITE_BITS) - 1
        for site, module, name, is_star in list(self._store.rows(_IMPORTS, span, of=[file])):
            found = self._own(module) if is_star else self._named(f"{module}.{name}")
            yield from ((site, one) for one in found)
        for site, source in list(self._store.rows(_PLUGINS, span, of=[file])):
            for plugin in _listed(parsed(source)):
                yield from ((site, one) for one in self._own(plugin))
                inner = self._files.get(self._names.module(plugin))
                if inner is not None and inner not in seen:
                    yield from ((site, one) for _, one in self.given(inner, seen | {file, inner}))

    def _own(self, module: str) -> list[Fixture]:
        """The fixtures that a module itself defines: those within a class are the class's."""
        exact = self._names.module(module)
        return [one for function, one in self._fixtures.items() if function.rpartition(".")[0] == exact]

    def _named(self, name: str) -> list[Fixture]:
        found = self._fixtures.get(self._names.resolve(name, instances=False))
        return [found] if found else []


def _listed(node: ast.AST | None) -> list[str]:
    """The texts of one, or of a list of them."""
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


@derives(ImportedFixture)
def imported_fixtures(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each fixture of another file that a conftest gives to its folder."""
    conftests = [file for (file,) in store.rows(_CONFTESTS)]
    if not conftests:
        return
    sharing = Sharing(store)
    for file in conftests:
        for site, (name, scope) in dict.fromkeys(sharing.given(file)):
            yield site, ImportedFixture("fixture", name, scope, scope != "function")

"""Markers that other files give to tests by a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from aud_action.derive import derives
from aud_action.derive.expressions import dotted, parsed
from aud_action.derive.names import Names, names
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.testing import NamedMarker

_CALLED: Final = """
SELECT o.name, c.assigned_to, c.callee, c.site FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE c.callee GLOB 'pytest.mark.*' AND c.assigned_to IS NOT NULL AND o.kind = 'module' ORDER BY c.site
"""
_GIVEN: Final = """
SELECT o.name, a.target, a.value_source FROM python_assignments a JOIN files f ON f.id = a.site >> 24
JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE a.target_kind = 'name' AND a.operator IN ('=', ':') AND a.target <> 'pytestmark' AND o.kind = 'module' AND (
  a.value_type = 'attribute' AND a.value_source GLOB '*mark.*' OR a.value_type = 'list' AND f.is_test) ORDER BY a.site
"""
_ARGUMENTS: Final = "SELECT position, keyword, source, constant FROM python_call_arguments WHERE site = ? ORDER BY id"
_DECORATED: Final = """
SELECT d.site, d.name, d.text, d.target, d.target_kind, f.package FROM python_decorators d JOIN files f ON f.id = d.site >> 24
WHERE NOT EXISTS (SELECT 1 FROM python_local_markers m WHERE m.site = d.site) ORDER BY d.site
"""
_APPLIED: Final = """
SELECT a.site, a.value_source, o.name, o.kind, f.package FROM python_assignments a JOIN files f ON f.id = a.site >> 24
JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope WHERE a.target = 'pytestmark' AND a.operator = '=' ORDER BY a.site
"""
_PARAMETERS: Final = """
SELECT c.site, a.source, i.constant, f.package, s.line FROM python_call_arguments a JOIN python_calls c ON c.site = a.site
JOIN sites s ON s.id = c.site JOIN files f ON f.id = c.site >> 24
LEFT JOIN python_call_arguments i ON i.site = c.site AND i.keyword = 'id'
WHERE a.keyword = 'marks' AND c.callee IN ('pytest.param', '_pytest.mark.param') ORDER BY c.site
"""
_AROUND: Final = """
SELECT d.target FROM python_decorators d JOIN sites s ON s.id = d.site
WHERE d.site BETWEEN ? AND ? AND ? BETWEEN s.line AND s.end_line ORDER BY d.site LIMIT 1
"""
_START: Final = "pytest.mark."
_DEPTH: Final = 8
Mark = tuple[str, str | None, str | None]  #: its name, reason and condition


class Marks:
    """The markers that names of modules stand for."""

    def __init__(self, store: Store, known: Names) -> None:
        self._names = known
        self._called = {f"{module}.{target}": (callee, site) for module, target, callee, site in store.rows(_CALLED)}
        self._values = {f"{module}.{target}": (module, source) for module, target, source in store.rows(_GIVEN)}
        self._store = store

    def is_told(self, name: str, module: str) -> bool:
        """Whether the file of a module itself tells which marker a name stands for."""
        resolved = self._names.resolve(name, instances=False)
        _, source = self._values.get(resolved, ("", ""))
        return resolved.rpartition(".")[0] == module and not source.startswith(("[", "("))

    def named(self, name: str, depth: int = 0) -> list[Mark]:
        """Every marker that a dotted name stands for."""
        resolved = self._names.resolve(name, instances=False)
        if resolved in self._called:
            callee, site = self._called[resolved]
            return [_mark(callee, list(self._store.rows(_ARGUMENTS, (site,), of=[site >> SITE_BITS])))]
        module, source = self._values.get(resolved, ("", ""))
        node = parsed(source)
        parts = node.elts if isinstance(node, ast.List) else [node]
        found = []
        for text in map(dotted, parts if depth < _DEPTH else ()):
            if text.startswith(_START):  # `import pytest` has no name of its own in a module
                found.append(_mark(text, []))
            elif text:
                found += self.named(f"{module}.{text}", depth + 1)
        return found


def _mark(name: str, given: list[tuple[int | None, str | None, str, str | None]]) -> Mark:
    marker = name.removeprefix(_START).partition(".")[0]
    words = {keyword: (source, constant) for _, keyword, source, constant in given if keyword}
    first = next(((source, constant) for position, _, source, constant in given if position == 0), None)
    reason = words.get("reason") or (first if marker == "skip" else None)
    condition = words.get("condition") or first if marker in {"skipif", "xfail"} else None
    return marker, reason[1] if reason else None, condition[0] if condition else None


@derives(NamedMarker, ordered=True)
def named_markers(store: Store, _settings: Settings) -> Iterator[tuple[int, NamedMarker]]:
    """Each marker that another file gives the name by which it decorates, is listed in `pytestmark`, or marks a parameter set."""
    marks = Marks(store, names(store))
    for site, name, text, target, kind, module in list(store.rows(_DECORATED)):
        for mark in marks.named(name or f"{module}.{text}"):
            yield site, NamedMarker(target, kind, *mark)
    for site, source, scope, kind, module in list(store.rows(_APPLIED)):
        target = scope if kind == "module" else scope.rpartition(".")[2]
        for mark in _foreign(parsed(source), module, marks):
            yield site, NamedMarker(target, kind, *mark)
    for site, source, given, module, line in list(store.rows(_PARAMETERS)):
        found = _foreign(parsed(source), module, marks)
        first = site >> SITE_BITS << SITE_BITS
        around = next(store.rows(_AROUND, (first, first + (1 << SITE_BITS) - 1, line)), ("",))[0] if found else ""
        yield from ((site, NamedMarker(given or around, "param", *mark)) for mark in found)


def _foreign(node: ast.AST | None, module: str, marks: Marks) -> list[Mark]:
    """The markers of an expression that its own file doesn't tell: by names of other files, or of lists."""
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    named = [f"{module}.{text}" for text in map(dotted, parts) if text]
    return [mark for name in named if not marks.is_told(name, module) for mark in marks.named(name)]

"""Where the declared inputs of handlers come from, once types and prefixes of other files are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Program, program
from aud_action.settings import Settings
from aud_action.store import Store
from schema.web import ApiParameter, Route

_DECLARED: Final = """
SELECT p.*, s.scope FROM python_handler_parameters p JOIN sites s ON s.id = p.site ORDER BY p.id
"""
_ALIASES: Final = (
    "SELECT router_name FROM python_injected_dependencies WHERE function_site IS NULL AND router_name IS NOT NULL"
)
_PATTERNS: Final = "SELECT handler, pattern FROM python_routes WHERE handler IS NOT NULL AND framework IN ('fastapi', 'ninja', 'litestar')"
_CAPTURE: Final = re.compile(r"\{(\w+)")
_MODELS: Final = ("pydantic.", "sqlmodel.", "pydantic_settings.", "msgspec.")
_PLACED: Final = re.compile(r"Annotated\[.*\b(Query|Path|Body|Form|File|Header|Cookie)\(", re.DOTALL)


@derives(ApiParameter, after=(Route,))
def api_parameters(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each declared input of each handler with its place."""
    declared = list(store.rows(_DECLARED))
    if not declared:
        return
    known = program(store)
    aliases = {known.names.resolve(name, instances=False) for (name,) in store.rows(_ALIASES)}
    captured: dict[int, set[str]] = {}
    for handler, pattern in store.rows(_PATTERNS):
        captured.setdefault(handler, set()).update(_CAPTURE.findall(pattern))
    for _, site, *columns, scope in declared:
        row = ApiParameter(*columns)
        if row.parameter in captured.get(scope, ()) and row.place in {"query", "unknown"}:
            row = row._replace(place="path")
        elif row.place == "unknown" and row.annotation_name:
            name = known.names.resolve(row.annotation_name, instances=False)
            row = row._replace(place="dependency" if name in aliases else _place(name, known))
        yield site, row


def _place(name: str, known: Program) -> str:
    """Where a value of a type of the project comes from, by FastAPI's rules; unknown when its kind isn't known."""
    found = known.named(name)
    if found is not None:
        if found.base_under("enum.", "django.db.models.enums."):
            return "query"
        is_data = any(one.name.endswith(("dataclass", ".define", ".frozen")) for one in found.decorators)
        return "body" if is_data or found.base_under(*_MODELS) else "unknown"
    alias = known.type_aliases.get(name, "")
    marked = _PLACED.match(alias)
    if marked:
        return marked[1].lower()
    return "query" if re.match(r"(?:Annotated\[)?(?:str|int|float|bool|bytes|Literal|UUID)\b", alias) else "unknown"

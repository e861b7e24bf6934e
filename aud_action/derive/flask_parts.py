"""What Flask applications are configured and extended with: objects and instances of other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Program, program
from aud_action.derive.expressions import dotted, parsed, whole_items
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.flask import FlaskConfigObject, FlaskExtension

_OBJECTS: Final = """
SELECT c.site, c.source, coalesce(a.name, ''), s.scope, o.name FROM python_flask_config_sources c
JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope LEFT JOIN python_call_arguments a ON a.site = c.site AND a.position = 0
WHERE c.method IN ('from_object', 'from_mapping') ORDER BY c.id
"""
_DEFAULT: Final = """
SELECT p.default_source FROM python_parameters p JOIN sites s ON s.id = p.site WHERE s.scope = ? AND p.name = ? AND p.site BETWEEN ? AND ?
"""
_CHOICES: Final = """
SELECT d.value_source FROM python_dict_entries d JOIN sites s ON s.id = d.site JOIN scopes o ON o.id = s.scope
WHERE d.owner = ? AND o.name = ? AND o.kind = 'module' AND d.depth = 1 ORDER BY d.id
"""
_VALUES: Final = """
SELECT a.site, a.target, a.value_source, a.value_constant, a.value_type FROM python_assignments a JOIN sites s ON s.id = a.site
WHERE s.scope = ? AND a.site BETWEEN ? AND ? AND a.target_kind = 'name' AND a.operator IN ('=', ':') AND a.value_source IS NOT NULL
ORDER BY a.rowid
"""
_MADE: Final = """
SELECT c.site, c.callee, c.method, c.receiver, c.assigned_to, o.name, s.scope
FROM python_callees n CROSS JOIN python_calls c ON c.callee = n.name
JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE n.name GLOB 'flask_*' OR n.name GLOB '*.init_app' OR n.name = 'init_app' ORDER BY c.site
"""
_LOOPED: Final = """
SELECT c.site, c.callee, c.method, c.receiver, c.assigned_to, o.name, s.scope FROM python_calls c JOIN sites s ON s.id = c.site
JOIN scopes o ON o.id = s.scope WHERE c.method = 'init_app' AND c.callee = '' ORDER BY c.site
"""
_LOOP: Final = """
SELECT a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site
WHERE s.scope = ? AND a.operator = 'for' AND a.target = ? AND a.site BETWEEN ? AND ?
"""
_SUBSCRIPT: Final = re.compile(r"([\w.]+)(?:\[.+\]|\.get\(.+\))(?:\(\))?\Z", re.DOTALL)
_NOT: Final = frozenset(
    "FlaskForm Blueprint Resource Namespace UserMixin AnonymousUserMixin Message RoleMixin Identity Migration".split()
)
_NO: Final = ("Error", "Exception", "Mixin", "Need")


def _span(site: int) -> tuple[int, int]:
    first = site >> SITE_BITS << SITE_BITS
    return first, first + (1 << SITE_BITS) - 1


@derives(FlaskConfigObject)
def flask_config_objects(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each upper-case name of a class or module that an application's `from_object` names."""
    known = program(store)
    modules: dict[str, int] = dict(store.rows("SELECT name, id FROM scopes WHERE kind = 'module'"))
    seen: set[int] = set()
    for site, source, name, scope, where in list(store.rows(_OBJECTS)):
        module = known.names.module_of(f"{where}.") or where
        for text in _named(store, site, source or "", name, scope, module):
            nearer: set[str] = set()  # what a class binds hides what its bases do
            for owner, place in _places(known, modules, text, module):
                rows = [row for row in _values(store, place) if row[1] not in nearer]
                nearer.update(row[1] for row in rows)
                for row in rows:
                    if row[0] not in seen:
                        seen.add(row[0])
                        yield row[0], FlaskConfigObject(owner, *row[1:])


def _named(store: Store, site: int, source: str, name: str, scope: int, module: str) -> list[str]:
    """The names that the argument may stand for: its own, a parameter's default, each choice of a dictionary."""
    choice = _SUBSCRIPT.match(source)
    if choice:
        return [dotted(parsed(value)) for (value,) in store.rows(_CHOICES, (choice[1].rpartition(".")[2], module))]
    default = next(store.rows(_DEFAULT, (scope, source, *_span(site))), (None,))[0]
    return [dotted(parsed(default))] if default else [name or source]


def _places(known: Program, modules: dict[str, int], text: str, module: str) -> Iterator[tuple[str, int]]:
    """The classes, nearest first, or the module that a name means: their names and sites."""
    for name in (text, f"{module}.{text}") if text else ():
        found = known.named(name.replace(":", "."))
        resolved = known.names.resolve(name, instances=False)
        if found is not None:
            yield from ((owner.qualified_name, owner.site) for owner in found.lineage)
            return
        if resolved in modules:
            yield resolved, modules[resolved]
            return


def _values(store: Store, place: int) -> list[tuple[Any, ...]]:
    rows = list(store.rows(_VALUES, (place, *_span(place))))
    return [row for row in rows if row[1].isupper()]


@derives(FlaskExtension)
def flask_extensions(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each extension that is created, and each that is bound to an application, wherever it was created."""
    known = program(store)
    for site, callee, method, receiver, variable, where, scope in [*store.rows(_MADE), *store.rows(_LOOPED)]:
        if method == "init_app" and receiver:
            names = [callee.rpartition(".")[0]] if callee else _looped(known, site, receiver, where, scope)
            for name in names:
                made = known.names.resolve(name)
                if is_extension(made):
                    text = receiver if callee else name.rpartition(".")[2]
                    yield site, _row(known, site, made, text, is_bound=True)
        elif is_extension(made := known.names.resolve(callee)) and callee.count(".") == 1:
            yield site, _row(known, site, made, variable, is_bound=False)


def is_extension(name: str) -> bool:
    """Whether a name is a class of a Flask extension that applications are given."""
    module, _, cls = name.rpartition(".")
    return module.startswith("flask_") and cls[:1].isupper() and cls not in _NOT and not cls.endswith(_NO)


def _looped(known: Program, site: int, variable: str, where: str, scope: int) -> list[str]:
    """What a loop around a call goes through: `for extension in (db, mail): extension.init_app(app)`."""
    module = known.names.module_of(f"{where}.") or where
    rows = known.store.rows(_LOOP, (scope, variable, *_span(site)))
    return [f"{module}.{dotted(item)}" for (source,) in list(rows) for item in whole_items(source) if dotted(item)]


def _row(known: Program, site: int, made: str, variable: str | None, *, is_bound: bool) -> FlaskExtension:
    given = known.arguments(site)
    named = next((one for one in given if one.keyword == "app"), None)
    first = next((one for one in given if one.position == 0), None)
    candidate = named or (first if is_bound or (first is not None and _is_application(first)) else None)
    target = candidate.source if candidate is not None and candidate.constant != "None" else None
    module, _, cls = made.rpartition(".")
    is_lazy = not is_bound and target is None
    return FlaskExtension(module, cls, variable, is_lazy, target, any(one is not candidate for one in given))


def _is_application(argument: Any) -> bool:
    """Whether a positional argument of an extension is the application."""
    last = argument.source.rpartition(".")[2]
    return argument.name in {"flask.Flask", "quart.Quart"} or (
        argument.kind in {"name", "attribute"} and last in {"app", "application"}
    )

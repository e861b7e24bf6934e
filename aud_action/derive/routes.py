"""The routes a program answers: declarations, the prefixes of all mounts, the methods of class views, and guards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.appbuilder import builtin
from aud_action.derive.arguments import UNKNOWN
from aud_action.derive.classes import Class, Program, program
from aud_action.derive.declarations import handed_on
from aud_action.derive.guards import Guard, Guards
from aud_action.derive.routers import NOBODY, Routers, Way, join
from aud_action.derive.trees import spread
from aud_action.derive.views import action_permissions, answered
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import Callee
from schema.classes import ClassHierarchy
from schema.flask import SharedFlaskHook
from schema.web import Route, RouteGuard, SharedMiddleware, SharedRequestHook

_DECLARATIONS: Final = """
SELECT d.site, d.framework, d.method, d.pattern, d.handler, d.router, d.router_name, d.handler_name, d.endpoint, d.kind, o.name
FROM python_route_declarations d JOIN sites s ON s.id = d.site JOIN scopes o ON o.id = s.scope ORDER BY d.rowid
"""
_SLASHLESS: Final = """
SELECT o.name || '.' || c.assigned_to FROM python_calls c JOIN python_call_arguments a USING (site)
JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE a.keyword = 'trailing_slash' AND a.constant = 'False' AND c.assigned_to IS NOT NULL
"""
_PARTIAL: Final = """
SELECT a.name FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
JOIN python_call_arguments a ON a.site = c.site AND a.position = 0
WHERE c.callee = 'functools.partial' AND c.assigned_to = ? AND o.name = ? AND o.kind = 'module'
"""
_PARTIAL_NAME: Final = "functools.partial"
MUTATING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE", "*"})


@dataclass(slots=True)
class Declared:
    """One declaration, with its names resolved through the program."""

    site: int
    framework: str
    method: str
    pattern: str | None
    handler: str
    router: str | None
    router_name: str | None
    handler_name: str | None
    endpoint: str | None
    kind: str
    handler_site: int | None = None


def shown(framework: str, pattern: str) -> str:
    """A full pattern as people write it: Django's get the slash in front and lose the anchors in between."""
    if framework in {"cherrypy", "twisted"}:
        return pattern or "/"
    if framework == "litestar":
        return pattern.rstrip("/") or "/"
    if framework not in {"django", "channels"}:
        return pattern
    return "/" + re.sub(r"(?<![\[\\])\^", "", pattern).removeprefix("/")  # `[^/]+` is no anchor


def declared(store: Store, known: Program, routers: Routers) -> Iterator[Declared]:
    """Each declaration, with its framework, its router and its handler known as far as the program tells."""
    decorated: dict[int, int] = dict(store.rows("SELECT site, target_site FROM python_decorators"))
    defined = known.names.defined
    for *columns, scope in list(store.rows(_DECLARATIONS)):
        for entry in handed_on(Declared(*columns), scope, routers.calls):
            entry.router_name = routers.canonical(entry.router_name) if entry.router_name else ""
            # a router of another file tells whose it is; one that nobody knows is none
            entry.framework = entry.framework or (routers.find(entry.router_name) or NOBODY).framework
            # what a star import brings has no name in its file
            name = entry.handler_name or f"{known.names.module_of(f'{scope}.x')}.{entry.handler}"
            exact = _handler(name, store, known)
            entry.handler_name = exact if entry.handler_name or exact in defined else ""
            entry.handler_site = entry.handler_site or decorated.get(entry.site) or defined.get(exact)
            # a router's own list of what it has is only where the router is
            if entry.framework and (entry.kind != "root" or entry.router_name in routers.parents):
                yield from routers.holders.spread(entry, scope, routers.parents)


def _handler(name: str, store: Store, known: Program, depth: int = 0) -> str:
    """What a name of a handler means: through imports, and through variables that `partial` made of a function."""
    exact = known.names.resolve(name, instances=False)
    if exact not in known.names.defined:
        made = known.names.resolve(name)
        module, _, variable = exact.rpartition(".")
        found = (
            [given for (given,) in store.rows(_PARTIAL, (variable, module))]
            if made == _PARTIAL_NAME and depth < 8
            else []
        )
        exact = _handler(found[0], store, known, depth + 1) if len(found) == 1 and found[0] else made
    return exact


def _patterns(entry: Declared, routers: Routers, named: dict[str, str]) -> list[tuple[str, Way]]:
    """The full patterns of a declaration, each with the way that leads there."""
    own = entry.pattern
    ways = routers.ways(entry.router_name) if entry.router_name else [Way("")]
    if entry.framework == "pyramid":
        found = named.get(entry.endpoint or "", entry.pattern)
        return [(UNKNOWN if found is None else found, ways[0])] if entry.kind != "route" else []
    if own is None:
        own = UNKNOWN
    return [(join(entry.framework, way.prefix, own), way) for way in ways]


@derives(Route, RouteGuard, after=(ClassHierarchy, Callee, SharedFlaskHook, SharedMiddleware, SharedRequestHook))
def routes(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each HTTP method of each route with its full pattern, and what guards it."""
    known = program(store)
    routers = Routers.read(known)
    entries = [*spread(declared(store, known, routers), known, routers), *builtin(known, routers)]
    if not entries:
        return
    guards = Guards(known, routers)
    named = {
        entry.endpoint: join("pyramid", routers.ways(entry.router_name or "")[0].prefix, entry.pattern or "")
        for entry in entries
        if entry.framework == "pyramid" and entry.kind == "route" and entry.endpoint
    }
    found: dict[tuple[int, str, str], tuple[Declared, list[Guard]]] = {}
    slashless = {routers.canonical(name) for (name,) in store.rows(_SLASHLESS)}
    for entry in entries:
        view = known.classes.get(entry.handler_site) if entry.handler_site is not None else None
        asked = action_permissions(view) if view is not None and entry.kind == "register" else {}
        for pattern, way in _patterns(entry, routers, named):
            for suffix, method in _methods(entry, view, known):
                if entry.kind == "register" and entry.router_name in slashless:
                    suffix = suffix.rstrip("/")  # noqa: PLW2901  # as the router is told
                route = entry.site, method, shown(entry.framework, pattern + suffix)
                own = next((given for path, given in asked.items() if suffix.endswith(path)), None)
                standing = list(guards.of(entry, view, way, method, own))
                if route not in found or len(standing) < len(found[route][1]):  # two ways to one address: the open one
                    found[route] = entry, standing
    for number, ((_, method, pattern), (entry, standing)) in enumerate(found.items(), 1):
        yield from _rows(entry, method, pattern, standing, number)


def _methods(entry: Declared, view: Class | None, known: Program) -> list[tuple[str, str]]:
    """What is put behind the pattern, with the method answered there."""
    if entry.method != "*" or entry.kind == "websocket":
        return [("", entry.method)]
    return answered(entry.framework, entry.kind, entry.handler_site, view, known, entry.endpoint) or [("", "*")]


def _rows(entry: Declared, method: str, pattern: str, guards: list[Guard], number: int) -> Iterator[tuple[int, Any]]:
    yield (
        entry.site,
        Route(
            framework=entry.framework,
            method=method,
            pattern=pattern,
            handler=entry.handler_site,
            handler_name=entry.handler_name or entry.handler,
            router=entry.router,
            has_auth=bool(guards),
            is_websocket=entry.kind == "websocket",
            mutates=method in MUTATING,
        ),
    )
    for guard, kind, origin in guards:
        yield entry.site, RouteGuard(number, pattern, method, guard, kind, origin)

"""The routes a program answers: declarations, the prefixes of all mounts, the methods of class views, and guards."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, Program, program
from aud_action.derive.expressions import dotted, whole_items
from aud_action.derive.guards import Guards
from aud_action.derive.trees import spread
from aud_action.derive.views import answered
from aud_action.settings import Settings
from aud_action.store import Store
from schema.classes import ClassHierarchy
from schema.web import Route, RouteGuard

_DECLARATIONS: Final = """
SELECT site, framework, method, pattern, handler, router, router_name, handler_name, endpoint, kind
FROM python_route_declarations ORDER BY rowid
"""
_LIST: Final = """
SELECT a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE o.name = ? AND o.kind = 'module' AND a.target = ? AND a.operator IN ('=', ':') ORDER BY a.rowid LIMIT 1
"""
_SLASHLESS: Final = """
SELECT o.name || '.' || c.assigned_to FROM python_calls c JOIN python_call_arguments a USING (site)
JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE a.keyword = 'trailing_slash' AND a.constant = 'False' AND c.assigned_to IS NOT NULL
"""
_VERSION: Final = re.compile(r"/v\d[\w.]*(?=/|\Z)")
"""What Sanic puts in front of everything else."""
_CONTROLLERS: Final = frozenset({"litestar.Controller", "litestar.controller.Controller"})
_DEPTH: Final = 12
_PREFIXES: Final = 64
_UNKNOWN: Final = "{…}"
MUTATING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE", "*"})
_OVERRIDES: Final = frozenset({"flask", "quart", "sanic"})


@dataclass(slots=True)
class Declared:
    """One declaration, with its names resolved through the program."""

    site: int
    framework: str
    method: str
    pattern: str | None
    handler: str
    router: str | None
    router_name: str
    handler_name: str
    endpoint: str | None
    kind: str
    handler_site: int | None = None


@dataclass(slots=True)
class Routers:
    """Who is mounted under whom, and with which prefix."""

    known: Program
    own: dict[str, tuple[str, str | None, bool]] = field(default_factory=dict)
    parents: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    _known: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, known: Program) -> Routers:
        """The routers and mounts of a program, re-exports followed."""
        routers = cls(known)
        name_of = routers.canonical
        for framework, name, prefix, is_application in known.store.rows(
            "SELECT framework, name, prefix, is_application FROM python_routers"
        ):
            routers.own[name_of(name)] = (framework, prefix, bool(is_application))
        for framework, parent, child, prefix in known.store.rows(
            "SELECT framework, parent, child, prefix FROM python_router_mounts ORDER BY rowid"
        ):
            above = name_of(parent) if parent else ""
            for name, at in routers.children(child):
                routers.parents.setdefault(name_of(name), []).append((above, prefix if at is None else at))
                routers.own.setdefault(name_of(name), (framework, "", False))
        return routers

    def children(self, child: str) -> list[tuple[str, str | None]]:
        """The routers that a mount names, with the prefixes that stand beside them."""
        if child.endswith("[]"):
            return list(self.listed(child))
        if child.endswith("()"):
            made = f"{self.known.names.resolve(child.removesuffix('()'), instances=False)}."
            return [(name, None) for name in list(self.own) if name.startswith(made)]
        return [(child, None)]

    def listed(self, name: str) -> Iterator[tuple[str, str | None]]:
        """The routers of a module's list, each with the prefix that stands beside it: `[(shop.bp, "/shop"), …]`."""
        module, _, variable = self.known.names.resolve(name.removesuffix("[]"), instances=False).rpartition(".")
        source = next(self.known.store.rows(_LIST, (module, variable)), (None,))[0]
        for item in whole_items(source):
            parts = item.elts if isinstance(item, ast.Tuple) else [item]
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            prefix = None if not texts else texts[0] if isinstance(texts[0], str) else ""
            for router in filter(None, map(dotted, parts)):
                yield f"{module}.{router}", prefix

    def canonical(self, name: str) -> str:
        """The variable's own name: imports followed; a module of addresses by its list; a module variable by its module."""
        resolved = self.known.names.resolve(name, instances=False)
        if self.known.names.is_module(resolved):
            return f"{resolved}.urlpatterns"
        head, _, last = resolved.rpartition(".")
        return f"{self.known.names.module(head)}.{last}" if head else resolved

    def prefixes(self, name: str, visiting: frozenset[str] = frozenset()) -> list[str]:
        """Every prefix under which a router answers; a list that includes itself is followed once."""
        known = self._known.get(name)
        if known is None:
            known = self._prefixes(name, visiting | {name})
            if not visiting:
                self._known[name] = known
        return known

    def _prefixes(self, name: str, visiting: frozenset[str]) -> list[str]:
        framework, own, _ = self.own.get(name, ("", "", False))
        own = self._path(name, own) if framework == "litestar" else own
        mounts = [mount for mount in self.parents.get(name, []) if mount[0] not in visiting]
        here = own if own is not None else _UNKNOWN
        if not mounts or len(visiting) > _DEPTH:
            return [here]
        found: dict[str, None] = {}
        for parent, given in mounts:
            prefix = _UNKNOWN if given is None else given
            prefix = (prefix or here) if framework in _OVERRIDES else join(framework, prefix, here)
            above = self.prefixes(parent, visiting) if parent else [""]
            found.update((join(framework, part, prefix), None) for part in above)
            if len(found) > _PREFIXES:
                break
        return list(found)[:_PREFIXES]

    def _path(self, name: str, given: str | None) -> str | None:
        """The path of a controller, its own or inherited; what is given of anything else."""
        controller = next(iter(self.known.by_name.get(name, ())), None)
        if controller is None or controller.base_in(_CONTROLLERS) is None:
            return given
        found = controller.attribute("path", inherited=True)
        return "" if found is None else found.row.value_constant

    def lineage(self, name: str) -> list[str]:
        """The router and everything it is mounted under."""
        found = {name: None}
        queue = [name]
        while queue:
            above = [parent for parent, _ in self.parents.get(queue.pop(), []) if parent not in found]
            found.update(dict.fromkeys(above))
            queue += above
        return list(found)


def join(framework: str, prefix: str, pattern: str) -> str:
    """
    Two parts of a pattern, as the framework puts them together.

    >>> join("flask", "/a/", "/b"), join("flask", "/a", ""), join("fastapi", "/a", "/"), join("django", "a/", "^b/$")
    ('/a/b', '/a', '/a/', 'a/^b/$')
    """
    if not prefix or not pattern:
        return prefix or pattern
    if framework in {"flask", "quart", "pyramid"}:
        return prefix.rstrip("/") + "/" + pattern.lstrip("/")
    if framework == "sanic" and (version := _VERSION.match(pattern)):
        return version[0] + prefix + pattern[version.end() :]
    if framework in {"starlette", "bottle", "litestar", "aiohttp"}:
        return prefix.rstrip("/") + ("" if pattern.startswith("/") else "/") + pattern
    return prefix + pattern


def shown(framework: str, pattern: str) -> str:
    """A full pattern as people write it: Django's get the slash in front and lose the anchors in between."""
    if framework in {"cherrypy", "twisted"}:
        return pattern or "/"
    if framework == "litestar":
        return pattern.rstrip("/") or "/"
    if framework not in {"django", "channels"}:
        return pattern
    return "/" + pattern.replace("^", "").removeprefix("/")


def declared(store: Store, known: Program, routers: Routers) -> Iterator[Declared]:
    """Each declaration, with its framework, its router and its handler known as far as the program tells."""
    decorated: dict[int, int] = dict(store.rows("SELECT site, target_site FROM python_decorators"))
    defined = {
        name: site for site, name in store.rows("SELECT id, name FROM scopes WHERE kind IN ('class', 'function')")
    }
    for site, framework, method, pattern, handler, router, router_name, handler_name, endpoint, kind in list(
        store.rows(_DECLARATIONS)
    ):
        name = routers.canonical(router_name) if router_name else ""
        # a router of another file tells whose it is; one that nobody knows is none
        framework = framework or routers.own.get(name, ("",))[0]  # noqa: PLW2901  # completed, not replaced
        if not framework:
            continue
        exact = known.names.resolve(handler_name, instances=False) if handler_name else ""
        if exact not in defined and handler_name:
            exact = known.names.resolve(handler_name)
        where = decorated.get(site) or defined.get(exact)
        yield Declared(site, framework, method, pattern, handler, router, name, exact, endpoint, kind, where)


def _patterns(entry: Declared, routers: Routers, named: dict[str, str]) -> list[str]:
    """The full patterns of a declaration."""
    own = entry.pattern
    if entry.framework == "pyramid":
        found = named.get(entry.endpoint or "", entry.pattern)
        return [_UNKNOWN if found is None else found] if entry.kind != "route" else []
    if own is None:
        own = _UNKNOWN
    prefixes = routers.prefixes(entry.router_name) if entry.router_name else [""]
    return [join(entry.framework, prefix, own) for prefix in prefixes]


@derives(Route, RouteGuard, after=(ClassHierarchy,))
def routes(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each HTTP method of each route with its full pattern, and what guards it."""
    known = program(store)
    routers = Routers.read(known)
    entries = list(spread(declared(store, known, routers), known, routers))
    if not entries:
        return
    guards = Guards(known, routers.canonical)
    named = {
        entry.endpoint: join("pyramid", routers.prefixes(entry.router_name)[0], entry.pattern or "")
        for entry in entries
        if entry.framework == "pyramid" and entry.kind == "route" and entry.endpoint
    }
    seen: set[tuple[int, str, str]] = set()
    slashless = {routers.canonical(name) for (name,) in store.rows(_SLASHLESS)}
    for entry in entries:
        view = known.classes.get(entry.handler_site) if entry.handler_site is not None else None
        for pattern in _patterns(entry, routers, named):
            for suffix, method in _methods(entry, view, known):
                if entry.kind == "register" and entry.router_name in slashless:
                    suffix = suffix.rstrip("/")  # noqa: PLW2901  # as the router is told
                full = shown(entry.framework, pattern + suffix)
                if (entry.site, method, full) not in seen:
                    seen.add((entry.site, method, full))
                    above = routers.lineage(entry.router_name)
                    yield from _rows(entry, method, full, list(guards.of(entry, view, above, method)), len(seen))


def _methods(entry: Declared, view: Class | None, known: Program) -> list[tuple[str, str]]:
    """What is put behind the pattern, with the method answered there."""
    if entry.method != "*" or entry.kind == "websocket":
        return [("", entry.method)]
    return answered(entry.framework, entry.kind, entry.handler_site, view, known, entry.endpoint) or [("", "*")]


def _rows(
    entry: Declared, method: str, pattern: str, guards: list[tuple[str, str, str]], number: int
) -> Iterator[tuple[int, Any]]:
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

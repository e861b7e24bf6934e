"""Applications and routers of the whole program: who is mounted under whom, and with which prefix."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from aud_action.derive.arguments import PLACES, UNKNOWN, Calls
from aud_action.derive.classes import Class, Program
from aud_action.derive.declarations import looped
from aud_action.derive.expressions import dotted, whole_items
from aud_action.derive.held_routers import Holders
from schema import SITE_BITS

_ROUTERS: Final = """
SELECT r.site, o.name, f.is_test, r.framework, r.name, r.prefix, r.is_application FROM python_routers r
JOIN files f ON f.id = r.site >> 24 JOIN sites s ON s.id = r.site JOIN scopes o ON o.id = s.scope ORDER BY r.id
"""
_MOUNTS: Final = """
SELECT m.site, o.name, f.is_test, m.framework, m.parent, m.child,
  CASE WHEN m.framework = 'fastapi' AND m.kind = 'mount' THEN rtrim(m.prefix, '/') ELSE m.prefix END FROM python_router_mounts m
JOIN files f ON f.id = m.site >> 24 JOIN sites s ON s.id = m.site JOIN scopes o ON o.id = s.scope ORDER BY f.is_test, m.id
"""
_ASSIGNED: Final = """
SELECT c.site FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope WHERE o.name = ? AND c.assigned_to = ?
"""
_AROUND: Final = """
SELECT c.callee, c.assigned_to FROM sites i JOIN sites o ON o.id BETWEEN ?2 AND ?3 AND o.id <> i.id
  AND (i.line, i.col) >= (o.line, o.col) AND (i.end_line, i.end_col) <= (o.end_line, o.end_col)
JOIN python_calls c ON c.site = o.id WHERE i.id = ?1 ORDER BY o.line DESC, o.col DESC LIMIT 1
"""
_MADE: Final = """
SELECT o.name || '.' || c.assigned_to, min(c.callee) FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE c.method = ? AND c.callee <> '' AND c.assigned_to IS NOT NULL GROUP BY 1 HAVING count(*) = 1
"""
_RETURNED: Final = "SELECT r.source FROM python_returns r JOIN sites s ON s.id = r.site WHERE s.scope = ?"
_LIST: Final = """
SELECT a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE o.name = ? AND o.kind = 'module' AND a.target = ? AND a.operator IN ('=', ':') ORDER BY a.rowid LIMIT 1
"""
_VERSION: Final = re.compile(r"/v\d[\w.]*(?=/|\Z)")
"""What Sanic puts in front of everything else."""
_CONTROLLERS: Final = frozenset({"litestar.Controller", "litestar.controller.Controller"})
_DEPTH: Final = 12
_PREFIXES: Final = 64
_OVERRIDES: Final = frozenset({"flask", "quart", "sanic"})


_APPLICATIONS: Final = (
    *("flask.app.", "flask.Flask", "apiflask.", "quart.", "fastapi.", "starlette.", "sanic.", "bottle.Bottle"),
    *("aiohttp.web.", "falcon.", "litestar.", "flask.Blueprint", "flask.blueprints."),
)
"""What the classes of applications and routers descend from; the first word is the framework's."""


@dataclass(slots=True)
class Own:
    """What is known of one router: its framework and the prefixes it was made with."""

    framework: str
    prefixes: list[str | None]
    is_application: bool = False
    is_test: bool = False  #: made in a file of tests


NOBODY: Final = Own("", [""])


class Mount(NamedTuple):
    """One mount of a router."""

    parent: str
    prefix: str | None
    site: int
    is_test: bool


class Way(NamedTuple):
    """One way to a router: through which routers and mounts, and under which prefix."""

    prefix: str
    routers: tuple[str, ...] = ()  #: the router itself, then what it is mounted under
    mounts: tuple[int, ...] = ()


@dataclass
class Routers:
    """Who is mounted under whom, and with which prefix."""

    known: Program
    calls: Calls
    holders: Holders
    own: dict[str, Own] = field(default_factory=dict)
    parents: dict[str, list[Mount]] = field(default_factory=dict)
    _made: dict[str, Own] = field(default_factory=dict)  #: by the function that makes and returns them
    _mounts: dict[str, str] = field(default_factory=dict)  #: frameworks of what is mounted
    _known: dict[str, list[Way]] = field(default_factory=dict)

    @classmethod
    def read(cls, known: Program) -> Routers:
        """The routers and mounts of a program, re-exports and parameters followed."""
        rows = list(known.store.rows(_ROUTERS))
        calls = Calls(known, frozenset(row[4] for row in rows))
        routers = cls(known, calls, Holders(known, calls))
        for site, scope, is_test, framework, variable, prefix, is_application in rows:
            places = routers._places(site, scope, framework, prefix)
            made = Own(framework, places, bool(is_application), bool(is_test))
            name = variable or routers._given_back(site, scope)  # `api = with_pages(APIRouter())`
            if name:
                held = routers.canonical(name)
                routers.own[held] = made
                if ".self." in name:
                    given = routers.calls.argument(site, PLACES, 0 if framework == "litestar" else None)
                    routers.holders.made[held] = given, scope
            else:
                routers._made[scope] = made
        for site, scope, is_test, framework, parent, child, prefix in list(known.store.rows(_MOUNTS)):
            if framework == "pyramid" and known.names.is_module(known.names.resolve(child)):
                child = f"{child}.includeme"  # noqa: PLW2901  # a module is taken in by its function of this name
            for above, below, at in routers._mounted(site, scope, parent, child, prefix):
                mounts = routers.parents.setdefault(below, [])
                if mounts and is_test and not mounts[0].is_test and not routers.own.get(below, NOBODY).is_test:
                    continue  # a test mounts it once more, perhaps without guards
                mounts.append(Mount(above, at, site, bool(is_test)))
                routers._mounts.setdefault(below, framework)
        return routers

    def _places(self, site: int, scope: str, framework: str, prefix: str | None) -> list[str | None]:
        """The prefixes that a call gives in each call of the function around it; the one that is written there."""
        if prefix is not None:
            return [prefix]
        given = self.calls.argument(site, PLACES, 0 if framework == "litestar" else None)
        found = [self.calls.text(given, scope, handed) for handed in self.calls.each(scope)]
        return list(dict.fromkeys(found))

    def _mounted(
        self, site: int, scope: str, parent: str | None, child: str, prefix: str | None
    ) -> Iterator[tuple[str, str, str | None]]:
        """Parent, child and prefix of a mount, for each call of the function around it that hands one of them."""
        calls = self.calls
        is_handed = prefix is None or calls.is_parameter(parent) or calls.is_parameter(child.removesuffix("[]"))
        given = calls.argument(site, PLACES) if prefix is None else None
        every = calls.each(scope) if is_handed else [None]
        named = [] if child.endswith(("[]", "()")) else looped(scope, site, [parent, child], [given], calls)
        if named:
            every = [one for handed in every for one in calls.loops.rounds(scope, site, named, handed)]
        seen = set()
        for handed in every:
            above = calls.name(parent, handed)
            at = calls.text(given, scope, handed) if given is not None else prefix
            below = [one for name in calls.each_name(child, handed) for one in self.children(name)]
            for name, beside in below:
                found = self.canonical(above) if above else "", self.canonical(name), at if beside is None else beside
                if found not in seen:
                    seen.add(found)
                    yield found

    def _given_back(self, site: int, scope: str) -> str:
        """The variable of a router that is made where a function is handed it, which returns it; "" for any other."""
        first = site >> SITE_BITS << SITE_BITS
        around = self.known.store.rows(_AROUND, (site, first, first + (1 << SITE_BITS) - 1), of=[site >> SITE_BITS])
        callee, variable = next(around, ("", None))
        function = self.known.names.resolve(callee, instances=False) if callee and variable else ""
        return f"{scope}.{variable}" if function and self.calls.given_back(function) else ""

    def find(self, name: str) -> Own | None:
        """What is known of a router: where it is made, by what function, or of which class of the project."""
        found = self.own.get(name)
        if found is None and name:
            made = self.known.names.resolve(name)
            found = self._made.get(made) or self._held(name)
            owner = self.known.named(made) if found is None else None
            place = exposed_at(owner) if owner else None
            base = owner.base_under(*_APPLICATIONS) if owner else None
            if base:
                framework = base.partition(".")[0]
                found = Own("flask" if framework == "apiflask" else framework, self._written(name))
            elif place is not None:
                found = Own("flask", [place])
            elif found is None and name in self._mounts:
                found = Own(self._mounts[name], [""])
            if found is not None:
                self.own[name] = found
        return found

    def _held(self, name: str) -> Own | None:
        """What is known of a router that an object holds."""
        made = self.holders.source(name)
        own = self.own.get(made) if made else None
        return Own(own.framework, self.holders.prefixes(name), own.is_application) if own else None

    def _written(self, name: str) -> list[str | None]:
        """The prefixes that the call gives that a module's variable is bound to."""
        module, _, variable = name.rpartition(".")
        sites = [site for (site,) in self.known.store.rows(_ASSIGNED, (module, variable))]
        given = self.calls.argument(sites[0], PLACES[:2]) if len(sites) == 1 else None
        return [""] if given is None else [self.calls.text(given, module, None)]

    def children(self, child: str) -> list[tuple[str, str | None]]:
        """The routers that a mount names, with the prefixes that stand beside them."""
        if child.endswith("[]"):
            return list(self.listed(child))
        if "*" in child:  # of each module of a package
            every = re.compile(re.escape(child).replace(r"\*", r"[^.]+")).fullmatch
            return [(name, None) for name in sorted(self.own) if every(name)]
        if child.endswith("()"):
            return [(name, None) for name in self._made_by(child.removesuffix("()"))]
        site = self.known.named(self.known.names.resolve(child)) if child else None
        for owner in site.lineage if site else ():  # a site of one's own gives its addresses itself
            if owner.method("get_urls"):
                return [(f"{owner.qualified_name}.get_urls", None)]
        return [(child, None), *((name, None) for name in self._made_by(self._called.get(child, "")))]

    @cached_property
    def _called(self) -> dict[str, str]:
        """What variables are bound to that a call of a function makes in which some router is made, by the name of that."""
        makers = {head for head in (name.rpartition(".")[0] for name in self.own) if self.known.is_function(head)}
        words = sorted({head.rpartition(".")[2] for head in makers})
        return {variable: callee for word in words for variable, callee in list(self.known.store.rows(_MADE, (word,)))}

    def _made_by(self, function: str) -> list[str]:
        """The routers that a function of the project makes: those that it returns, if any is known."""
        made = self.holders.name(self.known.names.resolve(function, instances=False)) if function else ""
        own = [name for name in self.own if made and name.startswith(f"{made}.")]
        scope = self.known.names.defined.get(made, 0)
        returned = {f"{made}.{source}" for (source,) in self.known.store.rows(_RETURNED, (scope,))} if own else set()
        return [name for name in own if name in returned] or own

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
        resolved = self.holders.name(self.known.names.resolve(name, instances=False))
        if self.known.names.is_module(resolved):
            return f"{resolved}.urlpatterns"
        head, _, last = resolved.rpartition(".")
        return f"{self.known.names.module(head)}.{last}" if head else resolved

    def ways(self, name: str, visiting: frozenset[str] = frozenset()) -> list[Way]:
        """Every way under which a router answers; a list that includes itself is followed once."""
        known = self._known.get(name)
        if known is None:
            known = self._ways(name, visiting | {name})
            if not visiting:
                self._known[name] = known
        return known

    def _ways(self, name: str, visiting: frozenset[str]) -> list[Way]:
        own = self.find(name) or NOBODY
        framework = own.framework
        places = [self._path(name, place) if framework == "litestar" else place for place in own.prefixes]
        here = [UNKNOWN if place is None else place for place in places]
        itself = tuple(dict.fromkeys((name, self.holders.source(name) or name)))
        mounts = [mount for mount in self.parents.get(name, []) if mount.parent not in visiting]
        if not mounts or len(visiting) > _DEPTH:
            return [Way(place, itself) for place in here]
        found: dict[Way, None] = {}
        for parent, given, site, _ in mounts:
            prefix = UNKNOWN if given is None else given
            below = [prefix] if prefix and framework in _OVERRIDES else [join(framework, prefix, one) for one in here]
            for above in self.ways(parent, visiting) if parent else [Way("")]:
                routers, sites = (*itself, *above.routers), (site, *above.mounts)
                found.update((Way(join(framework, above.prefix, one), routers, sites), None) for one in below)
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


def exposed_at(view: Class) -> str | None:
    """Where the exposed methods of a class of Flask-AppBuilder's or Flask-Admin's stand; None for any other class."""
    base = view.base_under("flask_appbuilder.", "flask_admin.")
    if base is None:
        return None
    said = {word: view.attribute(word, inherited=True) for word in ("route_base", "resource_name", "version")}
    given = {word: found.row.value_constant for word, found in said.items() if found is not None}
    own = view.name.lower()
    if base.startswith("flask_admin."):
        return "/admin" if base.endswith("AdminIndexView") else f"/admin/{own}"
    if given.get("route_base") is not None:
        return given["route_base"]
    is_api = any(name.startswith("flask_appbuilder.") and name.endswith("Api") for name in view.ancestors)
    return f"/api/{given.get('version') or 'v1'}/{given.get('resource_name') or own}" if is_api else f"/{own}"


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
        return prefix.rstrip("/") + ("" if pattern.startswith(("/", UNKNOWN)) else "/") + pattern
    return prefix + pattern

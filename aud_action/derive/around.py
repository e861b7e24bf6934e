"""What runs before the routes of an application or router: hooks and middleware that ask who the user is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from aud_action.derive.asking import Asking
from aud_action.derive.routers import NOBODY, Routers, Way
from schema import SITE_BITS

_FLASK: Final = """
SELECT coalesce(h.target_name, ''), coalesce(h.function_name, ''), h.hook FROM python_flask_hooks h JOIN files f ON f.id = h.site >> 24
WHERE h.hook IN ('before_request', 'before_app_request') AND NOT f.is_test ORDER BY h.site
"""
_HOOKS: Final = """
SELECT h.framework, h.function, coalesce(h.target, ''), o.name FROM python_request_hooks h JOIN files f ON f.id = h.site >> 24
JOIN sites s ON s.id = h.site JOIN scopes o ON o.id = s.scope
WHERE h.hook IN ('on_request', 'request', 'before_request') AND NOT f.is_test ORDER BY h.site
"""
_MIDDLEWARES: Final = """
SELECT m.framework, m.name, m.kind, coalesce(m.target, ''), o.name, m.site FROM python_middlewares m JOIN files f ON f.id = m.site >> 24
JOIN sites s ON s.id = m.site JOIN scopes o ON o.id = s.scope WHERE NOT f.is_test ORDER BY m.site
"""
_ENCLOSING: Final = """
SELECT c.site, c.assigned_to FROM python_call_arguments a JOIN python_calls c ON c.site = a.site JOIN sites o ON o.id = c.site
JOIN sites m ON m.id = ?1 WHERE a.keyword = 'middleware' AND c.site BETWEEN ?2 AND ?3 AND (a.kind = 'name' OR
  (m.line, m.col) >= (o.line, o.col) AND (m.end_line, m.end_col) <= (o.end_line, o.end_col))
ORDER BY a.kind = 'name', o.line DESC, o.col DESC LIMIT 1
"""
_INSIDE: Final = """
SELECT i.id FROM sites o JOIN sites i ON i.id BETWEEN ?2 AND ?3 AND i.kind = 'Call'
  AND (i.line, i.col) >= (o.line, o.col) AND (i.end_line, i.end_col) <= (o.end_line, o.end_col) WHERE o.id = ?1
"""
_FAMILY: Final = {"fastapi": "starlette", "quart": "flask"}
_BY_NAME: Final = frozenset({"setting", "default_permission", "tween"})  #: of the whole application
_EXEMPT: Final = re.compile(
    r"(?i)(?:log_?in|auth\w*)_?(?:exempt|not_?required|optional|free)|(?:exempt|skip|no|without|allow|ignore|not)_?(?:from_)?(?:log_?in|auth\w*)"
    r"|anonymous|public"
)
"""Decorators by which a view says that middleware may let everybody to it."""


class Hook(NamedTuple):
    """What asks before a request."""

    name: str
    kind: str  #: hook, middleware, or default: a permission that all views ask for


class Around:
    """Which hooks and middleware ask, by the application or router that they are put around."""

    def __init__(self, routers: Routers, asking: Asking) -> None:
        self._routers = routers
        self._asking = asking
        self._around: dict[str, dict[Hook, None]] = {}  #: by router
        self._applications: dict[str, dict[Hook, None]] = {}  #: of all applications of a framework
        self._everywhere: dict[str, dict[Hook, None]] = {}  #: of a framework: what it is put around can't be told
        self._at: dict[int, dict[Hook, None]] = {}  #: of what a mount or route is given, by the sites of its calls
        store = routers.known.store
        for target, function, hook in list(store.rows(_FLASK)):
            self._put("flask", target, function, "hook", is_application=hook == "before_app_request")
        for framework, function, target, scope in list(store.rows(_HOOKS)):
            exact = f"{scope}.{function}"
            exact = exact if routers.known.is_function(exact) else routers.calls.identity(function, scope)
            self._put(framework, routers.calls.identity(target, scope), exact, "hook")
        for framework, name, kind, target, scope, site in list(store.rows(_MIDDLEWARES)):
            if framework == "aiohttp" and kind == "function":  # where it is defined it is around nothing yet
                continue
            exact = f"{scope}.{name}" if kind == "function" else name
            if framework == "starlette" and not target:
                target = self._listed(site, exact)  # noqa: PLW2901  # what the list is given to
            place = routers.calls.identity(target, scope) if target and kind not in _BY_NAME else ""
            if target is not None:
                self._put(framework, place, exact, "default" if kind == "default_permission" else "middleware")

    def _listed(self, site: int, name: str) -> str | None:
        """The variable of the application whose list names middleware, "" when nobody can tell; None for a mount's or route's."""
        store, first = self._routers.known.store, site >> SITE_BITS << SITE_BITS
        span = first, first + (1 << SITE_BITS) - 1
        at, variable = next(store.rows(_ENCLOSING, (site, *span), of=[site >> SITE_BITS]), (None, None))
        if at is None or variable is not None or not self._asking.asks(name):
            return variable or ""
        for (inner,) in list(store.rows(_INSIDE, (at, *span), of=[site >> SITE_BITS])):
            self._at.setdefault(inner, {})[Hook(name, "middleware")] = None
        return None

    def _put(self, framework: str, target: str, function: str, kind: str, *, is_application: bool = False) -> None:
        if kind != "default" and not self._asking.asks(function, is_hook=kind == "hook"):
            return
        family = _FAMILY.get(framework, framework)
        hook = Hook(function, kind)
        for place in self._places(target) if target else [""]:
            tops = [way.routers[-1] for way in self._routers.ways(place)] if is_application and place else [place]
            for top in tops:
                own = self._routers.find(top) if top else None
                if own is None and framework == "litestar" and self._routers.known.is_function(top):
                    self._around.setdefault(top, {})[hook] = None  # a handler's own
                elif own is None or (is_application and not own.is_application):
                    self._everywhere.setdefault(family, {})[hook] = None
                else:
                    self._around.setdefault(top, {})[hook] = None
                if own is not None and own.is_application:
                    self._applications.setdefault(family, {})[hook] = None

    def _places(self, target: str) -> list[str]:
        """The applications that a name stands for: what each call hands to the function whose parameter it is."""
        calls = self._routers.calls
        if not calls.is_parameter(target):
            return [self._routers.canonical(target)]
        handed = calls.of(target.rpartition(".")[0])
        return list(dict.fromkeys(self._routers.canonical(calls.name(target, one) or "") for one in handed)) or [""]

    def of(self, framework: str, way: Way, site: int, handler: str) -> Iterator[Hook]:
        """
        What asks on one way to a route, which is declared at a site and leads to a handler.

        Where nobody can tell which application a router belongs to, what is around any of them speaks for it.
        """
        family = _FAMILY.get(framework, framework)
        for place in dict.fromkeys((*way.routers, handler)):
            yield from self._around.get(place, ())
        for mount in (site, *way.mounts) if self._at else ():
            yield from self._at.get(mount, ())
        yield from self._everywhere.get(family, ())
        top = self._routers.find(way.routers[-1]) if way.routers else None
        if not (top or NOBODY).is_application:
            yield from self._applications.get(family, ())


def is_exempt(names: Iterable[str]) -> bool:
    """Whether one of a view's decorators says that middleware may let everybody to it."""
    return any(_EXEMPT.search(name) for name in names)

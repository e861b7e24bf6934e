"""What asks who the user is before handlers of a framework are reached, as far as it can't be told to single routes."""

from __future__ import annotations

import re
from typing import Final

from aud_action.derive.bodies import PROVIDER
from aud_action.derive.classes import program
from aud_action.store import Store

_NINJA: Final = """
SELECT count(*) FROM python_call_arguments a JOIN python_calls c USING (site)
WHERE a.keyword = 'auth' AND a.source <> 'None' AND c.callee IN ('ninja.NinjaAPI', 'ninja.Router', 'ninja_extra.NinjaExtraAPI')
"""
_MIDDLEWARES: Final = """
SELECT DISTINCT m.name, m.framework FROM python_middlewares m JOIN files f ON f.id = m.site >> 24 WHERE NOT f.is_test
"""
_PLACED: Final = """
SELECT DISTINCT r.framework FROM python_route_guards g JOIN python_routes r ON r.id = g.route WHERE g.kind IN ('hook', 'middleware')
"""
_RELATED: Final = {"starlette": ("starlette", "fastapi"), "fastapi": ("starlette", "fastapi")}
_ASKS: Final = re.compile(r"(?i)log_?in_?required|auth(?:entication|orization)?_?required|require_?(?:log_?in|auth)")
_GIVEN: Final = """
SELECT i.provider, m.child, i.mount_site FROM python_injected_dependencies i LEFT JOIN python_router_mounts m ON m.site = i.mount_site
WHERE i.mount_site IS NOT NULL OR i.router_name IN (SELECT name FROM python_routers WHERE framework = 'fastapi')
"""
_UNREAD: Final = """
SELECT count(*) FROM python_call_arguments a JOIN python_calls c USING (site) LEFT JOIN python_routers r USING (site)
WHERE a.keyword = 'dependencies' AND a.source NOT IN ('[]', '()', 'None') AND c.method IN ('FastAPI', 'APIRouter', 'include_router')
  AND NOT EXISTS (SELECT 1 FROM python_injected_dependencies i WHERE i.mount_site = a.site OR i.router_name = r.name)
"""
_ROUTERS: Final = "SELECT name FROM python_routers"
_KNOWN: Final = "SELECT DISTINCT guard FROM python_route_guards WHERE kind = 'dependency' AND origin = 'router'"


def hooked(store: Store) -> frozenset[str]:
    """Frameworks in which a dependency, or what is given to a whole API, asks who the user is, and can't be told to a route."""
    found: set[str] = set()
    if next(store.rows(_NINJA))[0]:
        found.add("ninja")
    if _is_unclear(store):
        found.update(("fastapi", "starlette"))
    return frozenset(found)


def asking_somewhere(store: Store) -> frozenset[str]:
    """Frameworks in which hooks or middleware ask who the user is: they may speak for a handler that no known route leads to."""
    named = {own for name, own in store.rows(_MIDDLEWARES) if _ASKS.search(name)}
    found = named.union(own for (own,) in store.rows(_PLACED))
    return frozenset(found.union(*(_RELATED.get(own, ()) for own in found)))


def _is_unclear(store: Store) -> bool:
    """
    Whether a dependency of a router of FastAPI may ask who the user is, and no guard of a route tells so.

    Those that are guards stand at the routes that they guard; a router that is mounted elsewhere without them is open.
    """
    if next(store.rows(_UNREAD))[0]:
        return True
    names = program(store).names
    routers = {name for (name,) in store.rows(_ROUTERS)}
    guards = {guard for (guard,) in store.rows(_KNOWN)}
    for provider, child, mount in list(store.rows(_GIVEN)):
        is_placed = mount is None or (child is not None and names.resolve(child, instances=False) in routers)
        if PROVIDER.search(f"Depends({provider})") and not (is_placed and names.resolve(provider) in guards):
            return True
    return False

"""Routes of frameworks whose handlers are methods of objects in a tree: what a class inherits, it answers too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aud_action.derive.appbuilder import is_answered
from aud_action.derive.classes import Class, Program

if TYPE_CHECKING:
    from aud_action.derive.routers import Routers
    from aud_action.derive.routes import Declared

_TREES: Final = {"cherrypy": "", "litestar": "", "twisted": "twisted.web."}
"""Each framework, and what an owner must descend from."""


def spread(entries: Iterable[Declared], known: Program, routers: Routers) -> Iterator[Declared]:
    """Each declaration for every class that answers it: its own, and those that inherit it unchanged."""
    for entry in entries:
        if entry.framework == "channels" and entry.handler_site in known.classes:
            view = known.classes[entry.handler_site]
            is_http = view.base_under("channels.generic.http.") is not None
            yield replace(entry, kind="path", method="*") if is_http else entry
            continue
        is_tree = entry.framework in _TREES or entry.kind == "exposed"
        owners = known.by_name.get(entry.router_name or "", ()) if is_tree else ()
        if not owners:
            yield entry
            continue
        owner = owners[0]
        base = _TREES.get(entry.framework, "")
        if base and owner.base_under(base) is None:
            continue
        heirs = [heir for heir in known.classes.values() if owner.qualified_name in heir.ancestors]
        answering = [owner, *(heir for heir in heirs if _inherits(heir, entry))]
        mounted = [one for one in answering if one.qualified_name in routers.parents]
        if entry.kind == "exposed":
            mounted = [one for one in mounted if is_answered(one, entry.handler)]
            if not mounted and owner.qualified_name in routers.parents:
                continue
        yield from (replace(entry, router_name=one.qualified_name) for one in mounted)
        if not mounted and not heirs:
            yield entry


def _inherits(heir: Class, entry: Declared) -> bool:
    found = heir.method(entry.handler, inherited=True)
    return found is not None and found.site == entry.handler_site

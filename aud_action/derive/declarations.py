"""What a declaration says in each call of the function around it, and in each round of the loops."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aud_action.derive.arguments import PLACES, UNKNOWN, Calls, Handed
from aud_action.derive.expressions import parsed

if TYPE_CHECKING:
    from aud_action.derive.routes import Declared

HOLE: Final = re.compile(r"\{…([^{}…*][^{}…]*)\}")
"""What stands in a pattern for a part that a function is handed."""
REST: Final = re.compile(r"\{…\*([^{}…]+)\}")
"""What stands for any number of patterns that a function is handed."""


def handed_on(entry: Declared, scope: str, calls: Calls) -> Iterator[Declared]:
    """A declaration, for each call of the function around it when that hands it a router, a pattern, methods or a view."""
    if entry.framework == "pyramid":
        yield from _configured(entry, scope, calls)
        return
    router, handler = entry.router_name, entry.handler_name
    holes = {source: parsed(source) for source in HOLE.findall(entry.pattern or "")}
    is_handed = (
        entry.pattern is None or "{…" in entry.pattern or calls.is_parameter(router) or calls.is_parameter(handler)
    )
    every = calls.each(scope) if is_handed else [None]
    # the method may stand before the pattern
    given = [calls.argument(entry.site, PLACES, at) for at in (0, 1)] if entry.pattern is None else []
    named = looped(scope, entry.site, [router, handler], [*given, *holes.values()], calls)
    if named:
        every = [one for handed in every for one in calls.loops.rounds(scope, entry.site, named, handed)]
    seen = set()
    for handed, pattern in ((one, text) for one in every for text in _patterns(entry, scope, given, holes, one, calls)):
        view = calls.name(handler, handed)
        found = replace(entry, router_name=calls.name(router, handed), handler_name=view, pattern=pattern)
        if handed is not None and handed.target and _is_within(handler, scope):
            found.handler_name, found.handler_site = handed.target
            found.handler = handed.target[0].rpartition(".")[2]
        for method in _methods(entry, handed):
            found = replace(found, method=method)
            key = (found.router_name, found.handler_name, found.handler_site, pattern, method)
            if key not in seen:
                seen.add(key)
                yield found


def _configured(entry: Declared, scope: str, calls: Calls) -> Iterator[Declared]:
    """A route or a view that Pyramid is configured with: a function may be handed its name, its pattern and the view."""
    is_route = entry.kind == "route"
    name = calls.argument(entry.site, ("name",), 0) if is_route else calls.argument(entry.site, ("route_name",))
    pattern = calls.argument(entry.site, ("pattern",), 1) if is_route and entry.pattern is None else None
    view = calls.argument(entry.site, ("view",), 0) if calls.is_parameter(entry.handler_name) else None
    if (entry.endpoint is not None or name is None) and pattern is None and view is None:
        yield entry
        return
    named = looped(scope, entry.site, [entry.handler_name], [name, pattern], calls)
    for handed in [one for above in calls.each(scope) for one in calls.loops.rounds(scope, entry.site, named, above)]:
        found = replace(entry, endpoint=entry.endpoint or calls.text(name, scope, handed))
        if pattern is not None:
            found.pattern = calls.text(pattern, scope, handed)
        if view is not None:
            found.handler_name = calls.text(view, scope, handed) or calls.name(entry.handler_name, handed)
            found.handler = (found.handler_name or "").rpartition(".")[2]
        yield found


def _patterns(
    entry: Declared,
    scope: str,
    given: list[ast.expr | None],
    holes: dict[str, ast.expr | None],
    handed: Handed | None,
    calls: Calls,
) -> Iterator[str | None]:
    """The patterns of a declaration in one call of the function around it; several where that is handed any number."""
    texts = [calls.text(one, scope, handed) for one in given] or [entry.pattern]
    pattern = next((text for text in texts if text and text.startswith("/")), texts[0])
    for source, node in holes.items():
        part = calls.text(node, scope, handed)
        pattern = (pattern or "").replace(f"{{…{source}}}", UNKNOWN if part is None else part)
    many = REST.fullmatch(entry.pattern or "")
    if many:
        elements = calls.loops.elements(parsed(many[1]), scope, handed)
        yield from [calls.text(*element) for element in elements] or [None]
    else:
        yield pattern


def looped(
    scope: str, site: int, names: Iterable[str | None], given: Iterable[ast.expr | None], calls: Calls
) -> list[str]:
    """The variables of loops of a scope that dotted names begin with, or that stand in expressions."""
    heads = {name.removeprefix(f"{scope}.").partition(".")[0] for name in names if name and name.startswith(scope)}
    heads |= {part.id for one in given if one is not None for part in ast.walk(one) if isinstance(part, ast.Name)}
    loops = calls.loops.of(scope, site) if heads else {}
    found = heads & loops.keys()
    if not found or not loops.keys() - found:
        return sorted(found)
    # where a file says itself what a loop goes through, a variable beside these has got its value there
    beside = {name for name in loops.keys() - found if any(loops[name][2] == loops[one][2] for one in found)}
    written = {name for name in beside if calls.is_given(site, name)}
    return [] if written else sorted(found)


def _is_within(handler: str | None, scope: str) -> bool:
    """Whether a view is what a decorator is given, or what it puts in its place."""
    return (handler or "").rpartition(".")[0] == scope


def _methods(entry: Declared, handed: Handed | None) -> list[str]:
    """The methods of a declaration, also those that are handed on: `def route(path, **more): app.route(path, **more)`."""
    value = handed.more.get("methods") if handed is not None else None
    given = handed.values.get("methods") if handed is not None and value is None else None
    value = given[0] if given and entry.method == "*" else value
    words = [part.value for part in getattr(value, "elts", ()) if isinstance(part, ast.Constant)]
    return [str(word).upper() for word in words] or [entry.method]

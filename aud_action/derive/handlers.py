"""Functions that answer requests: who is asked for, what they change."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.bodies import GUARD, PROVIDER, USER, Facts, read_body
from aud_action.derive.class_handlers import class_handlers
from aud_action.derive.classes import program
from aud_action.derive.guards import denials
from aud_action.derive.hooks import asking_somewhere, hooked
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.handlers import Handler
from schema.web import Route, WebHandler

_DECLARED: Final = """
SELECT g.target_site, d.handler, d.framework, d.method, d.pattern FROM python_route_declarations d
JOIN python_decorators g ON g.site = d.site WHERE d.kind = 'decorated' AND g.target_kind <> 'class' ORDER BY d.site, d.method
"""
_ROUTED: Final = """
SELECT r.handler, o.name, r.framework, r.method, r.pattern FROM python_routes r
JOIN scopes o ON o.id = r.handler AND o.kind = 'function' ORDER BY r.id
"""
_GUARDS: Final = """
SELECT DISTINCT r.handler, g.guard, g.kind FROM python_routes r JOIN python_route_guards g USING (site)
JOIN scopes o ON o.id = r.handler AND o.kind = 'function' WHERE g.method = r.method AND g.pattern = r.pattern
  AND NOT EXISTS (SELECT 1 FROM python_routes u WHERE u.handler = r.handler AND u.method = r.method AND NOT u.has_auth) ORDER BY g.id
"""
_DECORATORS: Final = "SELECT target_site, text FROM python_decorators WHERE target_kind <> 'class' ORDER BY site"
_DEPENDENCIES: Final = """
SELECT s.scope, coalesce(p.default_source, '') || ' ' || coalesce(p.annotation, '') FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE p.default_source GLOB '*(*' OR p.annotation <> ''
"""
_ROUTE_DEPENDENCIES: Final = """
SELECT g.target_site, a.source FROM python_call_arguments a JOIN python_decorators g USING (site)
WHERE a.keyword IN ('dependencies', 'permission_classes')
"""
_CALLS: Final = """
SELECT s.scope, c.callee, c.method, coalesce(c.receiver, ''), coalesce(a.constant, a.source, '') FROM python_calls c
JOIN sites s ON s.id = c.site LEFT JOIN python_call_arguments a ON a.site = c.site AND a.position = 0
WHERE c.site BETWEEN ?1 AND ?2 ORDER BY c.site
"""
_MENTIONS: Final = """
SELECT s.scope, a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site
  WHERE a.site BETWEEN ?1 AND ?2
    AND (a.value_source GLOB '*user*' OR a.value_source GLOB '*session*' OR a.value_source GLOB '*request.auth*')
UNION ALL SELECT s.scope, a.source FROM python_call_arguments a JOIN sites s ON s.id = a.site
  WHERE a.site BETWEEN ?1 AND ?2 AND (a.source GLOB '*user*' OR a.source GLOB '*session*' OR a.source GLOB '*request.auth*')
UNION ALL SELECT s.scope, c.left_source || ' ' || c.right_source FROM python_comparisons c JOIN sites s ON s.id = c.site
  WHERE c.site BETWEEN ?1 AND ?2
UNION ALL SELECT s.scope, c.test FROM python_identity_checks c JOIN sites s ON s.id = c.site WHERE c.site BETWEEN ?1 AND ?2
UNION ALL SELECT s.scope, c.receiver FROM python_calls c JOIN sites s ON s.id = c.site
  WHERE c.site BETWEEN ?1 AND ?2 AND (c.receiver GLOB '*user*' OR c.receiver GLOB '*session*')
"""
Readers = dict[int, list[tuple[Facts, bool]]]  #: function -> the handlers it is part of, and whether it answers


def _guarded(handlers: dict[int, Facts], rows: Iterable[Any], pattern: re.Pattern[str], kind: str) -> None:
    for function, text in rows:
        facts = handlers.get(function)
        if facts is not None and facts.guard is None and pattern.search(text):
            facts.guard = (text[:80], kind)


def _functions(store: Store) -> dict[int, Facts]:
    """Each function that a route leads to, declared by decorator or in a list."""
    handlers: dict[int, Facts] = {}
    for function, name, framework, method, pattern in store.rows(_DECLARED):
        facts = handlers.setdefault(function, Facts(name, framework, pattern=pattern))
        facts.methods.add(method)
    decorated = set(handlers)
    for function, name, framework, method, pattern in store.rows(_ROUTED):
        if function not in decorated:
            facts = handlers.setdefault(function, Facts(name.rpartition(".")[2], framework, pattern=pattern))
            facts.methods.add(method)
    for function, guard, kind in store.rows(_GUARDS):
        if function in handlers and handlers[function].guard is None:
            handlers[function].guard = (guard[:80], kind)
    return handlers


def _read(store: Store, readers: Readers) -> None:
    """Take in what the bodies say, file by file."""
    denying = denials(store)
    for function, parts in readers.items():
        for facts, _ in parts:
            if function in denying and facts.guard is None:
                facts.guard = ("who isn't allowed is turned away", "body")
    for file in sorted({function >> SITE_BITS for function in readers}):
        span = (file << SITE_BITS, ((file + 1) << SITE_BITS) - 1)
        for function, *call in store.rows(_CALLS, span):
            for facts, is_answer in readers.get(function, ()):
                read_body(facts, tuple(call), is_answer=is_answer)
        mentioned: defaultdict[int, list[str]] = defaultdict(list)
        for function, text in store.rows(_MENTIONS, span):
            if function in readers:
                mentioned[function].append(text or "")
        for function, texts in mentioned.items():
            uses_user = any(USER.search(text) for text in texts)
            for facts, _ in readers[function]:
                facts.uses_user |= uses_user


@derives(Handler, after=(Route, WebHandler))
def handlers(store: Store, _settings: Settings) -> Iterator[tuple[int, Handler]]:
    """Each function, and each method of a class of views, that answers requests."""
    found = _functions(store)
    declared = set(found)
    readers: Readers = {function: [(facts, True)] for function, facts in found.items()}
    for site, facts, parts in class_handlers(program(store)):
        found[site] = facts
        for function, is_answer in parts:
            readers.setdefault(function, []).append((facts, is_answer))
    if not found:
        return
    _guarded(found, ((site, text.rpartition(".")[2]) for site, text in store.rows(_DECORATORS)), GUARD, "decorator")
    _guarded(found, store.rows(_DEPENDENCIES), PROVIDER, "dependency")
    _guarded(found, store.rows(_ROUTE_DEPENDENCIES), PROVIDER, "dependency")
    _read(store, readers)
    everywhere, somewhere = hooked(store), asking_somewhere(store)
    placed = {site for (site,) in store.rows("SELECT DISTINCT handler FROM python_routes WHERE handler IS NOT NULL")}
    for site, facts in sorted(found.items()):
        # a method of a class that a route leads to has the route's pattern
        is_placed = site in placed or (site not in declared and facts.pattern is not None)
        hooks = everywhere if is_placed else everywhere | somewhere
        yield site, _row(facts, facts.framework in hooks)


def _row(facts: Facts, is_hooked: bool) -> Handler:
    looks = ("the user is looked at", "body") if facts.uses_user else None
    guard, kind = facts.guard or looks or (("before_request", "hook") if is_hooked else (None, None))
    methods = ",".join(sorted(facts.methods))
    return Handler(
        facts.name,
        facts.framework,
        methods,
        facts.pattern,
        guard,
        kind,
        facts.change,
        facts.uses_user,
        facts.has_verification,
    )

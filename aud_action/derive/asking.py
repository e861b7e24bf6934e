"""Whether what runs before a request asks who it comes from: functions, and classes of middleware with all their methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from aud_action.derive.bodies import GUARD
from aud_action.derive.classes import Program
from schema import SITE_BITS

_NAMED: Final = re.compile(r"(?i)log_?in_?required|auth(?:entication|orization)?_?required|require_?(?:log_?in|auth)")
_WHO: Final = re.compile(
    r"(?i)user(?![-_]?agent)|session|auth|token|log_?in|api_?key|[-_]key\b|credential|jwt|principal|identity"
)
_ELSE: Final = re.compile(
    r"(?i)host|origin|csrf|cors|limit|throttl|maintenance|https|ssl|(?:^|_)ips?(?:_|$)|read_?only|agent"
)
_WITHIN: Final = (
    "SELECT id FROM scopes WHERE id BETWEEN ? AND ? AND kind = 'function' AND (id = ? OR substr(name, 1, ?) = ?)"
)
_DECORATED: Final = "SELECT text FROM python_decorators WHERE target_site = ?"
_CALLS: Final = """
SELECT c.callee, c.method, coalesce(c.receiver, ''), coalesce(a.constant, a.source, '') FROM python_calls c JOIN sites s ON s.id = c.site
LEFT JOIN python_call_arguments a ON a.site = c.site AND a.position = 0 WHERE s.scope = ? AND c.site BETWEEN ? AND ?
"""
_LOOKED_AT: Final = """
SELECT i.test FROM python_identity_checks i JOIN sites s ON s.id = i.site WHERE s.scope = ?1 AND i.site BETWEEN ?2 AND ?3
UNION ALL SELECT c.left_source || ' ' || c.right_source FROM python_comparisons c JOIN sites s ON s.id = c.site
WHERE s.scope = ?1 AND c.site BETWEEN ?2 AND ?3
"""


class Asking:
    """Answers for names; `denies` says which functions turn visitors away."""

    def __init__(self, known: Program, denies: Callable[[str], bool]) -> None:
        self._known = known
        self._denies = denies
        self._found: dict[str, bool] = {}

    def asks(self, name: str, *, is_hook: bool = False) -> bool:
        """
        Whether a function or class of the project, or of a library by its name, lets only those through whom it knows.

        is_hook: a function before each request that turns away or sends elsewhere asks, unless its name says that it is
        about something else; middleware does so for many reasons.
        """
        known = self._found.get(name)
        if known is None:
            self._found[name] = False  # what calls itself says nothing more
            known = self._found[name] = (is_hook and self._turns_away(name)) or self._asks(name, is_hook=is_hook)
        return known

    def _turns_away(self, name: str) -> bool:
        return self._denies(name) and not _ELSE.search(name.rpartition(".")[2])

    def _asks(self, name: str, *, is_hook: bool) -> bool:
        exact = self._known.names.resolve(name, instances=False)
        if _NAMED.search(exact.rpartition(".")[2]):
            return True
        view = self._known.named(exact) or self._known.named(self._known.names.resolve(name))
        if view is not None:
            methods = {
                method.name: f"{owner.qualified_name}.{method.name}"
                for owner in reversed(view.lineage)
                for method in owner.methods
            }
            return self._of(methods.values(), is_hook=is_hook)
        return self._of([exact], is_hook=is_hook) if self._known.is_function(exact) else False

    def _of(self, functions: Iterable[str], *, is_hook: bool) -> bool:
        """Whether one of these turns away, or calls what does, and one of them looks at who it is."""
        turns, looks = False, False
        for function in functions:
            if self._is_guarded(function):
                return True
            turns = turns or self._denies(function)
            for callee, method, receiver, argument in self._called(function):
                is_guard = bool(GUARD.search(method)) or (
                    bool(callee) and (self._denies(callee) or self._leads(callee))
                )
                turns = turns or is_guard or (is_hook and method == "redirect")
                looks = looks or is_guard or bool(_WHO.search(f"{callee} {receiver}.{method}({argument}"))
            looks = (
                looks
                or any(_WHO.search(test) for test in self._tests(function))
                or bool(_WHO.search(function.rpartition(".")[2]))
            )
        return turns and looks

    def _is_guarded(self, function: str) -> bool:
        """Whether a decorator of a function asks."""
        site = self._known.names.defined[function]
        rows = self._known.store.rows(_DECORATED, (site,), of=[site >> SITE_BITS])
        return any(GUARD.search(text.rpartition(".")[2]) for (text,) in rows)

    def _leads(self, callee: str) -> bool:
        """Whether what is called is a function of the project that asks."""
        exact = self._known.names.resolve(callee, instances=False)
        return self._known.is_function(exact) and self.asks(exact, is_hook=True)

    def _scopes(self, function: str) -> list[tuple[int, int, int]]:
        """A function, and those that are defined in it: its site, and what the sites of its file lie between."""
        site = self._known.names.defined[function]
        first = site >> SITE_BITS << SITE_BITS
        last, inside = first + (1 << SITE_BITS) - 1, f"{function}."
        rows = self._known.store.rows(_WITHIN, (first, last, site, len(inside), inside), of=[site >> SITE_BITS])
        return [(scope, first, last) for (scope,) in rows]

    def _called(self, function: str) -> list[tuple[str, str, str, str]]:
        return [row for place in self._scopes(function) for row in self._rows(_CALLS, place)]

    def _tests(self, function: str) -> list[str]:
        return [text for place in self._scopes(function) for (text,) in self._rows(_LOOKED_AT, place)]

    def _rows(self, question: str, place: tuple[int, int, int]) -> list[tuple[Any, ...]]:
        return list(self._known.store.rows(question, place, of=[place[0] >> SITE_BITS]))

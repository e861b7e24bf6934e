"""Functions that answer requests: who is asked for, what they change."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.handlers import Handler

_ROUTES: Final = """
SELECT g.target_site, d.handler, d.framework, d.method, d.pattern FROM python_route_declarations d
JOIN python_decorators g ON g.site = d.site WHERE d.kind = 'decorated' AND g.target_kind <> 'class' ORDER BY d.site, d.method
"""
_DECORATORS: Final = "SELECT target_site, text FROM python_decorators WHERE target_kind <> 'class' ORDER BY site"
_DEPENDENCIES: Final = """
SELECT s.scope, coalesce(p.default_source, '') || ' ' || coalesce(p.annotation, '') FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE p.default_source GLOB '*(*' OR p.annotation <> ''
"""
_ROUTE_DEPENDENCIES: Final = """
SELECT g.target_site, a.source FROM python_call_arguments a JOIN python_decorators g USING (site) WHERE a.keyword = 'dependencies'
"""
_HOOKS: Final = """
SELECT count(*) FROM python_decorators d JOIN sites t ON t.id = d.target_site
WHERE d.text GLOB '*.before_request' AND EXISTS (
  SELECT 1 FROM python_calls c JOIN sites s ON s.id = c.site LEFT JOIN python_call_arguments a ON a.site = c.site AND a.position = 0
  WHERE c.site BETWEEN (d.site >> 24) << 24 AND ((d.site >> 24) << 24) + 16777215 AND s.scope = d.target_site
    AND (c.method = 'abort' AND a.constant IN ('401', '403') OR c.method REGEXP_AUTH OR c.method = 'redirect'))
"""
_GLOBAL: Final = """
SELECT count(*) FROM python_call_arguments a JOIN python_calls c USING (site)
WHERE a.keyword = 'dependencies' AND c.method IN ('FastAPI', 'APIRouter', 'include_router')
"""
_CALLS: Final = """
SELECT s.scope, c.callee, c.method, coalesce(c.receiver, ''), coalesce(a.constant, a.source, '') FROM python_calls c
JOIN sites s ON s.id = c.site LEFT JOIN python_call_arguments a ON a.site = c.site AND a.position = 0 ORDER BY c.site
"""
_MENTIONS: Final = """
SELECT s.scope, a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site
  WHERE a.value_source GLOB '*user*' OR a.value_source GLOB '*session*'
UNION ALL SELECT s.scope, a.source FROM python_call_arguments a JOIN sites s ON s.id = a.site
  WHERE a.source GLOB '*user*' OR a.source GLOB '*session*'
UNION ALL SELECT s.scope, c.left_source || ' ' || c.right_source FROM python_comparisons c JOIN sites s ON s.id = c.site
UNION ALL SELECT s.scope, c.receiver FROM python_calls c JOIN sites s ON s.id = c.site
  WHERE c.receiver GLOB '*user*' OR c.receiver GLOB '*session*'
"""
GUARD: Final = re.compile(
    r"(?i)(?:login|auth\w*|token|jwt|permissions?|roles?|admin|staff|user|session|scopes?|api_?key|superuser|credentials?|identity|fresh_jwt)_?"
    r"(?:required|only|needed|check\w*|protected|passes_test|in_role)|\b(?:requires?|require|check|verify|ensure|needs|must_be|has|only)_?"
    r"(?:auth\w*|login|token|jwt|permissions?|roles?|admin|staff|user|scopes?|api_?key|session|logged_in)|^(?:authenticated|protected|private|secured?|login_required)$"
    r"|\bpermission_classes\b|\bauthentication_classes\b|\broles_(?:required|accepted)|\buser_passes_test|\.requires?$"
)
_PROVIDER: Final = re.compile(
    r"(?i)\bSecurity\(|\bDepends\([^)]*(?:user|auth|token|jwt|permission|role|admin|api_?key|security|verify|oauth|session_user|principal|identity|account|bearer|credential)"
    r"|\b(?:Current|Active|Auth\w*|Admin|Verified)\w*User\b|\bCurrentUser|\bHTTP(?:Bearer|Basic|Authorization)\w*"
)
_CHANGES: Final = frozenset(
    "add add_all commit delete save update bulk_create bulk_update create insert insert_one insert_many update_one update_many delete_one "
    "delete_many remove replace_one update_or_create get_or_create set_password unlink rmtree drop_all put_item delete_item".split()
)
_STORES: Final = re.compile(
    r"(?i)(?:^|[._])(?:db|session|objects|query|collection|conn\w*|cursor|table|model|repo\w*|user|"
    r"item|order|post|os|shutil|users|orders|items|posts|mongo|filter\(.*|get\(.*)\b"
)
_NOT_STORES: Final = frozenset(
    {"hashlib", "set", "list", "logger", "logging", "response", "headers", "cookies", "args", "parser", "hmac"}
)
_CHANGING_SQL: Final = re.compile(
    r"(?is)^[\s(fFrR\"']*(?:insert\s+into|update\s+\w+.*\bset\b|delete\s+from|drop\s|truncate\s|replace\s+into)\b"
)
_USER: Final = re.compile(
    r"(?i)\bcurrent_user\b|\brequest\.user\b|\bself\.request\.user\b|session(?:\[|\.get\(|\.pop\()|\bg\.user\b"
    r"|get_jwt_identity|\bin session\b|get_current_user|\brequest\.auth\b"
)
_VERIFIES: Final = re.compile(
    r"(?i)verif|compare_digest|construct_event|signature|captcha|check_password|jwt|authenticate|decode_token|validate_token"
)


@dataclass(slots=True)
class _Facts:
    """What is known about one handler."""

    name: str
    framework: str
    methods: set[str] = field(default_factory=set)
    pattern: str | None = None
    guard: tuple[str, str] | None = None
    change: str | None = None
    uses_user: bool = False
    has_verification: bool = False


def _guarded(handlers: dict[int, _Facts], rows: Iterable[Any], pattern: re.Pattern[str], kind: str) -> None:
    for function, text in rows:
        facts = handlers.get(function)
        if facts is not None and facts.guard is None and pattern.search(text):
            facts.guard = (text[:80], kind)


def _changes(callee: str, method: str, receiver: str, argument: str) -> bool:
    """Whether a call changes what is stored: by name on something that stores, or by SQL."""
    if method in {"execute", "executemany", "executescript", "exec_driver_sql"}:
        return bool(_CHANGING_SQL.match(argument))
    if method not in _CHANGES or receiver.partition(".")[0] in _NOT_STORES:
        return False
    return (
        bool(_STORES.search(receiver))
        or method in {"commit", "save", "set_password", "rmtree", "unlink"}
        or callee.startswith("os.")
    )


def _read_body(facts: _Facts, call: tuple[str, str, str, str]) -> None:
    callee, method, receiver, argument = call
    if facts.change is None and _changes(callee, method, receiver, argument):
        facts.change = f"{receiver}.{method}"[:80] if receiver else method
    if method == "abort" and argument in {"401", "403"} and facts.guard is None:
        facts.guard = (f"abort({argument})", "body")
    if method == "HTTPException" and facts.guard is None and re.search(r"^40[13]$|HTTP_40[13]", argument):
        facts.guard = (f"HTTPException({argument})"[:80], "body")
    facts.uses_user |= bool(_USER.search(f"{receiver}.{method}({argument}"))
    facts.has_verification |= bool(_VERIFIES.search(method) or _VERIFIES.search(callee))


def _declared(store: Store) -> dict[int, _Facts]:
    handlers: dict[int, _Facts] = {}
    for function, name, framework, method, pattern in store.rows(_ROUTES):
        facts = handlers.setdefault(function, _Facts(name, framework, pattern=pattern))
        facts.methods.add(method)
    return handlers


def _has_auth_hook(store: Store) -> bool:
    """Whether a function before every request, or a dependency of a whole application, asks who the user is."""
    words = " OR ".join(
        f"c.method GLOB '*{word}*'" for word in ("auth", "login", "verify", "permission", "token", "jwt")
    )
    hooks = next(store.rows(_HOOKS.replace("c.method REGEXP_AUTH", f"({words})")))[0]
    return bool(hooks or next(store.rows(_GLOBAL))[0])


@derives(Handler)
def handlers(store: Store, _settings: Settings) -> Iterator[tuple[int, Handler]]:
    """Each function that a route is declared on by decorator."""
    found = _declared(store)
    if not found:
        return
    _guarded(found, store.rows(_DECORATORS), GUARD, "decorator")
    _guarded(found, store.rows(_DEPENDENCIES), _PROVIDER, "dependency")
    _guarded(found, store.rows(_ROUTE_DEPENDENCIES), _PROVIDER, "dependency")
    for function, *call in store.rows(_CALLS):
        if function in found:
            _read_body(found[function], tuple(call))
    mentioned: defaultdict[int, list[str]] = defaultdict(list)
    for function, text in store.rows(_MENTIONS):
        if function in found:
            mentioned[function].append(text or "")
    is_hooked = _has_auth_hook(store)
    for function, facts in sorted(found.items()):
        facts.uses_user |= any(_USER.search(text) for text in mentioned[function])
        guard = facts.guard or (
            ("the user is looked at", "body") if facts.uses_user else ("before_request", "hook") if is_hooked else None
        )
        name, kind = guard or (None, None)
        methods = ",".join(sorted(facts.methods))
        yield (
            function,
            Handler(
                facts.name,
                facts.framework,
                methods,
                facts.pattern,
                name,
                kind,
                facts.change,
                facts.uses_user,
                facts.has_verification,
            ),
        )

"""What the body of a handler says: whom it asks for, and what it changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

GUARD: Final = re.compile(
    r"(?i)(?:login|auth\w*|token|jwt|permissions?|roles?|admin|staff|user|session|scopes?|api_?key|superuser|credentials?|identity|fresh_jwt)_?"
    r"(?:required|only|needed|check\w*|protected|passes_test|in_role)|\b(?:requires?|require|check|verify|ensure|needs|must_be|has|only)_?"
    r"(?:auth\w*|login|token|jwt|permissions?|roles?|admin|staff|user|scopes?|api_?key|session|logged_in)|^(?:authenticated|protected|private|secured?|login_required)$"
    r"|\bpermission_classes\b|\bauthentication_classes\b|\broles_(?:required|accepted)|\buser_passes_test|\.requires?$"
    r"|\bvalidate_?(?:auth\w*|login|token|jwt|session|api_?key|credentials)"
)
PROVIDER: Final = re.compile(
    r"(?i)\bSecurity\(|\bDepends\([^)]*(?:user|auth|token|jwt|permission|role|admin|api_?key|security|verify|oauth|session_user|principal|identity|account|bearer|credential)"
    r"|\b(?:Current|Active|Auth\w*|Admin|Verified)\w*User\b|\bCurrentUser|\bHTTP(?:Bearer|Basic|Authorization)\w*"
)
_CHANGES: Final = frozenset(
    "add add_all commit delete save update bulk_create bulk_update create insert insert_one insert_many update_one update_many delete_one "
    "delete_many remove replace_one update_or_create get_or_create set_password unlink rmtree drop_all put_item delete_item".split()
)
_STORES: Final = re.compile(
    r"(?i)(?:^|[._])(?:db|session|objects|query|collection|conn\w*|cursor|table|model|repo\w*|user|"
    r"item|order|post|os|shutil|users|orders|items|posts|mongo|filter\(.*|get\(.*|get_\w+_or_404\(.*)\b"
)
_NOT_STORES: Final = frozenset(
    {"hashlib", "set", "list", "logger", "logging", "response", "headers", "cookies", "args", "parser", "hmac"}
)
_CHANGING_SQL: Final = re.compile(
    r"(?is)^[\s(fFrR\"']*(?:insert\s+into|update\s+\w+.*\bset\b|delete\s+from|drop\s|truncate\s|replace\s+into)\b"
)
USER: Final = re.compile(
    r"(?i)\bcurrent_user\b|\brequest\.user\b|\bself\.request\.user\b|\bsession(?:\[|\.(?:get|pop)\(\s*(?:[frb]?[\"']|(?-i:[A-Z][A-Z_]+)\b))|\bg\.user\b"
    r"|get_jwt_identity|\bin session\b|get_current_user|\brequest\.auth\b"
)
_VERIFIES: Final = re.compile(
    r"(?i)verif|compare_digest|construct_event|signature|captcha|check_password|jwt|authenticate|decode_token|validate_token"
)


_PLAIN: Final = frozenset({"check_password", "check_password_hash"})  #: ask for a password, not for who is logged in


@dataclass(slots=True)
class Facts:
    """What is known about one handler."""

    name: str
    framework: str
    methods: set[str] = field(default_factory=set)
    pattern: str | None = None
    guard: tuple[str, str] | None = None
    change: str | None = None
    uses_user: bool = False
    has_verification: bool = False


def _changes(callee: str, method: str, receiver: str, argument: str) -> bool:
    """Whether a call changes what is stored: by name on something that stores, or by SQL."""
    if method in {"execute", "executemany", "executescript", "exec_driver_sql"}:
        return bool(_CHANGING_SQL.match(argument))
    if method not in _CHANGES or receiver.partition(".")[0] in _NOT_STORES:
        return False
    return (
        bool(_STORES.search(receiver))
        or method in {"commit", "save", "set_password", "rmtree", "unlink"}
        or (method == "delete" and not argument and receiver.isidentifier())  # a row deletes itself
        or callee.startswith("os.")
    )


def read_body(facts: Facts, call: tuple[str, str, str, str], *, is_answer: bool = True) -> None:
    """
    Take in one call of a handler's body.

    is_answer: the call stands in what answers, not in what runs before it; only there a change counts.
    """
    callee, method, receiver, argument = call
    if is_answer and facts.change is None and _changes(callee, method, receiver, argument):
        facts.change = f"{receiver}.{method}"[:80] if receiver else method
    if facts.guard is None:
        if method == "abort" and argument in {"401", "403"}:
            facts.guard = (f"abort({argument})", "body")
        elif method in {"HTTPException", "HTTPError"} and re.search(r"^40[13]$|HTTP_40[13]", argument):
            facts.guard = (f"{method}({argument})"[:80], "body")
        elif GUARD.search(method) and method not in _PLAIN:
            facts.guard = (method[:80], "body")
    facts.uses_user |= bool(USER.search(f"{receiver}.{method}({argument}"))
    facts.has_verification |= bool(_VERIFIES.search(method) or _VERIFIES.search(callee))

"""Who may do what: decorators and mixins that ask for a user, and protection against cross-site requests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.statements import called
from schema.protection import AuthDecorator, AuthRequirement, CsrfSetting

_TYPES: Final = {
    "login_required": "session",
    "fresh_login_required": "session",
    "user_passes_test": "session",
    "staff_member_required": "role",
    "superuser_required": "role",
    "permission_required": "permission",
    "permissions_required": "permission",
    "permissions_accepted": "permission",
    "has_permission": "permission",
    "jwt_required": "jwt",
    "fresh_jwt_required": "jwt",
    "jwt_refresh_token_required": "jwt",
    "verify_jwt_in_request": "jwt",
    "token_required": "jwt",
    "auth_token_required": "jwt",
    "requires_auth": "session",
    "require_auth": "session",
    "auth_required": "session",
    "authenticated": "session",
    "requires": "permission",
    "roles_required": "role",
    "roles_accepted": "role",
    "role_required": "role",
    "admin_required": "role",
    "http_auth_required": "basic",
    "api_key_required": "api_key",
    "require_api_key": "api_key",
    "protected": "session",
    "protect": "permission",
    "has_access": "permission",
    "has_access_api": "permission",
    "view_config": "permission",
    "LoginRequiredMixin": "session",
    "PermissionRequiredMixin": "permission",
    "UserPassesTestMixin": "session",
    "AccessMixin": "session",
}
_AUTH: Final = re.compile(
    r"(?:^|_)(?:login|auth(?:entication|enticated)?|jwt|token|api_?key|admin|staff|superuser|permissions?|roles?|scopes?)"
    r"_(?:is_)?(?:required|needed|only)$|^(?:requires?|needs|check|ensure)_(?:login|auth|authenticated|jwt|token|api_?key|admin|"
    r"staff|superuser|permissions?|roles?|scopes?|user)$"
)
_BY_WORD: Final = (
    ("jwt", "jwt"),
    ("token", "jwt"),
    ("key", "api_key"),
    ("perm", "permission"),
    ("scope", "permission"),
    ("role", "role"),
    ("admin", "role"),
    ("staff", "role"),
    ("superuser", "role"),
)
_NEEDS_LIBRARY: Final = {
    "authenticated": ("tornado.", "flask_login.", "sanic_jwt."),
    "protected": ("sanic_jwt.",),
    "requires": ("starlette.",),
    "protect": ("flask_appbuilder.",),
    "has_access": ("flask_appbuilder.",),
    "has_access_api": ("flask_appbuilder.",),
    "has_permission": (),
    "view_config": (),
}


@lru_cache(maxsize=4096)
def auth_type(name: str, text: str) -> str | None:
    """
    The kind of authentication a decorator asks for, by its resolved name or the words of its own name; None for others.

    >>> auth_type("flask_login.login_required", "login_required"), auth_type("", "auth.admin_only"), auth_type("", "limit")
    ('session', 'role', None)
    """
    word = (name or text).rpartition(".")[2]
    if word in _NEEDS_LIBRARY:
        return _TYPES[word] if name.startswith(_NEEDS_LIBRARY[word]) and _NEEDS_LIBRARY[word] else None
    if name.startswith("flask_httpauth.") and word == "login_required":
        return {"HTTPTokenAuth": "jwt"}.get(name.split(".")[1], "basic")
    known = _TYPES.get(word)
    if known is None and _AUTH.search(word.lower()):
        known = next((kind for part, kind in _BY_WORD if part in word.lower()), "session")
    return known


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, decorated=True)
def auth_decorator(node: Any, context: Context) -> Iterator[At]:
    """
    Each decorator and mixin that asks who is there, and what it asks for.

    >>> rows(auth_decorator, "from flask_login import login_required as lr\\nfrom django.utils.decorators import method_decorator as md\\n@lr\\n@permission_required('a.b', 'a.c')\\n@cached\\nasync def f(): ...\\n@md(permission_required(['x']), name='dispatch')\\nclass V(LoginRequiredMixin, View): ...")
    AuthDecorator(name='flask_login.login_required', target='f', target_kind='function', auth_type='session', position=0)
    AuthDecorator(name='permission_required', target='f', target_kind='function', auth_type='permission', position=1)
    AuthRequirement(decorator='permission_required', position=0, value='a.b')
    AuthRequirement(decorator='permission_required', position=1, value='a.c')
    AuthDecorator(name='permission_required', target='V', target_kind='class', auth_type='permission', position=0)
    AuthRequirement(decorator='permission_required', position=0, value='x')
    AuthDecorator(name='LoginRequiredMixin', target='V', target_kind='class', auth_type='session', position=0)
    """
    is_class = node.__class__ is ast.ClassDef
    if not node.decorator_list and not is_class:
        return
    kind = "class" if is_class else "method" if context.scope.kind == "class" else "function"
    for position, decorator in enumerate(node.decorator_list):
        yield from _auth(decorator, node.name, kind, position, context)
    if is_class:
        asking = None  #: what reads `permission_required`
        for position, base in enumerate(node.bases):
            word = context.text(base)
            if word.endswith("Mixin") and (found := auth_type(context.name(base), word)):
                yield At(base, AuthDecorator(context.name(base) or word, node.name, kind, found, position))
                asking = base if asking is None or "ermission" in word else asking
        if asking is not None:
            yield from _mixin(node, asking, context)


def _is_method_decorator(func: ast.expr, context: Context) -> bool:
    return (context.name(func) or context.text(func)).rpartition(".")[2] == "method_decorator"


def _auth(decorator: ast.expr, target: str, kind: str, position: int, context: Context) -> Iterator[At]:
    inner: ast.expr = decorator
    if isinstance(decorator, ast.Call) and _is_method_decorator(decorator.func, context) and decorator.args:
        inner = decorator.args[0]
    for part in inner.elts if isinstance(inner, (ast.List, ast.Tuple)) else [inner]:
        plain = called(part)
        name, text = context.name(plain), context.text(plain)
        found = auth_type(name, text)
        if found is not None:
            yield At(decorator, AuthDecorator(name or text, target, kind, found, position))
            if isinstance(part, ast.Call):
                values = [value for given in _required(part) for value in _values(given, context)]
                for number, value in enumerate(values):
                    yield At(decorator, AuthRequirement(name or text, number, value))


_NO_VALUES: Final = frozenset(
    "login_url raise_exception redirect_field_name optional fresh refresh locations verify_type realm".split()
)


def _required(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in _NO_VALUES)]


def _values(node: ast.expr, context: Context) -> Iterator[str]:
    value = context.constant(node)
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, str):
            yield part


def _mixin(node: ast.ClassDef, base: ast.expr, context: Context) -> Iterator[At]:
    number = 0
    for item in node.body:
        if isinstance(item, ast.Assign) and any(
            context.text(target) == "permission_required" for target in item.targets
        ):
            for value in _values(item.value, context):
                yield At(base, AuthRequirement(context.name(base) or context.text(base), number, value))
                number += 1


_DECORATORS: Final = {
    "django.views.decorators.csrf.csrf_exempt": ("django", "exempt"),
    "django.views.decorators.csrf.csrf_protect": ("django", "protect"),
    "django.views.decorators.csrf.requires_csrf_token": ("django", "protect"),
    "django.views.decorators.csrf.ensure_csrf_cookie": ("django", "generate"),
    "flask_wtf.csrf.CSRFProtect.exempt": ("flask", "exempt"),
    "flask_wtf.CSRFProtect.exempt": ("flask", "exempt"),
    "flask_wtf.csrf.CsrfProtect.exempt": ("flask", "exempt"),
}
_CALLS: Final = _DECORATORS | {
    "flask_wtf.csrf.CSRFProtect": ("flask", "protect"),
    "flask_wtf.CSRFProtect": ("flask", "protect"),
    "flask_wtf.csrf.CSRFProtect.init_app": ("flask", "protect"),
    "flask_wtf.CSRFProtect.init_app": ("flask", "protect"),
    "flask_wtf.csrf.generate_csrf": ("flask", "generate"),
    "flask_wtf.csrf.validate_csrf": ("flask", "validate"),
    "django.middleware.csrf.get_token": ("django", "generate"),
    "django.middleware.csrf.rotate_token": ("django", "generate"),
    "pyramid.csrf.check_csrf_token": ("pyramid", "validate"),
    "pyramid.csrf.get_csrf_token": ("pyramid", "generate"),
    "starlette_csrf.CSRFMiddleware": ("starlette", "protect"),
}


def _exempted(decorator: ast.expr, context: Context) -> tuple[str, str] | None:
    """Framework and kind of a CSRF decorator, `method_decorator` around it included."""
    if isinstance(decorator, ast.Call) and _is_method_decorator(decorator.func, context) and decorator.args:
        decorator = decorator.args[0]
    name = context.name(called(decorator))
    known = _DECORATORS.get(name)
    if known is None and name.endswith(("csrf.exempt", "CSRFProtect.exempt")):
        return "flask", "exempt"  # an extension made in another file of the project
    return known


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, decorated=True)
def csrf_decorator(node: Any, context: Context) -> Iterator[At]:
    """
    Each decorator about cross-site requests.

    >>> rows(csrf_decorator, "from django.views.decorators.csrf import csrf_exempt as ce\\nfrom app import csrf\\n@ce\\ndef f(r): ...\\n@csrf.exempt\\nasync def g(): ...")
    CsrfSetting(framework='django', kind='exempt', target='f', is_disabled=True)
    CsrfSetting(framework='flask', kind='exempt', target='g', is_disabled=True)
    """
    for decorator in node.decorator_list:
        known = _exempted(decorator, context)
        if known is not None:
            yield At(decorator, CsrfSetting(*known, node.name, known[1] == "exempt"))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, named={"check_xsrf_cookie"}, within="class")
def csrf_check(node: Any, context: Context) -> Iterator[CsrfSetting]:
    """
    Tornado's check of cross-site requests that a handler replaces.

    >>> rows(csrf_check, "import tornado.web\\nclass H(tornado.web.RequestHandler):\\n    def check_xsrf_cookie(self): pass")
    CsrfSetting(framework='tornado', kind='validate', target='m.H', is_disabled=True)
    """
    empty = all(isinstance(item, (ast.Pass, ast.Expr)) for item in node.body)
    yield CsrfSetting("tornado", "validate", context.scope.name, empty)


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _CALLS))
def csrf_call(node: ast.Call, context: Context) -> Iterator[CsrfSetting]:
    """
    Each call about cross-site requests.

    >>> rows(csrf_call, "from flask_wtf import CSRFProtect\\nfrom django.views.decorators.csrf import csrf_exempt\\ncsrf = CSRFProtect(app)\\ncsrf.exempt(hook)\\nview = csrf_exempt(view)\\ntax.exempt(x)")
    CsrfSetting(framework='flask', kind='protect', target='app', is_disabled=False)
    CsrfSetting(framework='flask', kind='exempt', target='hook', is_disabled=True)
    CsrfSetting(framework='django', kind='exempt', target='view', is_disabled=True)
    """
    if node in getattr(context.statement, "decorator_list", ()):
        return
    name = context.name(node.func)
    known = _CALLS.get(name)
    if known is None and name.endswith(("csrf.exempt", "CSRFProtect.exempt")):
        known = "flask", "exempt"
    if known is not None:
        target = context.text(node.args[0]) or context.source(node.args[0]) if node.args else None
        yield CsrfSetting(*known, target or None, known[1] == "exempt")


_KEYS: Final = {
    "WTF_CSRF_ENABLED": "flask",
    "WTF_CSRF_CHECK_DEFAULT": "flask",
    "WTF_CSRF_METHODS": "flask",
    "WTF_CSRF_TIME_LIMIT": "flask",
    "JWT_COOKIE_CSRF_PROTECT": "flask",
    "CSRF_COOKIE_SECURE": "django",
    "CSRF_COOKIE_HTTPONLY": "django",
    "CSRF_COOKIE_SAMESITE": "django",
    "CSRF_USE_SESSIONS": "django",
    "CSRF_TRUSTED_ORIGINS": "django",
    "CSRF_FAILURE_VIEW": "django",
    "xsrf_cookies": "tornado",
}


@extracts(ast.Assign, named={*_KEYS, "csrf"})
def csrf_assignment(node: ast.Assign, context: Context) -> Iterator[At]:
    """
    Each setting about cross-site requests that is assigned.

    >>> rows(csrf_assignment, "app.config['WTF_CSRF_ENABLED'] = False\\nCSRF_COOKIE_SECURE = True\\nclass F:\\n    class Meta:\\n        csrf = False")
    CsrfSetting(framework='flask', kind='configure', target='WTF_CSRF_ENABLED', is_disabled=True)
    CsrfSetting(framework='django', kind='configure', target='CSRF_COOKIE_SECURE', is_disabled=False)
    CsrfSetting(framework='wtforms', kind='configure', target='m.F', is_disabled=True)
    """
    for target in node.targets:
        key = ""
        if isinstance(target, ast.Subscript):
            key = context.string(target.slice) or "" if isinstance(target.slice, ast.Constant) else ""
        elif isinstance(target, ast.Name):
            key = target.id
        if key in _KEYS:
            yield At(target, CsrfSetting(_KEYS[key], "configure", key, context.constant(node.value) is False))
        elif key == "csrf" and context.scope.kind == "class" and context.scope.name.endswith(".Meta"):
            owner = context.scope.parent.name if context.scope.parent else None
            yield At(target, CsrfSetting("wtforms", "configure", owner, context.constant(node.value) is False))

"""What stands between a visitor and a route: decorators, dependencies, permission classes, mixins, hooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from aud_action.derive import uses
from aud_action.derive.appbuilder import PROTECTED
from aud_action.derive.around import Around, is_exempt
from aud_action.derive.asking import Asking
from aud_action.derive.classes import Class, Program
from aud_action.derive.expressions import called, dotted, items, parsed
from aud_action.store import Store
from schema import SITE_BITS

if TYPE_CHECKING:
    from aud_action.derive.routers import Routers, Way

AUTH: Final = frozenset(
    "login_required fresh_login_required auth_required authenticated jwt_required token_required token_auth_required "
    "permission_required permissions_required roles_required roles_accepted role_required requires_auth require_auth "
    "require_login requires_login user_passes_test staff_member_required superuser_required admin_required require_admin "
    "authentication_required api_key_required require_api_key login_manager_required scopes_required requires_scope requires "
    "verify_token http_auth_required auth_token_required basic_auth_required protected has_permissions require_oauth".split()
)
_EXACT: Final = frozenset(
    f"flask_appbuilder.security.decorators.{name}" for name in ("protect", "has_access", "has_access_api")
) | {"flask_appbuilder.has_access", "flask_appbuilder.api.protect", "flask_appbuilder.security.has_access"}
_MIXINS: Final = frozenset(
    f"django.contrib.auth.mixins.{name}"
    for name in "LoginRequiredMixin PermissionRequiredMixin UserPassesTestMixin AccessMixin".split()
)
_BEFORE: Final = frozenset({"falcon.before", "falcon.hooks.before"})
_OPEN: Final = frozenset({"AllowAny", ""})
_STATUS: Final = ("401", "403")
_DENIALS: Final = """
SELECT DISTINCT s.scope FROM python_calls c JOIN sites s ON s.id = c.site JOIN python_call_arguments a ON a.site = c.site
WHERE c.method IN ('abort', 'HTTPException', 'Response', 'JSONResponse', 'HttpResponse', 'JsonResponse', 'HTTPError',
  'send_error', 'make_response')
  AND (a.constant IN ('401', '403') OR a.source LIKE '%HTTP_401%' OR a.source LIKE '%HTTP_403%'
  OR a.source LIKE '%UNAUTHORIZED' OR a.source LIKE '%FORBIDDEN')
UNION
SELECT DISTINCT s.scope FROM python_calls c JOIN sites s ON s.id = c.site
WHERE c.method IN ('PermissionDenied', 'NotAuthenticated', 'AuthenticationFailed', 'Unauthorized', 'Forbidden', 'HTTPUnauthorized',
  'HTTPForbidden', 'HttpResponseForbidden', 'redirect_to_login', 'verify_jwt_in_request', 'unauthorized', 'NotAuthorizedException')
UNION
SELECT DISTINCT s.scope FROM python_calls c JOIN sites s ON s.id = c.site JOIN python_call_arguments a ON a.site = c.site
WHERE c.method IN ('redirect', 'RedirectResponse', 'HttpResponseRedirect', 'HTTPFound', 'HTTPSeeOther') AND a.source LIKE '%login%'
UNION
SELECT DISTINCT s.scope FROM python_returns r JOIN sites s ON s.id = r.site
WHERE r.source LIKE '%, 401' OR r.source LIKE '%, 403' OR r.source LIKE '%, 401)' OR r.source LIKE '%, 403)'
UNION
SELECT DISTINCT s.scope FROM python_raises r JOIN sites s ON s.id = r.site
WHERE s.scope IS NOT NULL AND (r.exception GLOB '*PermissionDenied'
  OR r.exception GLOB '*NotAuthenticated' OR r.exception GLOB '*HTTPForbidden' OR r.exception GLOB '*HTTPUnauthorized'
  OR r.exception GLOB '*Forbidden' OR r.exception GLOB '*Unauthorized' OR r.exception GLOB '*NotAuthorized')
"""
_SCOPE: Final = "SELECT name, kind, parent FROM scopes WHERE id = ?"
_DECORATED: Final = "SELECT target_site, CASE WHEN name = '' THEN text ELSE name END FROM python_decorators"
_DECORATORS: Final = "SELECT name, text, site FROM python_decorators WHERE target_site = ? ORDER BY rowid"
_CALLING: Final = "SELECT DISTINCT s.scope FROM python_calls c JOIN sites s ON s.id = c.site WHERE c.callee = ?"
_ANSWERS: Final = "SELECT r.source FROM python_returns r JOIN sites s ON s.id = r.site WHERE s.scope = ?"
_MODULE: Final = "SELECT package FROM files WHERE id = ?"
_WRAPPED: Final = """
SELECT DISTINCT a.site, a.source FROM python_route_declarations d JOIN python_call_arguments a ON a.site = d.site
WHERE d.kind <> 'decorated' AND a.kind = 'call' AND a.source GLOB '*(*)*'
"""
_PERMITTED: Final = """
SELECT site, permission FROM python_pyramid_views WHERE permission <> '' AND permission NOT LIKE '%no_permission_required%'
"""
_PERMITTING: Final = "SELECT site FROM python_pyramid_views WHERE permission LIKE '%no_permission_required%'"
_VERBS: Final = ("get", "post", "put", "patch", "delete")
_ALWAYS: Final = ("dispatch", "prepare")  #: run before the method, whichever it is
_SCHEMES: Final = ("fastapi.security.", "fastapi_users.", "fastapi_login.")
_CALLED: Final = re.compile(r"([\w.]+)\(")
Guard = tuple[str, str, str]


def denials(store: Store) -> set[int]:
    """Every function that itself turns somebody away: answers 401 or 403, or sends them to a log-in."""
    return {scope for (scope,) in store.rows(_DENIALS)}


def default_permission(store: Store) -> str | None:
    """What REST framework's views ask for that don't say what they ask for."""
    rows = store.rows(
        "SELECT value FROM python_django_setting_items WHERE name = 'REST_FRAMEWORK' AND key = 'DEFAULT_PERMISSION_CLASSES'"
    )
    last = [value.rpartition(".")[2] for (value,) in rows]
    return next((name for name in last if name not in _OPEN), None)


def permission(view: Class, default: str | None) -> tuple[str, str] | None:
    """The permission that a view of REST framework asks for, and whether the project's settings do."""
    listed = view.attribute("permission_classes", inherited=True)
    if listed is None:
        return (default, "default") if default is not None and view.base_under("rest_framework.") else None
    asked = next((item for item in items(listed.row.value_source) or [] if _asks(item)), None)
    return (asked[:80], "permission") if asked is not None else None


def _asks(permission: str) -> bool:
    """
    Whether a permission, or several with `|` and `&` between them, lets not everybody in.

    >>> _asks("IsAuthenticated | HasKey"), _asks("IsAuthenticated | AllowAny"), _asks("AllowAny & IsStaff")
    (True, False, True)
    """
    node = parsed(permission)
    if not isinstance(node, ast.BinOp):
        return called(permission) not in _OPEN
    both = _asks(ast.unparse(node.left)), _asks(ast.unparse(node.right))
    return all(both) if isinstance(node.op, ast.BitOr) else any(both)


class Guards:
    """Answers what guards a route."""

    def __init__(self, known: Program, routers: Routers) -> None:
        self.known = known
        store, canonical = known.store, routers.canonical
        self._scopes: dict[int, tuple[str, str, int | None]] = {}
        self._denying = set(self._around(scope for (scope,) in store.rows(_DENIALS)))
        self._asking = set(self._around(self._asking_functions()))
        self._providers: dict[int, list[tuple[str, str]]] = {}
        self._router_providers: dict[str, list[tuple[str, str]]] = {}
        self._mount_providers: dict[int, list[tuple[str, str]]] = {}
        for site, router, mount, provider, kind in store.rows(
            "SELECT function_site, router_name, mount_site, provider, kind FROM python_injected_dependencies"
        ):
            if mount is not None:
                self._mount_providers.setdefault(mount, []).append((provider, kind))
            elif site is not None:
                self._providers.setdefault(site, []).append((provider, kind))
            elif router:
                self._router_providers.setdefault(canonical(router), []).append((provider, kind))
        for site, alias in store.rows(
            "SELECT s.scope, p.annotation_name FROM python_handler_parameters p JOIN sites s ON s.id = p.site "
            "WHERE p.annotation_name IS NOT NULL"
        ):
            self._providers.setdefault(site, []).extend(self._router_providers.get(canonical(alias), []))
        self._wrapped: dict[int, list[str]] = {}
        for site, source in store.rows(_WRAPPED):
            self._wrapped.setdefault(site, []).append(source)
        self._permitted: dict[int, str] = dict(store.rows(_PERMITTED))
        self._permitting = {site for (site,) in store.rows(_PERMITTING)}
        self._default = default_permission(store)
        self._asking_of = Asking(known, self.denies)
        self._before = Around(routers, self._asking_of)

    def _asking_functions(self) -> Iterator[int | None]:
        """The functions of the project's own that put a known decorator around what they are given, or around what they return."""
        store = self.known.store
        for name in chain.from_iterable(map(uses.called(store).ending, sorted(AUTH))):
            yield from (scope for (scope,) in store.rows(_CALLING, (name,)))
        for site, name in list(store.rows(_DECORATED)):
            if name.rpartition(".")[2] in AUTH:
                yield self._scope(site)[2]

    def _around(self, scopes: Iterable[int | None]) -> Iterator[str]:
        """Every function around a denial: a decorator denies in the function it returns."""
        for scope in scopes:
            current = scope
            while current is not None:
                name, kind, current = self._scope(current)
                if kind == "function":
                    yield name

    def _scope(self, site: int) -> tuple[str, str, int | None]:
        """Name, kind and parent of a scope: few of a program's are asked for."""
        known = self._scopes.get(site)
        if known is None:
            known = self._scopes[site] = next(self.known.store.rows(_SCOPE, (site,)), ("", "", None))
        return known

    @cached_property
    def _functions(self) -> tuple[dict[str, int], dict[str, list[int]]]:
        """The site of each function by name, and those of what is defined in it: only where something is injected."""
        own: dict[str, int] = {}
        inner: dict[str, list[int]] = {}
        for site, name in self.known.store.rows("SELECT id, name FROM scopes WHERE kind = 'function' ORDER BY id"):
            own.setdefault(name, site)
            inner.setdefault(name.rpartition(".")[0], []).append(site)
        return own, inner

    def denies(self, name: str) -> bool:
        """Whether a function of the project turns visitors away: answers 401 or 403, or sends them to a log-in."""
        return self.known.names.resolve(name, instances=False) in self._denying

    def is_guard(self, name: str, text: str) -> bool:
        """Whether a decorator is one that turns visitors away."""
        last = (name or text).rpartition(".")[2]
        made = self.known.names.resolve(name).rpartition(".")[2] if name else ""  # `staff_only = user_passes_test(…)`
        if last in AUTH or made in AUTH or name in _EXACT:
            return True
        return bool(name) and (self.denies(name) or self.known.names.resolve(name, instances=False) in self._asking)

    def _is_guard_at(self, site: int, word: str) -> bool:
        """Whether what is called so in the file of a site is a decorator that turns visitors away."""
        module = next(self.known.store.rows(_MODULE, (site >> SITE_BITS,), of=[site >> SITE_BITS]), (None,))[0]
        return bool(word) and self.is_guard(f"{module}.{word}" if module else word, word)

    def of(
        self, entry: Any, view: Class | None, way: Way, method: str = "*", asked: str | None = None
    ) -> Iterator[Guard]:
        """Every guard on one way to a route and one of its methods, each once. asked: what an action of its own asks for."""
        found: dict[Guard, None] = dict.fromkeys(self._wrapping(entry.site))
        if entry.handler_site is not None:
            found.update(dict.fromkeys(self._decorating(entry.handler_site, "handler")))
            found.update(dict.fromkeys(self._injected(self._providers.get(entry.handler_site, []), "handler")))
        if entry.kind == "builtin":
            found[PROTECTED, "decorator", "handler"] = None
        if entry.framework == "pyramid":
            found.update(dict.fromkeys(self._configured(entry)))
        if view is not None:
            found.update(dict.fromkeys(self._on_class(view, method, asked)))
        given = [self._router_providers.get(router, []) for router in way.routers]
        for providers in (*given, *(self._mount_providers.get(mount, []) for mount in way.mounts)):
            found.update(dict.fromkeys(self._injected(providers, "router")))
        before = list(self._before.of(entry.framework, way, entry.site, entry.handler_name or ""))
        if before and not self._is_exempt(entry, view):
            found.update(dict.fromkeys((hook.name, hook.kind, "router") for hook in before))
        yield from found

    def _is_exempt(self, entry: Any, view: Class | None) -> bool:
        """Whether a view says that what runs before all views may let everybody to it."""
        wrapped = [word for source in self._wrapped.get(entry.site, []) for word in _CALLED.findall(source)]
        sites = [entry.handler_site] if entry.handler_site is not None else []
        sites += [own.site for own in [view.method("dispatch", inherited=True) if view else None] if own]
        rows = [row for site in sites for row in self.known.store.rows(_DECORATORS, (site,), of=[site >> SITE_BITS])]
        given = [
            item.source
            for _, text, own in rows
            if text.endswith("method_decorator")
            for item in self.known.arguments(own)
        ]
        return entry.site in self._permitting or is_exempt([*wrapped, *(text for _, text, _ in rows), *given])

    def _wrapping(self, site: int) -> Iterator[Guard]:
        """Decorators put around the handler where the route is declared: `path("x", login_required(item))`."""
        for source in self._wrapped.get(site, []):
            for word in _CALLED.findall(source):
                if word.endswith("admin_view") or self._is_guard_at(site, word):
                    yield word, "decorator", "declaration"

    def _configured(self, entry: Any) -> Iterator[Guard]:
        """The permission that a view's configuration, or the defaults of its class, ask for."""
        if entry.site in self._permitted:
            yield self._permitted[entry.site], "permission", "handler"
        for owner in self.known.by_name.get(entry.handler_name.rpartition(".")[0], ()):
            for decorator in owner.decorators:
                given = self.known.arguments(decorator.site) if decorator.name.endswith(".view_defaults") else ()
                for item in given:
                    if item.keyword == "permission":
                        yield item.constant or item.source, "permission", "class"

    def _decorating(self, site: int, origin: str) -> Iterator[Guard]:
        for name, text, own in list(self.known.store.rows(_DECORATORS, (site,), of=[site >> SITE_BITS])):
            resolved = self.known.names.resolve(name) if name else ""
            if resolved == "django.utils.decorators.method_decorator":
                inner = next((item for item in self.known.arguments(own) if item.position == 0), None)
                names = items(inner.source) or [inner.source] if inner is not None else []
                for source in names:
                    node = parsed(source)
                    word = dotted(node.func if isinstance(node, ast.Call) else node)
                    if self._is_guard_at(own, word):
                        yield word.rpartition(".")[2], "decorator", origin
            elif resolved == "rest_framework.decorators.permission_classes":
                given = next((item for item in self.known.arguments(own) if item.position == 0), None)
                yield from self._permissions(given.source if given else None, origin)
            elif resolved in _BEFORE:
                given = next((item for item in self.known.arguments(own) if item.position == 0), None)
                if given is not None and self._asking_of.asks(given.name or "", is_hook=True):
                    yield given.source[:80], "hook", origin
            elif self.is_guard(name, text):
                yield resolved or text, "decorator", origin

    def _permissions(self, source: str | None, origin: str) -> Iterator[Guard]:
        for item in items(source) or []:
            if _asks(item):
                yield item, "permission", origin

    def _on_class(self, view: Class, answered: str, asked: str | None = None) -> Iterator[Guard]:
        for name in view.ancestors:
            if name in _MIXINS:
                yield name, "mixin", "class"
        listed = view.attribute("permission_classes", inherited=True)
        given = asked or (listed.row.value_source if listed is not None else None)
        chosen = view.method("get_permissions", inherited=True) if asked is None else None
        choices = list(self._chosen(chosen.site)) if chosen is not None else []
        if choices:
            yield from choices
        elif given is not None:
            yield from self._permissions(given, "class")
        elif self._default is not None and view.base_under("rest_framework."):
            yield self._default, "default", "application"
        for attribute in ("decorators", "method_decorators"):
            held = view.attribute(attribute, inherited=True)
            for item in items(held.row.value_source) or [] if held is not None else []:
                if called(item) in AUTH or self.denies(f"{view.qualified_name.rpartition('.')[0]}.{item}"):
                    yield item, "decorator", "class"
        verbs = [answered.lower()] if answered != "*" else _VERBS
        for name in (*_ALWAYS, *verbs, *(f"on_{verb}" for verb in verbs)):
            method = view.method(name, inherited=True)
            if method is not None:
                yield from self._decorating(method.site, "class")
                if name in _ALWAYS and self._scope(method.site)[0] in self._denying:
                    yield f"{view.name}.{name}", "method", "class"
        yield from self._decorating(view.site, "class")

    def _chosen(self, site: int) -> Iterator[Guard]:
        """What a method that chooses permissions asks for, where each of its answers asks for something."""
        answers = [items(source) or [] for (source,) in self.known.store.rows(_ANSWERS, (site,))]
        asked = [[item for item in answer if _asks(item)] for answer in answers]
        if asked and all(asked):
            yield from ((item, "permission", "class") for item in asked[0])

    def _injected(self, providers: list[tuple[str, str]], origin: str, depth: int = 0) -> Iterator[Guard]:
        for provider, kind in providers:
            resolved = self.known.names.resolve(provider)
            if kind == "security" or _is_scheme(resolved) or self.denies(provider):
                yield resolved, "dependency", origin
            elif depth < 8:
                inner = self._within(self.known.names.resolve(provider, instances=False))
                if any(True for _ in self._injected(inner, origin, depth + 1)):
                    yield resolved, "dependency", origin

    def _within(self, provider: str) -> list[tuple[str, str]]:
        """What a dependency depends on: a function, what it returns that is defined in it, or an object that is called."""
        owner = self.known.named(provider) or self.known.named(self.known.names.resolve(provider))
        call = owner.method("__call__", inherited=True) if owner else None
        own, inner = self._functions
        sites = [own.get(provider), call.site if call else None, *inner.get(provider, ())]
        found = [one for site in sites if site is not None for one in self._providers.get(site, [])]
        denying = [name for name in ([self._scope(call.site)[0]] if call else []) if name in self._denying]
        return found + [(name, "depends") for name in denying]


def _is_scheme(name: str) -> bool:
    """Whether a library's dependency asks who the user is; the form of a log-in asks for a try."""
    return name.startswith(_SCHEMES) and not name.endswith("RequestForm")

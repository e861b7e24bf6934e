"""Limits on how often handlers are asked, and caches of what they answer, outside Flask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.limits import RateLimit, RouteCache

_LIMITERS: Final = {
    "slowapi.Limiter": "slowapi",
    "slowapi.extension.Limiter": "slowapi",
    "sanic_limiter.Limiter": "sanic_limiter",
    "limits.aio.strategies.MovingWindowRateLimiter": "limits",
}
_DECORATORS: Final = {
    "django_ratelimit.decorators.ratelimit": "django_ratelimit",
    "ratelimit.decorators.ratelimit": "django_ratelimit",
    "ratelimit.limits": "ratelimit",
    "ratelimit.sleep_and_retry": "",
    "quart_rate_limiter.rate_limit": "quart_rate_limiter",
    "quart_rate_limiter.rate_exempt": "quart_rate_limiter",
    "axes.decorators.axes_dispatch": "axes",
}
_WHEN_LIMITED: Final = tuple(
    sorted(
        {name.partition(".")[0] for name in (*_LIMITERS, *_DECORATORS)}
        | {"rest_framework", "django", "fastapi", "starlette"}
    )
)
_WHOLE: Final = {
    **_LIMITERS,
    "quart_rate_limiter.RateLimiter": "quart_rate_limiter",
    "litestar.middleware.rate_limit.RateLimitConfig": "litestar",
    "fastapi_limiter.depends.RateLimiter": "fastapi_limiter",
    "flask_limiter.Limiter": "",
}
_CACHES: Final = {
    "django.views.decorators.cache.cache_page": ("django", "page"),
    "django.views.decorators.cache.never_cache": ("django", "never"),
    "django.views.decorators.cache.cache_control": ("django", "control"),
    "aiocache.cached": ("aiocache", "function"),
    "aiocache.cached_stampede": ("aiocache", "function"),
    "aiocache.decorators.cached": ("aiocache", "function"),
    "fastapi_cache.decorator.cache": ("fastapi_cache", "page"),
    "cachetools.cached": ("cachetools", "function"),
    "cachetools.cachedmethod": ("cachetools", "function"),
    "cachetools.func.ttl_cache": ("cachetools", "function"),
    "cachetools.func.lru_cache": ("cachetools", "function"),
    "functools.lru_cache": ("functools", "function"),
    "functools.cache": ("functools", "function"),
    "cacheops.cached": ("cacheops", "function"),
    "cacheops.cached_view": ("cacheops", "page"),
    "async_lru.alru_cache": ("async_lru", "function"),
    "litestar.middleware.response_cache": ("litestar", "page"),
}
_PERIODS: Final = ("times", "calls", "seconds", "period", "minutes")
_TIMES: Final = ("timeout", "ttl", "expire", "max_age")
_WRAPPED: Final = frozenset({"django.utils.decorators.method_decorator"})


def _source(node: ast.expr | None, context: Context) -> str | None:
    return context.string(node) or context.source(node, 80) or None if node is not None else None


def _rate(call: ast.Call | None, context: Context) -> str | None:
    """A limit as its library writes it: a text, or a number per period."""
    if call is None:
        return None
    given = next(
        (found for word in ("rate", "limit_value", "rate_limit") if (found := context.keyword(call, word)) is not None),
        None,
    )
    if given is not None:
        return _source(given, context)
    numbers = [found for word in _PERIODS if (found := context.keyword(call, word)) is not None] or call.args[:2]
    text = context.string(numbers[0]) if numbers else None
    return text or "/".join(context.source(number, 40) for number in numbers) or None


def _wrapped(node: ast.expr, context: Context) -> ast.expr:
    """What stands inside `method_decorator(…)`."""
    if isinstance(node, ast.Call) and context.name(node.func) in _WRAPPED and node.args:
        return node.args[0]
    return node


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, when=_WHEN_LIMITED, decorated=True)
def rate_limit(node: Any, context: Context) -> Iterator[At]:
    """
    Each limit that decorates a handler or a class of views.

    >>> rows(rate_limit, "from slowapi import Limiter\\nlimiter = Limiter(k)\\n@limiter.limit('5/minute', key_func=k)\\ndef login(request): ...")
    RateLimit(library='slowapi', target='login', rate='5/minute', key='k', applies_to='function', is_exempt=False)
    >>> rows(rate_limit, "from django_ratelimit.decorators import ratelimit\\n@ratelimit(key='ip', rate='5/m')\\ndef login(request): ...")
    RateLimit(library='django_ratelimit', target='login', rate='5/m', key='ip', applies_to='function', is_exempt=False)
    """
    place = "class" if isinstance(node, ast.ClassDef) else "function"
    for decorator in node.decorator_list:
        inner = _wrapped(decorator, context)
        call = inner if isinstance(inner, ast.Call) else None
        func = call.func if call else inner
        name = context.name(func)
        root, _, word = name.rpartition(".")
        library = _LIMITERS.get(root) or _DECORATORS.get(name)
        if library is None and isinstance(func, ast.Attribute) and "slowapi" not in context.imports:
            library = _by_name(func, context)
            word = func.attr
        if word == "throttle_classes" and root.startswith("rest_framework") and call is not None:
            for item in getattr(context.keyword(call, "throttle_classes", 0), "elts", ()):
                yield At(
                    decorator, RateLimit("rest_framework", node.name, None, context.source(item, 80), place, False)
                )
        elif library and (word in {"limit", "shared_limit", "exempt"} or name in _DECORATORS):
            key = (context.keyword(call, "key") or context.keyword(call, "key_func")) if call else None
            is_exempt = word in {"exempt", "rate_exempt"}
            yield At(
                decorator, RateLimit(library, node.name, _rate(call, context), _source(key, context), place, is_exempt)
            )


def _by_name(func: ast.Attribute, context: Context) -> str | None:
    """A limiter from another file, which its name and the form of its call must tell."""
    is_limiter = context.text(func.value).rpartition(".")[2] in {"limiter", "rate_limiter"}
    asgi = bool(context.imports & {"fastapi", "starlette"})
    return "slowapi" if is_limiter and asgi and func.attr in {"limit", "shared_limit", "exempt"} else None


@extracts(ast.ClassDef, when="rest_framework")
def throttled_view(node: ast.ClassDef, context: Context) -> Iterator[RateLimit]:
    """
    Each class of throttles that a class of views names, and the scope it counts in.

    >>> rows(throttled_view, "from rest_framework.views import APIView\\nclass Login(APIView):\\n    throttle_classes = [ScopedRateThrottle]\\n    throttle_scope = 'login'")
    RateLimit(library='rest_framework', target='Login', rate=None, key='ScopedRateThrottle', applies_to='class', is_exempt=False)
    RateLimit(library='rest_framework', target='Login', rate='login', key='throttle_scope', applies_to='class', is_exempt=False)
    """
    bound = context.inner(node).bindings
    classes = bound.get("throttle_classes")
    if isinstance(classes, (ast.List, ast.Tuple)):
        for item in classes.elts:
            yield RateLimit("rest_framework", node.name, None, context.source(item, 80), "class", False)
        if not classes.elts:
            yield RateLimit("rest_framework", node.name, None, None, "class", True)
    rate = bound.get("rate")
    if isinstance(rate, ast.expr) and any(context.text(base).endswith("Throttle") for base in node.bases):
        yield RateLimit("rest_framework", node.name, context.string(rate), None, "class", False)
    scope = bound.get("throttle_scope")
    if isinstance(scope, ast.expr):
        yield RateLimit("rest_framework", node.name, context.string(scope), "throttle_scope", "class", False)


@extracts(
    ast.Call,
    callee={name.rpartition(".")[2] for name in _WHOLE},
    when=tuple({name.partition(".")[0] for name in _WHOLE}),
)
def whole_rate_limit(node: ast.Call, context: Context) -> Iterator[RateLimit]:
    """
    Each limit on a whole application or by a dependency.

    >>> rows(whole_rate_limit, "from slowapi import Limiter\\nlimiter = Limiter(key_func=k, default_limits=['200/day'])")
    RateLimit(library='slowapi', target='limiter', rate='200/day', key='k', applies_to='application', is_exempt=False)
    >>> rows(whole_rate_limit, "from fastapi_limiter.depends import RateLimiter\\nd = RateLimiter(times=2, seconds=5)")
    RateLimit(library='fastapi_limiter', target='d', rate='2/5', key=None, applies_to='application', is_exempt=False)
    """
    library = _WHOLE.get(context.name(node.func))
    if not library:
        return
    target = context.variable(node) or ""
    key = _source(context.keyword(node, "key_func", 0 if library == "slowapi" else None), context)
    given = context.constant(context.keyword(node, "default_limits") or context.keyword(node, "application_limits"))
    rates = [str(rate) for rate in given] if isinstance(given, tuple) else []
    if not rates and library not in set(_LIMITERS.values()):
        rates = [rate for rate in (_rate(node, context),) if rate]
    for rate in rates:
        yield RateLimit(library, target, rate, key, "application", False)


@extracts(
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    when=tuple({name.partition(".")[0] for name in _CACHES}),
    decorated=True,
)
def route_cache(node: Any, context: Context) -> Iterator[At]:
    """
    Each function whose answer is remembered.

    >>> rows(route_cache, "from functools import lru_cache\\nfrom django.views.decorators.cache import cache_page\\n@cache_page(60 * 15)\\ndef home(request): ...\\n@lru_cache\\ndef f(x): ...")
    RouteCache(library='django', kind='page', target='home', timeout=900, key=None)
    RouteCache(library='functools', kind='function', target='f', timeout=None, key=None)
    """
    for decorator in node.decorator_list:
        inner = _wrapped(decorator, context)
        call = inner if isinstance(inner, ast.Call) else None
        known = _CACHES.get(context.name(call.func if call else inner))
        if known is not None:
            yield At(decorator, _cache(known, node.name, call, context))


@extracts(ast.Call, callee={"cache_page", "never_cache"}, when="django")
def wrapped_cache(node: ast.Call, context: Context) -> Iterator[RouteCache]:
    """
    Each view that is wrapped where it is put under an address.

    >>> rows(wrapped_cache, "from django.views.decorators.cache import cache_page\\npath('a/', cache_page(60)(home))")
    RouteCache(library='django', kind='page', target='home', timeout=60, key=None)
    """
    known = _CACHES.get(context.name(node.func))
    outer = next((call for call in _around(context.statement, node) if call.func is node), None)
    given = outer.args if outer is not None else node.args if context.text(node.func).endswith("never_cache") else []
    if known is not None and given:
        target = given[0].func if isinstance(given[0], ast.Call) else given[0]
        yield _cache(known, context.text(target).removesuffix(".as_view"), node if outer is not None else None, context)


def _around(statement: ast.AST, node: ast.AST) -> list[ast.Call]:
    """The calls of a statement that call what another call made."""
    found: list[ast.Call] = []
    queue: list[ast.AST] = [statement] if not hasattr(statement, "body") else []
    while queue and len(found) < 64:
        current = queue.pop()
        if isinstance(current, ast.Call) and current.func is node:
            found.append(current)
        queue += [child for child in ast.iter_child_nodes(current) if not isinstance(child, ast.stmt)]
    return found


def _cache(known: tuple[str, str], target: str, call: ast.Call | None, context: Context) -> RouteCache:
    library, kind = known
    time = next((found for word in _TIMES if call and (found := context.keyword(call, word)) is not None), None)
    if time is None and call is not None and kind == "page":
        time = context.keyword(call, "timeout", 0)
    if time is None and call is not None and library == "cachetools":
        inner = context.keyword(call, "cache", 0)
        time = context.keyword(inner, "ttl", 1) if isinstance(inner, ast.Call) else None
    value = context.constant(time) if time is not None else None
    key = (
        (context.keyword(call, "key") or context.keyword(call, "key_builder") or context.keyword(call, "key_prefix"))
        if call
        else None
    )
    timeout = value if type(value) is int and abs(value) < 1 << 31 else None
    return RouteCache(library, kind, target, timeout, _source(key, context))

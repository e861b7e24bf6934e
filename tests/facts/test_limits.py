"""Limits and caches in the forms their libraries document."""

import pytest
from running import database, rows

LIMITS = {
    "from slowapi import Limiter\nfrom slowapi.util import get_remote_address\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    "limiter = Limiter(key_func=get_remote_address, default_limits=['100/hour'])\n"
    "@app.post('/login')\n@limiter.limit('5/minute')\nasync def login(request): ...\n@limiter.exempt\nasync def ping(request): ...\n": [
        ("slowapi", "limiter", "100/hour", "application", 0),
        ("slowapi", "login", "5/minute", "function", 0),
        ("slowapi", "ping", None, "function", 1),
    ],
    "from django_ratelimit.decorators import ratelimit\nfrom django.utils.decorators import method_decorator\n"
    "@ratelimit(key='user', rate='3/h', block=True)\n@ratelimit(key='ip', rate='9/h')\ndef reset(request): ...\n"
    "@method_decorator(ratelimit(key='ip', rate='5/m', method='POST'), name='post')\nclass Login: ...\n": [
        ("django_ratelimit", "Login", "5/m", "class", 0),
        ("django_ratelimit", "reset", "3/h", "function", 0),
        ("django_ratelimit", "reset", "9/h", "function", 0),
    ],
    "from rest_framework.decorators import api_view, throttle_classes\nfrom rest_framework.throttling import AnonRateThrottle\n"
    "class Burst(AnonRateThrottle):\n    rate = '60/min'\n@api_view(['POST'])\n@throttle_classes([Burst])\ndef login(request): ...\n": [
        ("rest_framework", "Burst", "60/min", "class", 0),
        ("rest_framework", "login", None, "function", 0),
    ],
    "from quart_rate_limiter import RateLimiter, rate_limit\nfrom datetime import timedelta\n@rate_limit(1, timedelta(seconds=10))\nasync def f(): ...\n": [
        ("quart_rate_limiter", "f", "1/timedelta(seconds=10)", "function", 0)
    ],
    "def limit(f): return f\n@limit\ndef f(): ...\nlimiter = object()\n@limiter.limit('5/minute')\ndef g(): ...\n": [],
}
CACHES = {
    "from aiocache import cached\n@cached(ttl=10, key='a')\nasync def f(): ...\n": [
        ("aiocache", "function", "f", 10, "a")
    ],
    "from fastapi_cache.decorator import cache\n@cache(expire=60)\nasync def f(): ...\n": [
        ("fastapi_cache", "page", "f", 60, None)
    ],
    "from cachetools import TTLCache, cached\n@cached(cache=TTLCache(maxsize=9, ttl=600))\ndef f(): ...\n": [
        ("cachetools", "function", "f", 600, None)
    ],
    "from django.urls import path\nfrom django.views.decorators.cache import cache_page, never_cache\nfrom django.utils.decorators import method_decorator\n"
    "@method_decorator(never_cache, name='dispatch')\nclass Own: ...\nurlpatterns = [path('a/', cache_page(60)(Own.as_view()))]\n": [
        ("django", "never", "Own", None, None),
        ("django", "page", "Own", 60, None),
    ],
    "def cache(f): return f\n@cache\ndef f(): ...\n": [],
}


@pytest.mark.parametrize("text", LIMITS)
def test_limits(text, tmp_path):
    sql = "SELECT library, target, rate, applies_to, is_exempt FROM python_rate_limits"
    assert rows(database(tmp_path, views=text), sql) == LIMITS[text]


@pytest.mark.parametrize("text", CACHES)
def test_caches(text, tmp_path):
    sql = "SELECT library, kind, target, timeout, key FROM python_route_caches"
    assert rows(database(tmp_path, views=text), sql) == CACHES[text]

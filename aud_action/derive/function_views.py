"""Functions that answer requests in Django."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.django_classes import DjangoFunctionView
from schema.web import Route

_ROUTED: Final = """
SELECT DISTINCT handler FROM python_routes WHERE framework = 'django' AND handler IN (
  SELECT site FROM python_functions WHERE kind <> 'property'
)
"""
_ANSWERING: Final = """
SELECT DISTINCT f.site FROM python_responses r JOIN sites s ON s.id = r.site JOIN python_functions f ON f.site = s.scope
JOIN sites o ON o.id = f.site JOIN scopes m ON m.id = o.scope WHERE r.framework = 'django' AND m.kind = 'module'
UNION SELECT target_site FROM python_decorators WHERE name = 'rest_framework.decorators.api_view'
"""
_IMPORTING: Final = """
SELECT DISTINCT site >> 24 FROM python_imports WHERE module GLOB 'django*' OR module GLOB 'rest_framework*'
"""
_DECORATED: Final = "SELECT target_site, count(*) FROM python_decorators GROUP BY target_site"
_TAKING: Final = """
SELECT s.scope FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE p.position = 0 AND p.name IN ('request', 'req', '_request')
"""
_NAME: Final = "SELECT name FROM python_functions WHERE site = ?"


@derives(DjangoFunctionView, after=(Route,))
def django_function_views(store: Store, _settings: Settings) -> Iterator[tuple[int, DjangoFunctionView]]:
    """Each function that an address of Django leads to, and each that takes a request and makes a response."""
    routed = {site for (site,) in store.rows(_ROUTED)}
    answering = {site for (site,) in store.rows(_ANSWERING)}
    if not routed and not answering:
        return
    importing = {file for (file,) in store.rows(_IMPORTING)}
    decorators: dict[int, int] = dict(store.rows(_DECORATED))
    taking = {function for (function,) in store.rows(_TAKING)}
    for site in sorted(routed | answering):
        if site not in routed and site not in taking:
            continue
        for (name,) in list(store.rows(_NAME, (site,))):
            imports, is_taking = site >> SITE_BITS in importing, site in taking
            yield site, DjangoFunctionView(name, imports, decorators.get(site, 0), is_taking, site in routed)

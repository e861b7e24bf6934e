"""Functions that answer requests in Django."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import DjangoFunctionView
from schema.web import Route

_ROUTED: Final = """
SELECT DISTINCT handler FROM python_routes WHERE framework = 'django' AND handler IN (SELECT site FROM python_functions)
"""
_ANSWERING: Final = """
SELECT DISTINCT f.site FROM python_responses r JOIN sites s ON s.id = r.site JOIN python_functions f ON f.site = s.scope
JOIN sites o ON o.id = f.site JOIN scopes m ON m.id = o.scope WHERE r.framework = 'django' AND m.kind = 'module'
UNION SELECT target_site FROM python_decorators WHERE name = 'rest_framework.decorators.api_view'
"""
_FUNCTIONS: Final = """
SELECT f.site, f.name,
  EXISTS (SELECT 1 FROM python_imports i JOIN sites s ON s.id = i.site WHERE s.file = f.site >> 24
    AND (i.module GLOB 'django*' OR i.module GLOB 'rest_framework*')),
  (SELECT count(*) FROM python_decorators d WHERE d.target_site = f.site),
  coalesce((SELECT p.name IN ('request', 'req', '_request') FROM python_parameters p JOIN sites s ON s.id = p.site
    WHERE s.scope = f.site AND p.position = 0), 0)
FROM python_functions f WHERE f.site = ?
"""


@derives(DjangoFunctionView, after=(Route,))
def django_function_views(store: Store, _settings: Settings) -> Iterator[tuple[int, DjangoFunctionView]]:
    """Each function that an address of Django leads to, and each that takes a request and makes a response."""
    routed = {site for (site,) in store.rows(_ROUTED)}
    for site in sorted(routed | {site for (site,) in store.rows(_ANSWERING)}):
        for _, name, imports, decorators, has_request in list(store.rows(_FUNCTIONS, (site,))):
            if site in routed or has_request:
                row = DjangoFunctionView(name, bool(imports), decorators, bool(has_request), site in routed)
                yield site, row

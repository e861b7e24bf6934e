"""How Celery is configured: what is set on an application's `conf`, wherever it is made, and under names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.celery_tasks import is_application
from aud_action.derive.origins import origins
from aud_action.settings import Settings
from aud_action.store import Store
from schema.assignments import Target
from schema.tasks import CelerySetting

_ASSIGNED: Final = """
SELECT a.site, a.target, a.value_source, a.value_constant, s.scope, o.kind FROM python_targets t
CROSS JOIN python_assignments a ON a.target = t.name JOIN sites s ON s.id = a.site LEFT JOIN scopes o ON o.id = s.scope
WHERE (t.name GLOB '*.conf.*' AND a.target_kind = 'attribute' OR t.name GLOB 'CELERY*_*' AND a.target_kind = 'name')
  AND a.value_source IS NOT NULL ORDER BY a.site
"""
_UPDATED: Final = "SELECT site, application, key, value_source, constant FROM python_celery_setting_writes ORDER BY id"
_WORDS: Final = ("CELERY_", "CELERYD_", "CELERYBEAT_")


@derives(CelerySetting, after=(Target,))
def celery_settings(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each setting: assigned to an application's `conf`, given to its `update`, or under a `CELERY_` name of a module."""
    from_library = origins(store)
    for site, target, source, constant, scope, kind in list(store.rows(_ASSIGNED)):
        owner, _, key = target.rpartition(".conf.")
        if owner and "." not in key and is_application(from_library.within(scope, owner), from_library):
            yield site, _setting(key, source, constant)
        elif not owner and kind in {"module", "class"} and target.startswith(_WORDS):
            yield site, _setting(target, source, constant)
    for site, application, key, source, constant in list(store.rows(_UPDATED)):
        if is_application(application, from_library):
            yield site, _setting(key, source, constant)


def _setting(key: str, source: str, constant: str | None) -> CelerySetting:
    return CelerySetting(key.lower().removeprefix("celery_").removeprefix("celery"), source, constant)

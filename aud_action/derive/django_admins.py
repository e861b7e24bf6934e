"""Admins of Django: for which models, and with which options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Program, program
from aud_action.derive.expressions import items
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import DjangoAdmin, DjangoAdminOption

_SITES: Final = frozenset({"django.contrib.admin.AdminSite", "django.contrib.admin.sites.AdminSite"})


def _is_site(name: str, known: Program) -> bool:
    """Whether a name is a site of the admin: Django's own, or one that is made."""
    if name in {"django.contrib.admin.site", "django.contrib.admin.sites.site"} or name in _SITES:
        return True
    made = known.named(name)
    return made is not None and made.base_in(_SITES) is not None


@derives(DjangoAdmin, DjangoAdminOption)
def django_admins(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each admin of each model, and each item of its options."""
    known = program(store)
    registered: dict[str, list[str]] = {}
    plain: list[tuple[int, str]] = []
    calls = store.rows(
        "SELECT c.site, c.callee, coalesce(f.package, '') FROM python_calls c JOIN sites s ON s.id = c.site "
        "JOIN files f ON f.id = s.file WHERE c.method = 'register' AND c.callee LIKE '%.register'"
    )
    for site, callee, module in list(calls):
        if not _is_site(known.names.resolve(callee).removesuffix(".register"), known):
            continue
        given = {item.position: item for item in known.arguments(site) if item.position is not None}
        models = items(given[0].source) or [given[0].source] if 0 in given else []
        if 1 in given:
            name = known.names.resolve(f"{module}.{given[1].source}", instances=False)
            registered.setdefault(name, []).extend(models)
        else:
            plain += [(site, model) for model in models]
    for owner, _ in known.descending(
        "django.contrib.admin.ModelAdmin", "django.contrib.admin.options.ModelAdmin", "django.contrib.auth.admin."
    ):
        models = list(registered.get(owner.qualified_name, []))
        for entry in owner.decorators:
            if entry.name in {"django.contrib.admin.register", "django.contrib.admin.decorators.register"}:
                models += [item.source for item in known.arguments(entry.site) if item.position is not None]
        inlines = owner.attribute("inlines", inherited=True)
        count = len(items(inlines.row.value_source) or []) if inlines else 0
        has_actions = owner.attribute("actions", inherited=True) is not None
        for model in models or [""]:
            yield owner.site, DjangoAdmin(owner.name, model.rpartition(".")[2] if model else None, count, has_actions)
        for option in owner.attributes:
            for position, value in enumerate(items(option.row.value_source) or []):
                yield option.site, DjangoAdminOption(owner.name, option.row.name, position, value)
    for site, model in plain:
        yield site, DjangoAdmin("ModelAdmin", model.rpartition(".")[2], 0, False)

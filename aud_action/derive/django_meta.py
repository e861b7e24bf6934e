"""What classes of Django say of themselves in their Meta, and which attributes are fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, program
from aud_action.derive.expressions import items, parsed, text_or_name
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import DjangoMetaOption

FORMS: Final = ("django.forms.", "django.contrib.auth.forms.", "django.contrib.gis.forms.")
SERIALIZERS: Final = ("rest_framework.serializers.",)
_KINDS: Final = (
    ("serializer", SERIALIZERS),
    ("form", FORMS),
    ("filter", ("django_filters.", "rest_framework.filters.")),
    (
        "model",
        (
            "django.db.models.",
            "django.contrib.gis.db.models.",
            "django.contrib.auth.models.",
            "django.contrib.auth.base_user.",
        ),
    ),
)


def meta(owner: Class, name: str) -> Attribute | None:
    """An attribute of Meta: the class's own, or that of the nearest ancestor which has a Meta."""
    for parent in owner.lineage:
        if "Meta" in parent.inner:
            return parent.inner["Meta"].attribute(name, inherited=True)
    return None


def model(owner: Class) -> str | None:
    """The model that Meta names."""
    attribute = meta(owner, "model")
    if attribute is None or attribute.row.value_source == "None":
        return None
    return text_or_name(parsed(attribute.row.value_source)) or attribute.row.value_source


def flag(attribute: Attribute, word: str) -> str | None:
    """A switch of a field as it is written, in lower case; None when it isn't given or not constant."""
    given = attribute.keyword(word)
    return given.constant.lower() if given is not None and given.constant else None


def is_made_by(attribute: Attribute, owner: Class, prefixes: tuple[str, ...]) -> bool:
    """Whether an attribute is a field of the library, or of a class of the project that descends from one."""
    if not attribute.callee:
        return False
    last = attribute.callee.rpartition(".")[2]
    if attribute.callee.startswith(prefixes):
        return last.endswith(("Field", "Serializer")) and last[:1].isupper()
    custom = owner.program.named(attribute.callee)
    return custom is not None and custom.base_under(*prefixes) is not None


@derives(DjangoMetaOption)
def django_meta_options(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each option of each Meta, one row an item."""
    for owner, kind, _ in program(store).of_kinds(_KINDS):
        for entry in _options(owner, kind):
            listed = items(entry.row.value_source)
            if listed is None:
                value = (
                    entry.row.value_constant if entry.row.value_constant is not None else entry.row.value_source or ""
                )
                yield entry.site, DjangoMetaOption(owner.name, kind, entry.row.name, None, value)
            for position, value in enumerate(listed or []):
                yield entry.site, DjangoMetaOption(owner.name, kind, entry.row.name, position, value)


def _options(owner: Class, kind: str) -> Iterator[Attribute]:
    """What a class's Meta says: its own, with what it inherits; without one that of the nearest ancestor."""
    metas = [parent.inner["Meta"] for parent in owner.lineage if "Meta" in parent.inner]
    if kind == "model" and "Meta" not in owner.inner:  # a model has the Meta of abstract ancestors only
        metas = [one for one in metas if _is_true(one.attribute("abstract"))]
    seen: set[str] = set()
    for parent in metas[0].lineage if metas else ():
        for entry in parent.attributes:
            is_own = parent is owner.inner.get("Meta")
            if entry.row.name not in seen and (is_own or entry.row.name != "abstract"):
                seen.add(entry.row.name)
                yield entry


def _is_true(attribute: Attribute | None) -> bool:
    return attribute is not None and attribute.row.value_constant == "True"

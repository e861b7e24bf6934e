"""Forms of Django and their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, program
from aud_action.derive.django_meta import FORMS, flag, is_made_by, meta, model
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import DjangoForm, DjangoFormField

_USER_FORMS: Final = frozenset(
    f"django.contrib.auth.forms.{name}"
    for name in ("UserCreationForm", "BaseUserCreationForm", "AdminUserCreationForm", "UserChangeForm")
)


def _is_model_form(owner: Class) -> bool:
    return any(name in _USER_FORMS or name.rpartition(".")[2].endswith("ModelForm") for name in owner.ancestors)


@derives(DjangoForm, DjangoFormField)
def django_forms(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each form and its declared fields."""
    for owner, base in program(store).descending(*FORMS):
        last = base.rpartition(".")[2]
        if not last.endswith("Form") or last.endswith("Field"):
            continue
        fields = [entry for entry in owner.attributes if is_made_by(entry, owner, ("django.forms.", "django.contrib."))]
        listed = meta(owner, "fields")
        everything = listed is not None and listed.row.value_constant == "__all__"
        has_clean = owner.method("clean", inherited=True) is not None
        yield (
            owner.site,
            DjangoForm(owner.name, _is_model_form(owner), model(owner), len(fields), has_clean, everything),
        )
        for entry in fields:
            length = entry.keyword("max_length")
            choices = entry.keyword("choices")
            yield (
                entry.site,
                DjangoFormField(
                    form=owner.name,
                    name=entry.row.name,
                    type=entry.callee.rpartition(".")[2],
                    required=flag(entry, "required") or "true",
                    max_length=int(length.constant)
                    if length and length.constant and length.constant.isdecimal() and len(length.constant) < 10
                    else None,
                    has_validators=entry.keyword("validators") is not None,
                    has_clean=owner.method(f"clean_{entry.row.name}", inherited=True) is not None,
                    choices_constant=choices is not None and choices.constant is not None,
                ),
            )

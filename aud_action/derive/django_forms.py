"""Forms and admins of Django, serialisers and permissions of its REST framework, and what their Meta says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, Program, program
from aud_action.derive.expressions import dotted, items, parsed, text_or_name
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import (
    DjangoAdmin,
    DjangoAdminOption,
    DjangoForm,
    DjangoFormField,
    DjangoMetaOption,
    DrfPermission,
    DrfSerializer,
    DrfSerializerField,
)

_FORMS: Final = ("django.forms.", "django.contrib.auth.forms.", "django.contrib.gis.forms.")
_SERIALIZERS: Final = ("rest_framework.serializers.",)
_LISTS: Final = {
    "permission_classes": "permission",
    "authentication_classes": "authentication",
    "throttle_classes": "throttle",
}
_READ_ONLY: Final = frozenset(
    {"ReadOnlyField", "SerializerMethodField", "HyperlinkedIdentityField", "StringRelatedField"}
)
_FIELDS: Final = 1000
_KINDS: Final = (
    ("serializer", _SERIALIZERS),
    ("form", _FORMS),
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
_USER_FORMS: Final = frozenset(
    f"django.contrib.auth.forms.{name}"
    for name in ("UserCreationForm", "BaseUserCreationForm", "AdminUserCreationForm", "UserChangeForm")
)


def _is_model_form(owner: Class) -> bool:
    return any(name in _USER_FORMS or name.rpartition(".")[2].endswith("ModelForm") for name in owner.ancestors)


def _meta(owner: Class, name: str) -> Attribute | None:
    """An attribute of Meta: the class's own, or that of the nearest ancestor which has a Meta."""
    for parent in owner.lineage:
        if "Meta" in parent.inner:
            return parent.inner["Meta"].attribute(name, inherited=True)
    return None


def _named(attribute: Attribute | None) -> str | None:
    if attribute is None or attribute.row.value_source == "None":
        return None
    return text_or_name(parsed(attribute.row.value_source)) or attribute.row.value_source


def _flag(attribute: Attribute, word: str) -> str | None:
    given = attribute.keyword(word)
    return given.constant.lower() if given is not None and given.constant else None


def _is_made_by(attribute: Attribute, owner: Class, prefixes: tuple[str, ...]) -> bool:
    if not attribute.callee:
        return False
    last = attribute.callee.rpartition(".")[2]
    if attribute.callee.startswith(prefixes):
        return last.endswith(("Field", "Serializer")) and last[:1].isupper()
    custom = owner.program.named(attribute.callee)
    return custom is not None and custom.base_under(*prefixes) is not None


@derives(DjangoForm, DjangoFormField)
def django_forms(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each form and its declared fields."""
    for owner, base in program(store).descending(*_FORMS):
        named = base.rpartition(".")[2]
        if not named.endswith("Form") or named.endswith("Field"):
            continue
        fields = [
            entry for entry in owner.attributes if _is_made_by(entry, owner, ("django.forms.", "django.contrib."))
        ]
        listed = _meta(owner, "fields")
        everything = listed is not None and listed.row.value_constant == "__all__"
        has_clean = owner.method("clean", inherited=True) is not None
        yield (
            owner.site,
            DjangoForm(
                owner.name, _is_model_form(owner), _named(_meta(owner, "model")), len(fields), has_clean, everything
            ),
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
                    required=_flag(entry, "required") or "true",
                    max_length=int(length.constant)
                    if length and length.constant and length.constant.isdecimal() and len(length.constant) < 10
                    else None,
                    has_validators=entry.keyword("validators") is not None,
                    has_clean=owner.method(f"clean_{entry.row.name}", inherited=True) is not None,
                    choices_constant=choices is not None and choices.constant is not None,
                ),
            )


def _is_site(name: str, known: Program) -> bool:
    """Whether a name is a site of the admin: Django's own, or one that is made."""
    if name in {"django.contrib.admin.site", "django.contrib.admin.sites.site"} or name in _SITES:
        return True
    made = known.named(name)
    return made is not None and made.base_in(_SITES) is not None


_SITES: Final = frozenset({"django.contrib.admin.AdminSite", "django.contrib.admin.sites.AdminSite"})


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


def _options(owner: Class, kind: str) -> Iterator[Attribute]:
    """What a class's Meta says: its own, with what it inherits; without one that of the nearest ancestor."""
    metas = [parent.inner["Meta"] for parent in owner.lineage if "Meta" in parent.inner]
    if kind == "model" and "Meta" not in owner.inner:  # a model has the Meta of abstract ancestors only
        metas = [meta for meta in metas if _is_true(meta.attribute("abstract"))]
    seen: set[str] = set()
    for parent in metas[0].lineage if metas else ():
        for entry in parent.attributes:
            is_own = parent is owner.inner.get("Meta")
            if entry.row.name not in seen and (is_own or entry.row.name != "abstract"):
                seen.add(entry.row.name)
                yield entry


def _is_true(attribute: Attribute | None) -> bool:
    return attribute is not None and attribute.row.value_constant == "True"


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


@derives(DrfSerializer, DrfSerializerField)
def drf_serializers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each serialiser and its fields: declared ones, and those that Meta takes from the model."""
    for owner, base in program(store).descending(*_SERIALIZERS):
        if not base.endswith("Serializer"):
            continue
        declared = [entry for entry in owner.attributes if _is_made_by(entry, owner, ("rest_framework.",))]
        listed = _meta(owner, "fields")
        names = {entry.row.name for entry in declared}
        names |= {
            entry.row.name
            for parent in owner.lineage
            for entry in parent.attributes
            if _is_made_by(entry, parent, ("rest_framework.",))
        }
        taken = [name for name in _listed(owner, listed) if name not in names]
        extra = _extra(_meta(owner, "extra_kwargs"))
        read_only = items(found.row.value_source) or [] if (found := _meta(owner, "read_only_fields")) else []
        kind = (
            "hyperlinked"
            if "Hyperlinked" in base
            else "model"
            if "Model" in base
            else "list"
            if "List" in base
            else "plain"
        )
        validated = any(method.name.startswith("validate") for parent in owner.lineage for method in parent.methods)
        exposes_all = listed is not None and listed.row.value_constant == "__all__"
        model = _named(_meta(owner, "model"))
        yield (
            owner.site,
            DrfSerializer(owner.name, kind, model, len(declared) + len(taken), exposes_all, bool(read_only), validated),
        )
        for entry in declared:
            yield entry.site, _declared_field(owner, entry)
        for name in taken:
            site = listed.site if listed is not None else owner.site
            yield site, _model_field(owner, name, extra.get(name, {}), name in read_only)


def _declared_field(owner: Class, entry: Attribute) -> DrfSerializerField:
    source = entry.keyword("source")
    kind = entry.callee.rpartition(".")[2]
    return DrfSerializerField(
        serializer=owner.name,
        name=entry.row.name,
        type=kind,
        read_only=entry.is_true("read_only") or kind in _READ_ONLY,
        write_only=entry.is_true("write_only") or kind == "HiddenField",
        required=_flag(entry, "required"),
        allow_null=entry.is_true("allow_null"),
        source=source.constant if source else None,
        has_validator_method=owner.method(f"validate_{entry.row.name}", inherited=True) is not None,
    )


def _model_field(owner: Class, name: str, extra: dict[str, str], is_read_only: bool) -> DrfSerializerField:
    """A field that Meta takes from the model, with what extra_kwargs says of it."""
    return DrfSerializerField(
        serializer=owner.name,
        name=name,
        type="model",
        read_only=is_read_only or extra.get("read_only") == "True",
        write_only=extra.get("write_only") == "True",
        required=extra.get("required", "").lower() or None,
        allow_null=extra.get("allow_null") == "True",
        source=None,
        has_validator_method=owner.method(f"validate_{name}", inherited=True) is not None,
    )


def _listed(owner: Class, attribute: Attribute | None) -> list[str]:
    """The items of Meta.fields; `Base.Meta.fields + […]` with those of the base."""
    if attribute is None:
        return []
    found: list[str] = []
    parts: list[ast.AST | None] = [parsed(attribute.row.value_source)]
    while parts and len(found) < _FIELDS:
        part = parts.pop()
        if isinstance(part, ast.BinOp):
            parts += [part.right, part.left]
        elif dotted(part).endswith(".Meta.fields"):
            above = [parent for parent in owner.lineage[1:] if f"{parent.name}.Meta.fields" == dotted(part)]
            found += _listed(above[0], _meta(above[0], "fields")) if above else []
        elif isinstance(part, (ast.List, ast.Tuple)):
            starred = [item.value for item in part.elts if isinstance(item, ast.Starred)]
            found += [str(item.value) for item in part.elts if isinstance(item, ast.Constant)]
            parts += starred
    return list(dict.fromkeys(found))


def _extra(attribute: Attribute | None) -> dict[str, dict[str, str]]:
    """The switches of extra_kwargs, by field: constants as they are written."""
    node = parsed(attribute.row.value_source) if attribute is not None else None
    found: dict[str, dict[str, str]] = {}
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            found[str(key.value)] = {ast.unparse(word).strip("'"): ast.unparse(given) for word, given in pairs if word}
    return found


def _exact(written: str, module: str, known: Program) -> str:
    """A class of a list by its own name, where it is a plain name."""
    return known.names.resolve(f"{module}.{written}").removeprefix(f"{module}.") if dotted(parsed(written)) else written


@derives(DrfPermission)
def drf_permissions(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each class in each list of permissions, authentications and throttles; an empty list is a row too."""
    known = program(store)
    for owner, _ in known.descending("rest_framework."):
        for name, kind in _LISTS.items():
            found = owner.attribute(name)
            for position, value in enumerate(items(found.row.value_source) or [""]) if found is not None else ():
                name_ = _exact(value, known.names.module_of(owner.qualified_name), known)
                yield found.site, DrfPermission(owner.name, "view", name_, position, kind)  # type: ignore[union-attr]  # found
    decorated = store.rows(
        "SELECT d.site, d.name, d.target, coalesce(f.package, '') FROM python_decorators d JOIN sites s ON s.id = d.site "
        "JOIN files f ON f.id = s.file "
        "WHERE d.name LIKE 'rest_framework.decorators.%_classes' OR d.name = 'rest_framework.decorators.action'"
    )
    for site, name, target, module in list(decorated):
        own = _LISTS.get(name.rpartition(".")[2])
        for item in known.arguments(site):
            listed = own or _LISTS.get(item.keyword or "", "")
            for position, value in enumerate(items(item.source) or [""]) if listed else ():
                owner_kind = "function" if own else "action"
                yield site, DrfPermission(target, owner_kind, _exact(value, module, known), position, listed)
    for site, key, value, position in list(
        store.rows(
            "SELECT site, key, value, position FROM python_django_setting_items WHERE name = 'REST_FRAMEWORK' "
            "AND key LIKE 'DEFAULT_%_CLASSES'"
        )
    ):
        kind = _LISTS.get(key.removeprefix("DEFAULT_").lower(), "")
        if kind:
            yield site, DrfPermission("", "settings", value, position, kind)

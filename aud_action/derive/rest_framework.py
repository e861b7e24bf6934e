"""Serialisers of Django's REST framework with their fields, and what its views ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, Program, program
from aud_action.derive.django_meta import SERIALIZERS, flag, is_made_by, meta, model
from aud_action.derive.expressions import dotted, items, parsed
from aud_action.settings import Settings
from aud_action.store import Store
from schema.django_classes import DrfPermission, DrfSerializer, DrfSerializerField

_LISTS: Final = {
    "permission_classes": "permission",
    "authentication_classes": "authentication",
    "throttle_classes": "throttle",
}
_READ_ONLY: Final = frozenset(
    {"ReadOnlyField", "SerializerMethodField", "HyperlinkedIdentityField", "StringRelatedField"}
)
_FIELDS: Final = 1000


@derives(DrfSerializer, DrfSerializerField)
def drf_serializers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each serialiser and its fields: declared ones, and those that Meta takes from the model."""
    for owner, base in program(store).descending(*SERIALIZERS):
        if not base.endswith("Serializer"):
            continue
        declared = [entry for entry in owner.attributes if is_made_by(entry, owner, ("rest_framework.",))]
        listed = meta(owner, "fields")
        names = {entry.row.name for entry in declared}
        names |= {
            entry.row.name
            for parent in owner.lineage
            for entry in parent.attributes
            if is_made_by(entry, parent, ("rest_framework.",))
        }
        taken = [name for name in _listed(owner, listed) if name not in names]
        extra = _extra(meta(owner, "extra_kwargs"))
        read_only = items(found.row.value_source) or [] if (found := meta(owner, "read_only_fields")) else []
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
        yield (
            owner.site,
            DrfSerializer(
                owner.name, kind, model(owner), len(declared) + len(taken), exposes_all, bool(read_only), validated
            ),
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
        required=flag(entry, "required"),
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
            found += _listed(above[0], meta(above[0], "fields")) if above else []
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


def _exact(written: str, module: str, known: Program) -> str:
    """A class of a list by its own name, where it is a plain name."""
    return known.names.resolve(f"{module}.{written}").removeprefix(f"{module}.") if dotted(parsed(written)) else written

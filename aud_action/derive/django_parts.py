"""Views, middleware, signals, managers, template tags and commands of Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Program, program
from aud_action.derive.expressions import items, parsed, text_or_name
from aud_action.derive.orm import models
from aud_action.derive.signals import SIGNALS, connected_in_loops
from aud_action.derive.views import FRAMEWORKS, django_methods
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import CallArgument, Callee
from schema.django_classes import (
    DjangoManagementCommand,
    DjangoManager,
    DjangoManagerAssignment,
    DjangoMiddlewareClass,
    DjangoQueryset,
    DjangoReceiver,
    DjangoSignal,
    DjangoSignalConnection,
    DjangoTemplateTag,
    DjangoView,
    DjangoViewMethod,
)

_TYPES: Final = (
    ("ViewSet", "viewset"),
    ("APIView", "api"),
    ("ListView", "list"),
    ("DetailView", "detail"),
    ("CreateView", "create"),
    ("UpdateView", "update"),
    ("DeleteView", "delete"),
    ("FormView", "form"),
    ("TemplateView", "template"),
    ("RedirectView", "redirect"),
)
_MANAGERS: Final = (
    "django.db.models.Manager",
    "django.db.models.manager.",
    "django.contrib.auth.models.UserManager",
    "django.contrib.auth.base_user.BaseUserManager",
)
_QUERYSETS: Final = ("django.db.models.QuerySet", "django.db.models.query.QuerySet")
_HOOKS: Final = (
    "process_request",
    "process_view",
    "process_exception",
    "process_template_response",
    "process_response",
)
_TAGS: Final = frozenset({"filter", "simple_tag", "inclusion_tag", "simple_block_tag", "tag"})
#: each function that takes get_response, and what it stands in
_TAKERS: Final = """
SELECT o.id, o.parent FROM python_parameters p JOIN sites s ON s.id = p.site JOIN scopes o ON o.id = s.scope
WHERE p.name = 'get_response'
"""
_COMMANDS: Final = (
    "SELECT site, target, target_site, name, text, has_arguments FROM python_decorators WHERE {} ORDER BY rowid"
)


@derives(DjangoView, DjangoViewMethod)
def django_views(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each class-based view and the methods it answers."""
    known = program(store)
    for owner in known.classes.values():
        base = next((name for name in owner.ancestors if _is_view(name)), None)
        if base is None:
            continue
        names = " ".join(owner.ancestors)
        kind = next((kind for word, kind in _TYPES if f"{word} " in f"{names} "), "other")
        values = {
            word: owner.attribute(word, inherited=True)
            for word in ("model", "template_name", "form_class", "permission_classes")
        }
        text = {word: text_or_name(parsed(found.row.value_source)) if found else None for word, found in values.items()}
        if text["model"] is None and (shown := owner.attribute("queryset", inherited=True)) is not None:
            text["model"] = _model_of(shown.row.value_source)
        checked = values["permission_classes"] is not None or any(
            name.startswith("django.contrib.auth.mixins.") for name in owner.ancestors
        )
        checked = checked or any(entry.name.endswith("method_decorator") for entry in owner.decorators)
        own_queryset = owner.method("get_queryset", inherited=True) is not None
        dispatch = owner.method("dispatch", inherited=True) is not None
        yield (
            owner.site,
            DjangoView(
                owner.name,
                kind,
                base,
                text["model"],
                text["template_name"],
                text["form_class"],
                checked,
                own_queryset,
                dispatch,
            ),
        )
        declared = owner.attribute("http_method_names", inherited=True) is not None
        for method in django_methods(owner):
            yield owner.site, DjangoViewMethod(owner.name, method, declared)


def _model_of(source: str | None) -> str | None:
    """The model of a set of rows: `Patient.objects.filter(…)` is of Patient."""
    found = re.match(r"([\w.]+?)\.(?:objects|_default_manager)\b", source or "")
    return found[1] if found else None


def _is_view(name: str) -> bool:
    """Whether an ancestor is a view and not only a part of one."""
    return name.startswith(FRAMEWORKS["django"]) and not name.endswith("Mixin")


@derives(DjangoMiddlewareClass)
def django_middleware_classes(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each middleware that is defined: a class that takes get_response, or one with the old hooks."""
    known = program(store)
    takers: dict[int, int] = dict(store.rows(_TAKERS))
    mixed = {owner.site for owner, _ in known.descending("django.utils.deprecation.MiddlewareMixin")}
    asked = mixed.union(takers.values())
    for owner in [owner for site, owner in known.classes.items() if site in asked]:
        methods = {method.name: method for method in owner.methods}
        is_mixin = owner.site in mixed
        is_new = (
            "__init__" in methods
            and methods["__init__"].site in takers
            and bool({"__call__", "__acall__"} & methods.keys())
        )
        if is_mixin or is_new:
            flags = [owner.method(name, inherited=True) is not None for name in _HOOKS]
            is_async = "__acall__" in methods or ("__call__" in methods and methods["__call__"].is_async)
            request, view, error, template, response = flags
            yield (
                owner.site,
                DjangoMiddlewareClass(
                    owner.name,
                    "mixin" if is_mixin else "class",
                    request or is_new,
                    view,
                    error,
                    template,
                    response or is_new,
                    is_async,
                ),
            )
    functions = list(
        store.rows("SELECT site, name, is_async FROM python_functions WHERE kind = 'function' AND NOT is_nested")
    )
    for site, name, is_async in functions:
        if site in takers:
            yield site, DjangoMiddlewareClass(name, "function", True, False, False, False, True, bool(is_async))


def _text(argument: CallArgument | None) -> str | None:
    return None if argument is None else argument.constant or argument.source


def _given(known: Program, site: int) -> dict[str | int, CallArgument]:
    return {item.keyword or item.position or 0: item for item in known.arguments(site)}


@derives(DjangoSignal, DjangoSignalConnection, DjangoReceiver, after=(Callee,))
def django_signals(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each signal, each connection by a call, and each receiver by decorator: one row a signal and sender."""
    known = program(store)
    made = store.rows(
        "SELECT c.site, c.assigned_to, c.callee FROM python_callees n CROSS JOIN python_calls c ON c.callee = n.name "
        "WHERE n.name LIKE '%Signal' AND c.assigned_to IS NOT NULL ORDER BY c.site"
    )
    for site, variable, callee in list(made):
        resolved = known.names.resolve(callee, instances=False)
        custom = known.named(callee)
        if resolved in {"django.dispatch.Signal", "django.dispatch.dispatcher.Signal"} or (
            custom and custom.base_under("django.dispatch.")
        ):
            yield site, DjangoSignal(variable, resolved)
    for site, callee in list(
        store.rows("SELECT site, callee FROM python_calls WHERE method = 'connect' AND callee LIKE '%.connect'")
    ):
        resolved = known.names.resolve(callee)
        if resolved.startswith(SIGNALS):
            given = _given(known, site)
            receiver = _text(given.get("receiver") or given.get(0)) or ""
            signal = known.names.resolve(callee, instances=False).rpartition(".connect")[0].rpartition(".")[2]
            weak = given.get("weak")
            yield (
                site,
                DjangoSignalConnection(
                    signal,
                    receiver,
                    _text(given.get("sender")),
                    _text(given.get("dispatch_uid")),
                    weak is None or weak.constant != "False",
                ),
            )
    yield from connected_in_loops(known)
    where = "name IN ('django.dispatch.receiver', 'django.dispatch.dispatcher.receiver')"
    for site, target, _, _, _, has_arguments in list(store.rows(_COMMANDS.format(where))):
        given = _given(known, site) if has_arguments else {}
        first = given.get("signal") or given.get(0)
        sender = given.get("sender")
        senders: list[str | None] = [*(items(sender.source) or [_text(sender) or ""])] if sender else [None]
        weak = given.get("weak")
        for signal in (items(first.source) or [first.source]) if first else ():
            for single in senders:
                uid, is_weak = _text(given.get("dispatch_uid")), weak is None or weak.constant != "False"
                yield site, DjangoReceiver(target, signal.rpartition(".")[2], single, uid, is_weak)


@derives(DjangoManager, DjangoManagerAssignment, DjangoQueryset)
def django_managers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each custom manager and queryset, and each manager on each model."""
    known = program(store)
    for owner, _ in known.descending(*_MANAGERS, *_QUERYSETS):
        manager, queryset = owner.base_under(*_MANAGERS), owner.base_under(*_QUERYSETS)
        public = sum(not method.name.startswith("__") for method in owner.methods)
        if manager is not None:
            yield (
                owner.site,
                DjangoManager(owner.name, manager, owner.method("get_queryset", inherited=True) is not None, public),
            )
        elif queryset is not None:
            used = any(
                True
                for _ in store.rows(
                    "SELECT 1 FROM python_calls WHERE receiver = ? AND method = 'as_manager' LIMIT 1", (owner.name,)
                )
            )
            yield owner.site, DjangoQueryset(owner.name, queryset, public, used)
    for owner, orm, _ in models(known):
        first = True
        for entry in owner.attributes if orm == "django" else ():
            if _is_manager(entry.callee, known):
                yield (
                    entry.site,
                    DjangoManagerAssignment(
                        owner.name, entry.row.name, (entry.row.value_source or "").partition("(")[0], first
                    ),
                )
                first = False


def _is_manager(callee: str, known: Program) -> bool:
    if callee.startswith(_MANAGERS) or callee.endswith((".as_manager", ".from_queryset")):
        return True
    custom = known.named(callee) if callee else None
    return custom is not None and custom.base_under(*_MANAGERS) is not None


@derives(DjangoTemplateTag)
def django_template_tags(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each template tag and filter registered by decorator."""
    known = program(store)
    for site, target, _, name, _, has_arguments in list(
        store.rows(_COMMANDS.format("name LIKE '%Library.%' OR name LIKE '%register.%'"))
    ):
        resolved = known.names.resolve(name)
        library, _, kind = resolved.rpartition(".")
        if kind in _TAGS and library in {"django.template.Library", "django.template.library.Library"}:
            given = _given(known, site) if has_arguments else {}
            first = given.get("name") or (given.get(0) if kind in {"filter", "tag"} else None)
            word = first.constant if first is not None and first.constant else target
            flags = [key in given and given[key].constant == "True" for key in ("is_safe", "takes_context")]
            yield site, DjangoTemplateTag(word, target, kind, *flags)
    calls = store.rows(
        "SELECT site, callee FROM python_calls WHERE method IN ('filter', 'simple_tag', 'inclusion_tag', 'simple_block_tag', 'tag') "
        "AND (callee LIKE '%Library.%' OR callee LIKE '%register.%') AND site NOT IN (SELECT site FROM python_decorators)"
    )
    for site, callee in list(calls):
        library, _, kind = known.names.resolve(callee).rpartition(".")
        if library in {"django.template.Library", "django.template.library.Library"}:
            yield from _registered(site, kind, _given(known, site))


def _registered(site: int, kind: str, given: dict[str | int, CallArgument]) -> Iterator[tuple[int, Any]]:
    """A tag or filter that a call registers: `register.filter("x", f)`, `register.simple_tag(f, name="x")`."""
    is_named_first = 0 in given and given[0].constant_type == "str"
    function = given.get("filter_func") or given.get("compile_function") or given.get("func")
    function = function or given.get(1 if is_named_first else 0)
    name = given.get("name") or (given.get(0) if is_named_first and kind in {"filter", "tag"} else None)
    if function is not None and function.constant_type is None:
        word = name.constant if name is not None and name.constant else function.source.rpartition(".")[2]
        flags = [key in given and given[key].constant == "True" for key in ("is_safe", "takes_context")]
        yield site, DjangoTemplateTag(word, function.source, kind, *flags)


@derives(DjangoManagementCommand)
def django_management_commands(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each command of manage.py: the class Command of a module under management/commands."""
    known = program(store)
    for owner, _ in known.descending("django.core.management."):
        module, _, name = owner.qualified_name.rpartition(".")
        if name == "Command" and ".management.commands." in f".{module}":
            method = owner.method("add_arguments")
            count = 0
            if method is not None:
                (count,) = next(
                    iter(
                        store.rows(
                            "SELECT count(*) FROM python_calls c JOIN sites s ON s.id = c.site "
                            "WHERE s.scope = ? AND c.method = 'add_argument'",
                            (method.site,),
                        )
                    )
                )
            yield owner.site, DjangoManagementCommand(module.rpartition(".")[2], owner.name, count)

"""Which HTTP methods a view answers: from the methods of its class, or from what decorates its function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, Program, program
from aud_action.derive.expressions import items
from aud_action.settings import Settings
from aud_action.store import Store
from schema.web import WebHandler

VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_MAIN: Final = VERBS[:5]
FRAMEWORKS: Final = {
    "flask": ("flask.views.", "flask_restful.Resource", "flask_restx.Resource", "flask_classful."),
    "django": (
        "django.views.",
        "django.contrib.auth.views.",
        "rest_framework.views.",
        "rest_framework.generics.",
        "rest_framework.viewsets.",
    ),
    "starlette": ("starlette.endpoints.",),
    "aiohttp": ("aiohttp.web.View", "aiohttp.web_urldispatcher.View"),
    "tornado": ("tornado.web.", "tornado.websocket."),
    "sanic": ("sanic.views.",),
    "twisted": ("twisted.web.resource.",),
}
_GENERIC: Final = {
    **dict.fromkeys(
        (
            "TemplateView",
            "ListView",
            "DetailView",
            "ArchiveIndexView",
            "DayArchiveView",
            "MonthArchiveView",
            "YearArchiveView",
        ),
        "GET",
    ),
    **dict.fromkeys(
        ("CreateView", "UpdateView", "FormView", "LoginView", "PasswordChangeView", "PasswordResetView"),
        "GET POST PUT",
    ),
    "DeleteView": "GET POST DELETE",
    "RedirectView": "GET POST PUT PATCH DELETE",
    "LogoutView": "POST",
    "ListAPIView": "GET",
    "RetrieveAPIView": "GET",
    "CreateAPIView": "POST",
    "DestroyAPIView": "DELETE",
    "UpdateAPIView": "PUT PATCH",
    "ListCreateAPIView": "GET POST",
    "RetrieveUpdateAPIView": "GET PUT PATCH",
    "RetrieveDestroyAPIView": "GET DELETE",
    "RetrieveUpdateDestroyAPIView": "GET PUT PATCH DELETE",
}
_ACTIONS: Final = {
    "list": ("/", "GET"),
    "create": ("/", "POST"),
    "retrieve": ("/{pk}/", "GET"),
    "update": ("/{pk}/", "PUT"),
    "partial_update": ("/{pk}/", "PATCH"),
    "destroy": ("/{pk}/", "DELETE"),
}
_MIXINS: Final = {
    "rest_framework.viewsets.ModelViewSet": tuple(_ACTIONS),
    "rest_framework.viewsets.ReadOnlyModelViewSet": ("list", "retrieve"),
    "rest_framework.mixins.ListModelMixin": ("list",),
    "rest_framework.mixins.CreateModelMixin": ("create",),
    "rest_framework.mixins.RetrieveModelMixin": ("retrieve",),
    "rest_framework.mixins.UpdateModelMixin": ("update", "partial_update"),
    "rest_framework.mixins.DestroyModelMixin": ("destroy",),
}
_MAPPED: Final = "{}.mapping.{}"
"""What makes a method answer an action's address for one more word of HTTP."""
_RESTRICTED: Final = {"require_POST": ["POST"], "require_GET": ["GET"], "require_safe": ["GET", "HEAD"]}


def _own(view: Class, words: tuple[str, ...]) -> list[str]:
    names = {method.name for owner in view.lineage for method in owner.methods}
    return [word for word in words if word in names]


def answered(
    framework: str, kind: str, site: int | None, view: Class | None, known: Program, endpoint: str | None = None
) -> list[tuple[str, str]]:
    """(what is put behind the pattern, HTTP method) of each method a handler answers; empty when any."""
    if view is None and framework == "starlette":
        return [("", "GET")]
    if view is None:
        return [("", word) for word in (_restricted(site, known) if framework == "django" and site is not None else [])]
    if kind == "register":
        return viewset(view)
    if framework == "falcon":
        suffix = f"_{endpoint}" if endpoint else ""
        responders = {f"on_{verb}{suffix}": verb.upper() for verb in VERBS}
        return [("", responders[name]) for name in _own(view, tuple(responders))]
    if framework == "flask":
        return [("", word) for word in flask_methods(view)]
    if framework == "django":
        return [("", word) for word in django_methods(view)]
    return [("", word.upper()) for word in _own(view, _MAIN if framework != "tornado" else (*_MAIN, "head", "options"))]


def flask_methods(view: Class) -> list[str]:
    """The HTTP methods of a class-based view: its own, or those its attribute `methods` names."""
    given = view.attribute("methods", inherited=True)
    named = items(given.row.value_source) if given is not None else None
    if named is not None:
        return [word.upper() for word in named]
    own = [word.upper() for word in _own(view, _MAIN)]
    return own or (["GET"] if view.method("dispatch_request", inherited=True) else [])


def django_methods(view: Class) -> list[str]:
    """The HTTP methods of a class-based view: its own, those of the generic view, and `http_method_names`."""
    found = [word.upper() for word in _own(view, _MAIN)]
    for ancestor in view.ancestors:
        if ancestor not in view.program.by_name:
            found += _GENERIC.get(ancestor.rpartition(".")[2], "").split()
    names = view.attribute("http_method_names", inherited=True)
    allowed = (names.row.value_source or "").lower() if names is not None else None
    unique = list(dict.fromkeys(found))
    return unique if allowed is None else [word for word in unique if f"'{word.lower()}'" in allowed.replace('"', "'")]


def viewset(view: Class) -> list[tuple[str, str]]:
    """The routes a REST framework router makes of a set of views: the usual actions, and those with `@action`."""
    own = {method.name for owner in view.lineage for method in owner.methods}
    inherited = {action for name in view.ancestors for action in _MIXINS.get(name, ())}
    lookup = view.attribute("lookup_url_kwarg", inherited=True) or view.attribute("lookup_field", inherited=True)
    key = (lookup.row.value_constant if lookup else None) or "pk"
    found = [_ACTIONS[word] for word in _ACTIONS if word in own | inherited]
    for owner in view.lineage:
        for method in owner.methods:
            for entry in method.decorators:
                if entry.name == "rest_framework.decorators.action":
                    given = {item.keyword: item for item in view.program.arguments(entry.site)}
                    detail = "detail" in given and given["detail"].constant == "True"
                    path = (given["url_path"].constant if "url_path" in given else None) or method.name
                    words = given["methods"].source if "methods" in given else "get"
                    where = f"/{{pk}}/{path}/" if detail else f"/{path}/"
                    found += [(where, verb.upper()) for verb in VERBS if verb in words.lower()]
                    also = (_MAPPED.format(method.name, verb) for verb in VERBS)
                    texts = {one.text for other in owner.methods for one in other.decorators}
                    found += [(where, text.rpartition(".")[2].upper()) for text in also if text in texts]
    return [(where.replace("{pk}", f"{{{key}}}"), method) for where, method in found]


def action_permissions(view: Class) -> dict[str, str]:
    """What the actions of a set of views ask for that say so themselves, by what is put behind the pattern."""
    found: dict[str, str] = {}
    for owner in view.lineage:
        for method in owner.methods:
            for entry in method.decorators:
                if entry.name == "rest_framework.decorators.action":
                    given = {item.keyword: item for item in view.program.arguments(entry.site)}
                    path = (given["url_path"].constant if "url_path" in given else None) or method.name
                    if "permission_classes" in given:
                        found[f"/{path}/"] = given["permission_classes"].source
    return found


def _restricted(site: int, known: Program) -> list[str]:
    """The methods that decorators of a Django function view let through."""
    for name, decorator, has_arguments in known.store.rows(
        "SELECT name, site, has_arguments FROM python_decorators WHERE target_site = ?", (site,)
    ):
        last = name.rpartition(".")[2]
        if last in _RESTRICTED and name.startswith("django.views.decorators.http."):
            return _RESTRICTED[last]
        if name in {"django.views.decorators.http.require_http_methods", "rest_framework.decorators.api_view"}:
            source = " ".join(item.source for item in known.arguments(decorator)).lower() if has_arguments else "get"
            return [verb.upper() for verb in VERBS if f"'{verb}'" in source.replace('"', "'")] or ["GET"]
    return []


@derives(WebHandler)
def web_handlers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each handler method of each class that descends from a framework's view."""
    for view, framework, base in program(store).of_kinds(FRAMEWORKS.items()):
        for method in view.methods:
            if method.name in VERBS or (framework == "twisted" and method.name.startswith("render_")):
                yield method.site, WebHandler(framework, view.name, method.name, method.is_async, base)

"""The methods of classes of views as handlers: Django, REST framework, Flask, Tornado, aiohttp, Starlette, Pyramid, Falcon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aud_action.derive.bodies import GUARD, Facts
from aud_action.derive.classes import Class, Method, Program
from aud_action.derive.guards import default_permission, permission
from aud_action.derive.views import FRAMEWORKS, VERBS

_ROUTED: Final = """
SELECT r.site, r.handler, r.framework, r.method, r.pattern, EXISTS (
  SELECT 1 FROM python_routes o WHERE o.handler = r.handler AND o.method = r.method AND NOT o.has_auth) AS is_open
FROM python_routes r WHERE r.handler IS NOT NULL ORDER BY r.id
"""
_GUARDS: Final = "SELECT site, pattern, method, guard, kind FROM python_route_guards ORDER BY id"
#: what answers a method, besides the function of its name
_ANSWERS: Final = {
    "GET": ("list", "retrieve", "dispatch_request"),
    "POST": ("create", "perform_create", "form_valid", "dispatch_request"),
    "PUT": ("update", "perform_update", "form_valid", "dispatch_request"),
    "PATCH": ("partial_update", "perform_update", "dispatch_request"),
    "DELETE": ("destroy", "perform_destroy", "dispatch_request"),
    "*": ("dispatch_request", "create", "update", "destroy", "form_valid"),
}
_AROUND: Final = frozenset(
    "dispatch setup initial prepare get_queryset get_object test_func has_permission check_permissions get_permissions "
    "get_form_kwargs get_serializer_context get_current_user check_object_permissions before_request authenticate".split()
)
_BASES: Final = re.compile(
    r"(?i)(?:log_?in|auth\w*|permissions?|staff|superuser|admin|access|owner|member|user|role|group|perms?)\w*(?:mixin|required|check|passes|protected|only)"
    r"|(?:require[sd]?|protected|private|secured?|restricted|authenticated)\w*(?:mixin|view|handler|resource)|(?:^|\.)auth\w*(?:view|handler|resource)$"
)
#: what a library's own view changes, where the class adds nothing
_OWN_CHANGES: Final = {
    "POST": re.compile(r"(CreateView|UpdateView|DeleteView|CreateModelMixin|ModelViewSet|CreateAPIView)$"),
    "PUT": re.compile(r"(UpdateModelMixin|ModelViewSet|UpdateAPIView|UpdateDestroyAPIView)$"),
    "PATCH": re.compile(r"(UpdateModelMixin|ModelViewSet|UpdateAPIView|UpdateDestroyAPIView)$"),
    "DELETE": re.compile(r"(DestroyModelMixin|ModelViewSet|DestroyAPIView|DeleteView)$"),
}
Part = tuple[int, bool]  #: a function's site, and whether it answers


def class_handlers(known: Program) -> Iterator[tuple[int, Facts, list[Part]]]:
    """Each method of each class of views that answers requests: its site, its facts, and the functions to read."""
    guards: dict[tuple[int, str, str], tuple[str, str]] = {}
    for site, pattern, method, guard, kind in known.store.rows(_GUARDS):
        guards.setdefault((site, pattern, method), (guard[:80], kind))
    found: dict[int, tuple[Facts, list[Part]]] = {}
    routed: set[int] = set()
    for site, handler, framework, method, pattern, is_open in known.store.rows(_ROUTED):
        view = known.classes.get(handler)
        if view is not None:
            routed.add(handler)
            guard = None if is_open else guards.get((site, pattern, method))
            _take(found, view, framework, method, pattern, guard)
    default = default_permission(known.store)
    for view, framework in _unrouted(known, routed):
        for verb in VERBS[:5]:
            if view.method(verb) is not None:
                _take(found, view, framework, verb.upper(), None, permission(view, default))
    for site, (facts, parts) in found.items():
        yield site, facts, parts


def _unrouted(known: Program, routed: set[int]) -> Iterator[tuple[Class, str]]:
    """Views that no readable route leads to, and that no other class descends from."""
    parents = {name for view in known.classes.values() for name in view.ancestors}
    for view, framework, _ in known.of_kinds(FRAMEWORKS.items()):
        if view.site not in routed and view.qualified_name not in parents:
            yield view, framework


def _take(
    found: dict[int, tuple[Facts, list[Part]]],
    view: Class,
    framework: str,
    method: str,
    pattern: str | None,
    guard: tuple[str, str] | None,
) -> None:
    """Add one HTTP method of one route to the handler that answers it."""
    answers = _answers(view, method, pattern)
    own = next((answer for answer in answers if answer in view.methods), None)
    site, name = (own.site, f"{view.name}.{own.name}") if own is not None else (view.site, view.name)
    known = found.get(site)
    if known is None:
        around = [item.site for owner in view.lineage for item in owner.methods if item.name in _AROUND]
        parts = [(answer.site, True) for answer in answers] + [(item, False) for item in around]
        known = found[site] = (Facts(name, framework, pattern=pattern, guard=_on_class(view, own)), parts)
    elif own is None:
        known[1].extend((answer.site, True) for answer in answers if (answer.site, True) not in known[1])
    facts = known[0]
    facts.methods.add(method)
    facts.guard = guard or facts.guard
    changed = _OWN_CHANGES.get(method)
    if facts.change is None and changed is not None:
        base = next(
            (base for base in view.ancestors if changed.search(base) and base not in view.program.by_name), None
        )
        facts.change = f"{base.rpartition('.')[2]}.{method.lower()}" if base else None


def _answers(view: Class, method: str, pattern: str | None) -> list[Method]:
    """The functions that answer a method, the first being where it begins."""
    action = _action(view, method, pattern)
    if action is not None:
        return [action]
    words = VERBS[:5] if method == "*" else (method.lower(),)
    names = [*words, *(f"on_{word}" for word in words), *_ANSWERS.get(method, ())]
    found = (view.method(name, inherited=True) for name in names)
    return [answer for answer in found if answer is not None]


def _action(view: Class, method: str, pattern: str | None) -> Method | None:
    """The method behind an extra address of a set of views."""
    last = (pattern or "").strip("/").rpartition("/")[2]
    for owner in view.lineage if last else ():
        for item in owner.methods:
            for entry in item.decorators:
                if entry.name == "rest_framework.decorators.action":
                    given = {word.keyword: word for word in view.program.arguments(entry.site)}
                    path = given["url_path"].constant if "url_path" in given else item.name
                    verbs = given["methods"].source.lower() if "methods" in given else "get"
                    if path == last and method.lower() in verbs:
                        return item
    return None


def _on_class(view: Class, own: Method | None) -> tuple[str, str] | None:
    """What a class says about who may use it, by its bases and decorators."""
    for owner in view.lineage:
        for text in owner.texts:
            if _BASES.search(text):
                return text[:80], "mixin"
        listed = [
            *owner.decorators,
            *(item for method in owner.methods if method.name == "dispatch" for item in method.decorators),
        ]
        for decorator in listed:
            given = view.program.arguments(decorator.site) if decorator.has_arguments else []
            texts = [decorator.text, *(word.source for word in given)]
            if decorated := next((text for text in texts if GUARD.search(_called(text))), None):
                return decorated[:80], "decorator"
    for decorator in own.decorators if own is not None else ():
        if GUARD.search(_called(decorator.text)):
            return decorator.text[:80], "decorator"
    return None


def _called(text: str) -> str:
    """The last name of what is called, without its arguments."""
    return text.partition("(")[0].rpartition(".")[2]

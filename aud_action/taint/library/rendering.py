"""
Templates whose text stands in the program, or that nothing escapes: what a page shows of its values as they are.

`jinja2.Template` and `jinja2.Environment` escape nothing unless they are told to (Jinja, "API", autoescape); Django's do.
"""

from __future__ import annotations

import re
from typing import Any, Final

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import UNKNOWN, Value, all_taints, join_taints

_ENVIRONMENTS: Final = (
    "jinja2.Environment",
    "jinja2.sandbox.SandboxedEnvironment",
    "jinja2.nativetypes.NativeEnvironment",
)
_TEMPLATE: Final = "jinja2.Template"
_FILE: Final = "jinja2.FileTemplate"
"""A name of the models' for a template that stands in a file, where its rules are looked at."""
_DJANGO: Final = "django.template.Template"
_MAKO: Final = "mako.template.Template"
_ESCAPING: Final = "autoescape"
_SHOWN: Final = (
    r"\{\{[-+]?\s*NAME\b(?![^{}]*\|\s*(?:e|escape|forceescape|int|float|length|count|tojson|urlencode|striptags)\b)",
    r"\{%[-+]?\s*for\b[^%]*\bin\s+NAME\b",
)
_RAW: Final = (
    r"\{\{[-+]?\s*NAME\b[^{}]*\|\s*safe\b",
    r"\{%[-+]?\s*autoescape\s+(?:false|off)\s*[-+]?%\}(?:(?!endautoescape).)*\{\{[-+]?\s*NAME\b",
)
"""How a template shows a value as it is: where nothing is escaped, and where all else is."""
_PAGE: Final = re.compile(r"\.x?html?(\.j2|\.jinja2?)?$")
_GUESS: Final = 70
"""Percent: that a page whose text isn't known shows a value as it is."""


def _environment(path: str) -> Handler:
    def make(_frame: Frame, _env: Env, _given: list[Value], named: Named, _node: Any) -> Value:
        options = {name: value for name, value in named if name is not None}
        return Value(paths=(path,), items={_ESCAPING: constant(False), **options}, kind="object")

    return make


def _template(source: Value, escaping: Value) -> Value:
    return Value(paths=(_TEMPLATE,), items={"source": source, _ESCAPING: escaping}, kind="object")


def _made(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    words = dict(named)
    source = given[0] if given else words.get("source", UNKNOWN)
    return _template(source, words.get(_ESCAPING, constant(False)))


def _of_django(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    source = given[0] if given else dict(named).get("template_string", UNKNOWN)
    return _template(source, constant(True)).but(paths=(_DJANGO,))


def _of_mako(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`Template(text, default_filters=["h"])` escapes each value: it shows none as it is."""
    words = dict(named)
    filters = words.get("default_filters", UNKNOWN)
    source = (
        constant("") if "h" in (fold.constants_in(filters) or ()) else given[0] if given else words.get("text", UNKNOWN)
    )
    return Value(paths=(_MAKO,), items={"source": source}, kind="object")


def _context(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`Context({...})`, `RequestContext(request, {...})`: what a template is given, and nothing of the request."""
    return dict(enumerate(given)).get(
        1 if len(given) > 1 else 0, dict(named).get("dict_", Value(items={}, kind="dict"))
    )


def _from_text(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    return _template(given[0] if given else dict(named).get("source", UNKNOWN), _escaping(_receiver(frame, env, node)))


def _from_file(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    names = given[0].consts if given else None
    is_page = bool(names) and all(isinstance(name, str) and _PAGE.search(name) for name in names or ())
    made = _template(UNKNOWN, _escaping(_receiver(frame, env, node)) if is_page else UNKNOWN)
    return made.but(paths=(_TEMPLATE, _FILE))


def _escaping(environment: Value) -> Value:
    return (environment.items or {}).get(_ESCAPING, UNKNOWN)


def _receiver(frame: Frame, env: Env, node: Any) -> Value:
    target = receiver_of(node)
    return UNKNOWN if target is None else frame.machine.value_of(frame, env, target)


def _rendered(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """The text that a template gives: of its values what it shows, escaped or not."""
    template = (_receiver(frame, env, node).items or {}) if node else {}
    source = template.get("source", UNKNOWN)
    values: Named = [*named, *(pair for value in given for pair in _entries(value))]
    escapes = template.get(_ESCAPING, UNKNOWN).consts != (False,)
    mask = frame.machine.models.mask(["xss"])
    shown: list[Value] = []
    for name, value in values:
        if source.consts is None and not escapes:
            shown.append(each_taint(value, _doubted))
        elif name is not None and source.consts is not None and _shows(source, name, _RAW if escapes else _SHOWN):
            shown.append(value)
        else:
            shown.append(each_taint(value, lambda taint: taint.clearing(mask)))
    return _text(shown)


def _doubted(taint: Any) -> Any:
    return taint._replace(confidence=taint.confidence * _GUESS // 100)


def _entries(value: Value) -> Named:
    """The names that a mapping gives to a template."""
    if value.items is None:
        return [(None, value)]
    return [(name if isinstance(name, str) else None, one) for name, one in value.items.items()]


def _shows(source: Value, name: str, how: tuple[str, ...]) -> bool:
    wanted = [one.replace("NAME", re.escape(name)) for one in how]
    return any(re.search(one, str(text), re.DOTALL) for one in wanted for text in source.consts or ())


def _text(values: list[Value]) -> Value:
    """A text of some values; a client's own template is reported where it is made."""
    taints: tuple[Any, ...] = ()
    for value in values:
        taints = join_taints(taints, all_taints(value))
    return Value(taints, kind="str")


CALLS: Final[dict[str, Handler]] = {
    _TEMPLATE: _made,
    _DJANGO: _of_django,
    _MAKO: _of_mako,
    f"{_DJANGO}.render": _rendered,
    "django.template.Context": _context,
    "django.template.RequestContext": _context,
    **dict.fromkeys((f"{_TEMPLATE}.{name}" for name in ("render", "render_async", "generate", "stream")), _rendered),
}
"""API path → what a call of it yields, for templates."""
for _path in _ENVIRONMENTS:
    CALLS.update({
        _path: _environment(_path), f"{_path}.from_string": _from_text,
        f"{_path}.get_template": _from_file, f"{_path}.select_template": _from_file,
    })  # fmt: skip

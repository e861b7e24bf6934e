"""Tasks of Celery: functions that an application decorates or takes by a call, wherever it is made, and classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, Program, program
from aud_action.derive.expressions import parsed, written_arguments
from aud_action.derive.origins import Origins, origins
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.calls import CallArgument
from schema.classes import ClassAttribute
from schema.tasks import CeleryTask

_MAKERS: Final = frozenset(
    "celery.shared_task celery.app.shared_task celery.task celery.decorators.task celery.task.task "
    "celery.task.base.periodic_task celery.decorators.periodic_task celery.task.periodic_task celery.Celery.task "
    "celery.app.base.Celery.task celery.app.Celery.task celery.current_app.task celery.app.task".split()
)
_CONFIGURED: Final = frozenset(
    {"celery.Celery.conf", "celery.app.base.Celery.conf", "celery.app.Celery.conf", "celery.current_app.conf"}
)
_NEIGHBOURS: Final = frozenset("celery django_celery_beat django_celery_results celery_once celery_batches".split())
_BASES: Final = frozenset(
    {"celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.Celery.Task", "celery.app.base.Celery.Task"}
)
_DECORATED: Final = """
SELECT d.site, d.name, d.text, d.target_site, f.package FROM python_decorators d JOIN files f ON f.id = d.site >> 24
WHERE (d.name GLOB '*task' OR d.text GLOB '*task') AND d.target_kind <> 'class' ORDER BY d.target_site, d.position
"""
_CALLED: Final = """
SELECT c.site, c.callee, c.receiver, c.method, f.package, a.name FROM python_calls c
JOIN python_call_arguments a ON a.site = c.site AND a.position = 0 AND a.name <> '' JOIN files f ON f.id = c.site >> 24
WHERE c.method IN ('task', 'shared_task') AND c.context <> 'decorator' ORDER BY c.site
"""
_FUNCTION: Final = "SELECT name, is_async FROM python_functions WHERE site = ?"
_TAKEN: Final = """
SELECT count(*) FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE p.site BETWEEN ? AND ? AND s.scope = ? AND p.kind NOT IN ('var_positional', 'var_keyword')
"""
_VALUE: Final = """
SELECT a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE a.target = ? AND o.name = ? AND a.value_source IS NOT NULL
"""
Options = dict[str, CallArgument]


@derives(CeleryTask)
def celery_tasks(store: Store, _settings: Settings) -> Iterator[tuple[int, CeleryTask]]:
    """Each function that is made a task, and each class that is one: it has a body to run."""
    known, from_library = program(store), origins(store)
    done: set[int] = set()
    for site, name, text, function, module in list(store.rows(_DECORATED)):
        if function not in done and _makes(name or f"{module}.{text}", from_library):
            done.add(function)
            options = _options(known.arguments(site), module, known)
            yield function, _of_function(store, function, known.names.outer(module), text, options)
    for site, callee, receiver, method, module, given in list(store.rows(_CALLED)):
        made = known.names.defined.get(known.names.resolve(given, instances=False))
        text = f"{receiver}.{method}" if receiver else method
        if made is not None and not known.classes.get(made) and _makes(callee or f"{module}.{text}", from_library):
            options = _options(known.arguments(site), module, known)
            yield site, _of_function(store, made, known.names.outer(module), text, options)
    for view, base in known.among(_BASES):
        task = _of_class(view, base, store)
        if task is not None:
            yield view.site, task


def is_application(name: str, from_library: Origins) -> bool:
    """Whether a name is an application of Celery."""
    return bool(from_library.named(f"{name}.conf", _CONFIGURED)) or _is_outside(name, from_library)


def _is_outside(name: str, from_library: Origins) -> bool:
    """
    Whether a name is of a module that is named for Celery and that nobody can ask what it holds.

    So every project of Celery is laid out (`from company.celery import app`).
    """
    last = from_library.every(name)[-1]
    names = from_library.known.names
    is_ours = last in names.defined or names.module_of(last) != ""
    return "celery" in last.lower() and "." in last and last.partition(".")[0] not in _NEIGHBOURS and not is_ours


def _makes(name: str, from_library: Origins) -> bool:
    """Whether what has this name makes a task of a function."""
    owner, _, word = name.rpartition(".")
    return bool(from_library.named(name, _MAKERS)) or (word == "task" and _is_outside(owner, from_library))


def _options(given: list[CallArgument], module: str, known: Program) -> Options:
    """The options of a call, also those of a dictionary that it is given by `**`."""
    found: Options = {}
    for one in given:
        if one.keyword == "**":
            found |= {word: part for part in _spread(one, module, known) if (word := part.keyword)}
        elif one.keyword is not None:
            found[one.keyword] = one
    return found


def _spread(given: CallArgument, module: str, known: Program) -> list[CallArgument]:
    name = known.names.resolve(f"{module}.{given.source}", instances=False)
    owner, _, variable = name.rpartition(".")
    values = [parsed(source) for (source,) in known.store.rows(_VALUE, (variable, owner))]
    value = values[0] if len(values) == 1 else None
    if isinstance(value, ast.Dict):
        words = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        keywords = [ast.keyword(str(word), one) for word, one in zip(words, value.values, strict=True) if word]
        return written_arguments(ast.Call(ast.Name("dict"), [], keywords))
    return written_arguments(value)


def _text(options: Options, word: str) -> str | None:
    given = options.get(word)
    return given.constant if given is not None and given.constant_type == "str" else None


def _whole(options: Options, word: str) -> int | None:
    given = options.get(word)
    if given is None or given.constant is None or given.constant_type != "int":
        return None
    value = int(given.constant)
    return value if abs(value) < 1 << 62 else None


def _of_function(store: Store, site: int, module: str, decorator: str, options: Options) -> CeleryTask:
    word, is_async = next(store.rows(_FUNCTION, (site,)))
    is_bound = "bind" in options and options["bind"].constant == "True"
    name = _text(options, "name") or f"{module}.{word}"
    return _row(store, site, name, word, decorator, options, is_bound=is_bound, is_async=bool(is_async))


def _of_class(view: Class, base: str, store: Store) -> CeleryTask | None:
    run = view.method("run")
    rows = [one.row for one in view.attributes if one.row.level == "class" and one.row.value_source]
    options = {
        row.name: CallArgument(None, row.name, "", row.value_source or "", row.value_constant, _kind(row), None)
        for row in rows
    }
    if run is None or ("abstract" in options and options["abstract"].constant == "True"):
        return None
    module = view.program.names.outer(view.program.names.module_of(view.qualified_name))
    name = _text(options, "name") or f"{module}.{view.name}"
    text = next(
        (
            text
            for text, own in zip(view.texts, view.bases, strict=True)
            if own == base or _leads(own, base, view.program)
        ),
        base,
    )
    return _row(store, run.site, name, view.name, text, options, is_bound=True, is_async=run.is_async)


def _leads(own: str, base: str, known: Program) -> bool:
    """Whether a base of a class descends from another."""
    return any(base in parent.ancestors for parent in known.by_name.get(own, ()))


def _kind(row: ClassAttribute) -> str | None:
    """The type of the constant that an attribute is."""
    value = parsed(row.value_source)
    if row.value_constant is None or isinstance(value, ast.Constant):
        return type(value.value).__name__ if isinstance(value, ast.Constant) else None
    return "int" if row.value_constant.lstrip("-").isdigit() else "str"


def _row(
    store: Store,
    site: int,
    name: str,
    function: str,
    decorator: str,
    options: Options,
    *,
    is_bound: bool,
    is_async: bool,
) -> CeleryTask:
    first = site >> SITE_BITS << SITE_BITS
    taken: Any = next(store.rows(_TAKEN, (first, first + (1 << SITE_BITS) - 1, site)))[0]
    return CeleryTask(
        name=name,
        function=function,
        decorator=decorator,
        arguments=taken - is_bound,
        is_bound=is_bound,
        serializer=_text(options, "serializer"),
        max_retries=_whole(options, "max_retries"),
        rate_limit=options["rate_limit"].constant if "rate_limit" in options else None,
        time_limit=_whole(options, "time_limit"),
        queue=_text(options, "queue"),
        is_async=is_async,
    )

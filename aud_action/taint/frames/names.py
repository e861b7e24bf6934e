"""Names and attributes: what they refer to, in the project and in libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aud_action.taint.code.declared import FIELDS
from aud_action.taint.code.frame import Env, Frame, Promise
from aud_action.taint.code.program import ClassRef, Closure, Fields, Lazy, Module, Partial, Super
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.frames import records
from aud_action.taint.values import fold, shown
from aud_action.taint.values.changes import each_taint, looked_up
from aud_action.taint.values.known import constant, of_library
from aud_action.taint.values.value import ANY, NEVER, NUMBER, UNKNOWN, Taint, Token, Value, join, tainted
from extractors.flow import code

_LONGEST_PATH = 160
_ROOT = "builtins.object"
_OWN_NAMES = {"__name__", "__qualname__"}
_RUNS_IT = {"__call__", "__wrapped__", "fn", "func", "run"}
"""Attributes of a function that frameworks add and that run it."""
_QUEUES_IT = {
    name: Value(paths=(f"celery.app.task.Task.{name}",))
    for name in ("delay", "send", "s", "si", "defer", "kiq", "apply_async")
} | dict.fromkeys(("signature", "subtask"), Value(paths=("celery.app.task.Task.apply_async",)))
"""The same, later: `apply_async` and its kin for arguments that are handed over as a tuple and a dictionary."""


def lookup(frame: Frame, env: Env, name: str) -> Value:
    """What a name refers to at this point."""
    found = env.vars.get(name)
    if found is None:
        scope = frame.closure.scope
        found = scope.get(name) if scope is not None else None
    if found is None:
        return frame.machine.member(frame.module, name)
    if type(found) is Lazy:
        found = frame.machine.force(found)
        if name not in frame.globals:  # those change while others run
            env.vars[name] = found
    return found


def attribute(frame: Frame, env: Env, base: Value, name: str) -> Value:
    """What `base.name` is."""
    if (
        base.items is not None
        and name in base.items
        and (base.refs or base.paths or base.kind in ("object", "tuple", ""))
    ):
        return base.items[name]
    if name == "__dict__" and (base.kind == "object" or (base.taints and not base.refs)):
        return _vars(frame, base)
    result = NEVER
    for ref in base.refs:
        found = _of_reference(frame, env, ref, base, name)
        if found is not None:
            result = join(result, found)
    if result is NEVER or not base.refs:
        for path in base.paths:
            result = join(result, of_path(frame, path, name))
        held = frame.machine.scopes.held(base, name)
        result = result if held is None else held
    if base.kind == "number" and name in _OF_NUMBERS and (result is NEVER or not base.refs):
        result = NUMBER
    elif result is NEVER or result is UNKNOWN:
        result = _open(frame, base, name)
    if base.items is not None and ANY in base.items and base.kind == "object" and not result.refs:
        result = result if _is_clean(frame, base, name) else join(result, _held(frame, base, name))
    if base.taints and not result.refs and name not in _OF_CLASSES:
        result = result.but(taints=_derived(frame, base, name))
        if name in _OUTSIDE and any(path.startswith("ipaddress.") for path in base.paths):
            return _address(frame, base, name)
    return result


ANYTHING = "anything"
"""The kind of a source that no class minds: for who asks whether a call is harmless whatever it is given."""


def _open(frame: Frame, base: Value, name: str) -> Value:
    """An attribute of which nothing is known: of an object of the project, anything, of which a check may tell more."""
    if ANYTHING not in frame.machine.kinds or base.kind != "object" or not base.refs:
        return UNKNOWN
    slot = (ANYTHING, -1, (base.refs, name))
    known = frame.entered.get(slot)
    if known is None:
        known = frame.entered[slot] = fresh(ANYTHING, f"`{name}`", frame.place(-1))
    return Value((known,))


_OF_CLASSES = frozenset({"__class__", "__name__", "__qualname__", "__module__", "__doc__"})
"""What a program says of its own classes and functions, whatever their objects hold."""
_OF_NUMBERS = frozenset("value name hex int real imag year month day hour minute second days seconds".split())
"""What numbers, dates, UUIDs and members of enumerations hold: no text of a client's either."""
_OUTSIDE = {"is_private": False, "is_global": True}


def _address(frame: Frame, base: Value, name: str) -> Value:
    """`address.is_private`: where it isn't, a request doesn't reach what is inside."""
    mask = frame.machine.models.mask(["ssrf", "ssrf-partial"])
    told = {token: mask for taint in base.taints for token in _hosts(taint.token)}
    return Value(kind="bool", refs=(Promise(told, {}, {}, {}) if _OUTSIDE[name] else Promise({}, told, {}, {}),))


def _hosts(token: Token) -> Iterator[Token]:
    """An address, the name that resolves to it, and the URL whose host that is."""
    link: Token | None = token
    while link is not None:
        yield link
        link = link.parent if link.relation in ("same", "netloc") else None


def _vars(frame: Frame, base: Value) -> Value:
    """`x.__dict__`: what an object holds; of one that nothing is known of, under names that the program gave it."""
    if base.kind == "object":
        return Value(base.taints, items=base.items or {}, kind="dict")
    return Value(items={ANY: Value(_derived(frame, base, "__dict__"))}, kind="dict")


def _is_clean(frame: Frame, base: Value, name: str) -> bool:
    """Whether what a library's class keeps under a name is the program's own: a form's `fields`."""
    find, flows = frame.machine.models.find, frame.machine.models.flows
    return any(model.clean for path in inherited(frame, base) for model in find(flows, f"{path}.{name}") or ())


def _held(frame: Frame, base: Value, name: str) -> Value:
    """What a library's class keeps under a name of what it was made with: a form's `errors` are escaped."""
    models = frame.machine.models
    mask = 0
    for path in (*base.paths, *inherited(frame, base)):
        for model in models.find(models.flows, f"{path}.{name}") or ():
            mask |= model.clears
    held = (base.items or {})[ANY]
    return each_taint(held, lambda taint: taint.clearing(mask)) if mask else held


def _derived(frame: Frame, base: Value, name: str) -> tuple[Taint, ...]:
    """The taints of an attribute of a tainted object."""
    models = frame.machine.models
    for path in (*base.paths, *inherited(frame, base)) if base.refs else base.paths:
        for model in models.find(models.flows, f"{path}.{name}") or ():
            if model.clean:
                return ()
            made = fold.derived(tainted(base.taints), model.relation).taints
            return tuple([taint.clearing(model.clears) for taint in made])
    made = fold.derived(shown.spelled(tainted(base.taints)), "part").taints
    return made if _AS_GIVEN.fullmatch(name) else looked_up(made)


_AS_GIVEN = re.compile(r"(?:\w+_)?(?:data|text|content|body|value|raw|json|form|query|args|params|payload|message)s?")
"""Attributes under which a thing keeps what it was made of."""


def of_path(frame: Frame, path: str, name: str) -> Value:
    """A member of a library's object."""
    models = frame.machine.models
    key = models.canonical(f"{path}.{name}")
    if len(key) > _LONGEST_PATH:
        return UNKNOWN
    if key in models.constants:
        return constant(models.constants[key])
    module = frame.machine.program.resolve(key, frame.module) if key == f"{path}.{name}" else None
    if module is not None:
        return Value(refs=(module,), kind="module")
    made = models.type_of(key)
    if made == "tornado.web.Application" and (own := _heirs(frame, made)):
        return Value(refs=own, kind="object")
    return of_library(made)


def _heirs(frame: Frame, path: str) -> tuple[ClassRef, ...]:
    """The classes of the project that descend from a library's, of which the library hands out the object."""
    known = frame.machine.program.heirs.get(path.rpartition(".")[2], ())
    return tuple(one for one in known if path in frame.machine.lineage(one))


def _of_reference(frame: Frame, env: Env, ref: Any, base: Value, name: str) -> Value | None:
    machine = frame.machine
    if isinstance(ref, Module):
        return machine.module_attribute(ref, name)
    if isinstance(ref, ClassRef):
        if base.kind == "class" and name == "__subclasses__":
            return Value(paths=("builtins.type.__subclasses__",))
        if base.kind == "class":
            return constant(ref.facts.name) if name in _OWN_NAMES else class_attribute(frame, ref, name)
        if name == "__class__":
            return Value(refs=(ref,), kind="class")
        return instance_attribute(frame, env, ref, base, name)
    if type(ref) is Fields and name == "_make":
        return Value(refs=(Partial(_OF_ROW, [Value(refs=(ref,), kind="class")], {}),), kind="function")
    if isinstance(ref, Super):
        return _super_attribute(frame, ref, name)
    if base.kind == "proxy":
        return attribute(frame, env, stood_for(frame, env, base), name)
    if isinstance(ref, Closure) and name in _OWN_NAMES:
        return constant(ref.function.facts.name)
    if isinstance(ref, Closure) and name in _RUNS_IT:
        return Value(refs=(ref,), kind="function")
    if isinstance(ref, Closure) and name in _QUEUES_IT:
        task = Value(refs=(_of_task(frame, ref),), kind="function")
        return Value(refs=(Partial(_QUEUES_IT[name], [task], {}),), kind="function")
    return None


def stood_for(frame: Frame, env: Env, proxy: Value) -> Value:
    """What a proxy of Werkzeug's stands for: its function is asked each time."""
    called = Value(refs=proxy.refs, kind="function")
    return frame.machine.call(frame, env, called, [], [], [code.CALL, None, [], [], -1])


def _of_task(frame: Frame, ref: Closure) -> Closure:
    """A function as a task: one that asks for itself (`bind=True`) is given the task, of the class that `base` names."""
    asked = ref.function.facts.parameters
    if ref.owner is not None or ref.receiver is not None or not asked or asked[0].name != "self":
        return ref
    entries = frame.machine.entries.found.get(ref.function, ())
    bases = [value.refs for entry in entries for name, value in entry.arguments if name == "base" and value.refs]
    return ref.bound(_TASK.but(refs=bases[0]) if bases else _TASK)


_OF_ROW = Value(paths=("collections.namedtuple()._make",))
_TASK = Value(paths=("celery.Task",), kind="object")
_TASKS = {"celery.Task", "celery.app.task.Task"}


def members(frame: Frame, owner: ClassRef, name: str, after: ClassRef | None = None) -> Iterator[tuple[Any, Value]]:
    """Each definition of a name along the method resolution order: (class or API path, value)."""
    skipping = after is not None
    for link in frame.machine.order(owner):
        if skipping:
            skipping = link is not after
            continue
        if isinstance(link, ClassRef):
            found = frame.machine.class_namespace(link).get(name)
            if found is not None:
                yield link, frame.machine.force(found) if type(found) is Lazy else found
        else:
            yield link, UNKNOWN


def class_attribute(frame: Frame, owner: ClassRef, name: str) -> Value | None:
    """`Class.name`."""
    itself = Value(refs=(owner,), kind="class")
    if name == "as_manager" and "django.db.models.Manager" in frame.machine.lineage(owner):
        return itself  # called, it makes a manager with the methods of the query set
    if name == "from_queryset" and "django.db.models.Manager" in frame.machine.lineage(owner):
        made = Value(paths=("django.db.models.Manager.from_queryset",))
        return Value(refs=(Partial(made, [itself], {}),), kind="function")
    if name == "as_view" and "flask.views.View" in frame.machine.lineage(owner):
        return Value(paths=("flask.views.View.as_view",))
    for link, value in members(frame, owner, name):
        if isinstance(link, ClassRef):
            found = _bound(_changed(link, name, value), itself, only="class")
            return records.of_class(frame, owner, name, found) if found.kind == "object" else found
        if frame.machine.models.find(frame.machine.models.types, f"{link}.{name}"):
            return records.of_class(frame, owner, name, of_path(frame, link, name))
    external = [link for link in frame.machine.order(owner) if isinstance(link, str)]
    if name == "__new__" and external in ([], [_ROOT]):
        return of_library(f"{_ROOT}.__new__")
    return records.of_class(frame, owner, name, of_path(frame, external[0], name)) if external else None


def instance_attribute(frame: Frame, env: Env, owner: ClassRef, base: Value, name: str) -> Value | None:
    """`instance.name`: a method, a property's value, a field, or what a library's base class gives."""
    models = frame.machine.models
    external: list[str] = []
    for link, value in members(frame, owner, name):
        if isinstance(link, ClassRef):
            getter = next((ref for ref in value.refs if isinstance(ref, Closure) and ref.kind == "property"), None)
            if getter is not None:
                return frame.machine.invoke(frame, env, getter.bound(base), [], [], [])
            described = _descriptor(frame, env, value, base)
            if described is not None:
                return described
            slot = frame.machine.slot(owner, name)
            if value.paths and not FIELDS.isdisjoint(value.paths):
                return UNKNOWN if slot is None else slot
            bound = _bound(_changed(link, name, value), base)
            return bound if slot is None or bound.refs else join(bound, slot)
        external.append(link)
        key = f"{link}.{name}"
        if models.find(models.types, key) or models.find(models.sources, key):
            return of_path(frame, link, name)
    slot = frame.machine.slot(owner, name)
    if slot is not None:
        return slot
    made = _by_convention(frame, env, owner, base, name)
    if made is not None:
        return made
    if not name.startswith("__") and name.isidentifier():  # a setter is looked for under `name.setter`
        found = _asked(frame, env, owner, base, name)
        if found is not None:
            return found
    return of_path(frame, external[0], name) if external else None


def _by_convention(frame: Frame, env: Env, owner: ClassRef, base: Value, name: str) -> Value | None:
    """What a library's class makes of something that the project's says under another name."""
    if name in _QUEUES_IT and _TASKS & frame.machine.lineage(owner):
        return attribute(frame, env, instance_attribute(frame, env, owner, base, "run") or UNKNOWN, name)
    if name in _STARTED and _STARTED[name][0] & frame.machine.lineage(owner):
        return instance_attribute(frame, env, owner, base, _STARTED[name][1])
    if name in _COMPUTED and _COMPUTED[name][0] in frame.machine.lineage(owner):
        method = instance_attribute(frame, env, owner, base, _COMPUTED[name][1])
        if method is not None and method.refs:
            return frame.machine.call(frame, env, method, [], [], [code.CALL, None, [], [], -1])
    made = class_attribute(frame, owner, _MADE[name]) if name in _MADE else None
    return made if made is not None and made.refs else None


_STARTED = {"start": ({"threading.Thread", "multiprocessing.Process", "multiprocessing.context.Process"}, "run")}
"""Methods of a library that run another one, which the project writes."""
_COMPUTED = {"current_user": ("tornado.web.RequestHandler", "get_current_user")}
"""Attributes of a library's that are what a method says which the project writes."""
_MADE = {"get_form": "form_class", "get_serializer": "serializer_class"}
"""Methods of views that make an instance of a class which an attribute names."""


def _changed(owner: ClassRef, name: str, value: Value) -> Value:
    """An attribute of a class, with what functions have assigned since."""
    return join(value, owner.late[name]) if name in owner.late else value


def _descriptor(frame: Frame, env: Env, value: Value, base: Value) -> Value | None:
    """What `__get__` of an object that is an attribute of a class gives."""
    if value.kind != "object" or not any(isinstance(ref, ClassRef) for ref in value.refs):
        return None
    getter = attribute(frame, env, value, "__get__")
    if not any(isinstance(ref, Closure) for ref in getter.refs):
        return None
    return frame.machine.call(frame, env, getter, [base, UNKNOWN], [], [code.CALL, None, [], [], -1])


def _asked(frame: Frame, env: Env, owner: ClassRef, base: Value, name: str) -> Value | None:
    """What `__getattr__` answers."""
    for link, value in members(frame, owner, "__getattr__"):
        if isinstance(link, ClassRef):
            given = [constant(name)]
            return frame.machine.call(frame, env, _bound(value, base), given, [], [code.CALL, None, [], [], -1])
    return None


def inherited(frame: Frame, base: Value) -> list[str]:
    """The library classes that an instance of the project's classes descends from."""
    owners = [ref for ref in base.refs if isinstance(ref, ClassRef)] if base.kind != "class" else []
    return [link for owner in owners for link in frame.machine.order(owner) if isinstance(link, str)]


def _super_attribute(frame: Frame, ref: Super, name: str) -> Value | None:
    owner = next((one for one in ref.receiver.refs if isinstance(one, ClassRef)), ref.owner)
    external = None
    for link, value in members(frame, owner, name, after=ref.owner):
        if isinstance(link, ClassRef):
            return _bound(value, ref.receiver)
        external = external or link
    held = (ref.receiver.items or {}).get("cleaned_data") if name == "clean" else None
    if held is not None:  # a form's own `clean` answers with what it holds
        return Value(refs=(Partial(Value(paths=("copy.copy",)), [held], {}),), kind="function")
    if name == "__new__" and external in (None, _ROOT):
        return of_library(f"{_ROOT}.__new__")
    if external and name == "__init__" and external != _ROOT:  # what the class does with what it is given
        return of_library(external)
    return of_path(frame, external, name) if external else None


def _bound(value: Value, receiver: Value, only: str = "") -> Value:
    """Methods among a value bound to an object; plain values stay."""
    if not any(isinstance(ref, (Closure, Partial)) for ref in value.refs):
        return value
    owners = tuple(ref for ref in receiver.refs if isinstance(ref, ClassRef)) if receiver.kind == "object" else ()
    itself = Value(refs=owners, kind="class") if owners else receiver
    refs = tuple(
        Partial(_bound(ref.callee, receiver), ref.positional, ref.named) if isinstance(ref, Partial) and ref.method
        else ref.bound(itself if ref.kind == "class" else receiver) if isinstance(ref, Closure) and ref.receiver is None
        and ref.kind != "static" and (not only or ref.kind == only) else ref
        for ref in value.refs
    )  # fmt: skip
    return value.but(refs=refs)

"""What the parameters of a function hold when a framework calls it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.declared import aliased, typed
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Lazy, Partial
from aud_action.taint.entries import arguments, options, routed
from aud_action.taint.flaws import named
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.frameworks import constraints, hooks, schemas
from aud_action.taint.frameworks.open_models import is_open
from aud_action.taint.models import EntryModel
from aud_action.taint.values.value import ANY, NUMBER, TEXT, UNKNOWN, Taint, Token, Value
from extractors.flow import code
from extractors.flow.facts import Parameter

if TYPE_CHECKING:
    from aud_action.taint.entries.points import Entry
    from aud_action.taint.machine import Machine


def given(machine: Machine, frame: Frame, closure: Closure, entry: Entry | None, kind: str) -> dict[str, Value]:
    """What an entry point's parameters hold when the framework calls it."""
    function = closure.function
    values: dict[str, Value] = {}
    parameters = [one for one in function.facts.parameters if kind != "library" or not _is_switch(one)]
    if closure.receiver is not None and parameters and closure.kind != "static":
        values[parameters.pop(0).name] = closure.receiver
    if entry is not None and entry.bound is not None:
        parameters = _unbound(entry.bound, parameters, values)
    model = entry.model if entry else None
    known = routed.through(machine, frame, closure, entry, parameters)
    names = routed.named(machine, closure, entry)
    defaults = next((one.items or {} for name, one in entry.arguments if name == "defaults"), {}) if entry else {}
    chosen = options.typed(machine, frame, function) if model is not None and kind == "cli" else {}
    chosen = chosen if entry is None or chosen else arguments.typed(machine, frame, closure, entry)
    first = True
    for parameter in parameters:
        if parameter.name in chosen:
            values[parameter.name] = chosen[parameter.name]
            continue
        if parameter.kind in ("*", "**") and (
            closure.wraps or (entry and entry.route is not None and entry.model.captures and not entry.model.open)
        ):
            values[parameter.name] = _forwarded(machine, frame, closure, parameter, entry, known, kind, values)
            continue
        if parameter.kind == "**" and known and (entry is None or entry.route is None):
            rest = _one(machine, frame, closure, parameter, model, known, kind, first=False)
            values[parameter.name] = _forwarded(machine, frame, closure, parameter, entry, known, kind, values, rest)
            continue
        if entry is not None and entry.arguments and kind == "exception":
            values.update(_raised(machine, frame, entry, parameter))
            continue
        if parameter.default is not None and parameter.name not in (names or (parameter.name,)):
            continue  # no route has it: whoever wraps the view hands it on
        value = defaults.get(parameter.name)
        if value is None or parameter.name in known:
            value = _one(machine, frame, closure, parameter, model, known, kind, first)
        value = _declared(machine, frame, closure, entry, parameter.name, value)
        if value is not None:
            values[parameter.name] = value
        first = False
    return hooks.passed(frame, machine.entries.hooks.get(function, []), values)


def _declared(
    machine: Machine, frame: Frame, closure: Closure, entry: Entry | None, name: str, value: Value | None
) -> Value | None:
    """A parameter after what is declared of it elsewhere, and what its name says."""
    if entry is not None and value is not None:
        value = arguments.filled(machine, frame, closure, entry, name, value)
    return named.parameter(machine, value, name, closure.function)


def _unbound(bound: Partial, parameters: list[Parameter], values: dict[str, Value]) -> list[Parameter]:
    """The parameters that a framework fills of a function that was given some arguments before."""
    count = len(bound.positional)
    values |= dict(zip([one.name for one in parameters], bound.positional, strict=False))
    values |= bound.named
    return [one for one in parameters[count:] if one.name not in bound.named]


def _raised(machine: Machine, frame: Frame, entry: Entry, parameter: Parameter) -> dict[str, Value]:
    """What a handler of errors is given: of any error at all its text may tell too much."""
    if parameter.name in entry.model.names:
        return {parameter.name: Value(paths=(entry.model.names[parameter.name],), kind="object")}
    caught = next((one for name, one in entry.arguments if name == "0"), UNKNOWN)
    if parameter.name in entry.model.exclude or not _ANY_ERROR.intersection(caught.paths):
        return {}
    return {parameter.name: machine.thrown(frame, caught, -1)}


_ANY_ERROR = frozenset({"builtins.Exception", "builtins.BaseException"})


def _forwarded(
    machine: Machine, frame: Frame, closure: Closure, parameter: Parameter, entry: Entry | None,
    known: dict[str, int | None], kind: str, values: dict[str, Value], rest: Value | None = None,
) -> Value:  # fmt: skip
    """`*args` and `**kwargs` of a decorator's wrapper: what the function behind it would be given, by name."""
    if parameter.kind == "*":
        return Value(items={}, kind="tuple")
    items: dict[Any, Value] = dict(rest.items or {}) if rest is not None and machine.entries.is_open else {}
    inner = next((ref for ref in closure.wraps if isinstance(ref, Closure)), None)
    if inner is not None:
        there = Frame(machine, Closure(inner.function.module.functions[0], inner.scope), frame.depth)
        given_there = given(machine, there, inner, entry, kind)
        items = {name: one for name, one in given_there.items() if name not in values}
        kinds = {one.name: one.kind for one in inner.function.facts.parameters}
        for name in [name for name in items if kinds.get(name) in ("*", "**")]:
            rest = items.pop(name)
            items.update(rest.items or {} if kinds[name] == "**" else {})
    else:
        model = entry.model if entry else None
        for name in known:
            named = type(parameter)(name, "", None, None)
            one = _one(machine, frame, closure, named, model, known, kind, first=False)
            items.update({name: one} if one is not None and name not in values else {})
    return Value(items=items, kind="dict")


def _one(
    machine: Machine, frame: Frame, closure: Closure, parameter: Parameter, model: EntryModel | None,
    known: dict[str, int | None], kind: str, first: bool,
) -> Value | None:  # fmt: skip
    name = parameter.name
    home = frame
    parameter, frame = _unaliased(frame, parameter)
    declared = typed(frame, parameter.annotation)
    injected = _injected(machine, home, frame, parameter)
    if injected is not None:
        return injected
    if model is not None:
        if name in model.exclude:
            return declared if declared is not UNKNOWN else None
        if (told := _told(machine, frame, closure, model, name)) is not None:
            return told
        if model.first and first:
            return Value(paths=(model.first,), kind="object")
        if model.captured and name not in known and name != model.hint:
            return declared if declared is not UNKNOWN else None
    if name in known and known[name] is None:
        return NUMBER
    if declared.kind in ("number", "bool") and (model is None or model.typed or kind == "library"):
        return NUMBER
    if declared.paths and not declared.refs and not _filled(declared) and (kind != "library" or _opaque(declared)):
        return declared
    if kind not in machine.kinds:
        return declared if declared is not UNKNOWN else None
    if declared.kind == "object" and (kind == "library" or (model and model.typed and _is_service(machine, declared))):
        return declared
    text = f"parameter `{name}` of `{closure.function.facts.qualified}`"
    taint = fresh(kind, text, closure.function.place, model.confidence if model else 100)
    taint = taint._replace(
        cleared=(known.get(name) or 0)
        | (model.clears if model else 0)
        | constraints.excluded(frame, parameter.annotation, parameter.default),
        state=_state(parameter, model, kind, known),
    )
    loaded = schemas.loaded(frame, _schemas(machine, closure), taint) if name not in known else None
    return loaded or constraints.checked(
        frame, parameter.annotation, _shaped(machine, parameter, model, taint, declared)
    )


def _told(machine: Machine, frame: Frame, closure: Closure, model: EntryModel, name: str) -> Value | None:
    """What the model says a parameter is, or what stands in it: `context.request`."""
    prefix = model.names.get("*", "").removeprefix("self.")
    if prefix and closure.receiver is not None:  # `validate_name(self, field)`: the field is `self.name`
        return machine.attribute(frame, Env({}), closure.receiver, closure.function.facts.name.removeprefix(prefix))
    if name in model.names:
        made = _made(machine, closure, f"{name}_class")
        return Value(paths=() if made else (model.names[name],), refs=made, kind="object")
    parts = _parts(model, name)
    if not parts or model.kind:
        return None
    return Value(items={key: Value(paths=(path,), kind="object") for key, path in parts.items()}, kind="dict")


def _parts(model: EntryModel, name: str) -> dict[str, str]:
    """What stands under some keys of a parameter."""
    return {key.removeprefix(f"{name}."): path for key, path in model.names.items() if key.startswith(f"{name}.")}


_SWITCH = re.compile(
    r"(?i)(?:^|_)(?:allow|permit|unsafe|dangerous(?:ly)?|insecure|trust|restrict|validate|verify|sandbox|safe|sanitize|escape|block|prevent|protect)(?:_|$)"
)


def _is_switch(parameter: Parameter) -> bool:
    """Whether a parameter switches what protects on or off (`allow_pickle=False`): as it is unless who calls knows better."""
    default = parameter.default
    return (
        type(default) is list and default[0] == code.CONST and type(default[1]) is bool
        and _SWITCH.search(parameter.name) is not None
    )  # fmt: skip


def _schemas(machine: Machine, closure: Closure) -> list[Value]:
    """The schemas by which decorators of a handler read what it is given."""
    entries = machine.entries.found.get(closure.function, ())
    return [value for entry in entries for name, value in entry.arguments if name in ("0", "schema", "argmap")]


def _made(machine: Machine, closure: Closure, attribute: str) -> tuple[ClassRef, ...]:
    """The class of the project that an attribute of a view names: of its form, of its serializer."""
    for link in machine.order(closure.owner) if closure.owner is not None else ():
        found = machine.class_namespace(link).get(attribute) if isinstance(link, ClassRef) else None
        found = machine.force(found) if type(found) is Lazy else found
        if isinstance(found, Value):
            return tuple(ref for ref in found.refs if isinstance(ref, ClassRef))
    return ()


def _is_service(machine: Machine, value: Value) -> bool:
    """Whether a class has a constructor of its own and descends from no library's: a framework fills none from a request."""
    return bool(value.refs) and all(
        isinstance(ref, ClassRef)
        and "__init__" in machine.class_namespace(ref)
        and all(isinstance(one, ClassRef) for one in machine.order(ref))
        for ref in value.refs
    )


def _filled(value: Value) -> bool:
    """Whether a library's class is one that frameworks fill with what a client sent: a path, a message of a protocol."""
    return any(
        path.startswith("pathlib.") or "_pb2." in path or path == "strawberry.scalars.JSON" for path in value.paths
    )


def _opaque(value: Value) -> bool:
    return not any(path.startswith(("pathlib.", "os.PathLike", "io.", "typing.IO")) for path in value.paths)


def _state(parameter: Parameter, model: EntryModel | None, kind: str, known: dict[str, int | None]) -> int:
    return (
        2
        if parameter.name not in known
        and kind in ("remote", "tool", "event")
        and model is not None
        and model.structured
        else 0
    )


def _shaped(machine: Machine, parameter: Parameter, model: EntryModel | None, taint: Taint, declared: Value) -> Value:
    """A tainted parameter in the form in which it arrives."""
    own = _parts(model, parameter.name) if model is not None else {}
    if own:  # some of it the platform says
        held: dict[Any, Value] = {key: Value(kind="str") for key in own}
        return Value(items={**held, ANY: Value((taint,))}, kind="dict")
    if parameter.kind == "*":
        return Value(items={ANY: Value((taint,))}, kind="tuple")
    if parameter.kind == "**":
        return Value((taint,), items={ANY: Value((taint,))}, kind="dict")
    refs = tuple(ref for ref in declared.refs if isinstance(ref, ClassRef))
    if refs:
        return model_instance(machine, refs[0], taint)
    if declared.paths:
        return Value((taint,), paths=declared.paths, kind="object")
    if declared.items is not None:
        inner = declared.items.get(ANY, UNKNOWN)
        if inner.kind in ("number", "bool"):
            return declared
        return Value(items={ANY: Value((taint,))}, kind="list")
    return Value((taint,), kind="str" if declared is TEXT else "")


def model_instance(machine: Machine, owner: ClassRef, taint: Taint, depth: int = 3) -> Value:
    """An object that a framework fills from the request: each field as its annotation allows."""
    items: dict[Any, Value] = {}
    for link in reversed(machine.order(owner)):
        if isinstance(link, ClassRef):
            machine.class_namespace(link)
            for name, annotation in link.annotations.items():
                items[name] = _field(machine, link, name, annotation, taint, depth)
    if not items:
        return Value((taint,), refs=(owner,), kind="object")
    if is_open(machine, owner):
        items[ANY] = Value((taint,))
    return constraints.whole(machine, owner, Value(refs=(owner,), items=items, kind="object"))


def _field(machine: Machine, owner: ClassRef, name: str, annotation: Any, taint: Taint, depth: int) -> Value:
    """One field of such an object, after the checks that its model has for it."""
    from aud_action.taint.calling.fields import field_type

    kind = field_type(machine, owner, annotation)
    if kind.kind in ("number", "bool"):
        return NUMBER
    taint = taint._replace(token=Token(taint.token, "part"))  # what is checked of one field tells nothing of another
    if kind.refs and depth and isinstance(kind.refs[0], ClassRef):
        return model_instance(machine, kind.refs[0], taint, depth - 1)
    if kind.items is not None:
        inner = kind.items[ANY]
        if inner.kind in ("number", "bool"):
            return kind
        if inner.refs and depth and isinstance(inner.refs[0], ClassRef):
            return Value(items={ANY: model_instance(machine, inner.refs[0], taint, depth - 1)}, kind="list")
        return Value(items={ANY: Value((taint,))}, kind="list")
    frame = Frame(machine, Closure(owner.module.functions[0], owner.scope, owner), 0)
    mask = constraints.excluded(frame, annotation) | constraints.declared(machine.class_namespace(owner).get(name))
    address = tuple(path for path in kind.paths if path.startswith("pydantic.") and path.endswith("Url"))
    value = Value((taint.clearing(mask),), paths=address, kind="str" if kind is TEXT else "")
    return constraints.validated(machine, owner, name, constraints.checked(frame, annotation, value))


def _injected(machine: Machine, home: Frame, aliased_at: Frame, parameter: Parameter) -> Value | None:
    """`= Depends(f)`, in the default or in `Annotated[…]`: what `f`, called by the framework itself, returns."""
    for node in _metadata(parameter):
        frame = home if node is parameter.default else aliased_at
        if type(node) is list and node[0] == code.ITEM and _provides(machine, frame, node[1]):
            made = machine.value_of(frame, Env({}), node[2])
            return machine.call(frame, Env({}), made, [], [], [code.CALL, None, [], [], -1])
        if type(node) is not list or node[0] != code.CALL:
            continue
        callee = machine.value_of(frame, Env({}), node[1])
        if not any(path.endswith((".Depends", ".Security", ".Provide")) for path in callee.paths):
            continue
        # `= Depends()` stands for the class that the annotation names
        target = machine.value_of(frame, Env({}), node[2][0]) if node[2] else typed(frame, parameter.annotation)
        if not node[2] and not any(isinstance(ref, ClassRef) for ref in target.refs):
            return None
        for ref in target.refs:
            if isinstance(ref, Closure):
                return machine.dependency(frame, ref)
            if isinstance(ref, ClassRef):
                called = machine.attribute(frame, Env({}), target, "__call__") if target.kind == "object" else UNKNOWN
                method = next((one for one in called.refs if isinstance(one, Closure)), None)
                return machine.dependency(frame, method) if method else machine.dependency_class(frame, ref)
        return UNKNOWN
    return None


def _provides(machine: Machine, frame: Frame, node: Any) -> bool:
    """`= Provide[Container.service]`: what a container makes."""
    return any(path.endswith((".Provide", ".Closing")) for path in machine.value_of(frame, Env({}), node).paths)


def _unaliased(frame: Frame, parameter: Parameter) -> tuple[Parameter, Frame]:
    """A parameter whose annotation is a name for an `Annotated[…]`, with what the name stands for where it was given."""
    node, where = aliased(frame, parameter.annotation)
    return Parameter(parameter.name, parameter.kind, node, parameter.default), where


def _metadata(parameter: Parameter) -> list[Any]:
    found = [parameter.default]
    annotation = parameter.annotation
    if (
        type(annotation) is list
        and annotation[0] == code.ITEM
        and type(annotation[2]) is list
        and annotation[2][0] == code.TUPLE
    ):
        found += annotation[2][1][1:]
    return found

"""Entry points: the functions that a framework calls with what a client sent, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint import named
from aud_action.taint.builtin import BUILTINS
from aud_action.taint.calls import call
from aud_action.taint.declared import typed
from aud_action.taint.frame import Env, Frame
from aud_action.taint.models import EntryModel
from aud_action.taint.program import ClassRef, Closure, FunctionRef, Lazy
from aud_action.taint.routes import captures
from aud_action.taint.sources import fresh
from aud_action.taint.stop import Unreachable
from aud_action.taint.value import ANY, NUMBER, TEXT, UNKNOWN, Taint, Value, forms_of, join
from extractors.flow import code
from extractors.flow.facts import Parameter

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


class Entry(NamedTuple):
    """One function that a framework calls."""

    model: EntryModel
    route: str | None  #: the URL template, when it is known
    arguments: tuple[tuple[str | None, Value], ...]  #: of the registration
    closure: Closure | None = None  #: the function with what it captured


class Entries:
    """Every entry point met so far."""

    def __init__(self) -> None:
        self.found: dict[FunctionRef, list[Entry]] = {}
        self.classes: dict[ClassRef, list[Entry]] = {}
        self.views: dict[FunctionRef, list[Entry]] = {}  #: methods of classes of views

    def building(self, owner: ClassRef) -> Entry | None:
        """How a framework makes an instance before it calls a method that is an entry point."""
        for function, known in self.found.items():
            if function.owner is owner and known[0].model.first:
                return known[0]
        return None

    def add(self, target: Value, entry: Entry) -> None:
        """A function or view class is registered."""
        for ref in target.refs:
            if isinstance(ref, Closure):
                known = self.found.setdefault(ref.function, [])
                entry = entry._replace(closure=ref)
                if not any(
                    one.model is entry.model and one.route == entry.route and one.closure == ref for one in known
                ):
                    known.append(entry)
            elif isinstance(ref, ClassRef):
                self.classes.setdefault(ref, []).append(entry)

    def answering(self, frame: Frame) -> Entry | None:
        """The entry whose return value is a response, in `model.response`; None for none."""
        known: list[Entry] = [*self.found.get(frame.function, ()), *self.views.get(frame.function, ())]
        for entry in known:
            if entry.model.response and not any(name in entry.model.unless for name, _ in entry.arguments):
                return entry
        return None


def decorated(frame: Frame, env: Env, decorator: Any, value: Value, function: FunctionRef) -> Value:
    """A function after a decorator; a framework's own registers it as an entry point."""
    machine = frame.machine
    if type(decorator) is list and decorator[0] == code.ATTR and decorator[2] in ("setter", "deleter", "getter"):
        name = function.facts.name
        env.vars[f"{name}.{decorator[2]}"] = value
        getter: Value = env.vars.get(name, value)
        return getter
    arguments: list[tuple[str | None, Value]] = []
    try:
        if type(decorator) is list and decorator[0] == code.CALL:
            callee = machine.value_of(frame, env, decorator[1])
            positional, words = machine.arguments(frame, env, decorator)
            arguments = [*((str(index), one) for index, one in enumerate(positional)), *words]
            result = machine.value_of(frame, env, decorator)
        else:
            callee = result = machine.value_of(frame, env, decorator)
    except Unreachable:
        return value
    _register(machine, callee, decorator, value, arguments)
    if "functools.wraps()" in result.paths:
        wrapped = (result.items or {}).get("wrapped", UNKNOWN)
        refs = [_wrapping(ref, wrapped) if isinstance(ref, Closure) else ref for ref in value.refs]
        return value.but(refs=tuple(refs))
    node = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else decorator
    if type(node) is list and node[0] == code.ATTR and node[2] == "register":
        _dispatched(frame, env, node[1], value)
    for path in result.paths:
        if path in BUILTINS:
            made: Value = BUILTINS[path](frame, env, [value], [], decorator)
            return made
    if any(isinstance(ref, (Closure, ClassRef)) for ref in result.refs):
        try:
            wrapped = call(frame, env, result, [value], [], [code.CALL, None, [], [], -1])
        except Unreachable:
            return value
        return wrapped if any(isinstance(ref, (Closure, ClassRef)) for ref in wrapped.refs) else value
    return value


def _wrapping(ref: Closure, wrapped: Value) -> Closure:
    """A function that goes by the signature of another."""
    return Closure(ref.function, ref.scope, ref.owner, ref.receiver, ref.kind, wrapped.refs)


def _dispatched(frame: Frame, env: Env, node: Any, value: Value) -> None:
    """`@function.register`: a call of the function may run this one."""
    base = frame.machine.value_of(frame, env, node)
    if base.kind == "function" and type(node) is str and node in env.vars:
        env.vars[node] = join(base, value)


def _register(
    machine: Machine, callee: Value, decorator: Any, value: Value, arguments: list[tuple[str | None, Value]]
) -> None:
    models = machine.models
    found: list[EntryModel] = []
    for path in callee.paths:
        found += models.find(models.decorators, path) or ()
    if not found and not callee.refs and not callee.paths:
        node = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else decorator
        if type(node) is list and node[0] == code.ATTR:
            found += _probably(machine, value, node[2], arguments)
    for model in found:
        machine.entries.add(value, Entry(model, _route(model, arguments), tuple(arguments)))


def _probably(
    machine: Machine, value: Value, name: str, arguments: list[tuple[str | None, Value]]
) -> Sequence[EntryModel]:
    """What a decorator of an object of which nothing is known may be: of a framework that the file imports."""
    decorators = machine.models.decorators
    if f"?.{name}" in decorators:
        return decorators[f"?.{name}"]
    route = arguments[0][1].consts if arguments else None
    forms = forms_of(arguments[0][1]) if arguments and route is None else ()
    first = route[0] if route else next((form[0] for form in forms if form), None)
    if not isinstance(first, str) or not first.startswith("/"):
        return ()
    modules = [ref.function.module for ref in value.refs if isinstance(ref, Closure)]
    for key, found in decorators.items():
        head, _, last = key.partition(".")[0], "", key.rpartition(".")[2]
        if last == name and key.count(".") > 1 and any(head in module.mentions for module in modules):
            return found
    return ()


def handed(frame: Frame, env: Env, node: Any, value: Value) -> None:
    """`app.route("/x")(view)`: the same as a decorator."""
    machine = frame.machine
    if type(node[1]) is not list or node[1][0] != code.ATTR:
        return
    callee = machine.value_of(frame, env, node[1])
    positional, words = machine.arguments(frame, env, node)
    _register(machine, callee, node, value, [*((str(index), one) for index, one in enumerate(positional)), *words])


def registered(frame: Frame, model: EntryModel, positional: list[Value], words: list[tuple[str | None, Value]]) -> None:
    """A call that registers a handler: `add_url_rule`, `path(…)`, `router.add_get`."""
    arguments = [*((str(index), one) for index, one in enumerate(positional)), *words]
    for part in model.handler.split("/"):
        for name, value in arguments:
            if name == part:
                entry = Entry(model, _route(model, arguments), tuple(arguments))
                frame.machine.entries.add(value, entry)
                for owner in value.refs if model.methods else ():
                    if isinstance(owner, ClassRef):
                        _methods_of(frame.machine, owner, entry)
                return


def _methods_of(machine: Machine, owner: ClassRef, entry: Entry) -> None:
    """The methods of a resource that is registered: `on_get`, `on_post`, …, inherited ones too."""
    for link in machine.order(owner):
        for name, member in list(machine.class_namespace(link).items()) if isinstance(link, ClassRef) else ():
            value = machine.force(member) if type(member) is Lazy else member
            if isinstance(value, Value) and _named_by(name, entry.model):
                machine.entries.add(value, entry)


def _named_by(name: str, model: EntryModel) -> bool:
    """Whether a method is one that the framework calls; `on_*` is the beginning of several."""
    return any(name == one or (one.endswith("*") and one != "*" and name.startswith(one[:-1])) for one in model.methods)


def _route(model: EntryModel, arguments: list[tuple[str | None, Value]]) -> str | None:
    for part in model.route.split("/"):
        for name, value in arguments:
            if name == part and value.consts and isinstance(value.consts[0], str):
                return value.consts[0]
    return None


def given(machine: Machine, frame: Frame, closure: Closure, entry: Entry | None, kind: str) -> dict[str, Value]:
    """What an entry point's parameters hold when the framework calls it."""
    function = closure.function
    values: dict[str, Value] = {}
    parameters = list(function.facts.parameters)
    if closure.receiver is not None and parameters and closure.kind != "static":
        values[parameters.pop(0).name] = closure.receiver
    model = entry.model if entry else None
    known = captures(entry.route, entry.model.captures) if entry else {}
    first = True
    for parameter in parameters:
        if parameter.kind in ("*", "**") and (
            closure.wraps or (entry and entry.route is not None and entry.model.captures)
        ):
            values[parameter.name] = _forwarded(machine, frame, closure, parameter, entry, known, kind, values)
            continue
        value = _one(machine, frame, closure, parameter, model, known, kind, first)
        value = named.parameter(machine, value, parameter.name, function)
        if value is not None:
            values[parameter.name] = value
        first = False
    return values


def _forwarded(
    machine: Machine, frame: Frame, closure: Closure, parameter: Parameter, entry: Entry | None,
    known: dict[str, int | None], kind: str, values: dict[str, Value],
) -> Value:  # fmt: skip
    """`*args` and `**kwargs` of a decorator's wrapper: what the function behind it would be given, by name."""
    if parameter.kind == "*":
        return Value(items={}, kind="tuple")
    items: dict[Any, Value] = {}
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
    parameter, frame = _unaliased(frame, parameter)
    declared = typed(frame, parameter.annotation)
    injected = _injected(machine, frame, parameter)
    if injected is not None:
        return injected
    if model is not None:
        if name in model.exclude:
            return declared if declared is not UNKNOWN else None
        if name in model.names:
            return Value(paths=(model.names[name],), kind="object")
        if model.first and first:
            return Value(paths=(model.first,), kind="object")
    if name in known and known[name] is None:
        return NUMBER
    if declared.kind in ("number", "bool") and (model is None or model.typed or kind == "library"):
        return NUMBER
    if declared.paths and not declared.refs and (kind != "library" or _opaque(declared)):
        return declared
    if kind not in machine.kinds:
        return declared if declared is not UNKNOWN else None
    if kind == "library" and declared.kind == "object":
        return declared
    taint = fresh(kind, f"parameter `{name}` of `{closure.function.facts.qualified}`", closure.function.place)
    taint = taint._replace(
        cleared=(known.get(name) or 0) | (model.clears if model else 0), state=_state(parameter, model, kind, known)
    )
    return _shaped(machine, parameter, taint, declared)


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


def _shaped(machine: Machine, parameter: Parameter, taint: Taint, declared: Value) -> Value:
    """A tainted parameter in the form in which it arrives."""
    if parameter.kind == "*":
        return Value(items={ANY: Value((taint,))}, kind="tuple")
    if parameter.kind == "**":
        return Value((taint,), items={ANY: Value((taint,))}, kind="dict")
    refs = tuple(ref for ref in declared.refs if isinstance(ref, ClassRef))
    if refs:
        return _model_instance(machine, refs[0], taint, 3)
    if declared.paths:
        return Value((taint,), paths=declared.paths, kind="object")
    if declared.items is not None:
        inner = declared.items.get(ANY, UNKNOWN)
        if inner.kind in ("number", "bool"):
            return declared
        return Value(items={ANY: Value((taint,))}, kind="list")
    return Value((taint,), kind="str" if declared is TEXT else "")


def _model_instance(machine: Machine, owner: ClassRef, taint: Taint, depth: int) -> Value:
    """An object that a framework fills from the request: each field as its annotation allows."""
    from aud_action.taint.classes import field_type

    items: dict[Any, Value] = {}
    for link in reversed(machine.order(owner)):
        if not isinstance(link, ClassRef):
            continue
        machine.class_namespace(link)
        for name, annotation in link.annotations.items():
            kind = field_type(machine, link, annotation)
            if kind.kind in ("number", "bool"):
                items[name] = NUMBER
            elif kind.refs and depth and isinstance(kind.refs[0], ClassRef):
                items[name] = _model_instance(machine, kind.refs[0], taint, depth - 1)
            elif kind.items is not None:
                items[name] = (
                    kind
                    if kind.items[ANY].kind in ("number", "bool")
                    else Value(items={ANY: Value((taint,))}, kind="list")
                )
            else:
                items[name] = Value((taint,), kind="str" if kind is TEXT else "")
    if not items:
        return Value((taint,), refs=(owner,), kind="object")
    return Value(refs=(owner,), items=items, kind="object")


def _injected(machine: Machine, frame: Frame, parameter: Parameter) -> Value | None:
    """`= Depends(f)`, in the default or in `Annotated[…]`: what `f`, called by the framework itself, returns."""
    for node in _metadata(parameter):
        if type(node) is not list or node[0] != code.CALL:
            continue
        callee = machine.value_of(frame, Env({}), node[1])
        if not any(path.endswith((".Depends", ".Security", ".Provide")) for path in callee.paths):
            continue
        if not node[2]:
            return None
        target = machine.value_of(frame, Env({}), node[2][0])
        for ref in target.refs:
            if isinstance(ref, Closure):
                return machine.dependency(frame, ref)
            if isinstance(ref, ClassRef):
                return machine.dependency_class(frame, ref)
        return UNKNOWN
    return None


def _unaliased(frame: Frame, parameter: Parameter) -> tuple[Parameter, Frame]:
    """A parameter whose annotation is a name for an `Annotated[…]`, with what the name stands for where it was given."""
    name, module = parameter.annotation, frame.module
    if type(name) is not str:
        return parameter, frame
    for _ in range(4):
        if name not in module.origins:
            break
        module, name = module.origins[name]
    for statement in module.functions[0].body:
        if statement[0] == code.SET_TO and name in statement[1]:
            named = statement[2]
            if type(named) is list and named[0] == code.ITEM:
                found = Parameter(parameter.name, parameter.kind, named, parameter.default)
                return found, Frame(frame.machine, Closure(module.functions[0], None), frame.depth)
    return parameter, frame


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


def flagged(machine: Machine, owner: ClassRef, flag: str, model: EntryModel) -> None:
    """The methods of a class on which a flag is set, or that a flag on the class lets through."""
    own = machine.class_namespace(owner)
    whole = own.get(flag)
    frame = Frame(machine, Closure(owner.module.functions[0], None), 0)
    called = [one[1] if type(one) is list and one[0] == code.CALL else one for one in owner.facts.decorators]
    paths = [path for one in called for path in machine.value_of(frame, Env({}), one).paths]
    is_decorated = any(one.model == model.model for path in paths for one in machine.models.decorators.get(path, ()))
    is_whole = is_decorated or (isinstance(whole, Value) and whole.consts == (True,))
    for name, member in list(own.items()):
        value = machine.force(member) if type(member) is Lazy else member
        if not isinstance(value, Value):
            continue
        mark = (value.items or {}).get(flag)
        if (is_whole and name in model.methods) or (isinstance(mark, Value) and mark.consts == (True,)):
            machine.entries.add(value, Entry(model, None, ()))


def _by_suffix(machine: Machine, owner: ClassRef) -> list[EntryModel]:
    """The entry points of base classes that are known by the end of their names: generated `…Servicer`s."""
    found: list[EntryModel] = []
    for link in machine.order(owner)[1:] if machine.models.suffixes else ():
        name = link.facts.name if isinstance(link, ClassRef) else link.rpartition(".")[2]
        found += [one for suffix, rows in machine.models.suffixes.items() if name.endswith(suffix) for one in rows]
    return found


def view_methods(machine: Machine, owner: ClassRef) -> list[tuple[Closure, EntryModel]]:
    """The methods of a class that a framework calls, by the library classes it descends from."""
    models = machine.models
    found: list[tuple[Closure, EntryModel]] = []
    matching = [model for path in sorted(machine.lineage(owner)) for model in models.classes.get(path, ())]
    matching += _by_suffix(machine, owner)
    if not matching:
        return found
    own = machine.class_namespace(owner)
    for name, member in own.items():
        value = machine.force(member) if type(member) is Lazy else member
        for ref in value.refs if isinstance(value, Value) else ():
            if not isinstance(ref, Closure):
                continue
            for model in matching:
                if (
                    name in model.methods
                    or ("*" in model.methods and not name.startswith("_"))
                    or any(one.endswith("*") and one != "*" and name.startswith(one[:-1]) for one in model.methods)
                ):
                    found.append((ref, model))
                    break
    return found

"""How handlers are registered: decorators and calls of a framework's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aud_action.taint.calling import makers
from aud_action.taint.calling.calls import call
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.handing import REGISTERED, used
from aud_action.taint.code.handing import handed as handed_on
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Lazy
from aud_action.taint.entries.points import Entry
from aud_action.taint.entries.views import named_by
from aud_action.taint.frameworks import hooks
from aud_action.taint.library.book import CALLS
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.models import EntryModel
from aud_action.taint.values.value import UNKNOWN, Value, forms_of, join
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


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
    _register(frame, env, callee, decorator, value, arguments)
    if hooks.BEFORE in callee.paths and arguments:
        machine.entries.hooks.setdefault(function, []).insert(0, arguments[0][1])
    if _GROUPS.intersection(callee.paths):
        return value.but(paths=("click.Group",))
    if "functools.wraps()" in result.paths:
        wrapped = (result.items or {}).get("wrapped", UNKNOWN)
        refs = [_wrapping(ref, wrapped) if isinstance(ref, Closure) else ref for ref in value.refs]
        return value.but(refs=tuple(refs))
    node = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else decorator
    if type(node) is list and node[0] == code.ATTR and node[2] == "register":
        _dispatched(frame, env, node[1], value)
    for path in result.paths:
        if path in CALLS:
            made: Value = CALLS[path](frame, env, [value], [], decorator)
            return made
    if any(isinstance(ref, (Closure, ClassRef)) for ref in result.refs):
        try:
            wrapped = call(frame, env, result, [value], [], [code.CALL, decorator, [], [], -1])
        except Unreachable:
            return value
        makers.changed(frame, env, decorator, result)
        return wrapped if any(isinstance(ref, (Closure, ClassRef)) for ref in wrapped.refs) else value
    return value


_GROUPS = frozenset({"click.group", "click.Group.group", "rich_click.group", "asyncclick.group"})
"""Decorators by which a function becomes an object that has decorators of its own."""


def _wrapping(ref: Closure, wrapped: Value) -> Closure:
    """A function that goes by the signature of another."""
    return Closure(ref.function, ref.scope, ref.owner, ref.receiver, ref.kind, wrapped.refs)


def _dispatched(frame: Frame, env: Env, node: Any, value: Value) -> None:
    """`@function.register`: a call of the function may run this one."""
    base = frame.machine.value_of(frame, env, node)
    if base.kind == "function" and type(node) is str and node in env.vars:
        env.vars[node] = join(base, value)


def _register(
    frame: Frame, env: Env, callee: Value, decorator: Any, value: Value, arguments: list[tuple[str | None, Value]]
) -> None:
    machine = frame.machine
    models = machine.models
    found: list[EntryModel] = []
    for path in callee.paths:
        found += models.find(models.decorators, path) or ()
    if not found and not callee.refs and not callee.paths:
        node = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else decorator
        if type(node) is list and node[0] == code.ATTR:
            found += _probably(machine, value, node[2], arguments)
    if any(model.signal for model in found):
        node = decorator[1] if type(decorator) is list and decorator[0] == code.CALL else decorator
        itself = machine.value_of(frame, env, node[1]) if type(node) is list and node[0] == code.ATTR else UNKNOWN
        arguments = [*arguments, ("self", itself)]
    for model in found:
        used(frame, handed_on([value]), REGISTERED)
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
    _register(frame, env, callee, node, value, [*((str(index), one) for index, one in enumerate(positional)), *words])


def registered(frame: Frame, model: EntryModel, positional: list[Value], words: list[tuple[str | None, Value]]) -> None:
    """A call that registers a handler: `add_url_rule`, `path(…)`, `router.add_get`."""
    arguments = [*((str(index), one) for index, one in enumerate(positional)), *words]
    if model.captures == "django":
        frame.machine.entries.captures(_route(model, arguments))
    for part in model.handler.split("/"):
        for name, given in arguments:
            if name == part:
                entry = Entry(model, _route(model, arguments), tuple(arguments))
                for each in (given.items or {}).values() if given.kind in ("list", "tuple") else (given,):
                    _handler(frame, entry, _named_by_text(frame, each))
                return


def _handler(frame: Frame, entry: Entry, value: Value) -> None:
    """One handler that is registered: a function, or a resource with its methods."""
    used(frame, handed_on([value]), REGISTERED)
    frame.machine.entries.add(value, entry)
    for owner in value.refs if entry.model.methods else ():
        if isinstance(owner, ClassRef):
            _methods_of(frame.machine, owner, entry, value if value.kind == "object" else None)


def _named_by_text(frame: Frame, value: Value) -> Value:
    """`add_view("shop.views.cart")`, `(".views.cart")`, `("cart")`: what the text names, if it names something of the project."""
    text = value.consts[0] if value.consts else None
    if not isinstance(text, str) or not text.replace(".", "").isidentifier():
        return value
    if "." not in text:
        return frame.machine.module_attribute(frame.module, text) or value
    home = frame.module.name if frame.module.is_package else frame.module.name.rpartition(".")[0]
    place, _, name = (home + text if text[0] == "." else text).rpartition(".")
    module = frame.machine.program.resolve(place, frame.module)
    return value if module is None else frame.machine.module_attribute(module, name) or value


def _methods_of(machine: Machine, owner: ClassRef, entry: Entry, instance: Value | None) -> None:
    """The methods of a resource that is registered: `on_get`, `on_post`, …, inherited ones too; of an object with what it holds."""
    for link in machine.order(owner):
        for name, member in list(machine.class_namespace(link).items()) if isinstance(link, ClassRef) else ():
            value = machine.force(member) if type(member) is Lazy else member
            if isinstance(value, Value) and named_by(name, entry.model):
                refs = [ref.bound(instance) if instance and isinstance(ref, Closure) else ref for ref in value.refs]
                machine.entries.add(value.but(refs=tuple(refs)), entry)


def _route(model: EntryModel, arguments: list[tuple[str | None, Value]]) -> str | None:
    for part in model.route.split("/"):
        for name, value in arguments:
            if name == part and value.consts and isinstance(value.consts[0], str):
                return value.consts[0]
    return None

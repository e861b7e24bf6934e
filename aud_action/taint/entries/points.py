"""Entry points: the functions that a framework calls with what a client sent, and what they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aud_action.taint.calling import makers
from aud_action.taint.calling.calls import call
from aud_action.taint.code.frame import Env, Frame, Names, shared
from aud_action.taint.code.handing import REGISTERED, used
from aud_action.taint.code.handing import handed as handed_on
from aud_action.taint.code.labels import known_of
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Lazy, Members, Partial
from aud_action.taint.frameworks import hooks
from aud_action.taint.frameworks.routes import captures, decoded
from aud_action.taint.frameworks.schema_texts import SchemaTexts
from aud_action.taint.library.book import CALLS
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.models import EntryModel
from aud_action.taint.values.value import UNKNOWN, Value, forms_of, join
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


class Entry(NamedTuple):
    """One function that a framework calls."""

    model: EntryModel
    route: str | None  #: the URL template, when it is known
    arguments: tuple[tuple[str | None, Value], ...]  #: of the registration
    closure: Closure | None = None  #: the function with what it captured
    bound: Partial | None = None  #: what it is given besides: `partial(handler, database)`


_MOST_ALIKE = 4
"""How often one inner function is looked at as the same entry point, each time with what it captured."""


_MOST_HEARD = 8
"""Signals of which one function hears; what connects it may run any number of times."""


class Entries:
    """Every entry point met so far."""

    def __init__(self) -> None:
        self.found: dict[FunctionRef, list[Entry]] = {}
        self.classes: dict[ClassRef, list[Entry]] = {}
        self.listening: list[tuple[Closure, Entry]] = []  #: functions that hear of a signal
        self.views: dict[FunctionRef, list[Entry]] = {}  #: methods of classes of views
        self.within: dict[FunctionRef, list[Entry]] = {}  #: what the wrappers that decorators make of entry points call
        self.wrappers: set[FunctionRef] = set()
        self.hooks: dict[FunctionRef, list[Value]] = {}  #: what sees the parameters of an entry point before it does
        self.captured: dict[str, int | None] = {}  #: what no route of Django's lets through under a name
        self.is_open = False  #: whether there are routes of Django's that nobody can read
        self.schema = SchemaTexts()
        self.let_through: dict[str, int | None] = {}  #: what no route in braces lets through under a name

    def building(self, owner: ClassRef, made: FunctionRef) -> Entry | None:
        """How a framework makes an instance, of a request, before it calls a method that is an entry point."""
        asked = {one.name for one in made.facts.parameters[1:]}
        if not asked & _REQUESTS or len(asked) > _MOST_ASKED:
            return None  # the program makes it
        for function, known in self.found.items():
            if function.owner is owner and known[0].model.first:
                return known[0]
        return None

    def add(self, target: Value, entry: Entry) -> None:
        """A function or view class is registered."""
        if entry.model.captures == "braces":
            _narrow(self.let_through, decoded(entry.route))
        for ref in target.refs:
            if isinstance(ref, Closure):
                known = self.found.setdefault(ref.function, [])
                entry = entry._replace(closure=_settled(ref))
                alike = [one for one in known if one.model is entry.model and one.route == entry.route]
                heard = [one for one, _ in self.listening if one.function is ref.function] if entry.model.signal else []
                if entry.model.signal and len(heard) < _MOST_HEARD:
                    self.listening.append((ref, entry))
                if len(alike) < _MOST_ALIKE and not any(_same(one.closure, ref) for one in alike):
                    known.append(entry)
                    self._wrapped(ref, entry, 4)
            elif isinstance(ref, ClassRef):
                self.classes.setdefault(ref, []).append(entry)
            elif isinstance(ref, Partial):
                self.add(ref.callee, entry._replace(bound=ref))

    def captures(self, route: str | None) -> None:
        """A route of Django's, which may lead to a class, or to routes that other files list."""
        self.is_open = self.is_open or route is None
        _narrow(self.captured, captures(route, "django"))

    def _wrapped(self, ref: Closure, entry: Entry, depth: int) -> None:
        """What a decorator's wrapper calls answers by itself: its page is made where it returns it."""
        for inner in ref.wraps or _captured(ref):
            if isinstance(inner, Closure) and inner.function.facts.name != "<lambda>" and depth:
                self.wrappers.add(ref.function)
                known = self.within.setdefault(inner.function, [])
                if not any(one is entry for one in known):
                    known.append(entry)
                    self._wrapped(inner, entry, depth - 1)

    def answering(self, frame: Frame) -> Entry | None:
        """The entry whose return value is a response, in `model.response`; None for none."""
        known: list[Entry] = [
            *self.found.get(frame.function, ()),
            *self.views.get(frame.function, ()),
            *self.within.get(frame.function, ()),
        ]
        for entry in known:
            if entry.model.response and not any(name in entry.model.unless for name, _ in entry.arguments):
                return entry
        return None


_REQUESTS = frozenset({"request", "req", "_request"})
_MOST_ASKED = 2
"""Pyramid's views are made of a request, or of a context and a request."""


def _narrow(known: dict[str, int | None], told: dict[str, int | None]) -> None:
    """One route more: what none of them lets through."""
    for name, mask in told.items():
        before = known.get(name, mask)
        known[name] = before if mask is None else mask if before is None else before & mask


def _captured(ref: Closure) -> list[Any]:
    """The functions that one has captured and speaks of: around it there may be a hundred others."""
    scope: dict[str, Any] = ref.scope or {}
    values = [scope[name] for name in sorted(ref.function.mentions & scope.keys())]
    return [one for value in values if isinstance(value, Value) and value.kind == "function" for one in value.refs]


def _same(known: Closure | None, ref: Closure) -> bool:
    """Whether a function was met before with the same captures."""
    if known is None or known.function is not ref.function:
        return False
    return known.scope is ref.scope or shared(known.scope, ref.scope)


def _settled(ref: Closure) -> Closure:
    """A function with what it captured, but for what only callers of the function around it know."""
    if not ref.scope:
        return ref
    known = {name: known_of(one) if isinstance(one, Value) else one for name, one in ref.scope.items()}
    return Closure(ref.function, Names.of(known, ref.scope.home), ref.owner, ref.receiver, ref.kind, ref.wraps)


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
            if isinstance(value, Value) and _named_by(name, entry.model):
                refs = [ref.bound(instance) if instance and isinstance(ref, Closure) else ref for ref in value.refs]
                machine.entries.add(value.but(refs=tuple(refs)), entry)


def _named_by(name: str, model: EntryModel) -> bool:
    """Whether a method is one that the framework calls; `on_*` is the beginning of several."""
    if "*" in model.methods and not name.startswith("_"):
        return True
    return any(name == one or (one.endswith("*") and one != "*" and name.startswith(one[:-1])) for one in model.methods)


def _route(model: EntryModel, arguments: list[tuple[str | None, Value]]) -> str | None:
    for part in model.route.split("/"):
        for name, value in arguments:
            if name == part and value.consts and isinstance(value.consts[0], str):
                return value.consts[0]
    return None


def flagged(machine: Machine, owner: ClassRef, flag: str, model: EntryModel) -> None:
    """The methods of a class on which a flag is set, or that a flag on the class lets through; or functions it lists."""
    own = machine.class_namespace(owner)
    whole = own.get(flag)
    for listed in (whole.items or {}).values() if isinstance(whole, Value) and whole.kind in ("list", "tuple") else ():
        machine.entries.add(listed, Entry(model, None, ()))
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


def _members(machine: Machine, owner: ClassRef) -> list[tuple[str, Any]]:
    """
    What a class of views has of its own, from classes that are none (mixins), and from other classes of views whose methods
    read what it has of its own: `get` of a base that calls `self.handle`.
    """
    found = dict(machine.class_namespace(owner))
    own = set(found)
    for link in machine.order(owner)[1:]:
        if not isinstance(link, ClassRef):
            continue
        members = machine.class_namespace(link)
        mixed_in = not any(one in machine.models.classes for one in machine.lineage(link))
        if mixed_in or any(ref.function.mentions & own for ref in _methods(members)):
            for name, member in members.items():
                found.setdefault(name, member)
        own |= members.keys()
    return list(found.items())


def _methods(members: Members) -> Iterator[Closure]:
    for member in members.values():
        for ref in member.refs if isinstance(member, Value) and member.kind == "function" else ():
            if isinstance(ref, Closure):
                yield ref


def view_methods(machine: Machine, owner: ClassRef) -> list[tuple[Closure, EntryModel]]:
    """The methods of a class that a framework calls, by the library classes it descends from."""
    models = machine.models
    found: list[tuple[Closure, EntryModel]] = []
    direct = [link for link in machine.order(owner) if isinstance(link, str)]  # these say most
    paths = [*direct, *sorted(machine.lineage(owner).difference(direct))]
    matching = [model for path in paths for model in models.classes.get(path, ())]
    matching += _by_suffix(machine, owner)
    if not matching:
        return found
    for name, member in _members(machine, owner):
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

"""The machine that runs the project's functions on abstract values, each once per shape of what it is given."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from aud_action.taint.calling import classes, fields
from aud_action.taint.calling.calls import call
from aud_action.taint.calling.invoke import invoke
from aud_action.taint.code import declared
from aud_action.taint.code.frame import Env, Frame, Names
from aud_action.taint.code.generated import is_generated
from aud_action.taint.code.labels import Shapes
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Lazy, Module, Program
from aud_action.taint.entries import injected, parameters, points
from aud_action.taint.entries.points import Entries
from aud_action.taint.entries.registration import decorated, handed, registered
from aud_action.taint.entries.views import view_methods
from aud_action.taint.flaws import named
from aud_action.taint.flaws.guards import passing
from aud_action.taint.flaws.sinks import Reached, is_label, reach
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import state
from aud_action.taint.frames.assign import assign, placed, without, write
from aud_action.taint.frames.landing import Outcome
from aud_action.taint.frames.names import attribute
from aud_action.taint.frames.runs import Runs
from aud_action.taint.frames.scopes import Scope, Scopes
from aud_action.taint.frames.tables import Tables
from aud_action.taint.frameworks import responses
from aud_action.taint.language import expressions
from aud_action.taint.language.statements import block
from aud_action.taint.limits.budget import Budget
from aud_action.taint.limits.stop import Exhausted, Unreachable
from aud_action.taint.models import Models
from aud_action.taint.objects import spelling
from aud_action.taint.shortfall import Shortfall
from aud_action.taint.values.known import constant, of_library
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import ANY, OBJECT, UNKNOWN, Source, Taint, Value, join
from extractors.flow import code

BUILT_IN = frozenset(dir(builtins))
_BROAD = {"builtins.Exception", "builtins.BaseException", "builtins.OSError", "builtins.RuntimeError"}
_ERROR = "builtins.BaseException"
_NARROW = 45  #: confidence, in percent, that the text of a narrow class of exceptions isn't meant for the client
_LOCAL = {"library", "cli", "stdin", "env"}


class Machine:
    """One link: the program, the models, and what has been found so far."""

    value_of = staticmethod(expressions.value_of)
    text_of = staticmethod(spelling.text_of)
    represented_of = staticmethod(spelling.represented_of)
    iterate = staticmethod(expressions.iterate)
    iterable = staticmethod(expressions.iterable)
    formatted = staticmethod(spelling.formatted)
    call = staticmethod(call)
    attribute = staticmethod(attribute)
    assign = staticmethod(assign)
    write = staticmethod(write)
    placed = staticmethod(placed)
    invoke = staticmethod(invoke)
    block = staticmethod(block)
    decorated = staticmethod(decorated)
    registered = staticmethod(registered)
    handed = staticmethod(handed)
    arguments = staticmethod(expressions.arguments)
    typed = staticmethod(declared.typed)
    construct = staticmethod(classes.construct)
    declare = staticmethod(classes.declare)
    loaded = staticmethod(fields.loaded)
    set_global = state.set_global
    changed_elsewhere = state.changed_elsewhere
    keep = state.keep
    home = state.home
    afresh = state.afresh
    dependency = injected.dependency
    dependency_class = injected.dependency_class
    without = staticmethod(without)
    passing = staticmethod(passing)
    super_of = staticmethod(classes.super_of)
    order = classes.order
    bases = classes.bases
    slot = classes.slot
    class_namespace = classes.namespace
    lineage = classes.lineage

    def __init__(self, program: Program, models: Models, kinds: frozenset[str], seconds: float) -> None:
        self.program = program
        self.models = models
        self.kinds = kinds
        self.every_mask = models.every
        self.path_mask = models.mask(["path-traversal", "archive-slip"])
        self.shown_mask = models.mask(["cleartext-logging", "cleartext-storage"])
        self.told_mask = self.shown_mask | models.mask(["weak-password-hash", "insecure-randomness"])
        self.upload_mask = models.mask(["file-upload"])
        self.memo: dict[Any, Outcome | None] = {}
        self.ran: set[FunctionRef] = set()  #: functions of which some run has ended
        #: functions that return a source, or call what they are handed with one; and which
        self.returning: dict[FunctionRef, set[Source]] = {}
        self.returned_before: dict[FunctionRef, set[Source]] = {}  #: the same, before state changed
        self.runs, self.numbered = Runs(), Shapes()
        self.flows: list[Reached] = []
        self.settled: dict[tuple[str, Place], bool] = {}  #: whether all that a dangerous call is given is harmless
        self.pending: list[dict[Any, Reached]] = []  #: what callers are told of
        #: caller and called; None for a call that wasn't followed
        self.calls: set[tuple[FunctionRef | None, FunctionRef]] = set()
        self.closing: set[str] = set()  #: names of functions of which was asked whether every caller is known
        #: what the runs so far keep of labels
        self.stores: list[dict[tuple[Module | ClassRef | Scope, str], Value]] = []
        self.dirty: set[state.Changed] = set()  #: state that came to hold a client's data
        self.entries = Entries()
        self.scopes, self.tables = Scopes(), Tables(models.mask(models.stored))
        self.budget = Budget(seconds)
        self.short = Shortfall(self.budget)
        self.class_bodies = {one.body for module in program.modules for one in module.classes}
        self.forcing: set[Lazy] = set()
        self.left: dict[Any, dict[Any, Value]] = {}
        self.injecting: Any = None
        self.watch: Any = None  #: told of every call, for who asks what one is taken to be
        self.fields: dict[ClassRef, set[str]] = {}  #: attributes in which some method keeps a client's data
        self.started: set[FunctionRef] = set()  #: functions that were run for themselves
        self.views: list[ClassRef] = []  #: classes that a framework calls
        self.wrapping: dict[FunctionRef, list[Any]] = {}  #: what decorators made of views' methods, with the class
        self.names_asked: set[str] = set()  #: what was looked for among the names of modules, there or not
        self.telling: set[str] = set()  #: names by which functions were chosen since others return or keep a source
        self.changed: list[state.Changed] = []  #: state for which functions were run again

    def dissolve(self) -> None:
        """Let go of everything: modules and what they hold are rings, which only a walk of the collector would free."""
        self.program.dissolve()
        self.numbered.clear()  # values that are always there know it
        vars(self).clear()

    # Flows

    def reached(self, reached: Reached) -> None:
        """Note a taint at a sink: for good when its origin is known, for the callers when it isn't."""
        origin = reached.taint.origin
        if not is_label(reached.taint):
            if reached.whole and origin.kind in _LOCAL and reached.flaw == "path-traversal":  # type: ignore[union-attr] # no label
                return  # whoever runs or calls the program may name a file
            if origin.kind in self.models.accepts[reached.flaw]:  # type: ignore[union-attr] # no label
                self.flows.append(reached)
        elif self.pending:
            key = (reached.flaw, origin, reached.place, reached.callee, reached.argument, reached.whole)
            known = self.pending[-1].get(key)
            if known is None or reached.rank < known.rank:
                self.pending[-1][key] = reached

    def returns(self, function: FunctionRef, taints: Iterable[Taint]) -> None:
        """Note that a function returns some taints: those that some class minds are asked for where it is called."""
        for one in taints:
            if isinstance(one.origin, Source) and self.models.minded(one.origin.kind) & ~one.cleared:
                self.returning.setdefault(function, set()).add(one.origin)

    def settle(self, flaw: str, place: Place, harmless: bool) -> None:
        """Note of a dangerous call whether what it is given is known and harmless, each time."""
        key = (flaw, place)
        self.settled[key] = harmless and self.settled.get(key, True)

    def returned(self, frame: Frame, env: Env, value: Value, at: int) -> Value:
        """What a function returns; an entry point's becomes its response."""
        value = named.stored(frame, env, frame.function.facts.name, value, at)
        entry = self.entries.answering(frame)
        if entry is not None:
            words: Named = [(name, one) for name, one in entry.arguments if name is not None and not name.isdigit()]
            for part, suffix in responses.parts(value):
                path = entry.model.response + suffix
                reach(frame, env, path, [part], words, None, [code.CALL, "return", [], [], at])
        return value

    # Modules

    def library(self, path: str) -> Value:
        """A name of a library."""
        key = self.models.canonical(path)
        if key in self.models.constants:
            return constant(self.models.constants[key])
        return of_library(self.models.type_of(key))

    def namespace(self, module: Module) -> dict[str, Any]:
        """What a module's body leaves behind; while it runs, what it has left so far."""
        if module.namespace is not None:
            return module.namespace
        if module.running is not None:
            return module.running
        module.running = Names.of({})
        closure = Closure(module.functions[0], None)
        frame = Frame(self, closure, 0)
        env = Env(module.running)
        self.pending.append({})
        try:
            with self.budget.within():
                after = block(frame, env, closure.function.body)
        except Exhausted as reason:
            self.short.exhausted(closure.function, reason)
            after = env
        except Exception as error:  # noqa: BLE001 # as above
            self.short.failed(closure.function, error)
            after = env
        finally:
            self.pending.pop()
        module.namespace = (after or env).vars
        return module.namespace

    def member(self, module: Module, name: str) -> Value:
        """A module's own name, a starred one, or a built-in."""
        found = self._own_member(module, name)
        if found is not None:
            return found
        for star in module.stars:
            if isinstance(star, Module):
                if star is not module and (inner := self._own_member(star, name)) is not None:
                    return inner
            elif self.models.knows(f"{star}.{name}"):
                return self.library(f"{star}.{name}")
        return of_library(self.models.type_of(f"builtins.{name}")) if name in BUILT_IN else UNKNOWN

    def _own_member(self, module: Module, name: str) -> Value | None:
        self.names_asked.add(name)
        space = self.namespace(module)
        found = space.get(name)
        if found is None:
            if module.namespace is None and name in module.top:
                return self._early(module.top[name])
            return module.late.get(name)
        if type(found) is Lazy:
            found = space[name] = self.force(found)
        late = module.late.get(name)
        if late is not None:
            return join(found, late)
        if name in module.facts.changed:
            return found.but(consts=None)
        return found

    def _early(self, found: FunctionRef | ClassRef) -> Value:
        """A definition that is asked for while its module still runs."""
        if isinstance(found, FunctionRef):
            return Value(refs=(Closure(found, None),), kind="function")
        return Value(refs=(found,), kind="class")

    def force(self, lazy: Lazy) -> Value:
        """The value of a name imported from the project; imports in a circle end at the submodule of that name."""
        if lazy in self.forcing:
            inner = self.program.resolve(f"{lazy.module.name}.{lazy.name}", lazy.module)
            return Value(refs=(inner,), kind="module") if inner is not None else UNKNOWN
        self.forcing.add(lazy)
        try:
            found = self.module_attribute(lazy.module, lazy.name)
        finally:
            self.forcing.discard(lazy)
        if found is None:  # of the project, but not here: made from a protocol when it is built
            return self.library(f"{lazy.module.name}.{lazy.name}") if is_generated(lazy.name) else UNKNOWN
        return found

    def module_attribute(self, module: Module, name: str) -> Value | None:
        """`module.name`: a member, else a submodule."""
        found = self._own_member(module, name)
        if found is None:
            inner = self.program.resolve(f"{module.name}.{name}", module)
            if inner is not None:
                return Value(refs=(inner,), kind="module")
            for star in module.stars:
                if isinstance(star, Module) and star is not module:
                    found = found or self._own_member(star, name)
                elif isinstance(star, str) and self.models.knows(f"{star}.{name}"):
                    found = found or self.library(f"{star}.{name}")
        return found

    # Roots

    def root(self, closure: Closure, entry: Any, kind: str) -> dict[str, Value]:
        """Run a function as its framework would; what it leaves in its parameters."""
        outs: dict[str, Value] = {}
        try:
            with self.budget.within():
                self._enter(closure, entry, kind, outs)
        except Exhausted as reason:
            self.short.exhausted(closure.function, reason)
        return outs

    def asked(self, closure: Closure, kind: str, steps: int) -> bool:
        """Run a function for a question that may stay open; whether so many steps were enough."""
        try:
            with self.budget.within(steps):
                self._enter(closure, None, kind, {})
                return True
        except Exhausted as reason:
            if self.budget.gone():
                self.short.incomplete[str(reason)] = None
            return False

    def _enter(self, closure: Closure, entry: Any, kind: str, outs: dict[str, Value]) -> None:
        home = Frame(self, Closure(closure.function.module.functions[0], closure.scope), 0)
        self.pending.append({})
        depth, kept = len(self.pending), len(self.stores)
        try:
            values = parameters.given(self, home, closure, entry, kind)
            closure = Closure(closure.function, closure.scope, closure.owner, None, "static")
            kinds = {one.name: one.kind for one in closure.function.facts.parameters}
            named: Named = [
                (kinds[name] + name if kinds[name] in ("*", "**") else name, one) for name, one in values.items()
            ]
            invoke(home, Env({}), closure, [], named, None, outs)
        except Unreachable:
            pass
        except Exhausted:
            raise
        except Exception as error:  # noqa: BLE001 # one function that can't be analysed must not end the run
            self.short.failed(closure.function, error)
        finally:
            del self.pending[depth - 1 :]
            del self.stores[kept:]

    def kept(self, owner: ClassRef, closure: Closure) -> dict[Any, Value]:
        """What a method leaves on self when the framework, or for a library its user, calls it."""
        if (key := (owner, closure.function)) not in self.left:
            self.left[key] = {}
            outs: dict[str, Value] = {}
            method = closure.bound(Value(refs=(owner,), items={}, kind="object"))
            known = self.entry_of(owner, closure)
            try:
                if self.budget.is_question:
                    self._enter(method, *known, outs)
                else:
                    outs = self.root(method, *known)
            except Exhausted:
                del self.left[key]
                raise
            left = outs.get(names[0].name) if (names := closure.function.facts.parameters) else None
            self.left[key] = dict(left.items or {}) if left is not None else {}
        return self.left[key]

    def entry_of(self, owner: ClassRef | None, closure: Closure) -> tuple[points.Entry | None, str]:
        """How a function is called from outside: its entry point and the kind of its parameters."""
        found = self.entries.found.get(closure.function)
        if found:
            return found[0], found[0].model.kind
        if owner is not None:
            for ref, model in view_methods(self, owner):
                if ref.function is closure.function:
                    routes = [one.route for one in self.entries.classes.get(owner, ()) if one.route]
                    return points.Entry(model, " ".join(routes) or None, ()), model.kind
            if (
                closure.function.facts.name == "__init__"
                and (built := self.entries.building(owner, closure.function)) is not None
            ):
                return built, built.model.kind
        return None, "library" if self.is_public(closure.function) else ""

    def is_public(self, function: FunctionRef) -> bool:
        """Whether a library's user may call it."""
        if "library" not in self.kinds or function.module.is_test:
            return False
        parts = function.facts.qualified.split(".")
        return not any((part.startswith("_") and not part.startswith("__")) or part.startswith("<") for part in parts)

    # What statements ask

    def is_class_body(self, function: FunctionRef) -> bool:
        """Whether a function holds the statements of a class."""
        return function in self.class_bodies

    def caught(self, frame: Frame, env: Env, kind: Any, at: int) -> Value:
        """The exception that a handler binds: of one's own class its text is meant to be read, else it may tell too much."""
        found = Value(paths=(_ERROR,)) if kind is None else self.value_of(frame, env, kind)
        return self.thrown(frame, found, at)

    def thrown(self, frame: Frame, found: Value, at: int) -> Value:
        """An exception of one of some classes."""
        kinds = [found, *(found.items or {}).values()]
        if "exception" not in self.kinds or any(one.refs for one in kinds):
            return UNKNOWN
        broad = any(path in _BROAD for one in kinds for path in one.paths)
        slot = ("exception", at, 0)
        taint = frame.entered.get(slot)
        if taint is None:
            sure = 100 if broad else _NARROW
            taint = fresh("exception", "an exception's text", frame.place(at), sure)._replace(state=OBJECT)
            frame.entered[slot] = taint
        return Value((taint,), paths=(_ERROR,), kind="object")

    def entered(self, frame: Frame, env: Env, value: Value) -> Value:
        """What `with value as x` binds."""
        if value.kind == "gen":
            return value.items[ANY] if value.items and ANY in value.items else UNKNOWN
        for name in ("__enter__", "__aenter__"):
            method = attribute(frame, env, value, name) if value.refs else UNKNOWN
            if any(isinstance(ref, Closure) for ref in method.refs):
                return call(frame, env, method, [], [], [code.CALL, None, [], [], -1])
        paths = tuple(
            known for path in value.paths if (known := self.models.find(self.models.types, f"{path}.__enter__()"))
        )
        return value.but(paths=paths) if paths else value

"""What the analysis takes each call of one line to be: for people who ask why something is found, or isn't."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, FileFacts, FunctionRef, Partial
from aud_action.taint.entries import roots
from aud_action.taint.flaws.sinks import selected
from aud_action.taint.flaws.terms import Named, applies
from aud_action.taint.frames.names import inherited
from aud_action.taint.library.book import CALLS
from aud_action.taint.linking import DEEPEST, prepared
from aud_action.taint.machine import Machine
from aud_action.taint.models import Models
from aud_action.taint.objects.methods import KNOWN_METHODS
from aud_action.taint.summaries import Summary, summary
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import Source, Value, all_taints
from extractors.flow import code


class Row(NamedTuple):
    """One row of the models that speaks of a call."""

    role: str  #: source, sink, sanitizer, propagator, clean, guard, callback, stop, entrypoint
    path: str  #: under which path it was found
    says: str  #: the class of a sink, the kind of a source, what a sanitizer clears
    arguments: tuple[str, ...]  #: the arguments it speaks of, as they are written
    carries: tuple[str, ...]  #: sources known to arrive in them
    holds: bool  #: whether its conditions hold for this call
    model: str  #: the file of the row


class Target(NamedTuple):
    """One thing that a call may reach."""

    kind: str  #: library, function, class or unknown
    name: str
    place: Place | None
    through: tuple[str, ...]  #: bases and other names on the way to it
    rows: tuple[Row, ...]
    summary: Summary | None
    built_in: bool  #: part of the analysis itself


class Seen(NamedTuple):
    """One call of the line."""

    place: Place
    text: str
    targets: tuple[Target, ...]


def watched(
    files: Iterable[FileFacts],
    file: int,
    line: int,
    *,
    threats: Iterable[str] = (),
    own: Iterable[tuple[str, str]] = (),
) -> list[Seen]:
    """Each call that begins on a line of a file, in order. Raises models.ModelError."""
    machine = prepared(files, threats=threats, own=own)
    watcher = _Watcher(machine, file, line)
    machine.watch = watcher.call
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, DEEPEST))
    gc.disable()
    try:
        roots.run(machine)
        for function in watcher.around():
            machine.root(roots.closure(machine, function.owner, function), None, "")
        return watcher.seen()
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


class _Watcher:
    """Notes each call on a line whenever the machine makes it."""

    def __init__(self, machine: Machine, file: int, line: int) -> None:
        self.machine = machine
        self.file = file
        self.line = line
        self.found: dict[Place, tuple[str, dict[tuple[str, str], Target]]] = {}

    def around(self) -> Iterator[FunctionRef]:
        """The functions that the line is in, so that one which nothing calls is run as well."""
        for module in self.machine.program.modules:
            if module.file == self.file:
                self.machine.namespace(module)
                for owner in module.classes:
                    self.machine.class_namespace(owner)
                for function in module.functions[1:]:
                    if (
                        function.place.line <= self.line <= function.place.end_line
                        and "<locals>" not in function.facts.qualified
                    ):
                        yield function

    def seen(self) -> list[Seen]:
        """What was noted, in the order of the line; a call of nothing known beside known ones is left out."""
        result = []
        for place, (text, targets) in sorted(self.found.items()):
            known = [one for one in targets.values() if one.kind != "unknown"]
            result.append(Seen(place, text, tuple(known or targets.values())))
        return result

    def call(
        self,
        frame: Frame,
        callee: Value,
        positional: list[Value],
        named: Named,
        node: Any,
        receiver: Value | None,
        method: str,
    ) -> None:
        """Note one call."""
        if frame.module.file != self.file or type(node) is not list or type(node[-1]) is not int or node[-1] < 0:
            return
        place = frame.place(node[-1])
        if place.line != self.line or node[1] is None:
            return
        _, targets = self.found.setdefault(place, (described(node[1]), {}))
        for target in self._targets(frame, callee, positional, named, node, receiver, method):
            key = (target.kind, target.name)
            known = targets.get(key)
            targets[key] = target if known is None else _both(known, target)

    def _targets(
        self,
        frame: Frame,
        callee: Value,
        positional: list[Value],
        named: Named,
        node: Any,
        receiver: Value | None,
        method: str,
    ) -> Iterator[Target]:
        given = _Given(frame, positional, named, node, receiver)
        refs = [one for one in callee.refs if isinstance(one, (Closure, ClassRef, Partial))]
        for ref in refs:
            yield self._project(given, ref, callee)
        for path in callee.paths if not refs else ():
            rows = tuple(_rows(given, path))
            on_text = receiver is not None and (bool(receiver.taints) or receiver.items is not None)
            built_in = path in CALLS or (on_text and method in KNOWN_METHODS)
            yield Target("library", path, None, tuple(_through(given, path, method)), rows, None, built_in)
        if not refs and not callee.paths:
            rows = tuple(_by_name(given, method or (node[1] if type(node[1]) is str else "")))
            known = callee.kind == "function"
            plain = receiver is not None and method in KNOWN_METHODS
            through = tuple(_imported(given))
            yield Target("unknown", method or described(node[1]), None, through, rows, None, plain or known)

    def _project(self, given: _Given, ref: Any, callee: Value) -> Target:
        if isinstance(ref, Partial):
            inner = ref.callee.refs[0] if ref.callee.refs else None
            name = inner.function.facts.qualified if isinstance(inner, Closure) else "a partial call"
            return Target("function", name, None, ("functools.partial",), (), None, False)
        if isinstance(ref, ClassRef):
            method = given.frame.machine.attribute(given.frame, Env({}), Value(refs=(ref,), kind="object"), "__init__")
            closure = next((one for one in method.refs if isinstance(one, Closure)), None)
            bases = (*(f"a {_name(one)}" for one in given.frame.machine.order(ref)[1:]), *_imported(given))
            rows = tuple(row for path in sorted(given.frame.machine.lineage(ref)) for row in _rows(given, path))
            name, place = _name(ref), ref.body.place
            kind = "class" if callee.kind == "class" else "function"
            return Target(kind, name, place, bases, rows, summary(self.machine, closure) if closure else None, False)
        through = []
        if ref.function.owner is not None and given.receiver is not None:
            owners = [one for one in given.receiver.refs if isinstance(one, ClassRef)]
            through = [f"{_name(one)} inherits it" for one in owners if one is not ref.function.owner]
        through += _imported(given)
        name = f"{ref.function.module.name}.{ref.function.facts.qualified}"
        return Target("function", name, ref.function.place, tuple(through), (), summary(self.machine, ref), False)


class _Given(NamedTuple):
    """A call with what it is given."""

    frame: Frame
    positional: list[Value]
    named: Named
    node: Any
    receiver: Value | None

    @property
    def models(self) -> Models:
        return self.frame.machine.models


def _both(one: Target, other: Target) -> Target:
    rows = {row[:3]: row for row in one.rows}
    for row in other.rows:
        known = rows.get(row[:3])
        carries = tuple(dict.fromkeys((*(known.carries if known else ()), *row.carries)))
        rows[row[:3]] = row._replace(carries=carries, holds=row.holds or (known is not None and known.holds))
    return one._replace(rows=tuple(rows.values()))


def _name(ref: Any) -> str:
    return f"{ref.module.name}.{ref.facts.qualified}" if isinstance(ref, ClassRef) else str(ref)


def _through(given: _Given, path: str, method: str) -> Iterator[str]:
    """Why a method is a library's: what its object is, whose class inherits what."""
    if method and given.receiver is not None:
        owner = path.rpartition(".")[0]
        bases = inherited(given.frame, given.receiver)
        mine = [ref for ref in given.receiver.refs if isinstance(ref, ClassRef)]
        if mine and bases:
            yield f"{_name(mine[0])} descends from {bases[0]}"
        elif owner and owner not in _names_of(given):
            yield f"the object is {owner}"
    yield from _imported(given)


def _names_of(given: _Given) -> set[str]:
    return {statement[2] if statement[3] is None else f"{statement[2]}.{statement[3]}" for statement in _imports(given)}


def _imports(given: _Given) -> Iterator[Any]:
    """The imports that bind the name which the call begins with."""
    head = described(given.node[1]).split(".", 1)[0].split("(", 1)[0]
    for function in (given.frame.function, given.frame.module.functions[0]):
        for statement in function.body:
            if statement[0] == code.IMPORT and statement[1] == head:
                yield statement


def _imported(given: _Given) -> Iterator[str]:
    """By which import the file knows the name that the call begins with."""
    for _, bound, module, name, level in _imports(given):
        source = "." * level + (module or "")
        written = f"import {source}" if name is None else f"from {source} import {name}"
        yield f"by `{written}`" if (name or source.split(".", 1)[0]) == bound else f"by `{written} as {bound}`"
        return


def _rows(given: _Given, path: str) -> Iterator[Row]:
    """Every row of the models that speaks of a path."""
    models = given.models
    for found, rows in _found(models, models.sources, f"{path}()"):
        yield from (
            Row("source", found, row.kind, (), (), row.kind in given.frame.machine.kinds, row.model) for row in rows
        )
    for found, rows in _found(models, models.sinks, path):
        yield from (_sink(given, found, row) for row in rows)
    for found, rows in _found(models, models.flows, path):
        for row in rows:
            role = "clean" if row.clean else "sanitizer" if row.clears else "propagator"
            says = (
                ", ".join(models.names(row.clears))
                if row.clears
                else "reopens what was cleared"
                if row.reopens
                else row.relation
            )
            yield Row(role, found, says, *_spoken(given, row.pattern), True, row.model)
    for found, rows in _found(models, models.guards, path):
        for row in rows:
            says = ", ".join(models.names(row.clears)) + (" once it returned" if row.on is None else f" when {row.on}")
            yield Row("guard", found, says, *_spoken(given, row.pattern), True, row.model)
    for found, rows in _found(models, models.callbacks, path):
        yield from (Row("callback", found, f"calls argument {row.function}", (), (), True, row.model) for row in rows)
    for table in (models.registrations, models.decorators):
        for found, rows in _found(models, table, path):
            yield from (Row("entrypoint", found, row.kind, (), (), True, row.model) for row in rows)
    if models.find(models.stops, path):
        yield Row("stop", path, "never returns", (), (), True, "")


def _found(models: Models, table: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """The nearest of a path and what it inherits of which a table speaks."""
    found = next((one for one in models.line(path) if one in table), None)
    if found is not None:
        yield found, table[found]


def _by_name(given: _Given, method: str) -> Iterator[Row]:
    """Rows that go by the name of a method whose object isn't known."""
    models = given.models
    for row in models.sinks.get(f"?.{method}", ()):
        one = _sink(given, f"?.{method}", row)
        yield one._replace(says=f"{one.says}, when the object is called like /{row.receiver}/")
    for flow in models.flows.get(f"?.{method}", ()):
        yield Row(
            "sanitizer",
            f"?.{method}",
            ", ".join(models.names(flow.clears)),
            *_spoken(given, flow.pattern),
            True,
            flow.model,
        )


def _sink(given: _Given, path: str, row: Any) -> Row:
    holds = applies(given.frame, row, given.positional, given.named)
    return Row("sink", path, row.flaw, *_spoken(given, row.pattern), holds, row.model)


def _spoken(given: _Given, pattern: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arguments of this call that a pattern speaks of, and the sources that arrive in them."""
    arguments, carries = [], []
    for key, value in selected(pattern, given.positional, given.named, given.receiver):
        if key == "self":
            arguments.append("the object")
        elif key.isdigit():
            written = given.node[2][int(key)] if int(key) < len(given.node[2]) else None
            arguments.append(f"argument {key} `{described(written)}`" if written is not None else f"argument {key}")
        else:
            arguments.append(f"argument `{key}=`")
        carries += [one.origin.text for one in all_taints(value) if isinstance(one.origin, Source)]
    return tuple(arguments), tuple(dict.fromkeys(carries))

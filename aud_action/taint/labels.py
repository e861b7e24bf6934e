"""Labels in the place of taints, so that one run of a function serves every call of the same shape."""

from __future__ import annotations

from typing import Any

from aud_action.taint.fields import FIELD, NAMES, TAINTED, Given, Held, Question, Trail, in_order
from aud_action.taint.frame import Names
from aud_action.taint.program import ClassRef, Closure, Fields, FunctionRef, Module, Partial
from aud_action.taint.value import (
    ANY,
    OBJECTS,
    TAINTS,
    UNKNOWN,
    Label,
    Taint,
    Token,
    Value,
    all_taints,
    each_taint,
    join_taints,
)
from aud_action.taint.widening import Marks, Widening, is_flag

_MOST_ITEMS = 48
_WIDER = 5
"""How coarse a function's runs are when parameters, too, stand for all that they were given."""
_CONTAINERS = ("list", "dict", "set", "tuple")
Shapes = dict[Any, int]
"""A number for each shape that a value had so far: cheaper to compare."""


def known_of(value: Value) -> Value:
    """A value that outlives its run: labels and objects that it was given mean nothing outside of it."""
    return each_taint(_whole(value), lambda taint: None if isinstance(taint.origin, Label) else taint)


def _whole(value: Value) -> Value:
    """A value of which everything is known, objects included."""
    if value.items is None or not value.holds & OBJECTS:
        return value
    return value.but(items={name: _whole(item) for name, item in value.items.items()})


class Labels:
    """Puts labels in the place of taints, and spells out the shape of what is left."""

    def __init__(self, coarse: int, harmless: int, shapes: Shapes, widening: Widening) -> None:
        self.coarse = coarse
        self.widening = widening
        self.numbered = shapes
        self.harmless = harmless  #: the mask of a taint that is cleared for every class
        self.wide = coarse > 3  #: and what one call differs in from others: see widening.py
        self.plain = coarse > 0  #: forget constants and text forms
        self.bare = coarse > 1  #: forget what is in containers without taint, too
        self.blind = coarse > 2  #: and which functions are passed
        self.numbers: dict[Token, int] = {}
        self.actual: list[Taint | None] = []  #: None for a label that stands for none this time
        self.where: list[str] = []
        self.name = ""
        self.tokens: list[Token] = []
        self.passed: list[Closure] = []  #: functions passed, as the caller knows them
        self.scopes: list[
            tuple[Closure, dict[str, Value]]
        ] = []  #: the same as the run knows them, and what each captured
        self.home = object()  #: the run
        self.givens: list[Given] = []  #: objects among what the run is given
        self.trail: Trail = {}  #: what was asked of them, and the answers

    def label(self, taint: Taint) -> Taint:
        """The label that stands for a taint."""
        number = None if self.wide else self.numbers.get(taint.token)
        if number is None:
            number = self.numbers[taint.token] = len(self.actual)
            self.actual.append(taint)
            self.where.append(self.name)
            self.tokens.append(Token())
        return Taint(Label(number), self.tokens[number], taint.cleared, taint.state, None, 100)

    def labelled(self, taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
        """Labels for taints; what is harmless everywhere needs none."""
        kept = self._harmful(taints)
        if self.wide and kept:
            kept = (min(kept, key=self._cleared),)
        return tuple([self.label(one) for one in kept])

    def _harmful(self, taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
        return tuple([one for one in taints if one.cleared & self.harmless != self.harmless])

    def _cleared(self, taint: Taint) -> int:
        return (taint.cleared & self.harmless).bit_count()

    def _one_label(self, place: Any, taints: tuple[Taint, ...], *, is_whole: bool) -> tuple[Taint, ...]:
        """A label for all taints of a place; for all that it ever had, if there is none now."""
        marks = self.widening.taint(place, taints) if is_whole else None
        one = min(taints, key=self._cleared, default=None)
        if one is not None and marks is None:
            marks = Marks(one.cleared, one.state)
        if marks is None:
            return ()
        self.tokens.append(Token())
        self.actual.append(one)
        self.where.append(self.name)
        return (Taint(Label(len(self.actual) - 1), self.tokens[-1], *marks, None, 100),)

    def ask(self, question: Question) -> object:
        """The answer to a question about an object that the run is given: equal where the run can't tell a difference."""
        if question in self.trail:
            return self.trail[question]
        given, about = self.givens[question.given], question.about
        answer: object
        self.name = given.name
        if question.kind == FIELD:
            found = given.source.get(about)
            if self.wide:
                given.opened[about], answer = self._widened((given.owner, about), found, given.depth)
            else:
                given.opened[about], answer = (None, None) if found is None else self.abstract(found, given.depth)
        elif question.kind == NAMES:
            names = self.widening.names(given.owner, given.source) if self.wide else given.source
            given.names = sorted(names, key=in_order)
            answer = tuple(given.names)
        elif question.kind == TAINTED:
            answer = _any_tainted(given.source, about)
        else:
            taints = _untouched(given.source, *about)
            place = (given.owner, None)
            taints = (
                self._one_label(place, self._harmful(taints), is_whole=True) if self.wide else self.labelled(taints)
            )
            given.taints[about] = taints
            answer = _taint_shape(taints)
        self.trail[question] = answer
        return answer

    def answers(self, trail: Trail) -> bool:
        """Whether the answers to all that another run has asked so far are the same."""
        asked = list(trail.items())
        return all(one.given < len(self.givens) and self.ask(one) == answer for one, answer in asked)

    def forget(self) -> None:
        """Let go of the caller's objects."""
        for given in self.givens:
            given.forget()

    def abstract(self, value: Value, depth: int = 4) -> tuple[Value, int]:
        """The value with labels, and the number of its shape."""
        if value is UNKNOWN:
            return value, 0
        if value.holds:
            return self._abstract(value, depth)
        key = (self.coarse, depth)
        known = value.shapes.get(key)
        if known is None or known[0] is not self.numbered:
            known = value.shapes[key] = (self.numbered, *self._abstract(value, depth))
        return known[1], known[2]

    def given(self, function: FunctionRef, name: str, value: Value) -> tuple[Value, object]:
        """What a parameter is given, or a name that a function captured, with labels, and its shape."""
        self.name = name
        if self.coarse < _WIDER:
            return self.abstract(value)
        made, shape = self._widened((function, name), value, 4, is_whole=self.coarse > _WIDER)
        return made or UNKNOWN, shape

    def _widened(
        self, place: Any, value: Value | None, depth: int, *, is_whole: bool = True
    ) -> tuple[Value | None, object]:
        """What stands for all values of a field or parameter; with the marks of all taints that it had, or only of its own."""
        known = self.widening.value(place, value)
        if known is None:
            return None, None
        taints = () if value is None else value.taints if value.is_object else all_taints(value)
        taints = self._harmful(taints)
        labels = self._one_label(place, taints, is_whole=is_whole)
        items: dict[Any, Value] | None = None
        if known.is_object and depth > 0:
            held = value.items if value is not None and value.is_object else None
            items = Held(Given(self, held or {}, depth - 1, _class_of(known), is_blank=False))
        elif known.kind in _CONTAINERS:
            items = {ANY: Value(labels)}
        consts = None if known.consts is None else tuple(sorted(known.consts, key=repr))
        shape = (_taint_shape(labels), consts, known.paths, known.refs, known.kind, known.absent)
        made = Value(labels, consts, known.paths, known.refs, items, known.kind, None, known.absent)
        return made, self.numbered.setdefault(shape, len(self.numbered) + 1)

    def _abstract(self, value: Value, depth: int) -> tuple[Value, int]:
        taints = self.labelled(value.taints) if value.taints else ()
        consts = value.consts
        if consts is not None and self.plain:
            consts = tuple(sorted(consts, key=repr)) if is_flag(consts) else None
        forms: Any = None
        if value.forms is not None and not self.plain:
            forms = tuple(
                tuple(one if isinstance(one, str) else self.labelled(one) for one in form) for form in value.forms
            )
        items: dict[Any, Value] | None = None
        shapes: Any = None
        if value.is_object and depth > 0 and (value.items is not None or not value.taints):
            is_blank = self.bare and not is_tainted(value)
            given = Given(self, value.items or {}, depth - 1, _class_of(value), is_blank=is_blank)
            items, shapes = Held(given), (given.any, is_blank)
        elif value.items is not None:
            items, shapes = self._elements(value, value.items, depth)
        refs, ref_shape = self._references(value.refs, depth) if value.refs else ((), ())
        made = Value(taints, consts, value.paths, refs, items, value.kind, forms, value.absent)
        shape = (
            _taint_shape(taints),
            None if consts is None else tuple([(type(one), one) for one in consts]),
            value.paths,
            ref_shape,
            shapes,
            value.kind,
            value.absent,
            None
            if forms is None
            else tuple(tuple(one if isinstance(one, str) else _taint_shape(one) for one in form) for form in forms),
        )
        return made, self.numbered.setdefault(shape, len(self.numbered) + 1)

    def _elements(
        self, value: Value, items: dict[Any, Value], depth: int
    ) -> tuple[dict[Any, Value] | None, tuple[Any, ...] | None]:
        if self.bare and not is_tainted(value):
            return None, None
        if depth == 0 or len(items) > _MOST_ITEMS or (self.wide and value.kind != "object"):
            inner = self.labelled(all_taints(value))
            return {ANY: Value(inner)}, ((ANY, _taint_shape(inner)),)
        made: dict[Any, Value] = {}
        shapes: list[Any] = []
        for key, item in _ordered(items) if self.wide else items.items():
            made[key], shape = self.abstract(item, depth - 1)
            shapes.append((key, shape))
        return made, tuple(shapes)

    def _references(self, refs: tuple[Any, ...], depth: int) -> tuple[tuple[Any, ...], Any]:
        made: list[Any] = []
        shapes: list[Any] = []
        for ref in refs:
            if self.blind and isinstance(ref, (Closure, Partial)):
                continue
            if isinstance(ref, Closure) and depth > 0:
                receiver, shape = self.abstract(ref.receiver, depth - 2) if ref.receiver is not None else (None, None)
                scope, inner = self._scope(ref, depth)
                made.append(Closure(ref.function, scope, ref.owner, receiver, ref.kind))
                shapes.append((ref.function, inner, shape, ref.kind))
            elif isinstance(ref, Partial) and depth > 0:
                callee, first = self.abstract(ref.callee, depth - 1)
                inner = [self.abstract(one, depth - 1) for one in ref.positional]
                words = {name: self.abstract(one, depth - 1) for name, one in ref.named.items()}
                named = {name: one for name, (one, _) in words.items()}
                made.append(Partial(callee, [one for one, _ in inner], named, ref.method))
                shapes.append((first, tuple(shape for _, shape in inner), tuple((n, s) for n, (_, s) in words.items())))
            elif isinstance(ref, (ClassRef, Module, FunctionRef, Fields)):
                made.append(ref)
                shapes.append(ref)
        return tuple(made), tuple(shapes)

    def _scope(self, ref: Closure, depth: int) -> tuple[Names | None, Any]:
        """What a function value captured, with labels."""
        if not ref.scope:
            return ref.scope, None
        made, shapes = Names(ref.scope, ref.scope.home), list[Any]()
        kept: dict[str, Value] = {}
        for name in sorted(ref.function.mentions & ref.scope.keys()):
            if isinstance(ref.scope[name], Value):
                kept[name], shape = self.abstract(ref.scope[name], depth - 2)
                shapes.append((name, shape))
        made.update(kept)
        self.scopes.append((Closure(ref.function, made, ref.owner), kept))
        self.passed.append(ref)
        return made, tuple(shapes)


def _untouched(source: dict[Any, Value], without: frozenset[Any], depth: int) -> tuple[Taint, ...]:
    """The taints of all fields of an object but some."""
    taints: tuple[Taint, ...] = ()
    if type(source) is Held:
        taints, source = source.untouched(depth, without), dict(source.own())
    for name, value in sorted(source.items(), key=lambda item: str(item[0])):
        if name not in without:
            taints = join_taints(taints, all_taints(value, depth - 1))
    return taints


def is_tainted(value: Value) -> bool:
    """Whether there are taints in a value, at any depth."""
    items = value.items
    if value.taints or items is None or not value.holds & (TAINTS | OBJECTS):
        return bool(value.taints)
    return _any_tainted(items, frozenset())


def _any_tainted(items: dict[Any, Value], without: frozenset[Any]) -> bool:
    if type(items) is Held:
        own = dict(items.own())
        rest = any(name not in without and is_tainted(one) for name, one in own.items())
        return rest or items.given.is_tainted(without.union(own))
    return any(name not in without and is_tainted(one) for name, one in items.items())


def _ordered(items: dict[Any, Value]) -> list[tuple[Any, Value]]:
    """Elements by name, where the order in which they came about means nothing."""
    return (
        sorted(items.items(), key=lambda item: str(item[0]))
        if not any(type(key) is int for key in items)
        else list(items.items())
    )


def _class_of(value: Value) -> object:
    return next((ref for ref in value.refs if isinstance(ref, ClassRef)), None)


def _taint_shape(taints: tuple[Taint, ...]) -> tuple[Any, ...]:
    return tuple([(taint.origin, taint.cleared, taint.state) for taint in taints])

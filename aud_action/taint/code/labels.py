"""Labels in the place of taints, so that one run of a function serves every call of the same shape."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Names
from aud_action.taint.code.handing import is_table
from aud_action.taint.code.program import ClassRef, Closure, Fields, FunctionRef, Module, Partial
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.filling import Filling
from aud_action.taint.values.pieces import cleared
from aud_action.taint.values.value import ANY, CAPTURES, UNKNOWN, Label, Piece, Taint, Token, Value, all_taints
from aud_action.taint.values.work import WORK

_MOST_ITEMS = 48
_WHOLE = 4
"""The depth that is left at what a function is given itself."""
_MOST_WORDS = 16
"""What a function is given as `**options` or `*rest` is told apart, however often it is called: it hands it on by name."""
_MIXED = 45
"""Percent that an element has a taint of its container's when elements without any aren't told apart from it any more."""
Shapes = dict[Any, int]
"""A number for each shape that a value had so far: cheaper to compare."""


def known_of(value: Value) -> Value:
    """A value that outlives its run: labels mean nothing outside of it."""
    return each_taint(value, lambda taint: None if isinstance(taint.origin, Label) else taint)


class Labels:
    """Puts labels in the place of taints, and spells out the shape of what is left."""

    def __init__(self, coarse: int, heavy: int, harmless: int, shapes: Shapes) -> None:
        self.coarse = coarse
        self.numbered = shapes
        self.harmless = harmless  #: the mask of a taint that is cleared for every class
        self.wide = coarse > 3  #: and which places share one text: a label for each, one for taints that are alike
        self.plain = coarse > 0  #: forget constants and text forms
        self.bare = coarse > 1  #: forget what is in containers without taint, too
        self.blind = coarse > 2  #: and which functions are passed
        self.sparse = coarse > 4 or heavy > 1  #: and of objects all that holds no taint
        self.deepest = (4, 2, 0)[heavy]  #: levels of containers in which elements are told apart
        self.numbers: dict[Token, int] = {}
        self.actual: list[
            Taint | None
        ] = []  #: what each label stands for; None for nothing, where they stand for all calls
        self.where: list[str] = []
        self.name = ""
        self.seen: dict[tuple[int, int], tuple[Value, Value, int]] = {}  #: containers with labels, and their shapes
        self.tokens: list[Token] = []
        self.known: dict[int, tuple[tuple[Taint, ...], tuple[Taint, ...]]] = {}  #: taints that many values share
        self.passed: list[Closure] = []  #: functions passed, as the caller knows them
        self.scopes: list[
            tuple[Closure, dict[str, Value]]
        ] = []  #: the same as the run knows them, and what each captured

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
        known = None if self.wide else self.known.get(id(taints))
        if known is not None:
            return known[1]
        harmless = self.harmless
        kept = [one for one in taints if one.cleared & harmless != harmless]
        if self.wide and kept:
            kept = [min(kept, key=lambda one: (one.cleared & harmless).bit_count())]
        made = tuple([self.label(one) for one in kept])
        self.known[id(taints)] = taints, made
        return made

    def _piece(self, one: Piece) -> Piece:
        """A stretch of a text: what a client has there and is harmless everywhere is still no stretch that is unknown."""
        if isinstance(one, str):
            return one
        return self.labelled(one) or (cleared(self.harmless) if one else one)

    def abstract(self, value: Value, depth: int = _WHOLE) -> tuple[Value, int]:
        """The value with labels, and the number of its shape."""
        if value is UNKNOWN:
            return value, 0
        if value.holds:
            if value.items is None or self.wide or value.holds & CAPTURES:
                return self._abstract(value, depth)
            seen = self.seen.get((id(value), depth))
            if seen is None:
                seen = self.seen[id(value), depth] = (value, *self._abstract(value, depth))
            return seen[1], seen[2]
        key = (self.coarse, self.deepest, depth)
        known = value.shapes.get(key)
        if known is None or known[0] is not self.numbered:
            known = value.shapes[key] = (self.numbered, *self._abstract(value, depth))
        return known[1], known[2]

    def _abstract(self, value: Value, depth: int) -> tuple[Value, int]:
        WORK.done += 1
        taints = self.labelled(value.taints) if value.taints else ()
        consts = value.consts if not self.plain or _flag(value.consts) else None
        forms: Any = None
        if value.forms is not None and not self.plain:
            forms = tuple(tuple(self._piece(one) for one in form) for form in value.forms)
        elif value.taints and not taints and consts is None and value.items is None and not self.plain:
            forms = ((cleared(self.harmless),),)
        items, shapes = (None, None) if value.items is None else self._elements(value, value.items, depth)
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
        if self.bare and not all_taints(value):
            return None, None
        if self.sparse and value.kind == "object":
            items = {key: item for key, item in items.items() if item.marks}
        flat = value.kind != "object" and (self.wide or depth <= _WHOLE - self.deepest)
        flat = flat and not (self.deepest and depth == _WHOLE and _are_words(value.kind, items))
        if depth == 0 or flat or (len(items) > _MOST_ITEMS and (self.blind or not is_table(items))):
            inner = self.labelled(all_taints(value))
            if not value.taints and not all(all_taints(item) for item in items.values()):
                inner = tuple([one._replace(confidence=_MIXED) for one in inner])
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
            elif isinstance(ref, (ClassRef, Module, FunctionRef, Fields, Filling)):
                made.append(ref)
                shapes.append(ref)
        return tuple(made), tuple(shapes)

    def _scope(self, ref: Closure, depth: int) -> tuple[Names | None, Any]:
        """What a function value captured, with labels."""
        if not ref.scope:
            return ref.scope, None
        made, shapes = Names.of(ref.scope, ref.scope.home), list[Any]()
        kept: dict[str, Value] = {}
        for name in sorted(ref.function.mentions & ref.scope.keys()):
            if isinstance(ref.scope[name], Value):
                kept[name], shape = self.abstract(ref.scope[name], depth - 2)
                shapes.append((name, shape))
        made.update(kept)
        self.scopes.append((Closure(ref.function, made, ref.owner), kept))
        self.passed.append(ref)
        return made, tuple(shapes)


def _are_words(kind: str, items: dict[Any, Value]) -> bool:
    """Whether elements may be the words, or the positions, of a call."""
    if len(items) > _MOST_WORDS or ANY in items:
        return False
    return kind == "tuple" or (kind == "dict" and all(type(key) is str for key in items))


def _ordered(items: dict[Any, Value]) -> list[tuple[Any, Value]]:
    """Elements by name, where the order in which they came about means nothing."""
    return (
        sorted(items.items(), key=lambda item: str(item[0]))
        if not any(type(key) is int for key in items)
        else list(items.items())
    )


def _flag(consts: tuple[Any, ...] | None) -> bool:
    return consts is not None and all(one is None or isinstance(one, bool) for one in consts)


def _taint_shape(taints: tuple[Taint, ...]) -> tuple[Any, ...]:
    return tuple([(taint.origin, taint.cleared, taint.state) for taint in taints])

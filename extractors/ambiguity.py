"""Whether one text can be read in exponentially many ways by the rounds of a repeat: its automaton knows."""

from __future__ import annotations

from collections.abc import Iterable
from re import _constants as codes  # type: ignore[attr-defined]  # the parser the standard library itself uses
from typing import Any, Final, NamedTuple

SAMPLE: Final = tuple(map(ord, "aZ0_ .-/@:,;<>\"'=&\n\té"))  #: a letter of each kind
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_MOST_PLACES: Final = 48
_MOST_COPIES: Final = 4


class _TooMuch(Exception):
    """The pattern is too large, or holds what an automaton doesn't know: a look around, a reference, a boundary."""


def category(name: Any, letter: int) -> bool:
    """Whether a letter is of a class of letters (`CATEGORY_NOT_DIGIT`)."""
    text = chr(letter)
    is_in = {"DIGIT": text.isdigit(), "SPACE": text.isspace(), "WORD": text.isalnum() or text == "_"}
    word = str(name).rpartition("_")[2]
    return is_in.get(word, True) is ("NOT_" not in str(name))


def one_of(items: Iterable[Any], letter: int) -> bool:
    """Whether a letter is in a set of letters (`[^a-z\\d]`)."""
    negated, inside = False, False
    for operation, argument in items:
        if operation is codes.NEGATE:
            negated = True
        elif operation is codes.LITERAL:
            inside |= argument == letter
        elif operation is codes.RANGE:
            inside |= argument[0] <= letter <= argument[1]
        elif operation is codes.CATEGORY:
            inside |= category(argument, letter)
    return inside is not negated


class _Part(NamedTuple):
    """A part of an automaton: the places where a text may begin and end in it."""

    empty: bool
    first: tuple[int, ...]
    last: tuple[int, ...]


class _Automaton:
    """Each letter of a pattern is a place; the ways from place to place are counted, for two that are alike are a choice."""

    def __init__(self) -> None:
        self.letters: list[tuple[Any, Any]] = []
        self.ways: dict[tuple[int, int], int] = {}

    def sequence(self, items: Iterable[Any]) -> _Part:
        """Parts one after the other."""
        whole = _Part(True, (), ())
        for item in items:
            whole = self._then(whole, self._part(*item))
        return whole

    def repeat(self, part: _Part) -> _Part:
        """A part any number of times."""
        self._connect(part.last, part.first)
        return part

    def _then(self, one: _Part, other: _Part) -> _Part:
        self._connect(one.last, other.first)
        first = one.first + (other.first if one.empty else ())
        last = other.last + (one.last if other.empty else ())
        return _Part(one.empty and other.empty, first, last)

    def _connect(self, ends: tuple[int, ...], starts: tuple[int, ...]) -> None:
        for end in ends:
            for start in starts:
                self.ways[end, start] = self.ways.get((end, start), 0) + 1

    def _part(self, operation: Any, argument: Any) -> _Part:
        if operation in (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN):
            if len(self.letters) == _MOST_PLACES:
                raise _TooMuch
            self.letters.append((operation, argument))
            place = (len(self.letters) - 1,)
            return _Part(False, place, place)
        if operation is codes.SUBPATTERN:
            return self.sequence(argument[3])
        if operation is codes.BRANCH:
            parts = [self.sequence(part) for part in argument[1]]
            first = tuple(place for part in parts for place in part.first)
            last = tuple(place for part in parts for place in part.last)
            return _Part(any(part.empty for part in parts), first, last)
        if operation in _REPEATS:
            return self._repeated(*argument)
        raise _TooMuch

    def _repeated(self, least: int, most: Any, body: Any) -> _Part:
        if most is codes.MAXREPEAT or most > _MOST_COPIES:
            part = self.repeat(self.sequence(body))
            return part._replace(empty=part.empty or least == 0)
        whole = _Part(True, (), ())
        for number in reversed(range(most)):  # `a{1,3}` is `a(a(a)?)?`
            whole = self._then(self.sequence(body), whole)
            whole = whole._replace(empty=whole.empty or number >= least)
        return whole

    def masks(self) -> list[int]:
        """For each place the letters it takes, as bits: of the sample, and of what the pattern names and its neighbours."""
        known = {*SAMPLE}
        for operation, argument in self.letters:
            for word, value in argument if operation is codes.IN else [(operation, argument)]:
                values = value if word is codes.RANGE else [value] if word in (codes.LITERAL, codes.NOT_LITERAL) else []
                known.update(near for one in values for near in (one - 1, one, one + 1) if 0 <= near <= 0x10FFFF)
        alphabet = sorted(known)
        return [
            sum(1 << n for n, one in enumerate(alphabet) if _takes(operation, argument, one))
            for operation, argument in self.letters
        ]


def _takes(operation: Any, argument: Any, letter: int) -> bool:
    if operation is codes.IN:
        return one_of(argument, letter)
    return operation is codes.ANY or (argument == letter) is bool(operation is codes.LITERAL)


def ambiguous(body: Iterable[Any]) -> bool | None:
    """
    Whether a text can go through a repeated body, and come back to where it was, in two ways; None when it isn't known.

    >>> from re import _parser
    >>> [ambiguous(_parser.parse(text)) for text in (r"a+", r"\\w+\\s?", r"\\w+\\s", r"\\w|\\w-\\w", r"\\w|,\\w", r"\\\\.|[^*]", r"a\\b")]
    [True, True, False, False, False, True, None]
    >>> [ambiguous(_parser.parse(text)) for text in (r"\\s*=\\s*", r"\\s*=", r"[-\\w]|\\w-\\w", r"(\\w{1,3}-)?\\w+@", r"a?a", r"(a|b|ab)")]
    [True, False, True, False, True, True]
    """
    automaton = _Automaton()
    try:
        automaton.repeat(automaton.sequence(body))
    except _TooMuch:
        return None
    masks = automaton.masks()
    after: dict[int, list[int]] = {}
    for one, other in automaton.ways:
        after.setdefault(one, []).append(other)
    twice = {way for way, number in automaton.ways.items() if number > 1}
    return any(_returns_twice(place, after, masks, twice) for place in range(len(masks)))


def _returns_twice(start: int, after: dict[int, list[int]], masks: list[int], twice: set[tuple[int, int]]) -> bool:
    """Whether two different ways lead from a place back to it with the same letters."""
    begin = (start, start, False)
    seen, waiting = {begin}, [begin]
    while waiting:
        one, other, apart = waiting.pop()
        for left in after.get(one, ()):
            for right in after.get(other, ()):
                if not masks[left] & masks[right]:
                    continue
                now = apart or left != right or (one == other and (one, left) in twice)
                if left == right == start and now:
                    return True
                following = (left, right, now)
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
    return False

"""Regular expressions, and whether a text can make them try for ever."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]  # the parser the standard library itself uses
from re import _parser as parser  # type: ignore[attr-defined]  # as above
from typing import Any, Final

from extractors.ambiguity import SAMPLE, ambiguous, one_of
from extractors.context import Context
from extractors.registry import extracts
from schema.regexes import Regex

_FUNCTIONS: Final = frozenset("compile match search fullmatch sub subn split findall finditer".split())
_FLAGS: Final = {"compile": 1, "sub": 4, "subn": 4, "split": 3}
"""Where a function takes its flags, when not third."""
_VERBOSE: Final = re.compile(r"\b(?:X|VERBOSE)\b")
_MANY: Final = 16  #: a bounded repeat of this many is as bad as an unbounded one
_LONGEST: Final = 2000


def _is_repeat(operation: Any, argument: Any) -> bool:
    return operation in (codes.MAX_REPEAT, codes.MIN_REPEAT) and argument[1] >= _MANY


def _inner(operation: Any, argument: Any) -> Any:
    """What a repeat, group or branch holds, as a list of alternatives."""
    if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return [argument[2]]
    if operation is codes.SUBPATTERN:
        return [argument[3]]
    if operation is codes.BRANCH:
        return argument[1]
    return []


def _letters(items: Any) -> frozenset[int]:
    """The letters a part can begin with, of a sample that has one of each kind, and of the literals in it."""
    letters: set[int] = set()
    for operation, argument in items:
        if operation is codes.LITERAL:
            letters.add(argument)
        elif operation is codes.ANY:
            letters.update(SAMPLE)
        elif operation is codes.NOT_LITERAL:
            letters.update(letter for letter in SAMPLE if letter != argument)
        elif operation is codes.IN:
            letters.update(a for op, a in argument if op is codes.LITERAL and argument[0][0] is not codes.NEGATE)
            letters.update(letter for letter in SAMPLE if one_of(argument, letter))
        else:
            for part in _inner(operation, argument):
                letters.update(_letters(part))
        if not _is_optional(operation, argument):
            break
    return frozenset(letters)


def _is_optional(operation: Any, argument: Any) -> bool:
    if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return argument[0] == 0 or all(_is_optional(*item) for item in argument[2])
    if operation is codes.AT:
        return True
    parts = _inner(operation, argument)
    return bool(parts) and any(all(_is_optional(*item) for item in part) for part in parts)


def _ambiguous(body: Any) -> bool:
    """Whether one text can be read as one round or as several of a repeated body."""
    for alternatives in (_inner(*item) for item in body if item[0] is codes.BRANCH and len(body) == 1):
        if any(_ambiguous(list(part)) for part in alternatives):
            return True
        firsts = [_letters(part) for part in alternatives]
        if any(one & other for n, one in enumerate(firsts) for other in firsts[n + 1 :]) and all(
            len(part) == 1 for part in alternatives
        ):
            return True
    for index, (operation, argument) in enumerate(body):
        rest = [item for other, item in enumerate(body) if other != index]
        if operation is codes.SUBPATTERN and not rest:
            return _ambiguous(argument[3])
        if _is_repeat(operation, argument):
            own = _letters(argument[2])
            if all(_is_optional(*item) or own & _letters([item]) for item in rest):
                return True
    return False


def _has_choice(body: Any) -> bool:
    """Whether the rounds of a repeat can be told apart in several ways; where the automaton can't say, by what they begin with."""
    known = ambiguous(body)
    return _ambiguous(list(body)) if known is None else known


def exponential(pattern: Any, can_fail: bool = False) -> Any:
    """The first repeat whose rounds can be told apart in exponentially many ways before something fails; else None."""
    items = list(pattern)
    for index, (operation, argument) in enumerate(items):
        later = can_fail or any(not _is_optional(*item) or item[0] is codes.AT for item in items[index + 1 :])
        if _is_repeat(operation, argument) and later and _has_choice(argument[2]):
            return argument[2]
        for part in _inner(operation, argument):
            found = exponential(part, later)
            if found is not None:
                return found
    return None


def _flat(pattern: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of a sequence, groups opened."""
    for operation, argument in pattern:
        if operation is codes.SUBPATTERN:
            yield from _flat(argument[3])
        else:
            yield operation, argument


def polynomial(pattern: Any) -> bool:
    """Whether two repeats without end stand beside each other that take the same letters, before something that can fail."""
    items = list(_flat(pattern))
    for index, (operation, argument) in enumerate(items):
        if not (_is_repeat(operation, argument) and argument[1] is codes.MAXREPEAT):
            continue
        own = _letters(argument[2])
        for place in range(index + 1, len(items)):
            word, other = items[place]
            if _is_repeat(word, other) and other[1] is codes.MAXREPEAT and own & _letters(other[2]):
                if any(not _is_optional(*item) or item[0] is codes.AT for item in items[place + 1 :]):
                    return True
            elif not _is_optional(word, other):
                break
    return False


def backtracking(pattern: str, flags: int = 0) -> str | None:
    """
    How the time of a pattern grows: exponential, polynomial, or None.

    >>> [backtracking(text) for text in (r"^(a+)+$", r"(\\w+\\s?)*:", r"^(\\w+|-)*$", r"^(\\w+\\s)*$", r"^[a-z]+$", r"(a+)+")]
    ['exponential', 'exponential', 'exponential', None, None, None]
    >>> [backtracking(text) for text in (r"^([-/\\w]|\\w-\\w|'[\\s\\w]+'\\s*)*$", r"^(\\w|\\w-\\w)*$", r"(\\s*=\\s*|\\s+\\w+)*>")]
    ['exponential', None, 'exponential']
    >>> [backtracking(text) for text in (r"\\s*.*\\s*$", r"(.*)=(.*);", r"\\d+\\.?\\d*$", r"\\d+\\.\\d+$", r".*.*")]
    ['polynomial', None, 'polynomial', None, None]
    """
    if len(pattern) > _LONGEST or not re.search(r"[*+}].*[*+}]|\|.*[*+}]", pattern, re.DOTALL):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern, flags)
            return "exponential" if exponential(parsed) is not None else "polynomial" if polynomial(parsed) else None
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


def anchored(callee: str, pattern: str) -> str:
    """
    How much of a text must match: full, start or none.

    >>> [anchored("re.search", text) for text in ("^a$", r"\\Aa", "a$", r"^a\\$")], anchored("re.match", "a"), anchored("re.fullmatch", "a")
    (['full', 'start', 'none', 'start'], 'start', 'full')
    """
    begins = callee.endswith("match") or pattern.startswith(("^", "\\A"))
    ends = callee.endswith("fullmatch") or re.search(r"(?<!\\)(?:\\\\)*(?:\$|\\[Zz])\Z", pattern)
    return "full" if begins and ends else "start" if begins else "none"


@extracts(ast.Call, callee=_FUNCTIONS, when=("re", "regex"))
def regex(node: ast.Call, context: Context) -> Iterator[Regex]:
    """
    Each pattern that is compiled or used.

    >>> rows(regex, "import re\\nre.match(r'^(a+)+$', text)\\nre.compile(x, re.I)\\ntext.split(',')")
    Regex(callee='re.match', pattern='^(a+)+$', flags=None, is_constant=True, anchored='full', backtracking='exponential', culprit='(a+)+')
    Regex(callee='re.compile', pattern=None, flags='re.I', is_constant=False, anchored='unknown', backtracking=None, culprit=None)
    """
    name = context.name(node.func)
    if not name.startswith(("re.", "regex.")) or name.count(".") != 1:
        return
    given = context.keyword(node, "pattern", 0)
    value = context.constant(given)
    pattern = value.decode("latin-1") if isinstance(value, bytes) else value
    flags = context.keyword(node, "flags", _FLAGS.get(name.partition(".")[2], 2))
    written = context.source(flags) if flags is not None else None
    if isinstance(pattern, str):
        growth = backtracking(pattern, re.VERBOSE if _VERBOSE.search(written or "") else 0)
        repeated = re.search(r"\([^()]*(?:\([^()]*\)[^()]*)*\)[*+{]", pattern) if growth == "exponential" else None
        culprit = repeated.group()[:100] if repeated else growth and pattern[:100]
        yield Regex(name, pattern[:400], written, True, anchored(name, pattern), growth, culprit)
    elif given is not None:
        yield Regex(name, None, written, False, "unknown", None, None)

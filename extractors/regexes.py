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
from extractors.context import At, Context
from extractors.registry import extracts
from extractors.rounds import rounds
from schema.regexes import Regex

_FUNCTIONS: Final = frozenset("compile match search fullmatch sub subn split findall finditer".split())
_FLAGS: Final = {"compile": 1, "sub": 4, "subn": 4, "split": 3}
"""Where a function takes its flags, when not third."""
_SAID: Final = ((re.VERBOSE, re.compile(r"\b(?:X|VERBOSE)\b")), (re.DOTALL, re.compile(r"\b(?:S|DOTALL)\b")))
"""Flags that matter, and how a call says them."""
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_MANY: Final = 16  #: a bounded repeat of this many is as bad as an unbounded one
_LONGEST: Final = 2000


def _is_repeat(operation: Any, argument: Any) -> bool:
    return operation in _REPEATS and argument[1] >= _MANY


def _inner(operation: Any, argument: Any) -> Any:
    """What a repeat, group or branch holds, as a list of alternatives."""
    if operation in _REPEATS:
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
    if operation in _REPEATS:
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


def _is_once(body: Any) -> bool:
    """Whether a repeated body has one round, whatever is asked for: it begins where the text does (`(^a*)*`)."""
    starts = [codes.AT_BEGINNING_STRING, *[codes.AT_BEGINNING][: not body.state.flags & re.MULTILINE]]
    for operation, argument in body[:1]:
        return _is_once(argument[3]) if operation is codes.SUBPATTERN else operation is codes.AT and argument in starts
    return False


def exponential(pattern: Any, can_fail: bool = False) -> Any:
    """The first repeat whose rounds can be told apart in exponentially many ways before something fails; else None."""
    items = list(pattern)
    for index, (operation, argument) in enumerate(items):
        later = can_fail or any(not _is_optional(*item) or item[0] is codes.AT for item in items[index + 1 :])
        if _is_repeat(operation, argument) and later and not _is_once(argument[2]) and _has_choice(argument[2]):
            return argument[2]
        for part in _inner(operation, argument):
            found = exponential(part, later)
            if found is not None:
                return found
    return None


def _opened(operation: Any, argument: Any) -> list[Any] | None:
    """What stands in a group, or in what may stand once; None for anything else."""
    if operation is codes.SUBPATTERN:
        return list(argument[3])
    if operation in _REPEATS and argument[1] == 1:
        return list(argument[2])
    return None


def _repeats(items: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Each repeat without end of a sequence, groups opened, with all that follows it."""
    for index, (operation, argument) in enumerate(items):
        behind = items[index + 1 :]
        inner = _opened(operation, argument)
        if inner is not None:
            yield from ((body, [*after, *behind]) for body, after in _repeats(inner))
        elif operation in _REPEATS and argument[1] is codes.MAXREPEAT:
            yield argument[2], behind


def _beside(items: list[Any], seen: set[int]) -> Iterator[tuple[Any, list[Any]]]:
    """The repeats without end with which a sequence may begin, with all that follows them."""
    for index, item in enumerate(items):
        if id(item) in seen:
            return
        seen.add(id(item))
        operation, argument = item
        behind = items[index + 1 :]
        inner = _opened(operation, argument)
        if inner is not None:
            yield from _beside([*inner, *behind], seen)
        elif operation in _REPEATS and argument[1] is codes.MAXREPEAT:
            yield argument[2], behind
        if not _is_optional(operation, argument):
            return


def _can_fail(items: list[Any], body: Any) -> bool:
    """Whether what stands behind a repeat can fail to match; behind one that takes everything, the end of the text can't."""
    ends = _ENDS if _letters(body) == frozenset(SAMPLE) else ()
    return any(not _is_optional(*one) or (one[0] is codes.AT and one[1] not in ends) for one in items)


_ENDS: Final = (codes.AT_END, codes.AT_END_STRING)


def polynomial(pattern: Any, every: bool = False) -> bool:
    """
    Whether two repeats without end stand beside each other that take the same letters, before something that can fail.

    every: a dot takes line breaks too.
    """
    return any(
        _letters(body) & _letters(other) and _can_fail(after, other if every else ())
        for body, behind in _repeats(list(pattern))
        for other, after in _beside(behind, set())
    )


def _begins_again(items: list[Any]) -> bool:
    """Whether a search begins with a repeat without end: it reads as much anew from each place where it may begin, before something fails."""
    if not items:
        return False
    (operation, argument), behind = items[0], items[1:]
    inner = _opened(operation, argument)
    if inner is not None:
        return _begins_again([*inner, *behind])
    return operation in _REPEATS and argument[1] is codes.MAXREPEAT and _can_fail(behind, argument[2])


def backtracking(pattern: str, flags: int = 0, searched: bool = False) -> str | None:
    """
    How the time of a pattern grows: exponential, polynomial, search (as polynomial, where it is searched for), or None.

    >>> [backtracking(text, searched=True) for text in (r"(\\d*)-(\\d*)", r"\\s+$", r"\\b(\\w+):", r"\\w+", r"-\\d+-")]
    ['search', 'search', None, None, None]
    >>> [backtracking(text) for text in (r"^(a+)+$", r"(\\w+\\s?)*:", r"^(\\w+|-)*$", r"^(\\w+\\s)*$", r"^[a-z]+$", r"(a+)+")]
    ['exponential', 'exponential', 'exponential', None, None, None]
    >>> [backtracking(text) for text in (r"^([-/\\w]|\\w-\\w|'[\\s\\w]+'\\s*)*$", r"^(\\w|\\w-\\w)*$", r"(\\s*=\\s*|\\s+\\w+)*>")]
    ['exponential', None, 'exponential']
    >>> [backtracking(text) for text in (r"(^[^']*('[^']*')*)*#", r"(?m)(^[^']*('[^']*')*)*#")]
    [None, 'exponential']
    >>> [backtracking(text) for text in (r"\\s*.*\\s*$", r"(.*)=(.*);", r"\\d+\\.?\\d*$", r"\\d+\\.\\d+$", r".*.*")]
    ['polynomial', None, 'polynomial', None, None]
    >>> [backtracking(text) for text in (r"^(\\d*\\.?\\d*)??(\\d*j)?$", r"(?s)^\\w+\\s*=\\s*(.*)$", r"^\\w+\\s*=\\s*(.*)$")]
    ['polynomial', None, 'polynomial']
    """
    several = re.search(r"[*+}].*[*+}]|\|.*[*+}]", pattern, re.DOTALL)
    if len(pattern) > _LONGEST or not (several or (searched and re.match(r"[^*+{]*[*+{]", pattern))):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern, flags)
            if exponential(parsed) is not None:
                return "exponential"
            if polynomial(parsed, bool(parsed.state.flags & re.DOTALL)):
                return "polynomial"
            return "search" if searched and _begins_again(list(parsed)) else None
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
def regex(node: ast.Call, context: Context) -> Iterator[Regex | At]:
    """
    Each pattern that is compiled or used; those of a list that a loop goes through stand where the list has them.

    >>> rows(regex, "import re\\nre.match(r'^(a+)+$', text)\\nre.compile(x, re.I)\\ntext.split(',')")
    Regex(callee='re.match', pattern='^(a+)+$', flags=None, is_constant=True, anchored='full', backtracking='exponential', culprit='(a+)+')
    Regex(callee='re.compile', pattern=None, flags='re.I', is_constant=False, anchored='unknown', backtracking=None, culprit=None)
    >>> rows(regex, "import re\\nALL = {'a': r'^x$', 'b': y}\\nany(re.search(p, text) for n, p in ALL.items())")
    Regex(callee='re.search', pattern='^x$', flags=None, is_constant=True, anchored='full', backtracking=None, culprit=None)
    """
    name = context.name(node.func)
    if not name.startswith(("re.", "regex.")) or name.count(".") != 1:
        return
    given = context.keyword(node, "pattern", 0)
    flags = context.keyword(node, "flags", _FLAGS.get(name.partition(".")[2], 2))
    written = context.source(flags) if flags is not None else None
    pattern = _text(given, context)
    if pattern is not None:
        yield _row(name, pattern, written)
    elif given is not None:
        listed = list(_listed(node, given, written, context))
        yield from listed
        if not listed:
            yield Regex(name, None, written, False, "unknown", None, None)


def _listed(node: ast.Call, given: ast.AST, written: str | None, context: Context) -> Iterator[At]:
    """The patterns of a list that the loops around the call go through, each where the list has it."""
    if not isinstance(given, ast.Name):
        return
    for values in rounds(node, context):
        one = values.get(given.id)
        pattern = _text(one, context)
        if one is not None and pattern is not None:
            yield At(one, _row(context.name(node.func), pattern, written))


def _text(node: ast.AST | None, context: Context) -> str | None:
    value = context.constant(node)
    value = value.decode("latin-1") if isinstance(value, bytes) else value
    return value if isinstance(value, str) else None


def _row(name: str, pattern: str, written: str | None) -> Regex:
    whole = anchored(name, pattern)
    growth = backtracking(pattern, sum(flag for flag, said in _SAID if said.search(written or "")), whole == "none")
    repeated = re.search(r"\([^()]*(?:\([^()]*\)[^()]*)*\)[*+{]", pattern) if growth == "exponential" else None
    culprit = repeated.group()[:100] if repeated else growth and pattern[:100]
    return Regex(name, pattern[:400], written, True, whole, growth, culprit)

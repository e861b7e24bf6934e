"""Which characters a text can't contain once a test holds: by regular expressions, tests and replacements."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

# CPython's own regex tree, which has no typed interface; its names are stable, its place changed in 3.11.
op: Any = importlib.import_module("re._constants")
tree: Any = importlib.import_module("re._parser")
re_error = re.error

MARKS = (
    "..", "/^", "^/", "//^", "-^", "/", "\\", "'", '"', "<", ">", "&", ";", "|", "$", "`", "\n", "\r", "(", ")", "*",
    "{", "}", ":", " ", "=", "@", "[", "]", "#", "%", "+", ",", "!", "~", "?", "\t", "\0", ".", "-", "$.", "\n\n", "../",
)  # fmt: skip
"""
What a text may be known not to contain.

`x^` is "begins with x", `^/` is "doesn't begin with a slash", `$.` "ends in a domain", two line breaks "one with more behind it".
`../` is what a path's end is asked for, where two dots alone are but a folder.
"""
_SHAPES = ("^/", "$.", "../")
"""Marks that no set of characters excludes."""
BIT = {mark: 1 << index for index, mark in enumerate(MARKS)}
_ASCII = frozenset(chr(number) for number in range(128))
_WORD = frozenset(char for char in _ASCII if char.isalnum() or char == "_")
_DIGIT = frozenset("0123456789")
_SPACE = frozenset(" \t\n\r\f\v")
Chars = frozenset[str]


def excluded(kept: Chars) -> int:
    """The marks that a text made only of these characters can't contain."""
    mask = 0
    for mark, bit in BIT.items():
        if mark in _SHAPES:
            continue
        needed = mark.replace("^", "") if len(mark) > 1 else mark
        if not all(char in kept for char in needed):
            mask |= bit
    return mask


def without(text: str) -> int:
    """The marks that are impossible in a text that doesn't contain `text`."""
    mask = BIT.get(text, 0)
    if text in ("..", "../"):
        return mask
    for mark, bit in BIT.items():
        if mark not in _SHAPES and len(text) == 1 and text in mark.replace("^", ""):
            mask |= bit
    return mask


def without_each(signs: Iterable[object]) -> int:
    """The same for a text that contains none of some characters; longer texts among them tell nothing."""
    mask = 0
    for sign in signs:
        mask |= without(sign) if isinstance(sign, str) and len(sign) == 1 else 0
    return mask


def replaced(old: str, new: str) -> int:
    """The marks that are gone after `.replace(old, new)`: those that the new text doesn't bring back."""
    if not old or old in new.replace(old + old, "") or (old == ".." and "." in new):
        return BIT.get(old, 0) if len(old) == 1 and new == old + old else 0
    if len(old) > 1 and old != "..":  # of a run of dots no two are left
        return 0  # one pass leaves what the removal puts together
    return without(old)


def tree_of(pattern: str, flags: int) -> Any:
    """The tree of a pattern, whose doubtful places are nobody's business here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tree.parse(pattern, flags)


@cache
def of_pattern(pattern: str, flags: int, how: str) -> int:
    """
    The marks excluded by a match. how: fullmatch, match or search, as in `re`.

    >>> bool(of_pattern("[a-z]+", 0, "fullmatch") & BIT["'"]), of_pattern("[[a-z]+", 0, "search")
    (True, 0)
    """
    try:
        parsed = tree_of(pattern, flags)
    except (re_error, RecursionError, OverflowError, TypeError):
        return 0
    nodes = list(parsed)
    begins = how in ("match", "fullmatch") or _anchor(nodes[:1], (op.AT_BEGINNING, op.AT_BEGINNING_STRING))
    strict = how == "fullmatch" or _anchor(nodes[-1:], (op.AT_END_STRING,))
    ends = strict or _anchor(nodes[-1:], (op.AT_END,))
    if not begins or not ends or parsed.state.flags & tree.SRE_FLAG_MULTILINE:
        return 0
    kept = characters(nodes, bool(parsed.state.flags & tree.SRE_FLAG_IGNORECASE))
    if kept is None:
        return 0
    told = excluded(kept if strict else kept | {"\n"})  # `$` lets one line break pass, at the very end
    return told | _opening(nodes) | (0 if "\n" in kept else BIT["\n\n"])


@cache
def of_absence(pattern: str, flags: int) -> int:
    """
    The marks that a text can't contain in which `re.search` finds nothing.

    >>> of_absence("[^a-z.]", 0) & BIT["/"] > 0, of_absence(r"\\.\\.|/", 0) & BIT[".."] > 0, of_absence("^/", 0)
    (True, True, 0)
    """
    try:
        parsed = tree_of(pattern, flags)
    except (re_error, RecursionError, OverflowError, TypeError):
        return 0
    nodes = list(parsed)
    branches = [list(one) for one in nodes[0][1][1]] if len(nodes) == 1 and nodes[0][0] is op.BRANCH else [nodes]
    removed: set[str] = set()
    mask = 0
    for branch in branches:
        if len(branch) == 1 and branch[0][0] in (op.MAX_REPEAT, op.MIN_REPEAT) and branch[0][1][0] == 1:
            branch = list(branch[0][1][2])  # noqa: PLW2901 # one of them is enough
        if len(branch) == 1 and branch[0][0] in (op.IN, op.LITERAL, op.NOT_LITERAL):
            removed |= characters(branch, bool(parsed.state.flags & tree.SRE_FLAG_IGNORECASE)) or set()
        elif branch and all(kind is op.LITERAL for kind, _ in branch):
            mask |= without("".join(chr(number) for _, number in branch))
    return mask | excluded(_ASCII - removed) if removed else mask


@cache
def of_group(pattern: str, flags: int, key: Any) -> int:
    """
    The marks that what a group captured can't contain. key: number or name, ("*",) for any, None for what `findall` gives.

    >>> of_group("/([a-z]+)/(.*)", 0, 1) & BIT["/"] > 0, of_group("/([a-z]+)/(.*)", 0, 2) & BIT["/"] > 0
    (True, False)
    """
    try:
        parsed = tree_of(pattern, flags)
    except (re_error, RecursionError, OverflowError, TypeError):
        return 0
    if key is None:
        key = 0 if parsed.state.groups == 1 else 1 if parsed.state.groups == 2 else ("*",)
    number = parsed.state.groupdict.get(key) if isinstance(key, str) else key
    inner = list(parsed) if number in (0, ("*",)) else _subpattern(parsed, number)
    kept = None if inner is None else characters(inner, bool(parsed.state.flags & tree.SRE_FLAG_IGNORECASE))
    if kept is None or inner is None:
        return 0
    return excluded(kept) | _opening(inner)


def groups(pattern: str, flags: int) -> int:
    """
    How many groups a pattern has.

    >>> groups("(a)(?:b)((c))", 0)
    3
    """
    try:
        return int(tree_of(pattern, flags).state.groups) - 1
    except (re_error, RecursionError, OverflowError, TypeError):
        return 0


def _subpattern(nodes: Any, number: Any) -> list[Any] | None:
    """What stands in a group, wherever it is nested."""
    for kind, argument in nodes:
        if kind is op.SUBPATTERN and argument[0] == number:
            return list(argument[-1])
        inner = argument[1] if kind is op.BRANCH else [argument[-1]] if kind is op.SUBPATTERN else None
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            inner = [argument[2]]
        for one in inner or ():
            if (found := _subpattern(one, number)) is not None:
                return found
    return None


def _opening(nodes: list[Any]) -> int:
    """The marks that what a match begins with excludes."""
    first = _first(nodes)
    if first is None:
        return 0
    return (BIT["/^"] | BIT["//^"] if "/" not in first else 0) | (BIT["-^"] if "-" not in first else 0)


def of_set(pattern: str) -> int:
    """The marks that `re.sub(pattern, "", text)` removes: those in a single class of characters."""
    try:
        nodes = list(tree_of(pattern, 0))
    except (re_error, RecursionError, OverflowError, TypeError):
        return 0
    if len(nodes) == 1 and nodes[0][0] in (op.MAX_REPEAT, op.MIN_REPEAT) and nodes[0][1][0] <= 1:
        nodes = list(nodes[0][1][2])
    if len(nodes) != 1 or nodes[0][0] not in (op.IN, op.LITERAL, op.NOT_LITERAL):
        return 0
    removed = characters(nodes, ignore_case=False)
    return 0 if removed is None else excluded(_ASCII - removed)


def _anchor(nodes: list[Any], kinds: tuple[Any, ...]) -> bool:
    return bool(nodes) and nodes[0][0] is op.AT and nodes[0][1] in kinds


def _first(nodes: list[Any]) -> Chars | None:
    """The characters that the text may begin with; None when it isn't known."""
    for kind, argument in nodes:
        if kind is op.AT:
            continue
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[0] > 0:
            return _first(list(argument[2]))
        if kind is op.SUBPATTERN:
            return _first(list(argument[-1]))
        if kind in (op.IN, op.LITERAL):
            return characters([(kind, argument)], ignore_case=False)
        return None
    return None


def characters(nodes: list[Any], ignore_case: bool) -> Chars | None:
    """Every ASCII character that a match may contain; None when it may be any."""
    kept: set[str] = set()
    for kind, argument in nodes:
        found = _node(kind, argument, ignore_case)
        if found is None:
            return None
        kept |= found
    return frozenset(kept | {twin for char in kept for twin in (char.lower(), char.upper())} if ignore_case else kept)


def _node(kind: Any, argument: Any, ignore_case: bool) -> Chars | None:
    if kind is op.LITERAL:
        return frozenset(chr(argument))
    if kind is op.NOT_LITERAL:
        return _ASCII - {chr(argument)}
    if kind is op.IN:
        return _class(argument)
    if kind is op.ANY:
        return _ASCII - {"\n"}
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, getattr(op, "POSSESSIVE_REPEAT", None)):
        return characters(list(argument[2]), ignore_case)
    if kind is op.SUBPATTERN:
        return characters(list(argument[-1]), ignore_case)
    if kind is op.BRANCH:
        branches = [characters(list(one), ignore_case) for one in argument[1]]
        return None if None in branches else frozenset().union(*branches)  # type: ignore[arg-type] # None is ruled out
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return frozenset()
    return None


def _class(members: list[Any]) -> Chars | None:
    kept: set[str] = set()
    negated = False
    for kind, argument in members:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            kept.add(chr(argument))
        elif kind is op.RANGE:
            kept |= {chr(number) for number in range(argument[0], min(argument[1], 127) + 1)}
        elif kind is op.CATEGORY:
            kept |= _CATEGORIES.get(argument, _ASCII)
        else:
            return None
    return frozenset(_ASCII - kept if negated else kept)


_CATEGORIES = {
    op.CATEGORY_WORD: _WORD, op.CATEGORY_NOT_WORD: _ASCII - _WORD, op.CATEGORY_DIGIT: _DIGIT,
    op.CATEGORY_NOT_DIGIT: _ASCII - _DIGIT, op.CATEGORY_SPACE: _SPACE, op.CATEGORY_NOT_SPACE: _ASCII - _SPACE,
}  # fmt: skip
METHODS: dict[str, Chars] = {
    "isdigit": _DIGIT, "isdecimal": _DIGIT, "isnumeric": _DIGIT, "isalnum": _WORD - {"_"},
    "isalpha": _WORD - _DIGIT - {"_"}, "isidentifier": _WORD,
}  # fmt: skip
"""Character tests of str, and what passes them."""
WITHOUT = "without "
"""How the relation begins of a text to another from which a part, which follows, was left out wherever it stood."""

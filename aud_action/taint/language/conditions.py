"""Branches: what each outcome of a test tells about the values that were tested."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aud_action.taint.code.frame import Env, Frame, Promise, meet
from aud_action.taint.code.program import Lazy
from aud_action.taint.flaws.asked import compared
from aud_action.taint.flaws.guards import (
    apart,
    calls_guard,
    led,
    letters_in,
    spelled_with,
    tokens,
    trusted_container,
    within,
)
from aud_action.taint.frames.assign import element
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values import fold
from aud_action.taint.values.charset import BIT, without, without_each
from aud_action.taint.values.harmless import ALL, marks
from aud_action.taint.values.known import constant
from aud_action.taint.values.paths import PARTS
from aud_action.taint.values.value import ANY, NORMALISED, Token, Value, all_taints, join, join_all
from extractors.flow import code

Sides = tuple[Env | None, Env | None]


def split(frame: Frame, env: Env, node: Any) -> Sides:
    """What is known where a test is true, and where it is false; None for an outcome that can't be."""
    kind = node[0] if type(node) is list else None
    if kind == code.NOT:
        then, otherwise = split(frame, env, node[1])
        return otherwise, then
    if kind == code.BOOL:
        return _joined(frame, env, node)
    if kind == code.COMPARE and len(node[2]) == 1:
        pairs = _pairs(node[1], *node[2][0])
        if pairs:
            same, other = _joined(frame, env, [code.BOOL, "and", pairs])
            return (other, same) if node[2][0][0] == "!=" else (same, other)
        return _compared(frame, env, node[1], node[2][0][0], node[2][0][1])
    if kind == code.COMPARE:
        lefts = [node[1], *(right for _, right in node[2])]
        pairs = [[code.COMPARE, left, [one]] for left, one in zip(lefts, node[2], strict=False)]
        return _joined(frame, env, [code.BOOL, "and", pairs])
    if kind == code.CALL:
        return _called(frame, env, node)
    try:
        value = frame.machine.value_of(frame, env, node)
    except Unreachable:
        return None, None
    return _by_truth(frame, env, value)


def _pairs(left: Any, sign: str, right: Any) -> list[Any]:
    """The comparisons that are made when two tuples are compared: they are equal when all of these are."""
    sides = [one[1] if type(one) is list and one[0] == code.TUPLE else [] for one in (left, right)]
    if sign not in ("==", "!=") or not sides[0] or len(sides[0]) != len(sides[1]):
        return []
    return [[code.COMPARE, one, [["==", other]]] for one, other in zip(*sides, strict=True)]


def _by_truth(frame: Frame, env: Env, value: Value) -> Sides:
    truth = fold.truth(value)
    if truth is not None:
        return (env, None) if truth else (None, env)
    then, otherwise = env, env.copy()
    if value.kind != "object":
        _empty(frame, otherwise, value)
    _by_promise(frame, value, then, otherwise)
    return then, otherwise


def _by_promise(frame: Frame, value: Value, then: Env, otherwise: Env) -> None:
    """A match object or a validator's answer kept in a variable carries what it promises."""
    for promise in value.refs:
        if isinstance(promise, Promise):
            promise.applied(then, otherwise, frame.machine.models.relations)


def _joined(frame: Frame, env: Env, node: Any) -> Sides:
    wanted = node[1] == "and"
    going: Env | None = env
    left: Env | None = None
    for one in node[2]:
        if going is None:
            break
        then, otherwise = split(frame, going, one)
        going, out = (then, otherwise) if wanted else (otherwise, then)
        left = meet(left, out)
    return (going, left) if wanted else (left, going)


def choose(frame: Frame, env: Env, test: Any, then: Callable[[Env], Value], otherwise: Callable[[Env], Value]) -> Value:
    """`a if test else b`, each side with what the test tells it."""
    yes, no = split(frame, env.copy(), test)
    results = []
    for here, side in ((yes, then), (no, otherwise)):
        if here is not None:
            before = dict(here.vars)
            try:
                results.append(here.settled(side(here)))
            except Unreachable:
                continue
            _changed(env, here, before, surely=yes is None or no is None)
    if not results:
        raise Unreachable
    return join_all(results)


def _changed(env: Env, here: Env, before: dict[str, Any], *, surely: bool) -> None:
    """What a side has changed: `log.append(x) if x else None`."""
    for name, value in here.vars.items():
        old = before.get(name)
        if value is not old and type(old) is not Lazy and type(value) is not Lazy:
            env.vars[name] = value if surely or name not in env.vars else join(env.vars[name], value)
            env.forget(name)


def believe(env: Env, value: Value, mask: int) -> None:
    """A guard holds for a text."""
    for token in tokens(value):
        env.believe(token, mask)


def _compared(frame: Frame, env: Env, left_node: Any, sign: str, right_node: Any) -> Sides:
    frame.promises = None
    try:
        left = frame.machine.value_of(frame, env, left_node)
        promises, frame.promises = frame.promises, None
        right = frame.machine.value_of(frame, env, right_node)
    except Unreachable:
        return None, None
    outcome = fold.compared(sign, left, right)
    if outcome is not None:
        return (env, None) if outcome else (None, env)
    compared(frame, env, sign, ((left_node, left), (right_node, right)))
    then, otherwise = env, env.copy()
    unequal = sign in ("!=", "is not", "not in")
    yes, no = (otherwise, then) if unequal else (then, otherwise)
    agree(frame, yes, no, sign, left, right)
    if type(left_node) is list and left_node[0] in (code.ITEM, code.CALL):
        _no_second_slash(env, left_node, sign, right, no)
    told = [one for one in left.refs if isinstance(one, Promise)]
    if type(left_node) is list and left_node[0] == code.CALL and promises is not None:
        told.append(promises)
    if told and right.consts in ((None,), (True,), (False,)) and sign in ("is", "is not", "==", "!="):
        equal, other = told[0].compared(right.consts[0], yes, no, frame.machine.models.relations)
        return (other, equal) if unequal else (equal, other)
    return then, otherwise


_LONGER = {(">", 1), (">=", 2)}
_SECOND = ([code.CONST, 1], [code.SLICE, [code.CONST, 1], [code.CONST, 2], None])


def _no_second_slash(env: Env, node: Any, sign: str, right: Value, no: Env) -> None:
    """`len(url) > 1 and url[1] in "/\\\\"`: where it is false, no second slash makes another host of the path."""
    text = None
    if node[0] == code.CALL:
        longer = right.consts is not None and (sign, right.consts[0]) in _LONGER
        text = node[2][0] if node[1] == "len" and len(node[2]) == 1 and longer else None
    elif node[2] in _SECOND:
        known = right.consts or fold.constants_in(right) or ()
        text = node[1] if any(isinstance(one, str) and "/" in one for one in known) else None
    value = env.vars.get(text) if type(text) is str else None
    if isinstance(value, Value):
        believe(no, value, marks(BIT["//^"]))


def agree(frame: Frame, yes: Env, no: Env, sign: str, left: Value, right: Value) -> None:
    """Note what it means that two values are equal, or one is in the other (`yes`), or not (`no`)."""
    if "in" in sign.split():
        _agree_within(frame, yes, no, left, right)
        return
    if sign in ("<", "<=") and "set" in (left.kind, right.kind) and trusted_container(right):
        for token, mask in within(frame, left, right).items():
            yes.believe(token, mask, frame.machine.models.relations)
        return
    if sign in ("<", "<=", ">", ">="):
        for env in (yes, no):
            for value in (left, right):
                believe(env, value, frame.machine.models.mask(["resource-exhaustion"]))
        return
    _agree_equal(frame, yes, no, left, right)


def _agree_equal(frame: Frame, yes: Env, no: Env, left: Value, right: Value) -> None:
    for one, other in ((left, right), (right, left)):
        if not one.taints:
            continue
        if other.consts == ("",):
            _empty(frame, yes, one)
        elif not all_taints(other):
            upwards = other.consts is not None and any(isinstance(each, str) and ".." in each for each in other.consts)
            _trust(frame, yes, one, ALL & ~(frame.machine.path_mask | marks(BIT[".."])) if upwards else ALL)
        else:
            _same_host(frame, yes, one)
            _unchanged(yes, one, other)
            _same_folder(frame, yes, one, other)
        for taint in one.taints:
            if other.consts == ("..",):
                no.believe(taint.token, marks(BIT[".."]))
            known = taint.token.relation == "common" or (taint.token.relation == "folder" and apart(taint.token, other))
            if known and taint.state & NORMALISED and taint.token.parent is not None:
                yes.believe(taint.token.parent, frame.machine.path_mask, frame.machine.models.relations)


def _same_folder(frame: Frame, env: Env, value: Value, folder: Value) -> None:
    """`path == base`: the folder itself, which was chosen without the path."""
    for token in tokens(value) if _normalised(value) else ():
        env.believe(token, frame.machine.path_mask if apart(token, folder) else 0)


def _unchanged(env: Env, value: Value, made: Value) -> None:
    """`name == basename(name)`: what a cleaner leaves as it is has nothing in it that the cleaner takes out."""
    for taint in made.taints if not any(isinstance(piece, str) for form in made.forms or () for piece in form) else ():
        for one in value.taints:
            if taint.token is not one.token and taint.token.descends(one.token):
                env.believe(one.token, taint.cleared)


def _agree_within(frame: Frame, yes: Env, no: Env, left: Value, right: Value) -> None:
    """`left in right`."""
    if _NETWORKS.intersection(right.paths):
        for token in tokens(left):
            no.believe(token, frame.machine.models.mask(["ssrf", "ssrf-partial"]), frame.machine.models.relations)
    elif left.consts is not None and all_taints(right):
        for one in left.consts if right.kind != "dict" else ():
            _lacks(no, right, one)
    elif trusted_container(right):
        known = fold.constants_in(right) or ()
        steps = (marks(BIT[".."]) if ".." in known else 0, marks(BIT["/^"]) if "/" in known else 0)
        letters = letters_in(right)
        mask = spelled_with(frame, letters) if letters else ALL
        for token in tokens(left):
            if token.relation in ("piece", "element", "step"):
                no.believe(token, steps[0] | (steps[1] if token.relation == "step" else 0))
            if token.relation == "netloc" and "" in known:
                _hostless(frame, yes, token)
            else:
                yes.believe(token, mask if token.relation == "character" else ALL, frame.machine.models.relations)
        _none_of(no, left, known)
    elif right.consts and not right.taints and all(isinstance(one, str) for one in right.consts):
        mask = spelled_with(frame, frozenset("".join(right.consts)))  # one of its characters
        for token in tokens(left):
            yes.believe(token, mask if token.relation in ("character", "element") else 0)
        _none_of(no, left, "".join(right.consts))
    _contained_path(yes, right)


def _none_of(env: Env, value: Value, signs: Iterable[Any]) -> None:
    """A character that is none of some."""
    for token in tokens(value):
        env.believe(token, marks(without_each(signs)) if token.relation == "character" else 0)


_NETWORKS = {f"ipaddress.{name}()" for name in ("ip_network", "IPv4Network", "IPv6Network")}
"""Networks are refused more often than allowed: where an address is in none of them, nothing inside is reached."""


def _lacks(env: Env, value: Value, part: Any) -> None:
    """A text that doesn't contain `part`; or a list of its pieces, of which none is `part`."""
    if value.items is not None or PARTS in value.paths:
        for token in tokens(value):
            whole = token.parent if token.relation in ("piece", "step") else None
            while part == ".." and whole is not None:
                env.believe(whole, marks(BIT[".."]))
                whole = whole.parent if whole.relation == "slashed" else None  # the same steps, with other slashes
    elif isinstance(part, str) and not (part == ".." and _normalised(value) and led(value)):
        believe(env, value, marks(without(part)))


def _normalised(value: Value) -> bool:
    """Whether a path can't hold dots any more, so that looking for them tells nothing."""
    return bool(value.taints) and all(taint.state & NORMALISED for taint in value.taints)


def _trust(frame: Frame, env: Env, value: Value, mask: int) -> None:
    """The value is one of the trusted: so is the text that it is, or whose host it is."""
    for token in tokens(value):
        env.believe(token, mask, frame.machine.models.relations)


def _empty(frame: Frame, env: Env, value: Value) -> None:
    """The value is empty: so is the text that it is; an address without a host may still name one (`https:///host`)."""
    relations = frame.machine.models.relations
    for token in tokens(value):
        if token.relation == "netloc" and token.parent is not None:
            env.believe(token.parent, marks(BIT["//^"]), relations)
        else:
            env.believe(token, ALL, relations)


def _hostless(frame: Frame, env: Env, token: Token) -> None:
    """The host is one of the trusted, or there is none."""
    models = frame.machine.models
    env.believe(token, ALL)
    if token.parent is not None:
        told = models.relations.get(token.relation, 0) & ~models.mask(["open-redirect"])
        env.believe(token.parent, told | marks(BIT["//^"]), models.relations)


def _same_host(frame: Frame, env: Env, value: Value) -> None:
    for token in tokens(value):
        _upward(frame, env, token)


def _upward(frame: Frame, env: Env, token: Any) -> None:
    relations = frame.machine.models.relations
    mask = relations.get(token.relation)
    if mask and token.parent is not None:
        env.believe(token.parent, mask, relations)


def _contained_path(env: Env, right: Value) -> None:
    """`BASE in path.parents` of a resolved path."""
    for taint in right.taints:
        if "pathlib.Path.parents" in right.paths and taint.state & NORMALISED and taint.token.parent is not None:
            env.believe(taint.token.parent, ALL)


def _called(frame: Frame, env: Env, node: Any) -> Sides:
    quantified = _quantified(frame, env, node)
    if quantified is not None:
        return quantified
    frame.promises = None
    try:
        value = frame.machine.value_of(frame, env, node)
    except Unreachable:
        return None, None
    frame.last_value = value
    promises, frame.promises = frame.promises, None
    truth = fold.truth(value)
    if truth is not None:
        return (env, None) if truth else (None, env)
    then, otherwise = env, env.copy()
    _by_promise(frame, value, then, otherwise)
    calls_guard(frame, env, node, then, otherwise)
    if promises is not None:
        return promises.applied(then, otherwise, frame.machine.models.relations)
    return then, otherwise


def _quantified(frame: Frame, env: Env, node: Any) -> Sides | None:
    """`any(test for x in xs)` and `all(…)`: what the test tells of each x holds for the whole."""
    if node[1] not in ("any", "all") or len(node[2]) != 1 or type(node[2][0]) is not list:
        return None
    each = node[2][0]
    if each[0] != code.EACH or len(each[4]) != 1:
        return None
    target, source, tests = each[4][0]
    if type(target) is not str or tests:
        return None
    iterated = frame.machine.value_of(frame, env, source)
    members = [constant(one) for one in _members(iterated)]
    if not members and iterated.items is not None:
        members = list(iterated.items.values())
    whole = not members and iterated.items is None
    characters = _each(iterated) if whole and iterated.taints else element(iterated, ANY)
    then, otherwise = env.copy(), env.copy()
    told = then if node[1] == "all" else otherwise
    common: dict[Any, int] | None = None
    for value in members or [characters]:
        inner = env.copy()
        inner.vars[target] = value
        sides = split(frame, inner, each[2])
        side = sides[0 if node[1] == "all" else 1]
        one = sides[0].beliefs if sides[0] is not None else {}
        common = dict(one) if common is None else {token: common[token] & one[token] for token in common.keys() & one}
        if side is None:
            return (None, otherwise) if node[1] == "all" else (then, None)
        for token, mask in side.beliefs.items():
            told.believe(token, mask)
            of_each = token.relation in ("piece", "character", "step")
            if token.parent is not None and (of_each or (token.relation in ("part", "element") and not members)):
                told.believe(token.parent, mask)
    if node[1] == "any":  # one of them passed, whichever: what that tells of anything else holds
        for token, mask in (common or {}).items():
            if not any(token.descends(own) for own in tokens(characters)):
                then.believe(token, mask)
    return then, otherwise


def _each(value: Value) -> Value:
    """What a loop over a text or a path's parts gives: a character, or a part."""
    return Value(value.taints, kind="str") if PARTS in value.paths else fold.part(value, "character")


def _members(value: Value) -> list[Any]:
    if value.consts and len(value.consts) == 1 and isinstance(value.consts[0], str) and len(value.consts[0]) <= 64:
        return list(value.consts[0])
    return fold.constants_in(value) or []

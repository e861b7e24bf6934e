"""Loops: a body is run twice, or once for each of a few known elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aud_action.taint.code.frame import Env, Frame, meet
from aud_action.taint.code.handing import is_table
from aud_action.taint.flaws.guards import tokens
from aud_action.taint.frames.assign import assign
from aud_action.taint.language.conditions import split
from aud_action.taint.values import fold
from aud_action.taint.values.harmless import harmless
from aud_action.taint.values.known import constant
from aud_action.taint.values.paths import PARTS
from aud_action.taint.values.value import ANY, NEVER, STRUCTURED, Token, Value
from extractors.flow import code


def while_(frame: Frame, env: Env, node: Any) -> Env | None:
    """`while`."""
    endless = type(node[1]) is list and node[1][0] == code.CONST
    return _loop(frame, env, lambda here: split(frame, here, node[1]), node[2], node[3], endless)


def for_(frame: Frame, env: Env, node: Any) -> Env | None:
    """`for`."""
    source = frame.machine.value_of(frame, env, node[2])
    items = source.items
    if items is not None and ANY not in items and source.kind in ("list", "tuple") and 0 < len(items) <= 6:
        return _each(frame, env, node, list(items.values()))
    elements = _functions(source, node[3]) or (_constants(source) if _brief(node[3]) else [])
    if elements:
        return _each(frame, env, node, elements)
    if items is not None and not items and not source.taints and source.kind in ("list", "tuple", "dict", "set"):
        return frame.machine.block(frame, env, node[4])
    if _is_text(source):
        one = fold.part(source, "character")
    elif PARTS in source.paths and source.items is None:
        one = Value(source.taints, kind="str")  # each is a step already
    else:
        one = frame.machine.iterate(frame, env, source, node[5])

    def step(here: Env) -> tuple[Env | None, Env | None]:
        going = here.copy()
        assign(frame, going, node[1], one)
        return going, here

    return _loop(frame, env, step, node[3], node[4], each=one)


def _is_text(source: Value) -> bool:
    """Whether a loop goes through the characters of a client's text: one value of a query, not all, nor what may be a list."""
    if (
        not source.taints
        or source.items is not None
        or source.refs
        or any(one.state & STRUCTURED for one in source.taints)
    ):
        return False
    return source.kind == "str" or (bool(source.paths) and all(one.endswith(("[]", ".get()")) for one in source.paths))


_MOST_ROUNDS = 40
_MOST_HANDED = 1000
"""Statements that a loop over functions may run; in a longer one they are taken together."""


def _constants(source: Value) -> list[Value]:
    """The constants that a loop goes through, or the characters."""
    if source.consts is not None and len(source.consts) == 1 and isinstance(source.consts[0], str):
        return [constant(one) for one in source.consts[0]] if len(source.consts[0]) <= _MOST_ROUNDS else []
    found = fold.constants_in(source)
    return [constant(one) for one in found] if found is not None and len(found) <= _MOST_ROUNDS else []


def _functions(source: Value, body: list[Any]) -> list[Value]:
    """The elements of a table of functions or classes: a loop that registers them hands on each by itself."""
    items = source.items
    if items is None or ANY in items or source.kind not in ("list", "tuple") or len(items) * len(body) > _MOST_HANDED:
        return []
    return list(items.values()) if is_table(items) else []


def _brief(body: list[Any]) -> bool:
    """Whether a loop's body is a test or two, so that it can be run for every constant."""
    return len(body) <= 2 and all(one[0] in (code.IF, code.SET_TO, code.DO) for one in body)


def _each(frame: Frame, env: Env, node: Any, values: list[Value]) -> Env | None:
    """A loop over a few known elements: its body once for each."""
    going: Env | None = env
    frame.breaks.append([])
    for value in values:
        if going is None:
            break
        frame.continues.append([])
        assign(frame, going, node[1], value)
        going = frame.machine.block(frame, going, node[3])
        for side in frame.continues.pop():
            going = meet(going, side)
    done = frame.machine.block(frame, going, node[4])
    for side in frame.breaks.pop():
        done = meet(done, side)
    return done


def _loop(
    frame: Frame,
    env: Env,
    step: Callable[[Env], tuple[Env | None, Env | None]],
    body: list[Any],
    orelse: list[Any],
    endless: bool = False,
    each: Value = NEVER,
) -> Env | None:
    """The body twice: the second time with what the first may have left behind, if that is anything new."""
    frame.breaks.append([])
    here: Env | None = env
    left: Env | None = None
    passed: Env | None = None
    for _ in range(2):
        if here is None:
            break
        going, out = step(here.copy())
        left = meet(left, out)
        frame.continues.append([])
        after = frame.machine.block(frame, going, body)
        for side in frame.continues.pop():
            after = meet(after, side)
        passed = after
        if after is None:
            here = None
            break
        before, here = here, meet(here, after)
        if here is not None and _stays(before, here):
            break
    if here is not None:
        out = step(here.copy())[1]
        left = meet(left, here if out is None and left is None and not endless else out)
    if left is not None and passed is not None and each.holds:
        _all_passed(frame, left, passed, each)
    done = frame.machine.block(frame, left, orelse)
    for side in frame.breaks.pop():
        done = meet(done, side)
    return done


def _all_passed(frame: Frame, left: Env, passed: Env, each: Value) -> None:
    """Who comes to the end of a loop has seen each element pass the body: what that told of one holds for all."""
    own = tokens(each)
    for token, mask in passed.beliefs.items():
        if not any(one.descends(token) for one in own):
            continue
        left.believe(token, mask)
        if token.parent is not None and token in own and token.relation in ("piece", "step", "character"):
            left.believe(token.parent, mask)
    if any(path.startswith(("tarfile.", "zipfile.")) for path in each.paths):
        _members_passed(frame, left, passed, own, each)


_OF_LINKS = frozenset({"isfile", "isreg", "issym", "islnk", "isdir", "linkname", "type", "SYMTYPE", "LNKTYPE"})
"""What a program asks that cares for links in a tar archive."""


def _members_passed(frame: Frame, left: Env, passed: Env, own: set[Token], each: Value) -> None:
    """Each member of an archive was seen to stay below a folder: the whole may be unpacked there."""
    models = frame.machine.models
    below, slip = models.mask(["path-traversal"]), models.mask(["archive-slip"])
    needs = models.needs[
        "path-traversal"
    ]  # no `..` in its name, and no slash before it: that stays below, but for links
    if any(path.startswith("tarfile.") for path in each.paths) and not frame.function.mentions & _OF_LINKS:
        needs = ()
    for member in own:
        told = [mask for one, mask in passed.beliefs.items() if one.descends(member)]
        seen = any(mask & frame.machine.path_mask or harmless(mask, below, needs, "") for mask in told)
        archive = member.parent if seen else None
        while archive is not None:
            left.believe(archive, slip)
            archive = archive.parent


def _stays(before: Env, after: Env) -> bool:
    """Whether a body has left everything as it was, but for names of its own in which there is nothing of a client's."""
    if before.beliefs != after.beliefs or before.reads.keys() != after.reads.keys():
        return False
    known = before.vars
    for name, value in after.vars.items():
        if name in known:
            if known[name] is not value:
                return False
        elif not isinstance(value, Value) or value.holds:
            return False
    return True

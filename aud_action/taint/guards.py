"""Calls as guards: what a true or false answer of a call tells about its receiver and arguments."""

from __future__ import annotations

from typing import Any

from aud_action.taint.charset import BIT, METHODS, excluded, of_pattern
from aud_action.taint.danger import AUTHORITY
from aud_action.taint.frame import Env, Frame
from aud_action.taint.harmless import ALL, marks
from aud_action.taint.sinks import selected
from aud_action.taint.value import NORMALISED, Token, Value, all_taints

_SAFE_TYPES = {
    "builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "uuid.UUID", "decimal.Decimal",
    "datetime.datetime", "datetime.date",
}  # fmt: skip


def tokens(value: Value) -> set[Token]:
    """The texts in a value."""
    return {taint.token for taint in all_taints(value)}


def calls_guard(frame: Frame, env: Env, node: Any, then: Env, otherwise: Env) -> None:
    """Note what the outcome of a call tells, by its method, by its model, or by what it is."""
    last = frame.last_call
    if last is None or last.node is not node:
        return
    if last.receiver is not None:
        _by_method(frame, last.method, last.receiver, last.positional, then, otherwise)
    for path in last.paths:
        _by_path(frame, path, last.positional, then, otherwise)
        for model in frame.machine.models.find(frame.machine.models.guards, path) or ():
            for _, value in selected(model.pattern, last.positional, last.named, last.receiver):
                for token in tokens(value):
                    if model.on is not None:
                        _believe(frame, then if model.on else otherwise, token, model.clears)
    del env


def _believe(frame: Frame, env: Env, token: Token, mask: int) -> None:
    env.believe(token, mask, frame.machine.models.relations)


def _by_method(frame: Frame, method: str, receiver: Value, positional: list[Value], then: Env, otherwise: Env) -> None:
    for token in tokens(receiver):
        if method in METHODS:
            then.believe(token, marks(excluded(METHODS[method])) | (ALL if method in _NUMERIC else 0))
        elif method == "startswith" and positional:
            _begins(frame, token, receiver, positional[0], then, otherwise)
        elif method == "endswith" and positional:
            if not positional[0].taints:
                then.believe(token, frame.machine.upload_mask)
            if positional[0].consts and all(str(one).startswith(".") for one in positional[0].consts):
                upward = frame.machine.models.relations.get(token.relation)
                if upward and token.parent is not None:
                    then.believe(token.parent, upward, frame.machine.models.relations)
        elif method == "is_relative_to" and _normal(receiver):
            then.believe(token, frame.machine.path_mask)
        elif method == "is_absolute":
            otherwise.believe(token, marks(BIT["/^"]))
    if method in ("fullmatch", "match", "search") and positional and receiver.items:
        _by_pattern(receiver.items.get("pattern"), method, positional[0], then)


_NUMERIC = {"isdigit", "isdecimal", "isnumeric"}


def _normal(value: Value) -> bool:
    return bool(value.taints) and all(taint.state & NORMALISED for taint in value.taints)


def _begins(frame: Frame, token: Token, receiver: Value, prefix: Value, then: Env, otherwise: Env) -> None:
    texts = list(prefix.consts or ())
    if prefix.items:
        texts = [one for item in prefix.items.values() for one in item.consts or (None,)]
    if texts and all(isinstance(one, str) and AUTHORITY.match(one) for one in texts):
        then.believe(token, frame.machine.models.mask(["ssrf", "open-redirect"]))
        return
    for text in texts:
        for mark, told, env in (
            ("/", "/^", otherwise),
            ("/", "^/", then),
            ("//", "//^", otherwise),
            ("-", "-^", otherwise),
        ):
            if text == mark:
                env.believe(token, marks(BIT[told]))
    single = [one for one in texts if isinstance(one, str) and len(one) <= 2]
    if not single and not prefix.taints and _normal(receiver):
        then.believe(token, frame.machine.path_mask)


def _by_path(frame: Frame, path: str, positional: list[Value], then: Env, otherwise: Env) -> None:
    if path == "builtins.isinstance" and len(positional) == 2:
        _by_type(frame, positional[0], positional[1], then)
    elif path in ("re.fullmatch", "re.match", "re.search") and len(positional) >= 2:
        _by_pattern(positional[0], path.rpartition(".")[2], positional[1], then)
    elif path == "os.path.isabs" and positional:
        for token in tokens(positional[0]):
            otherwise.believe(token, marks(BIT["/^"]))


def _by_type(frame: Frame, value: Value, wanted: Value, then: Env) -> None:
    kinds = [wanted] if not wanted.items else list(wanted.items.values())
    paths = {path for kind in kinds for path in kind.paths}
    for token in tokens(value):
        if paths and paths <= _SAFE_TYPES:
            then.believe(token, ALL)
        elif paths and paths <= {"builtins.str", "builtins.bytes"}:
            then.believe(token, frame.machine.models.mask(["nosql-injection"]))


def _by_pattern(pattern: Value | None, how: str, subject: Value, then: Env) -> None:
    if pattern is None or not pattern.consts or not all(isinstance(one, str) for one in pattern.consts):
        return
    mask = ~0
    for one in pattern.consts:
        mask &= of_pattern(one, 0, how)
    for token in tokens(subject):
        then.believe(token, marks(mask))


def promised(frame: Frame, path: str, positional: list[Value], receiver: Value | None) -> tuple[Any, ...] | None:
    """What it would tell if the result of a match were true: for results that are kept in a variable."""
    then, otherwise = Env({}), Env({})
    if path in ("re.fullmatch", "re.match", "re.search"):
        _by_path(frame, path, positional, then, otherwise)
    elif receiver is not None and path.startswith("re.Pattern."):
        _by_method(frame, path.rpartition(".")[2], receiver, positional, then, otherwise)
    if not then.beliefs:
        return None
    return ("promise", tuple(then.beliefs.items()), tuple(otherwise.beliefs.items()))


def filtered(paths: tuple[str, ...], value: Value, told: Env) -> None:
    """What `filter(str.isalnum, text)` tells of the characters that pass."""
    for path in paths:
        name = path.removeprefix("builtins.str.")
        if name in METHODS:
            for token in tokens(value):
                told.believe(token, marks(excluded(METHODS[name])))

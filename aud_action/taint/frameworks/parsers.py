"""Parsers of requests and command lines: which arguments that they were told of hold no text of whoever calls."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.declared import NUMERIC
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import placed, write
from aud_action.taint.values.fold import part
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, NUMBER, TEXT, Value
from extractors.flow import code

_REQUESTS: Final = ("flask_restful.reqparse.RequestParser", "flask_restx.reqparse.RequestParser")
_COMMANDS: Final = ("argparse.ArgumentParser",)
_NUMBERS: Final = NUMERIC | {
    f"{library}.inputs.{name}"
    for library in ("flask_restful", "flask_restx")
    for name in "positive natural boolean date datetime_from_iso8601 datetime_from_rfc822 int_range()".split()
} | {"builtins.bool"}  # fmt: skip
_FLAGS: Final = frozenset({"store_true", "store_false", "store_const", "count"})


def told(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`parser.add_argument("limit", type=int)`: kept with the parser."""
    words, target = dict(named), node[1]
    name = _name([one.consts[0] for one in given if one.consts and isinstance(one.consts[0], str)], words.get("dest"))
    if name and type(target) is list and target[0] == code.ATTR:
        kind, action = words.get("type"), words.get("action")
        bounded = "choices" in words or (kind is not None and bool(_NUMBERS.intersection(kind.paths)))
        bounded = bounded or (action is not None and bool(_FLAGS.intersection(action.consts or ())))
        parser = frame.machine.value_of(frame, env, target[1])
        write(frame, env, target[1], placed(parser, name, NUMBER if bounded else TEXT))
    return constant(None)


def _name(flags: list[str], told: Value | None) -> Any:
    """Under which name an argument is found: the one that it is given, else that of the first flag with two dashes."""
    if told is not None and told.consts:
        return told.consts[0]
    long = next((one for one in flags if one.startswith("--")), flags[0] if flags else "")
    return long.lstrip("-").replace("-", "_") if long.startswith("-") else long


def parsed(parser: Value | None, result: Value, path: str) -> Value:
    """What `parser.parse_args()` gives: numbers and choices, and parts of what was sent."""
    told = parser.items if parser is not None else None
    numbers = {name: NUMBER for name, value in (told or {}).items() if value is NUMBER}
    if not numbers:
        return result
    if path.startswith(_COMMANDS):
        return Value(result.taints, paths=result.paths, items=dict(numbers), kind="object")
    return Value(result.taints, paths=result.paths, items={**numbers, ANY: part(result, "part")}, kind="dict")


TELLING: Final = {f"{parser}.add_argument": told for parser in (*_REQUESTS, *_COMMANDS)}
PARSING: Final = frozenset(f"{parser}.parse_args" for parser in (*_REQUESTS, *_COMMANDS))

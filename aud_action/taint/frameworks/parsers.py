"""Request parsers: which arguments that they were told of hold no text of the client's."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.declared import NUMERIC
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import Named
from aud_action.taint.frames.assign import placed, write
from aud_action.taint.values.fold import part
from aud_action.taint.values.value import ANY, NUMBER, TEXT, Value, constant
from extractors.flow import code

_PARSERS: Final = ("flask_restful.reqparse.RequestParser", "flask_restx.reqparse.RequestParser")
_NUMBERS: Final = NUMERIC | {
    f"{library}.inputs.{name}"
    for library in ("flask_restful", "flask_restx")
    for name in "positive natural boolean date datetime_from_iso8601 datetime_from_rfc822 int_range()".split()
} | {"builtins.bool"}  # fmt: skip


def told(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`parser.add_argument("limit", type=int)`: kept with the parser."""
    names = [one.consts[0].lstrip("-") for one in given[:1] if one.consts and isinstance(one.consts[0], str)]
    words = dict(named)
    kind, choices = words.get("type"), words.get("choices")
    target = node[1]
    if names and type(target) is list and target[0] == code.ATTR:
        bounded = choices is not None or (kind is not None and bool(_NUMBERS.intersection(kind.paths)))
        name = words["dest"].consts[0] if "dest" in words and words["dest"].consts else names[0]
        parser = frame.machine.value_of(frame, env, target[1])
        write(frame, env, target[1], placed(parser, name, NUMBER if bounded else TEXT))
    return constant(None)


def parsed(parser: Value | None, result: Value) -> Value:
    """What `parser.parse_args()` gives: numbers and choices, and parts of what was sent."""
    told = parser.items if parser is not None else None
    numbers = {name: NUMBER for name, value in (told or {}).items() if value is NUMBER}
    if not numbers:
        return result
    return Value(result.taints, paths=result.paths, items={**numbers, ANY: part(result, "part")}, kind="dict")


TELLING: Final = {f"{parser}.add_argument": told for parser in _PARSERS}
PARSING: Final = frozenset(f"{parser}.parse_args" for parser in _PARSERS)

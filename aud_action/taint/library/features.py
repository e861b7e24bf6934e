"""What an XML reader was told to do: `parser.setFeature(feature_external_ges, True)` is kept with the parser."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import placed, write
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import Value

_ADDRESSES: Final = {
    "http://xml.org/sax/features/external-general-entities": "feature_external_ges",
    "http://xml.org/sax/features/external-parameter-entities": "feature_external_pes",
}
"""What the constants of `xml.sax.handler` are: some write the text itself."""


def _set(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    target = receiver_of(node)
    if len(given) == 2 and target is not None:
        parser = frame.machine.value_of(frame, env, target)
        for name in _names(given[0]):
            parser = placed(parser, name, given[1])
        write(frame, env, target, parser)
    return constant(None)


def _names(feature: Value) -> list[str]:
    texts = [_ADDRESSES.get(str(one), "") for one in feature.consts or ()]
    return [one for one in (*texts, *(path.rpartition(".")[2] for path in feature.paths)) if one]


CALLS: Final = {f"{made}.setFeature": _set for made in ("xml.sax.make_parser()", "xml.sax.expatreader.create_parser()")}

"""What a link has found, on the lines where it stands now: all that a run needs in which lines have only moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aud_action.taint.flow import Flow, Link
from aud_action.taint.values.trace import Place

Lines = Mapping[int, Mapping[int, int]]
"""Line before → now, for each file that has changed."""
_WHOLE_FILE: Final = (1, 1, 1, 1)
"""The region that stands for a module's body as a whole."""


def carried(last: Link, lines: Lines) -> Link:
    """A link of files in which nothing but lines is another. Raises KeyError for a line that is not known."""
    suspects = tuple((file, _line(lines, file, line), flaw) for file, line, flaw in last.looked.suspects)
    return last._replace(
        flows=tuple([_flow(lines, one) for one in last.flows]),
        settled=tuple([(flaw, _place(lines, place)) for flaw, place in last.settled]),
        gaps=tuple([(why, _place(lines, place)) for why, place in last.gaps]),
        looked=last.looked._replace(suspects=suspects),
    )


def _flow(lines: Lines, flow: Flow) -> Flow:
    return flow._replace(
        source=flow.source._replace(place=_place(lines, flow.source.place)),
        sink=_place(lines, flow.sink),
        path=tuple([one._replace(place=_place(lines, one.place)) for one in flow.path]),
    )


def _place(lines: Lines, place: Place) -> Place:
    if place[1:] == _WHOLE_FILE or place.file not in lines:
        return place
    line, end = (_line(lines, place.file, one) for one in (place.line, place.end_line))
    return place._replace(line=line, end_line=end)


def _line(lines: Lines, file: int, line: int) -> int:
    return lines[file][line] if file in lines else line

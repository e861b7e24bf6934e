"""The flows of the whole program, from the flow facts of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from aud_action.derive import Incomplete, derives
from aud_action.derive.moving import FLOW_FACTS, Lines
from aud_action.derive.own_name import own_name
from aud_action.derive.places import Places
from aud_action.derive.reading import Reading
from aud_action.settings import Settings, WrongInput
from aud_action.store import Store
from schema.flows import Flow, FlowGap, FlowStep, HarmlessCall, SuspectCall

if TYPE_CHECKING:  # imported by who follows flows: often there is no need to
    from aud_action.taint.code.program import FileFacts
    from aud_action.taint.flow import Link
    from aud_action.taint.values.trace import Place
    from aud_action.taint.watching import Seen

_FACTS = """
    SELECT f.id, f.path, f.is_test, t.facts FROM python_flow_facts t JOIN files f ON f.id = t.site >> 24
    WHERE NOT f.is_test ORDER BY f.path
"""
_FILE = "SELECT id, is_test FROM files WHERE path = ?"
_CALLS = "SELECT s.line FROM python_calls c JOIN sites s ON s.id = c.site WHERE s.id >> 24 = ?"
_WHY = "SELECT message FROM python_extraction_errors WHERE site >> 24 = ?"
_SUSPECTS = """
    SELECT s.file, s.line, c.flaw FROM python_suspect_calls c JOIN sites s ON s.id = c.site
"""
_SECONDS = 120.0
"""CPU time that the analysis may take when the run has no limit of its own: twice what the largest took whose steps were shared out."""
_THREATS = {"cli": ("cli", "stdin")}
_ENOUGH = 30
"""Percent below which a flow is a guess that nobody is shown."""


def own_models(settings: Settings) -> list[tuple[str, str]]:
    """The user's models: file name and text."""
    folder = settings.root / (settings.models or ".aud/models")
    if settings.models and not folder.is_dir():
        raise WrongInput(f"models: {folder} is not a folder")
    try:
        return [(page.name, page.read_text("utf-8")) for page in sorted(folder.glob("*.toml"))]
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"models: {error}") from error


def _suspects(store: Store, lowered: list[int]) -> dict[int, list[tuple[int, str]]]:
    """The calls that a pattern reports, by file: line and class."""
    found: dict[int, list[tuple[int, str]]] = {}
    for file, line, flaw in store.rows(_SUSPECTS, of=lowered) if lowered else ():
        found.setdefault(file, []).append((line, flaw))
    return found


def calls_of(store: Store, settings: Settings, path: str, line: int) -> tuple[list[Seen], dict[int, str]]:
    """What each call on a line of a file is taken to be, and the names of files. Raises WrongInput."""
    from aud_action.taint.models import ModelError
    from aud_action.taint.watching import watched

    row = next(store.rows(_FILE, (path,)), None)
    if row is None:
        raise WrongInput(f"{path} is not analysed: it is left out, or no Python file")
    file, is_test = row
    if is_test:
        raise WrongInput(f"{path} is a test: data is not followed in tests")
    files = _files(store, store.rows(_FACTS))
    if not any(one.file == file for one in files):
        raise WrongInput(f"{path} could not be analysed: {next(store.rows(_WHY, (file,)), ('no reason is known',))[0]}")
    lines = sorted({place[0] for place in store.rows(_CALLS, (file,))})
    if line not in lines:
        near = min(lines, key=lambda one: abs(one - line), default=None)
        hint = f"; the nearest call begins on line {near}" if near else "; the file has no call"
        raise WrongInput(f"no call begins on {path}:{line}{hint}")
    try:
        seen = watched(files, file, line, threats=_threats(settings), own=own_models(settings))
    except ModelError as error:
        raise WrongInput(f"models: {error}") from error
    if not seen:
        raise WrongInput(f"{path}:{line} is never reached: what stands before it leaves no way there")
    return seen, {one: name for one, name, *_ in store.rows(_FACTS)}


def _files(store: Store, rows: Iterable[tuple[Any, ...]]) -> list[FileFacts]:
    """The files to follow data in: below the name of their package where that is the root itself."""
    from aud_action.taint.code.program import FileFacts

    above = own_name(store).replace(".", "/")
    return [
        FileFacts(file, f"{above}/{path}" if above else path, bool(test), facts) for file, path, test, facts in rows
    ]


def _threats(settings: Settings) -> list[str]:
    """The kinds of sources that the settings' threat models are."""
    return [kind for threat in settings.threat_models for kind in _THREATS.get(threat, (threat,))]


def _carried(kept: bytes, moves: Mapping[int, Lines]) -> bytes:
    """The last link, on the lines where it stands now."""
    from aud_action.taint.flow import Link
    from aud_action.taint.moved import carried

    return msgspec.msgpack.encode(carried(msgspec.msgpack.decode(kept, type=Link), moves))


def _linked(
    store: Store, settings: Settings, files: list[FileFacts], suspects: dict[int, list[tuple[int, str]]]
) -> Link:
    """What the last run found, where it would find the same; else what a new link finds."""
    from aud_action.taint.flow import Link
    from aud_action.taint.linking import link
    from aud_action.taint.recall import recalled

    threats, own = _threats(settings), own_models(settings)
    memory = store.memory if isinstance(store, Reading) else None
    found = None
    if memory and memory.kept:
        before = {file: tables[FLOW_FACTS][0][-1] for file, tables in memory.before.items() if tables.get(FLOW_FACTS)}
        last = msgspec.msgpack.decode(memory.kept, type=Link)
        found = recalled(last, before, files, suspects, threats=threats, own=own)
    if found is None:
        seconds = float(settings.timeout or _SECONDS)
        found = link(files, threats=threats, own=own, seconds=seconds, suspects=suspects)
    if isinstance(store, Reading) and not found.incomplete:
        store.kept = msgspec.msgpack.encode(found)
    return found


@derives(Flow, FlowStep, HarmlessCall, FlowGap, after=(SuspectCall,), alone=True, ordered=True, moved=_carried)
def flows(store: Store, settings: Settings) -> Iterator[tuple[int, Flow | FlowStep | HarmlessCall | FlowGap]]:
    """Each flow of attacker's data into a dangerous call, and the steps of its path."""
    if not settings.taint:
        return
    from aud_action.taint.models import ModelError

    lowered = [number for (number,) in store.rows("SELECT site >> 24 FROM python_flow_facts")]
    # a file that holds no function to follow, as a test, is none of its business
    files = _files(store, store.rows(_FACTS, of=lowered))
    try:
        found = _linked(store, settings, files, _suspects(store, lowered))
    except ModelError as error:
        raise WrongInput(f"models: {error}") from error
    places = Places(store)

    def site(place: Place) -> int:
        return places.site(place.file, place[1:])

    tests = {file.file for file in files if file.is_test}
    for number, flow in enumerate((one for one in found.flows if one.confidence >= _ENOUGH), 1):
        yield (
            site(flow.sink),
            Flow(
                number, flow.flaw, flow.source.kind, flow.source.words, flow.callee, flow.confidence,
                flow.argument or None, flow.sink.file in tests,
            ),
        )  # fmt: skip
        for step, moment in enumerate(flow.path):
            yield site(moment.place), FlowStep(number, step, moment.message, moment.kind, moment.depth)
    for flaw, place in found.settled:
        yield site(place), HarmlessCall(flaw)
    for reason, place in found.gaps:
        yield site(place), FlowGap(reason)
    places.save()
    if found.incomplete:
        raise Incomplete("; ".join(found.incomplete[:5]))

"""Reaching a sink: is what arrives there still dangerous for its class?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.danger import known, live
from aud_action.taint.flaws.terms import Named, applies, argument
from aud_action.taint.models import SinkModel
from aud_action.taint.values.charset import BIT
from aud_action.taint.values.harmless import SHIFT, ending, harmless
from aud_action.taint.values.shown import is_container
from aud_action.taint.values.trace import Place, size
from aud_action.taint.values.value import (
    ANY,
    MODEL,
    OBJECT,
    ROW,
    UNKNOWN,
    Label,
    Source,
    Taint,
    Value,
    all_taints,
    forms_of,
)
from extractors.flow import code


class Reached(NamedTuple):
    """A taint at a sink: a flow when its origin is a source, a promise to callers when it is a label."""

    flaw: str
    taint: Taint
    place: Place
    callee: str
    confidence: int
    whole: bool  #: it is the argument, with nothing before it
    argument: str = ""  #: the keyword, key or position that carries it

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts flows into one call: the surest first, then the shortest."""
        return -self.confidence, size(self.taint.trace)


def stored(frame: Frame, env: Env, base: Value, suffix: str, values: list[Value], at: int) -> None:
    """Check a store into an attribute (`.name=`) or element (`[]=`) of a library's object."""
    if suffix == ".content_type=":
        env.vars[CONTENT_TYPE] = values[0]
    elif any(f"{path}{suffix}" in _OF_HANDLERS for path in base.paths):
        if "content-type" in {str(one).lower() for one in values[0].consts or ()}:
            env.vars[CONTENT_TYPE] = values[-1]
    said: Named = [("content_type", env.vars[CONTENT_TYPE])] if CONTENT_TYPE in env.vars else []
    for path in base.paths:
        reach(frame, env, f"{path}{suffix}", values, said, None, [code.CALL, f"{path}{suffix}", [], [], at])


def reach(
    frame: Frame, env: Env, path: str, positional: list[Value], named: Named, receiver: Value | None, node: Any
) -> None:
    """Check a call of a library's function against the sinks with its path."""
    models = frame.machine.models
    for model in models.find(models.sinks, path) or ():
        if model.flaw == "xss" and path.endswith(_BODIES) and _plain(env):
            continue
        check(frame, env, model, positional, named, receiver, node)


_OF_HANDLERS = frozenset({"bottle.Response.headers[]=", "cherrypy.Response.headers[]="})
"""How a handler says of what kind its response is, where one object stands for it."""
_BODIES = (".write", ".finish", "wsgi.response", "wsgi.response.data", "asgi.response", "flask.response")
TEMPLATE = "string.templatelib.Template"
"""What a t-string is: what takes one for a statement or a page quotes its interpolations itself, as psycopg does."""
CONTENT_TYPE = "<content type>"
"""As if it were a variable: what the handler that is run says of its response."""


def _plain(env: Env) -> bool:
    """Whether a browser takes the response for anything but a page."""
    known = env.vars.get(CONTENT_TYPE)
    kinds = known.consts if isinstance(known, Value) and known.consts else ()
    return bool(kinds) and not any("html" in str(one) or "xml" in str(one) for one in kinds)


def reach_by_name(
    frame: Frame, env: Env, method: str, positional: list[Value], named: Named, receiver: Value, node: Any
) -> None:
    """Check a method of an unknown object against the sinks that are known by the object's usual name."""
    models = frame.machine.models
    found = [*models.sinks.get(f"?.{method}", ()), *models.methods(method)]
    if not found or type(node[1]) is not list:
        return
    base = node[1][1]
    name = base if type(base) is str else base[2] if type(base) is list and base[0] == code.ATTR else ""
    if type(base) is list and base[0] == code.CALL:
        inner = base[1]
        name = inner if type(inner) is str else inner[2] if type(inner) is list and inner[0] == code.ATTR else ""
    for model in found:
        if is_named(model.receiver, name):
            check(frame, env, model, positional, named, receiver, node)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def is_named(receiver: str, name: str) -> bool:
    """Whether an object is called what a model asks for."""
    return bool(_pattern(receiver).fullmatch(name))


_HOLES = re.compile(r"%(?!%)[#0 +.\d-]*([a-zA-Z])")
_OPENED = frozenset({
    "io.BytesIO", "io.StringIO", "werkzeug.datastructures.FileStorage", "starlette.datastructures.UploadFile",
    "django.core.files.uploadedfile.UploadedFile", "django.core.files.uploadedfile.UploadedFile.file",
    "werkzeug.datastructures.FileStorage.stream", "starlette.datastructures.UploadFile.file",
    "streamlit.runtime.uploaded_file_manager.UploadedFile",
})  # fmt: skip
"""Objects that are files, not names of files."""


def _mattering(
    frame: Frame, env: Env, model: SinkModel, positional: list[Value], named: Named, receiver: Value | None
) -> list[tuple[str, Value]]:
    """The arguments that a model speaks of, without those that can't do harm for what they are."""
    values = [one for one in selected(model.pattern, positional, named, receiver) if TEMPLATE not in one[1].paths]
    if model.flaw in ("log-injection", "cleartext-logging"):
        values = [
            (name, frame.machine.text_of(frame, env, one) if one.kind == "object" and one.refs else one)
            for name, one in values
        ]
    if model.each:
        known = _pattern(model.text)
        values = [one for name, value in values for one in _elements(frame, env, name, value) if known.search(one[0])]
    if model.shows:
        return [(name, value) for name, value in values if _is_shown(model.shows, name, positional, named, receiver)]
    if model.flaw == "log-injection":
        return [(name, one) for name, one in values if not is_container(one) and not _shown_quoted(positional, name)]
    if model.flaw == "open-redirect":
        return [(name, value) for name, value in values if not _is_row(value)]
    if model.flaw in ("path-traversal", "ssrf"):
        return [(name, value) for name, value in values if not _is_opened(value)]
    return values


def _is_opened(value: Value) -> bool:
    """Whether it is a file itself, and on no way a name: where both meet it holds something and is of no kind."""
    return bool(_OPENED.intersection(value.paths)) and not (value.items is not None and not value.kind)


def _is_shown(shows: str, name: str, positional: list[Value], named: Named, receiver: Value | None) -> bool:
    """Whether a template puts a variable out as it is: one that is given as text, or was made of one; a file may."""
    if receiver is not None and receiver.kind == "object":
        template = (receiver.items or {}).get("source", UNKNOWN)
        if template.consts is None:
            return True
    else:
        template = argument("0/source/template/template_string", positional, named) or UNKNOWN
    wanted = _pattern(shows.replace("NAME", re.escape(name)))
    return any(isinstance(one, str) and wanted.search(one) for one in template.consts or ())


_ADDRESS = re.compile(r"(?i)ur[il]|link|address|location|str|markup|text|path")


def _is_row(value: Value) -> bool:
    """Whether it is an object and no text: a redirect to what was saved goes to the address that the program gives it."""
    return value.kind == "object" and not any(_ADDRESS.search(path.rpartition(".")[2]) for path in value.paths)


def _elements(frame: Frame, env: Env, name: str, value: Value) -> Iterator[tuple[str, Value]]:
    """What a mapping holds, by key, or a keyword of its own; of objects and rows what they hold, by `key.name`."""
    single = name not in ("context", "**") and not name.isdigit()
    for key, given in [(name, value)] if single else (value.items or {}).items():
        if not isinstance(key, str):
            continue
        is_rows = given.kind == "list" or (given.items and not {MODEL, ROW}.isdisjoint(given.items))
        item = frame.machine.iterate(frame, env, given, -1) if is_rows else given  # a template goes through it
        if item.refs or item.kind == "object":  # it shows itself as it is made to, not by what it holds
            yield from ((f"{key}.{inner}", one) for inner, one in (item.items or {}).items() if isinstance(inner, str))
        elif item.kind in ("", "dict") and item.items and not item.taints and ANY not in item.items:
            yield from ((f"{key}.{inner}", one) for inner, one in item.items.items() if isinstance(inner, str))
        else:
            yield key, item


def check(
    frame: Frame, env: Env, model: SinkModel, positional: list[Value], named: Named, receiver: Value | None, node: Any
) -> None:
    """Note every live taint in the arguments that matter."""
    values = _mattering(frame, env, model, positional, named, receiver)
    place = frame.place(node[-1] if type(node[-1]) is int else -1)
    if not any(all_taints(value) for _, value in values):
        if values:
            bit = 1 << frame.machine.models.flaws[model.flaw]
            frame.machine.settle(model.flaw, place, all(known(value, bit) for _, value in values))
        return
    if not applies(frame, model, positional, [*named, ("self", receiver)] if receiver is not None else named):
        return
    if model.text and not model.each and not any(_reads(value, model.text) for _, value in values):
        return
    shape = frame.machine.models.shapes[model.flaw]
    if shape == "argv" and model.pattern.every:
        values = [("0", Value(items=dict(enumerate(_words(positional), 1)), kind="list"))]
    harmful = False
    for name, value in values:
        for taint, confidence, flaw, before, quote, last in live(value, model.flaw, shape):
            if taint.state & OBJECT and flaw == "error-exposure":
                continue  # an exception isn't what it says
            mask = env.cleared(taint)
            mask = ending(mask) if last and _method(node) not in _OF_FOLDERS else mask
            if _safe(frame, mask, flaw, before, quote) or (
                model.like and _safe(frame, mask, model.like, before, quote)
            ):
                continue
            harmful = harmful or flaw == model.flaw
            kind = taint.origin.kind if isinstance(taint.origin, Source) else ""
            if kind == "archive" and not _writes(node, positional, named):
                continue  # a member that was unpacked is read again
            certainty = taint.confidence * confidence * model.confidence // 10000
            callee = described(node[1]) if type(node[1]) is list or "." not in str(node[1]) else str(node[1])
            frame.machine.reached(Reached(flaw, taint, place, callee, certainty, before == "", name))
    bit = 1 << frame.machine.models.flaws[model.flaw]
    frame.machine.settle(model.flaw, place, not harmful and all(known(value, bit) for _, value in values))


def _words(positional: list[Value]) -> Iterator[Value]:
    """The words of a command that are arguments of their own, or stand in a list behind the program."""
    for one in positional:
        if one.kind in ("list", "tuple") and one.items and ANY not in one.items:
            yield from one.items.values()
        else:
            yield one


def innocuous(frame: Frame, env: Env, value: Value, flaw: str = "sql-injection") -> bool:
    """Whether a text is known in every part, and holds nothing that could do harm at a sink of a class."""
    return known(value, 1 << frame.machine.models.flaws[flaw]) and all(
        _safe(frame, env.cleared(one.taint), flaw, one.before, one.quote)
        for one in live(value, flaw, frame.machine.models.shapes[flaw])
    )


_OF_FOLDERS = frozenset({"rmtree", "copytree", "move", "listdir", "scandir", "walk", "iterdir", "rmdir", "removedirs"})


def _method(node: Any) -> str:
    """The last name of what is called."""
    return node[1] if type(node[1]) is str else node[1][2] if type(node[1]) is list and node[1][0] == code.ATTR else ""


def _writes(node: Any, positional: list[Value], named: Named) -> bool:
    """Whether a call on a file may change it; `open` says so by its mode."""
    name = _method(node)
    if name != "open":
        return not name.startswith(
            ("read", "exists", "is_", "isfile", "isdir", "stat", "get", "list", "scan", "iter", "glob")
        )
    mode = argument("1/mode", positional, named) or argument("0", positional, []) or UNKNOWN
    return any(letter in str(one) for one in mode.consts or () for letter in "wax+")


def _shown_quoted(positional: list[Value], name: str) -> bool:
    """Whether a logger's template shows an argument by `%r` or as a number: without line breaks."""
    template = positional[0].consts if positional and name.isdigit() and name != "0" else None
    if not template or len(template) != 1 or not isinstance(template[0], str):
        return False
    letters = _HOLES.findall(template[0])
    return len(letters) >= int(name) and letters[int(name) - 1] in "radiuoxXeEfFgGc"


def _reads(value: Value, text: str) -> bool:
    """Whether the literal parts of a text, or the keys of what is built of dictionaries, look like what is asked for."""
    for key, item in (value.items or {}).items():
        if (isinstance(key, str) and _pattern(text).search(key)) or (item.items is not None and _reads(item, text)):
            return True
    forms = forms_of(value) if value.items is None else ()
    return any(_pattern(text).search("".join(one if isinstance(one, str) else "?" for one in form)) for form in forms)


def _safe(frame: Frame, mask: int, flaw: str, before: str, quote: str) -> bool:
    models = frame.machine.models
    if quote and flaw in ("sql-injection", "xpath-injection") and (mask >> SHIFT) & BIT[quote]:
        return True
    if quote == "'" and flaw == "command-injection" and (mask >> SHIFT) & BIT[quote]:
        return True  # to a shell all else in single quotes is plain text
    if before == "/" and flaw == "open-redirect" and (mask >> SHIFT) & BIT["/^"]:
        return True  # one slash, and no second
    return harmless(mask, 1 << models.flaws[flaw], models.needs[flaw], before)


def selected(pattern: Any, positional: list[Value], named: Named, receiver: Value | None) -> list[tuple[str, Value]]:
    """The arguments that a pattern speaks of, with their names or positions."""
    found = [(str(index), positional[index]) for index in pattern.positions if index < len(positional)]
    if pattern.every:
        found += [(str(index), value) for index, value in enumerate(positional)]
    for name, value in named:
        if name is None:
            if pattern.words or pattern.spread:
                found.append(("**", value))
            elif value.items is not None:
                found += [(key, item) for key, item in value.items.items() if key in pattern.names]
        elif name in pattern.names or pattern.words:
            found.append((name, value))
    if pattern.receiver and receiver is not None:
        found.append(("self", receiver))
    return found


def is_label(taint: Taint) -> bool:
    """Whether a taint stands for whatever callers pass."""
    return isinstance(taint.origin, Label)

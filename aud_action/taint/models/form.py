"""The form of model files: which sections there are, which keys each has, what each key may say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from aud_action.taint.models.pattern import expand, parse
from aud_action.taint.values.charset import BIT
from aud_action.taint.values.harmless import WORDS

CAPTURES = ("", "flask", "bottle", "django", "braces", "regex")
SHAPES = ("text", "url", "redirect", "argv", "structured", "whole", "mail", "upload", "prompt", "query", "page")
RELATIONS = (
    "",
    "same",
    "part",
    "element",
    "bare",
    "member",
    "changed",
    "common",
    "digest",
    "netloc",
    "scheme",
    "slashed",
    "slice",
    "joined",
    "folder",
    "relative",
    "piece",
    "step",
)
STATES = {"": 0, "normalised": 1, "structured": 2, "slashed": 4}
RESULTS = ("", "value", "each", "also")


class Problem(NamedTuple):
    """What is wrong with a record."""

    text: str
    key: str  #: where it stands
    word: str  #: the word that is wrong
    known: tuple[str, ...] = ()  #: words it may have been meant to be


class Known(NamedTuple):
    """What the files read so far have declared."""

    classes: Iterable[str]
    kinds: Iterable[str]


class Key(NamedTuple):
    """What a key may say."""

    form: str
    needed: bool = False
    choices: tuple[str, ...] = ()


_PATHS, _TEXT, _FLAG, _WORDS = Key("paths"), Key("text"), Key("flag"), Key("words")
_MATCH, _CLASSES, _ARGUMENT = Key("paths", True), Key("classes", True), Key("argument")
RECORDS: dict[str, dict[str, Key]] = {
    "kind": {"id": Key("text", True), "text": Key("text", True), "always": _FLAG, "outside": _FLAG},
    "class": {
        "id": Key("text", True), "accepts": Key("kinds"), "shape": Key("choice", choices=SHAPES), "needs": Key("needs"),
        "like": Key("class"), "stored": _FLAG,
    },
    "relation": {"id": Key("choice", True, RELATIONS), "clears": _CLASSES, "lacks": _WORDS},
    "source": {
        "match": _PATHS, "name": Key("regex"), "not": Key("regex"), "kind": Key("kind", True), "text": _TEXT,
        "structured": _FLAG, "clears": Key("classes"), "confidence": Key("percent"), "keys": Key("regex"),
        "example": Key("example"),
    },
    "sink": {
        "match": _PATHS, "name": Key("regex"), "not": Key("regex"), "class": Key("class", True), "when": Key("conditions"),
        "unless": Key("conditions"), "receiver": Key("regex"), "method": Key("regex"), "text": Key("regex"),
        "confidence": Key("percent"), "each": _FLAG, "shows": Key("regex"), "like": Key("class"), "example": Key("example"),
    },
    "sanitizer": {
        "match": _MATCH, "clears": _CLASSES, "relation": Key("choice", choices=RELATIONS), "kind": _TEXT,
        "example": Key("example"),
    },
    "propagator": {
        "match": _MATCH, "reopens": _FLAG, "relation": Key("choice", choices=RELATIONS),
        "sets": Key("choice", choices=tuple(STATES)), "kind": _TEXT, "example": Key("example"),
    },
    "clean": {"match": _MATCH, "kind": _TEXT},
    "guard": {
        "match": _MATCH, "clears": _CLASSES, "on": Key("on"), "state": Key("choice", choices=tuple(STATES)),
        "example": Key("example"),
    },
    "stop": {"match": _MATCH},
    "callback": {
        "match": _MATCH, "function": _ARGUMENT, "rest": Key("position"), "own": _WORDS, "spread": _ARGUMENT,
        "words": _ARGUMENT, "each": _WORDS, "result": Key("choice", choices=RESULTS),
    },
    "entrypoint": {
        "decorator": _PATHS, "base": _PATHS, "call": _PATHS, "attribute": _PATHS, "hint": _TEXT,
        "called": _WORDS, "clears": Key("classes"), "methods": _WORDS, "handler": _ARGUMENT,
        "params": Key("kind"), "captures": Key("choice", choices=CAPTURES), "route": _ARGUMENT, "first": Key("path"),
        "names": Key("table"), "exclude": _WORDS, "typed": _FLAG, "structured": _FLAG, "captured": _FLAG,
        "open": _FLAG,
        "response": Key("path"), "unless": _WORDS, "signal": _ARGUMENT, "confidence": Key("percent"),
    },
}  # fmt: skip
TABLES = {"alias": "path", "types": "path", "bases": "words", "constants": "constant"}
_ONE_OF = {
    "source": ("match", "name"),
    "sink": ("match", "name"),
    "entrypoint": ("decorator", "base", "call", "attribute", "hint"),
}
_GROUPS = re.compile(r"\{[^}]*\}")
_MOST_ALTERNATIVES = 500
_PATH = re.compile(r"(?:\?\.?)?[A-Za-z_]\w*(?:\.[A-Za-z_*][\w*]*|\(\)|\[\])*(?:\.\*)?=?")


def problems(section: str, record: object, known: Known) -> Iterator[Problem]:
    """What is wrong with one record."""
    keys = RECORDS[section]
    if not isinstance(record, dict):
        yield Problem(f"[[{section}]] holds records", "", section)
        return
    for key in record:
        if key not in keys:
            yield Problem(f"unknown key {key!r} in [[{section}]]", key, key, tuple(keys))
    for name, key in keys.items():
        if name in record:
            yield from _value(section, name, key, record[name], known)
        elif key.needed:
            yield Problem(f"[[{section}]] needs {name!r}", "", "")
    either = _ONE_OF.get(section, ())
    if either and not any(name in record for name in either):
        yield Problem(f"[[{section}]] needs {' or '.join(map(repr, either))}", "", "")
    yield from _together(section, record)


def _together(section: str, record: dict[str, Any]) -> Iterator[Problem]:
    """Keys that need each other."""
    if section == "entrypoint":
        for name, other in (("base", "methods"), ("call", "handler")):
            if name in record and other not in record:
                yield Problem(f"an [[entrypoint]] with {name!r} needs {other!r}", name, "")
    if section == "sink":
        for text in _list(record.get("match", ())):
            if isinstance(text, str) and text.startswith("?.") and not {"receiver", "method"} & record.keys():
                yield Problem(
                    f"{text!r} is a method of any object; say with 'receiver' what the object is called", "match", text
                )


def table_problems(section: str, content: object) -> Iterator[Problem]:
    """What is wrong with a table."""
    if not isinstance(content, dict):
        yield Problem(f"{section!r} is a table: write [{section}]", "", section)
        return
    for key, value in content.items():
        yield from _paths(section, key, [key])
        if TABLES[section] == "path" and not isinstance(value, str):
            yield Problem(f"{key!r} in [{section}] must be a path, not {value!r}", key, "")
        elif TABLES[section] == "path":
            yield from _paths(section, key, [value], calls=False)
        elif TABLES[section] == "words" and not _is_words(value):
            yield Problem(f"{key!r} in [{section}] must be a list of classes, not {value!r}", key, "")


def _value(section: str, name: str, key: Key, value: Any, known: Known) -> Iterator[Problem]:
    check = _CHECKS.get(key.form)
    if check is not None and not check(value):
        yield Problem(f"{name!r} in [[{section}]] must be {_WANTED[key.form]}, not {value!r}", name, "")
        return
    match key.form:
        case "paths":
            yield from _paths(section, name, _list(value))
        case "class" | "classes":
            yield from _among(
                "class", name, _list(value), (*known.classes, *(("all",) if key.form == "classes" else ()))
            )
        case "kind" | "kinds":
            yield from _among(
                "kind of source", name, _list(value), (*known.kinds, *(("",) if key.form == "kind" else ()))
            )
        case "choice":
            yield from _among(name, name, [value], key.choices)
        case "needs":
            words = [word for one in value for word in one.split(" ")]
            yield from _among("mark", name, words, (*WORDS, *BIT))
        case "regex":
            try:
                re.compile(value)
            except re.error as error:
                yield Problem(f"{name!r} in [[{section}]] is no pattern: {error}", name, "")


def _among(what: str, key: str, words: Iterable[Any], known: tuple[str, ...]) -> Iterator[Problem]:
    for word in words:
        if word not in known:
            yield Problem(f"unknown {what} {word!r}", key, word if isinstance(word, str) else "", known)


def _paths(section: str, key: str, texts: Iterable[str], calls: bool = True) -> Iterator[Problem]:
    for text in texts:
        if math.prod(group.count(",") + 1 for group in _GROUPS.findall(text)) > _MOST_ALTERNATIVES:
            yield Problem(f"more than {_MOST_ALTERNATIVES} alternatives in one path", key, "")
            continue
        for one in expand(text):
            try:
                pattern = parse(one)
            except ValueError as error:
                yield Problem(str(error), key, text)
                continue
            path = pattern.path if calls else one
            if not _PATH.fullmatch(path):
                yield Problem(
                    f"{one!r} in [{section}] is no API path; write `package.Class.method(0, name=)`", key, text
                )


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pair(value: dict[str, Any]) -> bool:
    return {"bad", "good"} <= set(value) <= {"bad", "good", "with", "class"} and all(map(_is_text, value.values()))


def _one_or_more(value: Any) -> bool:
    return isinstance(value, str) or (_is_words(value) and bool(value))


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "text": _is_text, "path": _is_text, "regex": _is_text, "class": _is_text, "kind": _is_text, "choice": _is_text,
    "paths": _one_or_more, "words": _is_words, "classes": _is_words, "kinds": _is_words, "needs": _is_words,
    "flag": lambda value: isinstance(value, bool),
    "percent": lambda value: _is_whole(value) and 0 < value <= 100,
    "position": _is_whole,
    "argument": lambda value: _is_whole(value) or isinstance(value, str),
    "on": lambda value: isinstance(value, bool) or value == "return",
    "table": lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
    "conditions": lambda value: isinstance(value, dict) and all(not isinstance(one, dict) for one in value.values()),
    "example": lambda value: isinstance(value, dict) and _is_pair(value),
}  # fmt: skip
_WANTED = {
    "text": "text", "path": "a path", "regex": "a pattern", "class": "the id of a class", "kind": "a kind of source",
    "choice": "a word", "paths": "a path or a list of paths", "words": "a list of words",
    "classes": "a list of classes", "kinds": "a list of kinds", "needs": "a list of marks", "flag": "true or false",
    "percent": "a whole number from 1 to 100", "position": "a position", "argument": "a position or a name",
    "on": 'true, false or "return"', "table": "a table of names", "conditions": "a table: argument = constants",
    "example": "a table with `bad` and `good`, and perhaps `with` and `class`",
}  # fmt: skip


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` when a known word is near."""
    from difflib import get_close_matches

    found = get_close_matches(word, [one for one in known if one], 1) if word else []
    return f"; did you mean {found[0]!r}?" if found else ""

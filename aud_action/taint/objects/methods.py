"""Methods of plain values: texts, lists, dictionaries, sets. What changes its object is written back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame, Promise, keyed
from aud_action.taint.code.program import Partial
from aud_action.taint.flaws import named
from aud_action.taint.flaws.guards import sets
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, placed
from aud_action.taint.frames.binding import SENT
from aud_action.taint.frameworks.open_models import written
from aud_action.taint.objects.conventions import looks_up, made_by_name
from aud_action.taint.objects.given import Given
from aud_action.taint.objects.lists import LIST_METHODS, pop, replaced
from aud_action.taint.objects.mappings import MAPPING_METHODS
from aud_action.taint.objects.texts import TEXT_METHODS
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint, perhaps
from aud_action.taint.values.harmless import ALL
from aud_action.taint.values.known import constant
from aud_action.taint.values.paths import path_join
from aud_action.taint.values.value import (
    ANY,
    BOOL,
    NEVER,
    NUMBER,
    UNKNOWN,
    Taint,
    Token,
    Value,
    all_taints,
    join,
    join_all,
    join_taints,
    tainted,
)
from extractors.flow import code

SAVES = frozenset({"save", "create"})
"""Methods that give back what they stored."""


def method_of(
    frame: Frame, env: Env, receiver: Value, name: str, positional: list[Value], named: Named, node: Any
) -> Value:
    """What a method of a value yields."""
    given = Given(frame, env, receiver, positional, named, node)
    folded = _folded(receiver, name, positional)
    if folded is not None:
        return folded
    if name in _OF_TIMES and receiver.kind == "number" and not any(all_taints(one) for one in positional):
        return NUMBER
    handler = _METHODS.get(name)
    if handler is not None:
        return handler(given)
    if name in _SAME_TEXT:
        return fold.derived(Value(all_taints(receiver), kind="str", forms=_kept(receiver, name)), "same")
    if name in _PART_OF_TEXT:
        return fold.part(receiver, "part", kind="str")
    if name in _PIECES:
        return Value(items={ANY: fold.part(receiver, "part", kind="str")}, kind="list")
    if name in ANSWERS:
        return BOOL
    if name in _COUNTS:
        return NUMBER
    return _guess(given, name)


def _kept(receiver: Value, name: str) -> Any:
    return receiver.forms if name in ("strip", "rstrip", "encode", "decode", "format", "expandtabs") else None


def _guess(given: Given, name: str) -> Value:
    """An unknown method of an unknown object: it may pass on what it is given."""
    receiver = given.receiver
    taints = all_taints(receiver)
    if name.startswith(("is_", "has_", "can_")):
        return BOOL
    if known := made_by_name(name):
        return known
    passed: tuple[Taint, ...] = ()
    asked = looks_up(name, given.positional, given.named, given.node[2])
    for value in [] if asked else [*given.positional, *(value for _, value in given.named)]:
        if value.kind != "function":
            passed = join_taints(passed, perhaps(value))
    made: dict[Token, Token] = {}
    told = given.frame.machine.told_mask

    def change(taint: Taint) -> Taint:
        token = made.setdefault(taint.token, Token(taint.token, "part"))
        return taint._replace(token=token, cleared=taint.cleared | told)

    own = fold.derived(tainted(taints), "part").taints
    if receiver.items is not None or not _SHOWING.search(
        name
    ):  # what a method of an object gives isn't the secret that it was made with
        own = tuple([taint.clearing(told) for taint in own])
    guessed = each_taint(tainted(passed), change).taints
    if (
        receiver.kind == "class" and receiver.refs and guessed
    ):  # a class's own method makes an object of what it is given
        return Value(own, items={ANY: Value(guessed)}, kind="object")
    return Value(join_taints(own, guessed), kind="object" if name in SAVES else "")


_SHOWING = re.compile(r"(?i)get|value|secret|reveal|decrypt|str|text|read|plain|raw|data|__")
"""Methods by which a secret that is wrapped is handed out; any other works on a thing that is only called like one."""
_FOLDS = {
    "lower", "upper", "strip", "lstrip", "rstrip", "replace", "startswith", "endswith", "split", "title",
    "capitalize", "casefold", "removeprefix", "removesuffix", "isdigit", "isalnum", "isalpha", "encode", "decode",
    "find", "index", "count", "swapcase", "zfill", "rsplit", "partition", "rpartition", "splitlines",
}  # fmt: skip


def _folded(receiver: Value, name: str, positional: list[Value]) -> Value | None:
    """The constant that a method of constants yields."""
    if receiver.consts is None or name not in _FOLDS or any(value.consts is None for value in positional):
        return None
    try:
        given = [fold.one(value) for value in positional]
        results = [getattr(one, name)(*given) for one in receiver.consts]
    except (LookupError, AttributeError, TypeError, ValueError):
        return None
    if all(isinstance(one, (str, bytes, int, bool)) for one in results):
        return join_all([constant(one) for one in results])
    if len(results) == 1 and isinstance(results[0], (list, tuple)):
        return Value(items={index: constant(one) for index, one in enumerate(results[0])}, kind="list")
    return None


def _get(given: Given) -> Value:
    receiver = given.receiver
    models = given.frame.machine.models
    if receiver.kind == "list":  # a queue
        return given.held
    if receiver.items is None:
        found = fold.part(receiver, "part") if receiver.taints else UNKNOWN
        paths = tuple(models.type_of(f"{path}[]") for path in receiver.paths)
        found = found.but(paths=paths)
    else:
        key = keyed(given.arg(0))
        found = named.looked_up(given.frame, receiver, element(receiver, key), given.arg(0))
        if key != ANY and key not in receiver.items and ANY not in receiver.items and not receiver.taints:
            found = NEVER
    known = given.arg(0).consts
    if known and found is not NEVER:
        node = [code.ITEM, receiver_of(given.node), None, given.node[-1]] if type(given.node) is list else None
        found = named.read(given.frame, named.apart(given.frame, receiver, found, known[0]), known[0], node)
    default = next((value for name, value in given.named if name in ("default", "failobj")), None)
    found = _converted(given, _held(given, found))
    default = given.positional[1] if len(given.positional) > 1 else default
    if given.arg(0).items is not None:
        default = None
    if found is NEVER:
        return default if default is not None else constant(None)
    if default is None or (receiver.items is not None and keyed(given.arg(0)) in receiver.items):
        return found
    return join(found, default.but(consts=None) if found.taints else default)


def _held(given: Given, found: Value) -> Value:
    """What a dictionary of the program's own gives for a client's key: if it gives something, the key is one of its own."""
    if not given.arg(0).taints or len(given.positional) != 1 or not is_table(given.receiver, receiver_of(given.node)):
        return found
    told = {taint.token: ALL for taint in given.arg(0).taints}
    held = UNKNOWN if found is NEVER else found
    texts = held.consts if held.consts and all(isinstance(one, str) for one in held.consts) else None
    forms = tuple([(one,) for one in texts]) if texts else held.forms  # which of them, and whether any, isn't known
    return held.but(refs=(*found.refs, Promise(told, {}, {}, told)), consts=None, forms=forms)


def is_table(value: Value, node: Any) -> bool:
    """Whether a value is, as far as can be seen, a dictionary that no client's data is kept in: `self.data["shops"]`."""
    if value.refs or all_taints(value):
        return False
    if value.paths:
        return is_setting(value)
    return value.kind == "dict" or (type(node) is list and node[0] == code.ITEM)


def is_plain(value: Value, method: str) -> bool:
    """Whether a library's object is, for one of its methods, a container or a text as others are."""
    return bool(value.taints) or value.items is not None or (method == "get" and is_setting(value))


def is_setting(value: Value) -> bool:
    """Whether it is what an application's configuration holds: `app.config["SHOPS"]`, `settings.SHOPS`."""
    return bool(value.paths) and all(_SETTINGS.search(path) for path in value.paths)


_SETTINGS = re.compile(r"(?:^|\.)(?:config|settings)(?:\[\]|\.[A-Z]\w*)$")


def _converted(given: Given, found: Value) -> Value:
    """`args.get("n", type=int)`."""
    convert = next((value for name, value in given.named if name == "type"), None)
    if convert is None or found is NEVER or not (convert.paths or convert.refs):
        return found
    return given.frame.machine.call(given.frame, given.env, convert, [found], [], [0, None, [], [], -1])


def _getlist(given: Given) -> Value:
    return Value(items={ANY: _get(given)}, kind="list")


def _pop(given: Given) -> Value:
    receiver = given.receiver
    if receiver.kind != "dict" and (receiver.kind == "list" or not given.positional):
        return pop(given)
    found = _get(given)
    key = keyed(given.arg(0))
    if receiver.items is not None and key in receiver.items and key != ANY:
        given.change(replaced(receiver, {name: value for name, value in receiver.items.items() if name != key}))
    return found


def _add(given: Given) -> Value:
    receiver = given.receiver
    bare = receiver.items is None and not (receiver.kind or receiver.refs or receiver.paths)
    given.change(placed(receiver.but(kind="set") if bare else receiver, ANY, given.arg(0)))
    return constant(None)


def _exchanged(given: Given) -> Value:
    """`_replace(name=value)`: the same fields, some of them new."""
    receiver = given.receiver
    if receiver.items is None:
        return _guess(given, "_replace")
    items = dict(receiver.items)
    names = [key for key in items if isinstance(key, str)]
    for name, value in given.named:
        if name is not None and name in names:
            items[name] = value
            if (index := names.index(name)) in items:
                items[index] = value
    return receiver.but(items=items)


def _fields(given: Given) -> Value:
    """A model's fields as a dictionary: their names are the model's, whatever a client sent."""
    receiver = given.receiver
    if receiver.items is None or receiver.kind != "object":
        return _guess(given, "dict") if receiver.kind == "object" else receiver.but(paths=(), refs=())
    return Value(written(given.frame.machine, receiver), items=receiver.items, kind="dict")


def _among(sign: str) -> Callable[[Given], Value]:
    """A method of sets that answers with a set."""

    def answer(given: Given) -> Value:
        result = given.receiver.but(kind="set")
        for value in given.positional:
            result = (
                fold.merged(result, value.but(kind="set")) if sign == "|" else sets(given.frame, sign, result, value)
            )
        return result

    return answer


def _send(given: Given) -> Value:
    """`generator.send(x)`: it runs on with x."""
    receiver = given.receiver
    for ref in receiver.refs:
        if isinstance(ref, Partial):
            words: Named = [*ref.named.items(), (SENT, given.arg(0))]
            call = given.frame.machine.call
            made = call(given.frame, given.env, ref.callee, ref.positional, words, [0, None, [], [], -1])
            receiver = receiver.but(items=join(receiver, made.but(refs=receiver.refs)).items)
    if receiver is not given.receiver:
        given.change(receiver)
    return element(receiver, ANY) if receiver.kind == "gen" else _guess(given, "send")


def _write(given: Given) -> Value:
    receiver = given.receiver
    taints = all_taints(given.arg(0))
    if receiver.paths and "io.StringIO" not in receiver.paths and "io.BytesIO" not in receiver.paths:
        return NUMBER
    if taints:
        given.change(receiver.but(taints=join_taints(receiver.taints, taints)))
    return NUMBER


def _joined_path(given: Given) -> Value:
    """`folder.joinpath(name)`, wherever the folder comes from: only paths have such a method."""
    return path_join([given.receiver, *given.positional]).but(paths=("pathlib.Path",))


_METHODS: dict[str, Callable[[Given], Value]] = {
    **TEXT_METHODS, **LIST_METHODS, **MAPPING_METHODS, "get": _get, "getlist": _getlist, "pop": _pop, "add": _add,
    "dict": _fields, "model_dump": _fields, "_asdict": _fields, "to_dict": _fields, "_replace": _exchanged, "write": _write,
    "writelines": _write, "send": _send, "joinpath": _joined_path, "get_nowait": _get, "union": _among("|"),
    "intersection": _among("&"), "difference": _among("-"), "symmetric_difference": _among("^"),
}  # fmt: skip
_SAME_TEXT = {
    "capitalize", "casefold", "center", "expandtabs", "ljust", "lower", "rjust", "swapcase", "title", "upper", "zfill",
    "strip", "getvalue", "__str__", "as_posix", "tobytes",
}  # fmt: skip
_PART_OF_TEXT = {"rstrip", "group", "read", "readline", "decode", "first"}
_PIECES = {"findall", "groups", "readlines", "split", "finditer", "getall"}
ANSWERS = {
    "isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier", "isascii", "islower", "isupper",
    "isspace", "startswith", "endswith", "exists", "issubset", "issuperset", "isdisjoint", "is_valid", "has_key",
    "__contains__", "is_file", "is_dir", "is_relative_to", "is_absolute",
}  # fmt: skip
_OF_TIMES = frozenset("strftime isoformat date time timestamp astimezone ctime total_seconds weekday hex".split())
"""What numbers, dates and UUIDs say of themselves, in a format of the program's: no text of a client's."""
_COUNTS = {"count", "find", "rfind", "index", "rindex", "__len__", "hexdigest", "bit_length", "timestamp"}
OF_FIELDS = frozenset({"dict", "model_dump", "_asdict", "to_dict", "_replace", "copy", "model_copy"})
"""Methods by which objects of libraries' model classes give their fields as a dictionary, or change some."""
KNOWN_METHODS = frozenset(
    {*_METHODS, *TEXT_METHODS, *_SAME_TEXT, *_PART_OF_TEXT, *_PIECES, *ANSWERS, *_COUNTS, *_FOLDS}
)
"""Methods of plain values whose effect is known whatever they are called on."""

"""Containers that a call makes: lists, dictionaries, queues, classes of tuples."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.declared import FIELDS
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Fields
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, paired, unpacked
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.filling import FILLS
from aud_action.taint.values.known import constant
from aud_action.taint.values.shown import is_container
from aud_action.taint.values.value import ANY, UNKNOWN, Value, all_taints, join_taints

_LETTERS = 200  #: different ones that are remembered


def made_list(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`list(x)`."""
    if not given:
        return Value(items={}, kind="list")
    value = given[0]
    if value.kind in ("list", "tuple", "set") and value.items is not None:
        return Value(value.taints, items=value.items, kind="list")
    return Value(items={ANY: frame.machine.iterate(frame, env, value, node[-1])}, kind="list")


def _letters(text: Value) -> Value | None:
    """`set("abc")`: the characters of a text."""
    if text.items is not None or is_container(text):
        return None
    if text.consts is None:
        return Value(items={ANY: fold.part(text, "character")}, kind="set") if text.taints else None
    if len(text.consts) != 1 or not isinstance(text.consts[0], str):
        return None
    known = dict.fromkeys(text.consts[0])
    return (
        Value(items={at: constant(one) for at, one in enumerate(known)}, kind="set") if len(known) <= _LETTERS else None
    )


def _set(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    letters = _letters(given[0]) if given else None
    if letters is not None:
        return letters
    return made_list(frame, env, given, named, node).but(kind="set")


def _tuple(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    return made_list(frame, env, given, named, node).but(kind="tuple")


def _dict(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    items: dict[Any, Value] = {}
    taints = given[0].taints if given else ()
    if given and given[0].kind in ("list", "tuple", "set", "gen") and given[0].items is not None:
        items = paired(items, given[0])
    elif given:
        items = fold.spread(items, given[0])
    for name, value in named:
        if name is None:
            items = fold.spread(items, value)
            taints = join_taints(taints, value.taints)
        else:
            items[name] = value
    return Value(taints, items=items, kind="dict")


def _default_dict(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    made = _dict(frame, env, given[1:], named, node).but(refs=(FILLS,))
    if not given or not given[0].refs:
        return made
    first = frame.machine.call(frame, env, given[0], [], [], node)
    return made.but(items={**(made.items or {}), ANY: first}) if first is not UNKNOWN else made


def _queue(_frame: Frame, _env: Env, _given: list[Value], _named: Named, _node: Any) -> Value:
    return Value(items={}, kind="list")


def _chained(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`ChainMap(first, second)`: the first that has a key answers."""
    made = Value(items={}, kind="dict")
    for value in reversed(given):
        made = fold.merged(made, value)
    return made


def _tuple_class(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`namedtuple("Pair", "left right")`, `NamedTuple("Pair", [("left", str)])`."""
    spec = given[1] if len(given) > 1 else UNKNOWN
    names = [one for one in spec.consts or () if isinstance(one, str)][:1]
    if names:
        words = names[0].replace(",", " ").split()
    else:
        heads = [element(one, 0) if one.items is not None else one for one in (spec.items or {}).values()]
        words = [str(one.consts[0]) for one in heads if one.consts]
    return Value(refs=(Fields(tuple(words)),), kind="class") if words else UNKNOWN


def made_tuple(fields: Fields, positional: list[Value], named: Named) -> Value:
    """A named tuple: its elements by name and by position."""
    words = dict(named)
    items: dict[Any, Value] = {}
    for index, name in enumerate(fields.names):
        value = positional[index] if index < len(positional) else words.get(name, UNKNOWN)
        items[name] = items[index] = value
    return Value(items=items, kind="tuple")


def _made_of_row(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`Pair._make(row)`."""
    owner, row = (*given, UNKNOWN)[:2]
    return made_tuple(owner.refs[0], unpacked(row), []) if row.items is not None else Value(row.taints)


def _translation(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`str.maketrans`: from a dictionary, or from texts of the same length."""
    try:
        pairs = dict(zip(fold.one(given[0]), fold.one(given[1]), strict=False)) if len(given) > 1 else {}
        removed = dict.fromkeys(fold.one(given[2]), "") if len(given) > 2 else {}
    except (LookupError, TypeError):
        return UNKNOWN
    if len(given) == 1:
        return given[0]
    return Value(items={key: constant(new) for key, new in {**pairs, **removed}.items()}, kind="dict")


def _contents(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`asdict(x)`."""
    return Value(items=given[0].items, kind="dict") if given and given[0].items is not None else UNKNOWN


def _field(path: str) -> Handler:
    """`field(default_factory=list)`: what is said of a field."""

    def made(_frame: Frame, _env: Env, _given: list[Value], named: Named, _node: Any) -> Value:
        told: dict[Any, Value] = {name: value for name, value in named if name is not None}
        return Value(paths=(path,), items=told, kind="object")

    return made


def _factory(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`attr.Factory(list)`."""
    return Value(items={"factory": given[0]}, kind="object") if given else UNKNOWN


def _encoded(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`jsonable_encoder(model)`: a dictionary under the names of the model's fields, whoever filled them."""
    value = given[0] if given else dict(named).get("obj", UNKNOWN)
    return (
        Value(value.taints, items=value.items, kind="dict")
        if value.items is not None and value.kind == "object"
        else value
    )


def _dumped(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`schema.dump(thing)`: a dictionary of what a schema shows of it."""
    held = Value(all_taints(given[0])) if given else UNKNOWN
    return Value(items={ANY: held}, kind="dict")


def _changed(frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`dataclasses.replace(thing, name=value)`."""
    made = given[0] if given else UNKNOWN
    for name, value in named:
        made = frame.machine.placed(made, ANY if name is None else name, value)
    return made


def _row(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`dataclasses.astuple(thing)`."""
    if not given or given[0].items is None or ANY in given[0].items:
        return UNKNOWN if not given else Value(items={ANY: element(given[0], ANY)}, kind="tuple")
    return Value(items=dict(enumerate(given[0].items.values())), kind="tuple")


def _app_key(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`AppKey("db", Store)` of aiohttp: a key like any other, told by its name."""
    return constant(f"AppKey {given[0].consts[0]}") if given and given[0].consts else UNKNOWN


CALLS: dict[str, Handler] = {
    **{path.removesuffix("()"): _field(path) for path in sorted(FIELDS) if path.endswith("()")},
    "aiohttp.web.AppKey": _app_key,
    "builtins.list": made_list,
    "builtins.tuple": _tuple,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "collections.deque": made_list,
    "asyncio.Queue": _queue,
    "asyncio.LifoQueue": _queue,
    "asyncio.PriorityQueue": _queue,
    "queue.Queue": _queue,
    "queue.LifoQueue": _queue,
    "queue.PriorityQueue": _queue,
    "queue.SimpleQueue": _queue,
    "multiprocessing.Queue": _queue,
    "multiprocessing.SimpleQueue": _queue,
    "collections.defaultdict": _default_dict,
    "collections.ChainMap": _chained,
    "collections.UserDict": _dict,
    "types.MappingProxyType": _dict,
    "dataclasses.asdict": _contents,
    "dataclasses.replace": _changed,
    "copy.replace": _changed,
    "dataclasses.astuple": _row,
    "fastapi.encoders.jsonable_encoder": _encoded,
    "marshmallow.Schema.dump": _dumped,
    "attr.Factory": _factory,
    "attrs.Factory": _factory,
    "attr.evolve": _changed,
    "attrs.evolve": _changed,
    "attr.assoc": _changed,
    "attr.astuple": _row,
    "attrs.astuple": _row,
    "msgspec.structs.replace": _changed,
    "msgspec.structs.astuple": _row,
    "attr.asdict": _contents,
    "attrs.asdict": _contents,
    "msgspec.structs.asdict": _contents,
    "builtins.str.maketrans": _translation,
    "collections.namedtuple": _tuple_class,
    "collections.namedtuple()._make": _made_of_row,
    "typing.NamedTuple": _tuple_class,
}
"""API path → what a call of it yields, for containers."""

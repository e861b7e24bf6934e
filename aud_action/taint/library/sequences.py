"""Built-in functions that go through sequences: positions are kept while they are known."""

from __future__ import annotations

import shlex
from typing import Any

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.flaws.guards import led
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, unpacked, write
from aud_action.taint.library.constructors import made_list
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.filling import FILLS
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import (
    ANY,
    NEVER,
    NUMBER,
    UNKNOWN,
    Taint,
    Value,
    all_taints,
    forms_of,
    join,
    join_all,
    join_taints,
)

_MOST_KNOWN = 8
"""Elements that are looked at one by one; of more, one stands for all."""


def known(value: Value) -> list[Value] | None:
    """The few elements of a sequence of known length; one that looks empty may have been filled unseen."""
    if value.items is None or value.taints or value.kind not in ("list", "tuple"):
        return None
    found = unpacked(value, single=False)
    return found if found and len(found) <= _MOST_KNOWN else None


def _listed(values: list[Value]) -> Value:
    return Value(items=dict(enumerate(values)), kind="list")


def _each(value: Value) -> Value:
    return Value(items={ANY: value}, kind="list")


def _enumerate(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    rows = known(given[0]) if given else None
    if rows is not None:
        counts = [constant(index) for index in range(len(rows))] if len(given) == 1 else [NUMBER] * len(rows)
        pairs = zip(counts, rows, strict=True)
        return _listed([Value(items=dict(enumerate(pair)), kind="tuple") for pair in pairs])
    one = frame.machine.iterate(frame, env, given[0], node[-1]) if given else UNKNOWN
    return _each(Value(items={0: NUMBER, 1: one}, kind="tuple"))


def _zip(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    columns = [known(value) for value in given]
    if columns and all(one is not None for one in columns):
        rows = zip(*[one for one in columns if one is not None], strict=False)
        return _listed([Value(items=dict(enumerate(row)), kind="tuple") for row in rows])
    row = {index: frame.machine.iterate(frame, env, value, node[-1]) for index, value in enumerate(given)}
    return _each(Value(items=row, kind="tuple"))


def _product(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    parts = [frame.machine.iterate(frame, env, value, node[-1]) for value in given]
    return _each(Value(items={ANY: join_all(parts)} if named else dict(enumerate(parts)), kind="tuple"))


def _reversed(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    value = given[0] if given else UNKNOWN
    if value.items is not None and ANY not in value.items and value.kind in ("list", "tuple"):
        return Value(value.taints, items=dict(enumerate(reversed(list(value.items.values())))), kind="list")
    return _each(frame.machine.iterate(frame, env, value, node[-1]))


def _next(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    one = frame.machine.iterate(frame, env, given[0], node[-1]) if given else UNKNOWN
    return join(one, given[1]) if len(given) > 1 else one


def _best(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if len(given) == 1:
        return frame.machine.iterate(frame, env, given[0], node[-1])
    return join_all(given).but(consts=None)


def _sum(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    start = given[1] if len(given) > 1 else next((value for name, value in named if name == "start"), NUMBER)
    if start.kind not in ("list", "tuple") or not given:
        return NUMBER
    rows = known(given[0])
    return fold.longer(
        [start, *(rows if rows is not None else [frame.machine.iterate(frame, env, given[0], node[-1])])]
    )


def _map(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if len(given) < 2:
        return UNKNOWN
    elements = [frame.machine.iterate(frame, env, value, node[-1]) for value in given[1:]]
    return _each(frame.machine.call(frame, env, given[0], elements, [], node))


def _filter(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if len(given) < 2:
        return UNKNOWN
    one = frame.machine.iterate(frame, env, given[1], node[-1])
    return _each(frame.machine.passing(frame, env, given[0], one, node))


def _sorted(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    for name, function in named:
        if name == "key" and given:
            one = frame.machine.iterate(frame, env, given[0], node[-1])
            frame.machine.call(frame, env, function, [one], [], node)
    value = made_list(frame, env, given, [], node)
    return Value(value.taints, items={ANY: join_all(list(value.items.values()))} if value.items else {}, kind="list")


def _reduce(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`reduce(function, rows, first)`."""
    if len(given) < 2:
        return UNKNOWN
    rows = known(given[1])
    held = given[2] if len(given) > 2 else None
    if rows is not None and (rows or held is not None):
        held, rows = (rows[0], rows[1:]) if held is None else (held, rows)
        for row in rows:
            held = frame.machine.call(frame, env, given[0], [held, row], [], node)
        return held
    one = frame.machine.iterate(frame, env, given[1], node[-1])
    held = one if held is None else held
    for _ in range(2):
        held = join(held, frame.machine.call(frame, env, given[0], [held, one], [], node))
    return held


def _from_keys(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`dict.fromkeys(names, value)`."""
    if not given:
        return UNKNOWN
    value = given[1] if len(given) > 1 else constant(None)
    names = known(given[0])
    if names is None:
        names = [frame.machine.iterate(frame, env, given[0], node[-1])]
    taints: tuple[Taint, ...] = ()
    for name in names:
        taints = join_taints(taints, all_taints(name))
    return Value(taints, items={keyed(name): value for name in names}, kind="dict")


def _counted(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`Counter(texts)`: numbers under names."""
    made = _from_keys(frame, env, [given[0], NUMBER], named, node) if given else Value(items={}, kind="dict")
    return made.but(refs=(FILLS,))


def _chosen(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    return frame.machine.iterate(frame, env, given[0], node[-1]) if given else UNKNOWN


def _some_of(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    return _each(_chosen(frame, env, given, named, node))


def _put(position: int) -> Handler:
    """A function that puts its argument into the list that it is given."""

    def put(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
        if len(given) <= position or not node[2]:
            return UNKNOWN
        held = element(given[0], ANY) if given[0].items else NEVER
        value = join(held, given[position])
        write(frame, env, node[2][0], given[0].but(items={ANY: value}, kind="list"))
        return value

    return put


def _words(frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`shlex.split(line)`: who writes a part of the line chooses how many words there are, if it isn't quoted."""
    if not given:
        return UNKNOWN
    quoted = frame.machine.models.mask(["command-injection"])
    whole = all(taint.cleared & quoted for taint in all_taints(given[0]))
    word = given[0] if whole else fold.part(given[0], "piece", kind="str")
    before = [] if led(given[0]) else [word]  # his is the first one, too
    return Value(items={**dict(enumerate(_begun(given[0]) or before)), ANY: word}, kind="list")


def _begun(line: Value) -> list[Value]:
    """The words with which a line begins, before anything that isn't known."""
    forms = forms_of(line)
    text = forms[0][0] if len(forms) == 1 and forms[0] else ""
    if not isinstance(text, str) or not text[-1:].isspace():
        return []
    try:
        return [constant(one) for one in shlex.split(text)]
    except ValueError:  # a quote that what follows closes
        return []


CALLS: dict[str, Handler] = {
    "shlex.split": _words,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "itertools.zip_longest": _zip,
    "itertools.product": _product,
    "builtins.reversed": _reversed,
    "builtins.sorted": _sorted,
    "builtins.next": _next,
    "builtins.min": _best,
    "builtins.max": _best,
    "builtins.sum": _sum,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.dict.fromkeys": _from_keys,
    "collections.Counter": _counted,
    "functools.reduce": _reduce,
    "heapq.heappush": _put(1),
    "heapq.heappushpop": _put(1),
    "heapq.heapreplace": _put(1),
    "heapq.heappop": _chosen,
    "heapq.nlargest": lambda frame, env, given, named, node: _some_of(frame, env, given[1:], named, node),
    "heapq.nsmallest": lambda frame, env, given, named, node: _some_of(frame, env, given[1:], named, node),
    "bisect.insort": _put(1),
    "bisect.insort_left": _put(1),
    "bisect.insort_right": _put(1),
    "random.choice": _chosen,
    "random.choices": _some_of,
    "random.sample": _some_of,
    "secrets.choice": _chosen,
}
"""API path → what a call of it yields, for functions over sequences."""

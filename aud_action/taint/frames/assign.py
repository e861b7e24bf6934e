"""Storing into names, attributes, elements. A store into a known key replaces; into an unknown one it adds."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.code.program import ClassRef, Closure, Lazy, Module
from aud_action.taint.code.reads import read_key
from aud_action.taint.flaws.sinks import stored
from aud_action.taint.frames import tables
from aud_action.taint.frames.names import attribute
from aud_action.taint.values import fold
from aud_action.taint.values.value import ANY, TAINTS, UNKNOWN, Value, join_all, join_taints
from extractors.flow import code
from extractors.flow.facts import unpack

URL_PARTS = ["scheme", "netloc", "path", "params", "query", "fragment"]
_KEPT = {"setdefault", "get", "__getitem__"}
"""Methods that yield what the object goes on holding."""
MOST_TOLD = 256
"""Elements of a container that are told apart: programs write out tables of more, but for data."""


def element(value: Value, key: Any) -> Value:
    """What a container holds under a key."""
    if value.items is None:
        if value.consts is not None and len(value.consts) == 1 and key is not ANY:
            try:
                return Value(consts=(value.consts[0][key],))
            except (TypeError, IndexError, KeyError):
                return UNKNOWN
        return fold.part(value, "part") if value.taints else UNKNOWN
    if key == ANY and value.kind == "gen":
        found = value.items.get(ANY, UNKNOWN)
    elif key == ANY:
        found = join_all(list(value.items.values())) if value.items else UNKNOWN
    elif key in value.items:
        found = value.items[key]
        if found.taints and found is value.items.get(ANY):  # the first word of a line is one like the others
            found = fold.derived(found, "part")
    elif isinstance(key, int) and key < 0 and ANY not in value.items and len(value.items) + key in value.items:
        found = value.items[len(value.items) + key]
    else:
        found = value.items.get(ANY, UNKNOWN)
        if found.holds & TAINTS:  # of one element nothing follows from what is checked of another
            found = fold.derived(found, "part")
    if not value.taints or value.kind == "dict":  # a dictionary's own taints are its keys'
        return found
    # what another branch brought may be there in place of a constant; of a mapping it is a part, and no more is checked with it
    brought = fold.part(Value(value.taints), "part").taints if value.kind != "str" else value.taints
    return found.but(taints=join_taints(found.taints, brought), consts=None, forms=None)


_ROWS = ("list", "tuple", "set")


def paired(items: dict[Any, Value], pairs: Value) -> dict[Any, Value]:
    """A dictionary's elements after those of a list of (key, value) were put over them."""
    for key, pair in (pairs.items or {}).items():
        slot, held = keyed(element(pair, 0)), element(pair, 1)
        items = fold.overlaid(items, held) if ANY in (slot, key) else {**items, slot: held}
    return items


def unpacked(value: Value, single: bool = True) -> Any:
    """The elements of a value of known length; else one element that stands for all (None unless `single`)."""
    if value.items is not None and ANY not in value.items and (value.kind in _ROWS or 0 in value.items):
        return [item for key, item in value.items.items() if type(key) is int]
    return [element(value, ANY)] if single else None


def assign(frame: Frame, env: Env, target: Any, value: Value) -> None:
    """Store a value where a target says."""
    if type(target) is str:
        if target in frame.globals:
            frame.machine.set_global(frame, target, env.settled(value))
        env.bind(target, value)
    elif target[0] == code.TUPLE:
        _unpack(frame, env, target[1], value)
    elif target[0] == code.ATTR:
        base = frame.machine.value_of(frame, env, target[1])
        stored(frame, env, base, f".{target[2]}=", [value], target[3])
        _set_attribute(frame, env, target, base, value)
    elif target[0] == code.ITEM:
        base = frame.machine.value_of(frame, env, target[1])
        if type(target[2]) is list and target[2][0] == code.SLICE and base.kind == "list":
            cut = [frame.machine.value_of(frame, env, one) if one else None for one in target[2][1:]]
            write(frame, env, target[1], fold.spliced(base, cut, unpacked(value)))
            return
        key = frame.machine.value_of(frame, env, target[2])
        stored(frame, env, base, "[]=", [key, value], target[3])
        setter = attribute(frame, env, base, "__setitem__") if base.refs else UNKNOWN
        if any(isinstance(ref, Closure) for ref in setter.refs):
            node = [code.CALL, [code.ATTR, target[1], "__setitem__", -1], [None, None], [], target[3]]
            frame.machine.call(frame, env, setter, [key, env.settled(value)], [], node)
            return
        _key_taints(frame, env, target[1], base, key, value)
    elif target[0] == code.STAR:
        assign(frame, env, target[1], Value(items={ANY: value}, kind="list"))


def _set_attribute(frame: Frame, env: Env, target: Any, base: Value, value: Value) -> None:
    name = target[2]
    setter = attribute(frame, env, base, f"{name}.setter") if base.refs and base.kind != "class" else UNKNOWN
    if any(isinstance(ref, Closure) for ref in setter.refs):
        node = [code.CALL, [code.ATTR, target[1], f"{name}.setter", -1], [None], [], target[3]]
        frame.machine.call(frame, env, setter, [value], [], node)
        return
    for ref in base.refs:
        if isinstance(ref, Module) or (isinstance(ref, ClassRef) and base.kind == "class"):
            frame.machine.keep(ref, name, env.settled(value))
            return
    for ref in base.refs if base.kind == "object" and (value.taints or value.items) else ():
        if isinstance(ref, ClassRef) and tables.is_stored(frame.machine, ref):
            tables.put(frame, ref, name, env.settled(value), target[3])
    if frame.machine.scopes.put(frame.machine, base, name, env.settled(value)) and type(target[1]) is str:
        if target[1] not in env.vars:
            return  # a name of the module: whoever reads it finds the scope
    if name == "__dict__" and base.kind == "object" and value.items is not None:
        write(frame, env, target[1], base.but(items=value.items))
        return
    new = placed(base, name, value)
    write(frame, env, target[1], new if base.kind else new.but(kind="object"))


def _key_taints(frame: Frame, env: Env, target: Any, base: Value, key: Value, value: Value) -> None:
    slot = keyed(key)
    frame.machine.scopes.put(frame.machine, base, slot, env.settled(value))
    new = placed(base, slot, value)
    is_answer = base.items is None and bool(base.paths) and all(path.endswith("()") for path in base.paths)
    if is_answer and base.taints and not (base.kind or base.refs):
        new = new.but(kind="dict")  # what it held may be anything; what is put into it is known from here on
    if key.taints:
        new = new.but(taints=join_taints(new.taints, key.taints))
    write(frame, env, target, new)


def opened(base: Value) -> dict[Any, Value]:
    """What a container of which only its taints are known holds."""
    return {ANY: fold.part(base, "part")} if base.taints else {}


def placed(base: Value, key: Any, value: Value) -> Value:
    """The container after a store."""
    items = dict(base.items) if base.items is not None else opened(base)
    if key == ANY:
        items = fold.overlaid(items, value)
    else:
        if isinstance(key, int) and key < 0 and ANY not in items:
            key += len(items)
        items[key] = value
        if len(items) > MOST_TOLD:
            items = {ANY: join_all(list(items.values()))}
    kind = base.kind or ("object" if base.refs or base.paths else "dict")
    return Value(
        base.taints if base.items is not None or kind != "dict" else (), None, base.paths, base.refs, items, kind
    )


def write(frame: Frame, env: Env, target: Any, value: Value) -> None:
    """Write a changed container back to where it was read from, and under its other names."""
    _write(frame, env, target, value)
    held = env.aliases.get(key) if env.aliases and (key := read_key(target)) is not None else None
    if held is None:
        return
    aliases, env.aliases = env.aliases, {}
    for other, (group, node) in aliases.items():
        if group is held[0] and other != key:
            _write(frame, env, node, value)
    env.aliases = aliases


def _write(frame: Frame, env: Env, target: Any, value: Value) -> None:
    if type(target) is str:
        if target in env.vars:
            if not frame.function.index and target in frame.module.origins:  # a module's body changes what another made
                frame.machine.keep(*frame.machine.home(frame.module, target), env.settled(value))
                env.bind(target, Lazy(*frame.module.origins[target]))
                return
            env.vars[target] = value
            env.forget(target)
            if target in frame.imports:
                frame.machine.keep(*frame.machine.home(*frame.imports[target]), env.settled(value))
        else:
            frame.machine.changed_elsewhere(frame, env, target, value)
    elif target is not None and target[0] == code.ATTR:
        base = frame.machine.value_of(frame, env, target[1])
        owner = next((ref for ref in base.refs if isinstance(ref, (Module, ClassRef))), None)
        if owner is not None and base.kind in ("class", "module"):
            frame.machine.keep(owner, target[2], env.settled(value))
            return
        whole = target[2] == "__dict__" and base.kind == "object"
        write(frame, env, target[1], base.but(items=value.items) if whole else placed(base, target[2], value))
    elif target is not None and target[0] == code.CALL and target[1] == "vars" and len(target[2]) == 1:
        _write(frame, env, [code.ATTR, target[2][0], "__dict__", -1], value)
    elif target is not None and target[0] == code.ITEM and (type(target[2]) is not list or target[2][0] != code.SLICE):
        base = frame.machine.value_of(frame, env, target[1])
        key = frame.machine.value_of(frame, env, target[2])
        made = placed(base, keyed(key), value)
        write(frame, env, target[1], made.but(taints=join_taints(made.taints, key.taints)) if key.taints else made)
    elif target is not None and target[0] == code.CALL and type(target[1]) is list and target[1][0] == code.ATTR:
        if target[1][2] in _KEPT and target[2]:  # `box.setdefault(key, []).append(x)`
            base = frame.machine.value_of(frame, env, target[1][1])
            key = frame.machine.value_of(frame, env, target[2][0])
            write(frame, env, target[1][1], placed(base, keyed(key), value))
            return
    if type(target) is list and target[0] == code.CALL and not target[2] and not target[3]:
        _write_to_single(frame, env, target[1], value)


def _write_to_single(frame: Frame, env: Env, callee: Any, value: Value) -> None:
    """`get_bus().on(…)`, `Bus.instance().on(…)`: a function that returns what its module or class keeps has that changed."""
    machine = frame.machine
    for ref in machine.value_of(frame, env, callee).refs:
        if not isinstance(ref, Closure) or (ref.receiver is not None and ref.receiver.kind != "class"):
            continue
        module = ref.function.module
        for kept in (one[1] for one in unpack(ref.function.facts.body) if one[0] == code.RETURN):
            if type(kept) is str and kept in machine.namespace(module):
                machine.keep(*machine.home(module, kept), env.settled(value))
            elif type(kept) is list and kept[0] == code.ATTR and type(kept[1]) is str:
                own = ref.receiver is not None and kept[1] == ref.function.facts.parameters[0].name
                base = ref.receiver if own else machine.member(module, kept[1])
                for owner in base.refs if base is not None and base.kind == "class" else ():
                    machine.keep(owner, kept[2], env.settled(value))


def _unpack(frame: Frame, env: Env, targets: list[Any], value: Value) -> None:
    star = next((index for index, one in enumerate(targets) if type(one) is list and one[0] == code.STAR), None)
    known = unpacked(value, single=False)
    if known is None and value.refs and value.kind == "object":
        value = frame.machine.iterable(frame, env, value)
        known = unpacked(value, single=False)
    if known is None and "urllib.parse.ParseResult" in value.paths and len(targets) in (5, 6):
        names = URL_PARTS if len(targets) == 6 else [*URL_PARTS[:3], *URL_PARTS[4:]]
        known = [attribute(frame, env, value, name) for name in names]
    if known is None or (star is None and len(known) != len(targets)):
        for index, one in enumerate(targets):
            key = ANY if type(one) is list and one[0] == code.STAR else index
            item = element(value, key) if value.items is None or ANY in value.items else UNKNOWN
            paths = tuple(frame.machine.models.type_of(f"{path}[]") for path in value.paths)
            assign(frame, env, one, item.but(paths=item.paths or paths) if paths else item)
        return
    if star is None:
        pairs = list(zip(targets, known, strict=True))
    else:
        after = len(targets) - star - 1
        rest = Value(items=dict(enumerate(known[star : len(known) - after])), kind="list")
        assign(frame, env, targets[star][1], rest)
        pairs = [
            *zip(targets[:star], known, strict=False),
            *zip(targets[star + 1 :], known[len(known) - after :], strict=False),
        ]
    for one, item in pairs:
        assign(frame, env, one, item)


def without(frame: Frame, env: Env, target: Any, base: Value, key: Value) -> None:
    """`del base[key]`."""
    slot = keyed(key)
    if base.items is not None and slot in base.items and slot != ANY:
        items = {name: item for name, item in base.items.items() if name != slot}
        if base.kind == "list" and ANY not in items:
            items = dict(enumerate(items.values()))
        write(frame, env, target, Value(base.taints, None, base.paths, base.refs, items, base.kind))

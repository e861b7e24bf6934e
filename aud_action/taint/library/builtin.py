"""Built-in functions whose result depends on more than which arguments are tainted."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame, Promise
from aud_action.taint.code.program import ClassRef, Closure, Module, Partial
from aud_action.taint.flaws import named
from aud_action.taint.flaws.guards import names_attribute, tokens
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import tables
from aud_action.taint.library.constructors import made_list
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import of_set, without
from aud_action.taint.values.harmless import ALL, marks
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import (
    ANY,
    BOOL,
    NUMBER,
    UNKNOWN,
    Value,
    all_taints,
    forms_of,
    join,
    join_all,
    join_taints,
)

_TELLING = 2
"""Letters at the beginning of a name that tell which methods are meant."""
_MOST_BEGUN = 12


def _number(_frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`int(x)` returned, so `x` is the text of a number."""
    for value in given[:1]:
        for token in tokens(value):
            env.believe(token, ALL)
        try:
            return constant(int(fold.one(value)))
        except (LookupError, TypeError, ValueError):
            continue
    return NUMBER


def _len(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    if (
        given
        and given[0].items is not None
        and ANY not in given[0].items
        and given[0].kind in ("list", "tuple", "dict")
    ):
        return constant(len(given[0].items))
    try:
        return constant(len(fold.one(given[0])))
    except (LookupError, TypeError):
        return NUMBER


def _bool(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    truth = fold.truth(given[0]) if given else False
    if truth is None and given and given[0].refs:
        return Value(kind="bool", refs=tuple(ref for ref in given[0].refs if isinstance(ref, Promise)))
    return fold.boolean(truth)


def _str(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return frame.machine.text_of(frame, env, given[0]) if given else constant("")


def _repr(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    found: Value = frame.machine.represented_of(frame, env, given[0]) if given else constant("")
    return found


def _format(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    if not given:
        return UNKNOWN
    return frame.machine.formatted(frame, env, given[0], given[1] if len(given) > 1 else constant(""))


def _same_elements(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    return made_list(frame, env, given, named, node) if given else UNKNOWN


def _getattr(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    if len(given) < 2:
        return UNKNOWN
    if len(given) == 2:  # it raises for any other name
        names_attribute(frame, env, given[1])
    try:
        found = frame.machine.attribute(frame, env, given[0], str(fold.one(given[1])))
    except LookupError:
        names = [one for one in given[1].consts or () if isinstance(one, str)]
        if names:  # `getattr(log, "error" if failed else "info")`
            return join_all([frame.machine.attribute(frame, env, given[0], one) for one in names])
        return _begun(frame, env, given[0], given[1]).but(taints=given[0].taints)
    found = named.apart(frame, given[0], found, fold.one(given[1]))
    there = found.refs or (given[0].refs and found is not UNKNOWN)
    return join(found, given[2]) if len(given) > 2 and not there else found


def _begun(frame: Frame, env: Env, base: Value, name: Value) -> Value:
    """`getattr(self, "on_" + kind)`: any of the methods whose names begin so."""
    form = forms_of(name)[0] if name.kind in ("", "str") and forms_of(name) else ()
    if not form or not isinstance(form[0], str) or len(form[0]) < _TELLING:
        return UNKNOWN
    names: dict[str, None] = {}
    for ref in base.refs:
        for link in frame.machine.order(ref) if isinstance(ref, ClassRef) else ():
            names.update(dict.fromkeys(frame.machine.class_namespace(link)) if isinstance(link, ClassRef) else {})
        names.update(dict.fromkeys(frame.machine.namespace(ref)) if isinstance(ref, Module) else {})
    found = [frame.machine.attribute(frame, env, base, one) for one in names if one.startswith(form[0])]
    return join_all(found[:_MOST_BEGUN]) if found else UNKNOWN


def _global(frame: Frame, env: Env, given: list[Value], words: Named, node: Any) -> Value:
    """`globals()["run_" + kind]`, `globals().get(…)`: as if the module were asked for an attribute."""
    return _getattr(frame, env, [Value(refs=(frame.module,), kind="module"), *given], words, node)


def _locals(_frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`locals()` and `vars()`: what the function's names hold; `vars(x)` is what an object holds."""
    if given:
        return Value(items=given[0].items, kind="dict") if given[0].items is not None else UNKNOWN
    held = {name: env.settled(one) for name, one in env.vars.items() if isinstance(one, Value)}
    return Value(items=dict(held), kind="dict")


def _setattr(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if len(given) == 3 and type(node) is list:
        try:
            name = fold.one(given[1])
        except LookupError:
            name = ANY
        for ref in given[0].refs if given[0].kind == "object" else ():
            if isinstance(ref, ClassRef) and tables.is_stored(frame.machine, ref):
                tables.put(frame, ref, name, env.settled(given[2]), node[-1])
        frame.machine.write(frame, env, node[2][0], frame.machine.placed(given[0], name, given[2]))
    return constant(None)


def _delattr(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if len(given) == 2 and given[1].consts and type(node) is list:
        frame.machine.without(frame, env, node[2][0], given[0], given[1])
    return constant(None)


def _imported(frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`import_module("name")`."""
    name = given[0].consts[0] if given and given[0].consts and len(given[0].consts) == 1 else None
    if not isinstance(name, str) or not name or name[0] == ".":
        return UNKNOWN
    module = frame.machine.program.resolve(name, frame.module)
    return frame.machine.library(name) if module is None else Value(refs=(module,), kind="module")


def _entered(frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return frame.machine.entered(frame, env, given[0]) if given else UNKNOWN


def _partial(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    if not given:
        return UNKNOWN
    words = {name: value for name, value in named if name is not None}
    return Value(refs=(Partial(given[0], given[1:], words),), kind="function")


def _partial_method(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    made = _partial(frame, env, given, named, node)
    refs = [
        Partial(one.callee, one.positional, one.named, method=True) for one in made.refs if isinstance(one, Partial)
    ]
    return made.but(refs=tuple(refs))


def _wraps(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return Value(paths=("functools.wraps()",), items={"wrapped": given[0]} if given else None, kind="object")


def _same(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return given[-1] if given else UNKNOWN


def _first(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return given[0] if given else UNKNOWN


def _second(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return given[1] if len(given) > 1 else UNKNOWN


def _gather(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return Value(items=dict(enumerate(given)), kind="list")


def _type(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    if len(given) == 1 and given[0].refs:
        return Value(refs=given[0].refs, kind="class")
    return UNKNOWN


def _marked(kind: str) -> Handler:
    def mark(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
        if not given:
            return UNKNOWN
        refs = tuple(
            Closure(ref.function, ref.scope, ref.owner, ref.receiver, kind) if isinstance(ref, Closure) else ref
            for ref in given[0].refs
        )
        return given[0].but(refs=refs)

    return mark


def _compile(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    words = dict(named)
    pattern = given[0] if given else words.get("pattern", UNKNOWN)
    flags = given[1] if len(given) > 1 else words.get("flags", constant(0))
    return Value(paths=("re.Pattern",), items={"pattern": pattern, "flags": flags}, kind="object")


def substituted(pattern: Value | None, replacement: Value, text: Value) -> Value:
    """`re.sub(pattern, replacement, text)`: characters that are replaced are gone, unless the new text has them."""
    result = Value(join_taints(all_taints(text), all_taints(replacement)), kind="str")
    if pattern is None or not pattern.consts or replacement.consts is None:
        return result
    mask = ~0
    for one in pattern.consts:
        mask &= of_set(one) if isinstance(one, str) else 0
    for one in replacement.consts:
        for char in str(one):
            mask &= ~without(char)
    made = fold.derived(result, "part")
    return each_taint(made, lambda taint: taint.clearing(marks(mask)))


def _sub(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    words = dict(named)
    parts = [*given, *(words[name] for name in ("pattern", "repl", "string")[len(given) :] if name in words)]
    if len(parts) < 3:
        return UNKNOWN
    if parts[1].refs:
        match = Value(all_taints(parts[2]), paths=("re.Match",), items={"string": parts[2]}, kind="object")
        parts[1] = frame.machine.call(frame, env, parts[1], [match], [], node)
    return substituted(parts[0], parts[1], parts[2])


def _provider(frame: Frame, env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`providers.Factory(Service, store=store)`: called, it makes one, with what its own providers make."""
    if not given or not given[0].refs:
        return UNKNOWN

    def made(value: Value) -> Value:
        inner = any(isinstance(ref, Partial) for ref in value.refs)
        return frame.machine.call(frame, env, value, [], [], [0, None, [], [], -1]) if inner else value

    words = {name: made(value) for name, value in named if name is not None}
    return Value(refs=(Partial(given[0], [made(one) for one in given[1:]], words),), kind="function")


_GROUPS = {
    "str": "text", "bytes": "text", "bytearray": "text", "int": "number", "float": "number", "bool": "number",
    "complex": "number", "list": "row", "tuple": "row", "set": "row", "frozenset": "row", "dict": "dict",
}  # fmt: skip


def _isinstance(frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """False where the value is known to be of quite another built-in type, or an object."""
    if len(given) != 2:
        return BOOL
    value, kinds = given[0], list(given[1].items.values()) if given[1].items else [given[1]]
    paths = [path for kind in kinds for path in kind.paths]
    wanted = {_GROUPS.get(path.removeprefix("builtins."), "") for path in paths}
    if all(one.refs and not one.paths for one in kinds) and value.kind == "object" and not value.paths:
        return fold.boolean(_of_class(frame, value, kinds))
    if not paths or "" in wanted or any(kind.refs or not kind.paths for kind in kinds):
        return BOOL
    if value.kind == "object":
        plain = all(
            isinstance(ref, ClassRef) and not frame.machine.lineage(ref) - {"builtins.object"} for ref in value.refs
        )
        known = bool(value.refs) and plain and not value.paths
        return constant(False) if known else BOOL
    group = "row" if value.kind in ("list", "tuple", "set") else "dict" if value.kind == "dict" else ""
    return constant(False) if group and group not in wanted and not value.taints else BOOL


def _of_class(frame: Frame, value: Value, kinds: list[Value]) -> bool | None:
    """Whether an object of the project's classes is of one of some; one that is declared may be of a class below."""
    wanted = [ref for one in kinds for ref in one.refs if isinstance(ref, ClassRef)]
    owners = [ref for ref in value.refs if isinstance(ref, ClassRef)]
    order = frame.machine.order
    if not owners or len(owners) != len(value.refs) or value.absent or value.taints:
        return None
    if all(any(one in order(owner) for one in wanted) for owner in owners):
        return True
    return None if any(owner in order(one) or one in order(owner) for one in wanted for owner in owners) else False


CALLS: dict[str, Handler] = {
    "builtins.int": _number,
    "builtins.float": _number,
    "builtins.complex": _number,
    "uuid.UUID": _number,
    "decimal.Decimal": _number,
    "builtins.len": _len,
    "builtins.bool": _bool,
    "builtins.str": _str,
    "builtins.repr": _repr,
    "builtins.ascii": _repr,
    "builtins.format": _format,
    "builtins.bytes": _str,
    "builtins.iter": _same_elements,
    "builtins.getattr": _getattr,
    "builtins.globals().get": _global,
    "builtins.locals": _locals,
    "builtins.vars": _locals,
    "builtins.setattr": _setattr,
    "builtins.delattr": _delattr,
    "builtins.__import__": _imported,
    "importlib.import_module": _imported,
    "contextlib.ExitStack.enter_context": _entered,
    "contextlib.AsyncExitStack.enter_async_context": _entered,
    "builtins.type": _type,
    "builtins.isinstance": _isinstance,
    "builtins.property": _marked("property"),
    "functools.cached_property": _marked("property"),
    "django.utils.functional.cached_property": _marked("property"),
    "werkzeug.utils.cached_property": _marked("property"),
    "builtins.staticmethod": _marked("static"),
    "builtins.classmethod": _marked("class"),
    "functools.partial": _partial,
    "functools.partialmethod": _partial_method,
    "functools.wraps": _wraps,
    "functools.wraps()": _same,
    "functools.lru_cache": _same,
    "functools.cache": _same,
    "copy.copy": _first,
    "contextlib.closing": _first,
    "contextlib.aclosing": _first,
    "contextlib.nullcontext": _first,
    "copy.deepcopy": _first,
    "typing.cast": _second,
    "asyncio.gather": _gather,
    "asyncio.run": _first,
    "asyncio.wait_for": _first,
    "asyncio.shield": _first,
    "asyncio.ensure_future": _first,
    "asyncio.create_task": _first,
    "asyncio.TaskGroup.create_task": _first,
    "asgiref.sync.sync_to_async": _same,
    "asgiref.sync.async_to_sync": _same,
    "re.compile": _compile,
    "re.sub": _sub,
    "re.subn": _sub,
    **{f"dependency_injector.providers.{name}": _provider for name in ("Factory", "Singleton", "Resource", "Callable")},
}
"""API path → what a call of it yields."""

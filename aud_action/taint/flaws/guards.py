"""Calls as guards: what a true or false answer of a call tells about its receiver and arguments."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

from aud_action.taint.code.frame import Env, Frame, Promise
from aud_action.taint.code.reads import read_key
from aud_action.taint.flaws.asked import compared
from aud_action.taint.flaws.danger import AUTHORITY
from aud_action.taint.flaws.sinks import selected
from aud_action.taint.values import fold
from aud_action.taint.values.charset import BIT, METHODS, WITHOUT, excluded
from aud_action.taint.values.harmless import ALL, marks
from aud_action.taint.values.value import NORMALISED, OBJECT, UNKNOWN, Token, Value, all_taints, forms_of

_SAFE_TYPES = {
    "builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "uuid.UUID", "decimal.Decimal",
    "datetime.datetime", "datetime.date",
}  # fmt: skip


def guards(frame: Frame, last: Any) -> bool:
    """Whether a call is a check that is known, by its path or its name."""
    models = frame.machine.models
    return any(path in _WILDCARDS or models.find(models.guards, path) for path in last.paths) or (
        not last.known and any(one.search(last.method or str(last.node[1])) for one in (_SAFE_URL, _SAFE_PATH))
    )


_SAFE_URL = re.compile(
    r"(?:^|_)(?:is_?safe_?(?:redirect_?)?(?:ur[li]|target)|is_?ur[li]_?safe|is_?safe_?redirect)$", re.IGNORECASE
)
"""What is called like this, and isn't there to be read, is believed."""
_SAFE_PATH = re.compile(
    r"(?:^|_)is_?safe_?(?:file_?)?(?:path|member)$|path_(?:is_)?safe$|(?:child|descendant|sub_?path)_of$|(?:^|_)is_?sub_?(?:path|dir|directory)$"
    r"|(?:^|_)is_?(?:with)?in(?:side)?_?(?:the_)?(?:dir|directory|folder|root|base_?dir)$",
    re.IGNORECASE,
)
"""The same of paths: one of the arguments is the folder, which the program chooses."""


def tokens(value: Value) -> set[Token]:
    """The texts in a value."""
    return {taint.token for taint in all_taints(value)}


def calls_guard(frame: Frame, env: Env, node: Any, then: Env, otherwise: Env) -> None:
    """Note what the outcome of a call tells, by its method, by its model, or by what it is."""
    last = frame.last_call
    if last is None or last.node is not node:
        return
    if last.receiver is not None:
        if last.method == "startswith" and last.positional:  # `address.startswith("192.168.")`
            compared(frame, env, "in", ((node, last.receiver), (node[2][0], last.positional[0])))
        _by_method(frame, last.method, last.receiver, last.positional, then, otherwise)
    if not last.known:
        _by_name(frame, last, then)
    for path in last.paths:
        _by_path(frame, path, last.positional, then, otherwise)
        if path == "builtins.isinstance" and len(last.positional) == 2:
            _narrowed(then, node[2][0], last.positional[0], last.positional[1])
        for model in frame.machine.models.find(frame.machine.models.guards, path) or ():
            for _, value in selected(model.pattern, last.positional, last.named, last.receiver):
                for token in tokens(value):
                    if model.on is not None:
                        _believe(frame, then if model.on else otherwise, token, model.clears)
    del env


def _by_name(frame: Frame, last: Any, then: Env) -> None:
    """What is called like a check and isn't there to be read, and a whole match with a pattern that isn't either."""
    name = last.method or str(last.node[1])
    mask = frame.machine.models.mask(["open-redirect"]) if _SAFE_URL.search(name) else 0
    count = 1
    if _SAFE_PATH.search(name):
        mask, count = frame.machine.models.mask(["path-traversal", "archive-slip"]), 2
    if last.method == "fullmatch" and not any(one.startswith("re.") for one in last.paths):
        mask = ALL
    for token in (one for value in last.positional[:count] for one in tokens(value)) if mask else ():
        _believe(frame, then, token, mask)


def _believe(frame: Frame, env: Env, token: Token, mask: int) -> None:
    env.believe(token, mask, frame.machine.models.relations)


def _by_method(frame: Frame, method: str, receiver: Value, positional: list[Value], then: Env, otherwise: Env) -> None:
    for token in tokens(receiver):
        if method in METHODS:
            then.believe(token, marks(excluded(METHODS[method])) | (ALL if method in _NUMERIC else 0))
            _with_what_was_left_out(then, token, METHODS[method])
        elif method == "startswith" and positional:
            _begins(frame, token, receiver, positional[0], then, otherwise)
        elif method in ("issubset", "__le__") and positional:
            for known, mask in within(frame, receiver, positional[0]).items():
                then.believe(known, mask)
        elif method == "endswith" and positional:
            _ends(frame, token, positional[0], then)
        elif method in ("is_relative_to", "samefile"):
            _lies_in(frame, method, token, receiver, positional, then)
        elif method == "is_absolute":
            otherwise.believe(token, marks(BIT["/^"]))
        elif method == "strip" and not positional:  # nothing but blanks
            otherwise.believe(token, ALL)


def _ends(frame: Frame, token: Token, ending: Value, then: Env) -> None:
    """`name.endswith(".png")`: what a file is, and the domain that a host lies in."""
    if not ending.taints:
        then.believe(token, frame.machine.upload_mask)
    ends = ending.consts or fold.constants_in(ending)
    if not ends or not all(str(one).startswith(".") for one in ends):
        return
    then.believe(token, marks(BIT["$."]))
    upward = frame.machine.models.relations.get(token.relation)
    if upward and token.relation == "member":  # it says what a member is, not where it goes
        upward &= frame.machine.upload_mask
    if upward and token.parent is not None:
        then.believe(token.parent, upward, frame.machine.models.relations)


def _lies_in(frame: Frame, method: str, token: Token, receiver: Value, positional: list[Value], then: Env) -> None:
    """`path.is_relative_to(folder)` of one that is resolved; `path.parent.samefile(folder)`: what its folder is, a file is in."""
    if (method == "is_relative_to" and _normal(receiver)) or (
        method == "samefile" and positional and not all_taints(positional[0])
    ):
        _believe(frame, then, token, frame.machine.path_mask)
        if token.relation == "folder" and token.parent is not None:
            _believe(frame, then, token.parent, frame.machine.path_mask)


def _with_what_was_left_out(env: Env, token: Token, letters: frozenset[str]) -> None:
    """`name.replace("_", "").isalnum()`: the name is made of such letters, and of what was left out of it."""
    while token.parent is not None and token.relation.startswith(WITHOUT):
        letters |= frozenset(token.relation.removeprefix(WITHOUT))
        token = token.parent
        env.believe(token, marks(excluded(letters)))


def trusted_container(value: Value) -> bool:
    """Whether being in it means being one of a few trusted values; a text contains far more."""
    return not value.taints and value.kind not in ("str", "bytes") and not (
        value.consts and any(isinstance(one, str) for one in value.consts)
    ) and not any(all_taints(item) for item in (value.items or {}).values() if value.kind != "dict")  # fmt: skip


def spelled_with(frame: Frame, letters: frozenset[str]) -> int:
    """What a text of these characters alone can't do; without letters it names nothing that code could call."""
    nameless = "_" not in letters and not any(name <= letters for name in _NAMES)
    return marks(excluded(letters)) | (frame.machine.models.mask(["code-injection"]) if nameless else 0)


_NAMES = [frozenset(name) for name in (*dir(builtins), *keyword.kwlist)]
"""The letters of what any expression can name."""


def within(frame: Frame, left: Value, right: Value) -> dict[Token, int]:
    """What it tells of texts that a set holds nothing but trusted values, or their characters nothing but some."""
    if not trusted_container(right):
        return {}
    letters = letters_in(right)
    mask = spelled_with(frame, letters) if letters else 0
    told: dict[Token, int] = {}
    for token in tokens(left):
        is_letter = bool(letters) and token.relation == "character"
        told[token] = mask if is_letter else ALL
        if is_letter and token.parent is not None:
            told[token.parent] = mask
    return told


def letters_in(value: Value) -> frozenset[str]:
    """The single characters that a container holds; none when it holds anything else."""
    known = fold.constants_in(value) or []
    return frozenset(known) if all(isinstance(one, str) and len(one) == 1 for one in known) else frozenset()


_NUMERIC = {"isdigit", "isdecimal", "isnumeric"}


def sets(frame: Frame, sign: str, left: Value, right: Value) -> Value:
    """What is in both (`&`), in the left alone (`-`), in one of them (`^`)."""
    if sign == "&":
        kept = right if all_taints(left) and trusted_container(right) else left
        return kept.but(kind="set", taints=(), consts=None)
    if sign == "^":
        return fold.merged(left.but(kind="set"), right.but(kind="set"))
    told = within(frame, left, right)
    return left.but(kind="set", refs=(Promise({}, told, {}, {}),) if told else ())


def _normal(value: Value) -> bool:
    return bool(value.taints) and all(taint.state & NORMALISED for taint in value.taints)


def _begins(frame: Frame, token: Token, receiver: Value, prefix: Value, then: Env, otherwise: Env) -> None:
    texts = list(prefix.consts or ())
    if prefix.items:
        texts = [one for item in prefix.items.values() for one in item.consts or (None,)]
    if texts and all(isinstance(one, str) and AUTHORITY.match(one) for one in texts):
        then.believe(token, frame.machine.models.mask(["ssrf", "open-redirect"]))
        return
    for text in texts:
        if isinstance(text, str) and text.startswith(".."):
            _not_upwards(frame, token, receiver, otherwise)
        for mark, told, env in (
            ("/", "/^", otherwise),
            ("/", "^/", then),
            ("//", "//^", otherwise),
            ("-", "-^", otherwise),
        ):
            if text == mark:
                env.believe(token, marks(BIT[told]))
    single = [one for one in texts if isinstance(one, str) and len(one) <= 2]
    if not single and _normal(receiver) and root(token) not in map(root, tokens(prefix)):
        _believe(frame, then, token, frame.machine.path_mask)


def root(token: Token) -> Token:
    """The text that one was made from, in the end."""
    while token.parent is not None:
        token = token.parent
    return token


def apart(token: Token, other: Value) -> bool:
    """Whether the other value was chosen without the text that this one was made from."""
    return root(token) not in {root(taint.token) for taint in all_taints(other)}


def _not_upwards(frame: Frame, token: Token, receiver: Value, otherwise: Env) -> None:
    """A relative path that is normalised, and doesn't begin with dots, stays below where it starts."""
    if token.relation == "relative" and token.parent is not None:
        _believe(frame, otherwise, token.parent, frame.machine.path_mask)
    elif _normal(receiver) and not led(receiver):
        otherwise.believe(token, marks(BIT[".."]))


def led(value: Value) -> bool:
    """Whether something that isn't the attacker's stands before his text."""
    return all(form and (isinstance(form[0], str) or not form[0]) for form in forms_of(value))


def _by_path(frame: Frame, path: str, positional: list[Value], then: Env, otherwise: Env) -> None:
    if path == "builtins.isinstance" and len(positional) == 2:
        _by_type(frame, positional[0], positional[1], then, otherwise)
    elif path in _WILDCARDS and len(positional) == 2 and positional[1].consts is None:
        _by_wildcards(frame, positional[0], positional[1], then)
    elif path == "builtins.hasattr" and len(positional) == 2:
        names_attribute(frame, then, positional[1])
    elif path == "os.path.isabs" and positional:
        for token in tokens(positional[0]):
            otherwise.believe(token, marks(BIT["/^"]))


_ATTRIBUTES = ("sql-injection", "nosql-injection", "log-injection", "header-injection", "xss", "path-traversal", "ssrf")
"""What the name of an attribute that there is can't trigger: it is chosen among the program's own."""


def names_attribute(frame: Frame, env: Env, name: Value) -> None:
    """Note that an object has an attribute of that name."""
    for token in tokens(name):
        _believe(frame, env, token, frame.machine.models.mask(_ATTRIBUTES))


def _by_type(frame: Frame, value: Value, wanted: Value, then: Env, otherwise: Env) -> None:
    kinds = [wanted] if not wanted.items else list(wanted.items.values())
    paths = {path for kind in kinds for path in kind.paths}
    for token in tokens(value):
        if paths and paths <= _SAFE_TYPES:
            then.believe(token, ALL)
        elif paths and paths <= {"builtins.str", "builtins.bytes", "os.PathLike", "pathlib.Path"}:
            then.believe(token, frame.machine.models.mask(["nosql-injection"]))
            if (
                "builtins.str" in paths
            ):  # anything but a text is no path or secret, and its line breaks are shown escaped
                mask = frame.machine.models.mask(["log-injection", "path-traversal"]) | frame.machine.shown_mask
                otherwise.believe(token, mask)


def _by_wildcards(frame: Frame, value: Value, pattern: Value, then: Env) -> None:
    """The value is one of the names, or its host one of the hosts, that the configuration or the request allows."""
    for token in tokens(value):
        if not all_taints(pattern):
            _believe(frame, then, token, ALL)
        elif token.parent is not None and (mask := frame.machine.models.relations.get(token.relation)):
            _believe(frame, then, token.parent, mask)


_WILDCARDS = {"fnmatch.fnmatch", "fnmatch.fnmatchcase"}


def _narrowed(then: Env, node: Any, value: Value, wanted: Value) -> None:
    """`isinstance(upload, FileStorage)`: what is tested is such an object."""
    if (known := _no_error(as_text(value, wanted), wanted)) is not value:
        pass
    elif not wanted.paths or wanted.items or value.refs or any(one.startswith("builtins.") for one in wanted.paths):
        return
    else:
        known = value.but(paths=wanted.paths)
    if type(node) is str and node in then.vars:
        then.vars[node] = known
    elif type(node) is list and (key := read_key(node)) is not None:
        then.reads[key] = known


def _no_error(value: Value, wanted: Value) -> Value:
    """`isinstance(answer, (dict, list))`: what is left of a value that is of a class of data is no exception."""
    classes = [path for one in (wanted.items or {0: wanted}).values() for path in one.paths]
    if not any(taint.state & OBJECT for taint in value.taints) or not classes or not _DATA.issuperset(classes):
        return value
    return value.but(taints=tuple([taint for taint in value.taints if not taint.state & OBJECT]))


_DATA = frozenset(
    f"builtins.{name}" for name in "str bytes bytearray int float bool dict list tuple set frozenset".split()
)


def as_text(value: Value, wanted: Value) -> Value:
    """What is left of a value that is of a class, where that is the class of texts: they hold nothing else."""
    if wanted.paths != ("builtins.str",) or value.items is None:
        return value
    return value.but(items=None, refs=(), paths=(), kind="")


def filtered(paths: tuple[str, ...], value: Value, told: Env) -> None:
    """What `filter(str.isalnum, text)` tells of the characters that pass."""
    for path in paths:
        name = path.removeprefix("builtins.str.")
        if name in METHODS:
            for token in tokens(value):
                told.believe(token, marks(excluded(METHODS[name])))


def passing(frame: Frame, env: Env, test: Value, one: Value, node: Any) -> Value:
    """An element that a filter let through."""
    inner = env.copy()
    truth = frame.machine.call(frame, inner, test, [one], [], node)
    told = Env({})
    last = frame.last_call
    if test.paths and last is not None:
        filtered(test.paths, one, told)
    elif frame.promises is not None:
        frame.promises.applied(told, Env({}), frame.machine.models.relations)
    frame.promises = None
    return UNKNOWN if truth.consts and not any(truth.consts) else told.settled(one)

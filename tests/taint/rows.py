"""Small programs made of the models themselves: for each row one that is dangerous and its safe twin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

from aud_action.taint.models import load
from aud_action.taint.models.pattern import Pattern, expand, parse

MODELS = load()
VALUE = "request.args['x']"
JSON = "request.get_json()"
_SINKS = {
    "sql-injection": "sqlite3.connect('x').execute({})",
    "nosql-injection": "pymongo.MongoClient().a.b.find_one({})",
    "nosql-code-injection": "bson.Code({})",
    "command-injection": "os.system({})",
    "argument-injection": "subprocess.run(['git', {}])",
    "code-injection": "eval({})",
    "unsafe-deserialization": "pickle.loads({})",
    "path-traversal": "open({}, 'w')",
    "archive-slip": "tarfile.open('x').extract({})",
    "template-injection": "jinja2.Template({})",
    "xss": "flask.make_response({})",
    "open-redirect": "flask.redirect({})",
    "ssrf": "requests.get({})",
    "ssrf-partial": "requests.get('https://example.org/' + {})",
    "xxe": "untangle.parse({})",
    "xml-bomb": "xml.dom.minidom.parseString({})",
    "ldap-injection": "ldap.filter.filter_format({}, [])",
    "xpath-injection": "lxml.etree.XPath({})",
    "log-injection": "logging.warning({})",
    "header-injection": "flask.Response('x').headers['X'] = {}",
    "regex-injection": "re.compile({})",
    "unsafe-reflection": "importlib.import_module({})",
    "mass-assignment": "setattr(object(), {}, 1)",
    "trust-boundary": "flask.session['x'] = {}",
    "error-exposure": "flask.make_response({})",
    "cleartext-logging": "logging.warning({})",
    "weak-password-hash": "hashlib.md5({})",
    "insecure-randomness": "reset_token = {}",
    "host-header": "flask_mail.Message(body={})",
    "resource-exhaustion": "time.sleep({})",
    "unsafe-import-path": "sys.path.append({})",
    "file-upload": "request.files['x'].save('static/' + {})",
}
"""A call that is a sink of each class beyond doubt."""
_OF_KIND = {
    "exception": "error-exposure", "password": "weak-password-hash", "secret": "cleartext-logging",
    "random": "insecure-randomness", "host": "host-header", "archive": "path-traversal",
}  # fmt: skip
_NAMES = (
    "cursor", "session", "db", "log", "page", "tx", "ssh_client", "env", "users", "objects", "tree", "thing",
)  # fmt: skip
_FORMS = {"mail": "'Subject: ' + {}", "upload": "'static/' + {}", "prompt": "[{{'role': 'system', 'content': {}}}]"}


class Program(NamedTuple):
    """One function that has a flaw of a class on its last line, or has none."""

    title: str
    flaw: str
    imports: frozenset[str]
    lines: tuple[str, ...]
    bad: bool
    parameters: str = ""


class Row(NamedTuple):
    """One record of a file of models, with a pair of programs for each of its paths."""

    file: str
    section: str
    number: int
    programs: tuple[Program, ...]


def rows() -> Iterator[Row]:
    """Every source, sink, sanitizer, guard and propagator of the house."""
    makers = {"source": _source, "sink": _sink, "sanitizer": _flow, "guard": _guard, "propagator": _flow}
    pages = (page for page in files("aud_action.taint.models").iterdir() if page.name.endswith(".toml"))
    for page in sorted(pages, key=lambda page: page.name):
        tree = tomllib.loads(page.read_text("utf-8"))
        for section, maker in makers.items():
            for number, record in enumerate(tree.get(section, ())):
                title = f"{page.name}:{section}[{number}]"
                made = _written(title, record) if "example" in record else maker(title, record)
                yield Row(page.name, section, number, tuple(made))


def _written(title: str, record: dict[str, Any]) -> Iterator[Program]:
    """The pair that the record itself holds: the text of each, whose last line is the one that counts."""
    flaw = (
        record.get("class") or record["example"].get("class") or next(iter(record.get("clears", ())), "code-injection")
    )
    parameters = record["example"].get("with", "")
    for name in ("bad", "good"):
        lines = tuple(record["example"][name].strip().split("\n"))
        yield Program(title, flaw, _imports(parameters.partition(":")[2], *lines), lines, name == "bad", parameters)


def _texts(record: dict[str, Any]) -> Iterator[str]:
    match = record.get("match", ())
    for text in [match] if isinstance(match, str) else match:
        yield from expand(text)


def _paths(record: dict[str, Any]) -> Iterator[Pattern]:
    return map(parse, _texts(record))


def _imports(*texts: str) -> frozenset[str]:
    """The modules that dotted names in some code come from."""
    found: set[str] = set()
    for text in texts:
        for name in re.findall(r"(?<![\w.'\])])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)", re.sub(r"'[^']*'", "''", text)):
            parts = name.split(".")
            stop = next((at for at, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
            found.add(".".join(parts[: max(stop, 1)]))
    return frozenset(one for one in found if one.split(".")[0] not in ("request", "o", "builtins", *_NAMES))


def _pair(title: str, flaw: str, bad: list[str], good: list[str], parameters: str = "") -> Iterator[Program]:
    imports = _imports(parameters.partition(":")[2], *bad, *good)
    yield Program(title, flaw, imports, tuple(bad), True, parameters)
    yield Program(title, flaw, imports, tuple(good), False, parameters)


def _sink(title: str, record: dict[str, Any]) -> Iterator[Program]:
    flaw = record["class"]
    if "name" in record:
        value = "random.getrandbits(64)"
        yield from _pair(title, flaw, [f"reset_token = {value}"], [f"delay = {value}"])
    for pattern in _paths(record):
        value = _tainted(flaw, pattern)
        named = f"{title} {pattern.path}"
        holds, fails = _conditions(record, pattern)
        if record.get("each") and not pattern.words:
            value = f"{{'key': {value}}}"
        pattern, parameters = _reached(pattern)  # noqa: PLW2901  # the same row, spoken of from a parameter
        bad = [*_before(flaw), *_call(record, pattern, value, holds)]
        good = _call(record, pattern, "'constant'" if not pattern.spread else "{}", holds)
        yield from _pair(named, flaw, bad, good, parameters)
        if fails is not None:
            safe = (*bad[:-1], *_call(record, pattern, value, fails))
            yield Program(f"{named} safe", flaw, _imports(parameters, *safe), safe, False, parameters)


def _reached(pattern: Pattern) -> tuple[Pattern, str]:
    """A method of a class that nobody makes by name is reached through a parameter of that type."""
    hidden = re.match(r"(.*\._[A-Z]\w*)\.(?=\w+$)", pattern.path)
    if hidden is None:
        return pattern, ""
    return pattern._replace(path=f"o.{pattern.path[hidden.end() :]}"), f"o: {hidden.group(1)}"


def _before(flaw: str) -> list[str]:
    return (
        ["password, api_key = unknown()"]
        if flaw in ("cleartext-logging", "cleartext-storage", "weak-password-hash")
        else []
    )


def _tainted(flaw: str, pattern: Pattern) -> str:
    """A value that is dangerous for a class."""
    kinds = MODELS.accepts[flaw]
    value = VALUE
    for kind, text in (
        ("exception", "traceback.format_exc()"), ("password", "password"), ("random", "random.getrandbits(64)"),
        ("host", "request.host_url"),
    ):  # fmt: skip
        value = text if kind in kinds else value
    if kinds == {"upload"}:
        value = "request.files['x'].filename"
    shape = MODELS.shapes[flaw]
    if shape == "structured" or (shape == "whole" and pattern.spread):
        return JSON
    if shape == "whole":
        return f"{JSON}['x']"
    if shape == "argv":
        return value if "git" in pattern.path or pattern.every else f"['git', {value}]"
    if (
        shape == "query"
        and "pymongo" in pattern.path
        and ".Code" not in pattern.path
        and "map_reduce" not in pattern.path
    ):
        return f"{{'$where': {value}}}"
    if shape == "mail" and "[]" in pattern.path:
        return value
    if shape == "prompt" and not any(
        name in ("messages", "0") for name in (*pattern.names, *map(str, pattern.positions))
    ):
        return value
    return _FORMS[shape].format(value) if shape in _FORMS and "from_messages" not in pattern.path else value


def _conditions(record: dict[str, Any], pattern: Pattern) -> tuple[dict[str, str], dict[str, str] | None]:
    """Arguments under which a sink's conditions hold, and under which they don't; None when it has none."""
    holds: dict[str, str] = {}
    fails: dict[str, str] | None = None
    for key, value in record.get("when", {}).items():
        wanted = value if isinstance(value, list) else [value]
        if "absent" not in wanted:
            holds[key] = _constant(wanted[0])
        fails = {**holds, key: _other(wanted)}
    for key, value in record.get("unless", {}).items():
        safe = value if isinstance(value, list) else [value]
        fails = {**holds, key: _constant(safe[0])}
    return holds, fails


def _constant(value: Any) -> str:
    return value.removeprefix("class:") if isinstance(value, str) and value.startswith("class:") else repr(value)


def _other(wanted: list[Any]) -> str:
    if wanted == ["absent"]:
        return "acme.other"
    return repr(not wanted[-1]) if isinstance(wanted[-1], bool) else "'text/plain'"


def _call(record: dict[str, Any], pattern: Pattern, value: str, extra: dict[str, str]) -> list[str]:
    """A use of a path with a value in the argument that it speaks of, and some further arguments."""
    path = pattern.path
    if path.startswith("?"):
        matching = (name for name in _NAMES if re.fullmatch(record.get("receiver", ".*"), name, re.IGNORECASE))
        owner = next(matching, "unnamed")
        member = path.partition(".")[2]
        if "method" in record:
            member, value = "fetch_rows", f"'select a from b where c = ' + {value}"
        elif "$" in record.get("text", "").removesuffix("$"):
            value = f"{{'$where': {value}}}"
        elif "text" in record:
            value = f"'MATCH (n) WHERE n.x = ' + {value}"
        return [f"{owner}.{member}({_given(pattern, value, extra)})"]
    stored = path.endswith("=")
    steps = _steps(path.removesuffix("="))
    if stored and path.endswith("[]="):
        key = extra.get("0", value if 0 in pattern.positions else "'x'")
        return [
            f"{steps.removesuffix(chr(91) + repr('x') + chr(93))}[{key}] = {value if 1 in pattern.positions else repr('x')}"
        ]
    if stored:
        return [f"{steps} = {value}"]
    if pattern.receiver and not pattern.positions:
        owner, _, member = steps.rpartition(".")
        return [f"{owner}({value}).{member}()" if not owner.endswith(")") else f"{owner[:-1]}{value}).{member}()"]
    if not pattern.call:
        return [steps]
    return [f"{steps}({_given(pattern, value, extra)})"]


def _steps(path: str) -> str:
    """A path as an expression: elements are taken, classes are made."""
    text = path.removeprefix("builtins.").replace("[]", "['x']")
    parts = text.split(".")
    for at, part in enumerate(parts[:-1]):
        if at and re.match(r"_?[A-Z]", part) and part.isidentifier() and not parts[at + 1][:1].isupper():
            parts[at] = f"{part}()"
    return ".".join(parts)


def _given(pattern: Pattern, value: str, extra: dict[str, Any]) -> str:
    positional: dict[int, str] = {}
    named: dict[str, str] = {}
    if pattern.spread:
        return f"**{value}"
    if pattern.positions:
        positional = {pattern.positions[-1]: value}
    elif pattern.every:
        positional = {extra.pop("every", 0): value}
    elif pattern.names:
        named = {pattern.names[0]: value}
    elif pattern.words:
        named = {"key": value}
    elif not pattern.receiver:
        positional = {0: value}
    for key, one in {name: one for name, one in extra.items() if name != "every"}.items():
        name, _, option = key.partition(".")
        parts = name.split("/")
        text = f"lxml.etree.XMLParser({option}={one})" if option else one
        word = next((part for part in parts if not part.isdigit()), None)
        if word:
            named[word] = text
        else:
            positional[int(parts[0])] = text
    fill = [positional.get(at, "'x'") for at in range(max(positional, default=-1) + 1)]
    return ", ".join([*fill, *(f"{name}={one}" for name, one in named.items())])


def _source(title: str, record: dict[str, Any]) -> Iterator[Program]:
    kind = record["kind"]
    flaw = _OF_KIND.get(kind, "code-injection")
    sink = _SINKS[flaw]
    if "name" in record:
        word = next(one for one in ("password", "api_key") if re.search(record["name"], one))
        sink = _SINKS["cleartext-logging"]
        bad, good = [f"{word} = unknown()", sink.format(word)], [f"{word} = unknown()", sink.format(f"len({word})")]
        yield from _pair(title, "cleartext-logging", bad, good)
    for path in _texts(record):
        value, parameters = _read(path)
        if flaw == "insecure-randomness":
            yield from _pair(f"{title} {path}", flaw, [f"{sink.format(value)}"], [f"delay = {value}"], parameters)
            continue
        bad, good = [f"v = {value}", sink.format("v")], [f"v = {value}", sink.format("len(v)")]
        yield from _pair(f"{title} {path}", flaw, bad, good, parameters)


def _read(path: str) -> tuple[str, str]:
    """An expression that reads a path, and the parameter that it starts from: `o: library.Class`."""
    found = re.match(r"((?:[a-z_]\w*\.)+_?[A-Z]\w*(?:\.[A-Z]\w*)*)((?:\.|\[).+)$", path)
    if found:
        return f"o{found.group(2)}".replace("[]", "['x']"), f"o: {found.group(1)}"
    return path.removeprefix("builtins.").replace("[]", "['x']"), ""


def _flow(title: str, record: dict[str, Any]) -> Iterator[Program]:
    clears = record.get("clears", [])
    for pattern in _paths(record):
        named = f"{title} {pattern.path}"
        cleared = [one for one in (list(_SINKS) if "all" in clears else clears) if one in _SINKS and one in _TEXTS]
        for flaw in cleared[:1]:
            value = JSON if flaw == "nosql-injection" else VALUE
            bad, good = [_SINKS[flaw].format(value)], _cleaned(record, pattern, value, _SINKS[flaw])
            yield from _pair(named, flaw, bad, good)
        if "all" in clears or (clears and not pattern.call):
            continue
        kept = next(one for one in ("code-injection", "sql-injection", "xss", "ssrf") if one not in clears)
        bad, good = (_cleaned(record, pattern, value, _SINKS[kept]) for value in (VALUE, "'constant'"))
        yield from _pair(f"{named} keeps", kept, bad, good)


_TEXTS = {
    "sql-injection", "command-injection", "path-traversal", "xss", "regex-injection", "log-injection",
    "header-injection", "ldap-injection", "code-injection", "nosql-injection",
}  # fmt: skip


def _cleaned(record: dict[str, Any], pattern: Pattern, value: str, sink: str) -> list[str]:
    """The sink with what a function makes of a value."""
    if not pattern.call:
        owner, made, member = _steps(pattern.path).rpartition("()")  # of the class, wherever the attribute is
        if not made:
            owner, _, member = _steps(pattern.path).rpartition(".")
            member = f".{member}"
        return [sink.format(f"{owner}({value}){member}")]
    return [sink.format(_call({**record, "receiver": ".*"}, pattern, value, {"every": 1})[0])]


def _guard(title: str, record: dict[str, Any]) -> Iterator[Program]:
    on = record.get("on", True)
    flaw = next(one for one in (list(_SINKS) if "all" in record["clears"] else record["clears"]) if one in _SINKS)
    sink = _SINKS[flaw].format("v")
    for pattern in _paths(record):
        named = f"{title} {pattern.path}"
        first = [f"v = {VALUE}"]
        test = _call(record, pattern, "v", {})[0]
        if pattern.receiver:
            owner, _, member = pattern.path.rpartition(".")
            first, test = [f"v = {owner}({VALUE}).resolve()"], f"v.{member}('x')"
        if on == "return":
            yield from _pair(named, flaw, [*first, sink], [*first, test, sink])
        else:
            word, other = ("if", "if not") if on else ("if not", "if")
            yield from _pair(
                named, flaw, [*first, f"{other} {test}:", f"    {sink}"], [*first, f"{word} {test}:", f"    {sink}"]
            )

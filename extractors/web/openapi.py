"""Operations of OpenAPI documents that name the Python function which answers them, as connexion has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from extractors.flow import lower
from extractors.outline import Entry, Outline, Scalar, outline
from extractors.texts import Text, reads
from schema.flow import FlowFacts
from schema.web import RouteDeclaration, RouteParameter

Rows = Iterator[tuple[int, Any]]
Table = Mapping[str, Entry]
_HEAD: Final = re.compile(r"""^[\s{]*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_CONTROLLERS: Final = ("x-openapi-router-controller", "x-swagger-router-controller")
_TYPES: Final = {"integer": "int", "number": "float", "boolean": "bool"}
_PATH: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_UNNAMED: Final = re.compile(r"^[^a-zA-Z_]+|[^0-9a-zA-Z_]")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HOPS: Final = 8


class _Operation(NamedTuple):
    """One verb of one path."""

    line: int
    method: str
    path: str
    handler: str  #: exact dotted name
    parameters: dict[str, str]  #: name of the function's argument → its converter; "path" for any text


@reads(
    *(f"*{word}*.{suffix}" for word in ("openapi", "swagger") for suffix in ("yaml", "yml", "json")),
    *(f"{folder}*/*.{suffix}" for folder in ("openapi", "swagger", "spec", "api") for suffix in ("yaml", "yml")),
    *("*api.yaml", "*api.yml", "spec.yaml", "spec.yml"),
)
def operations(text: Text) -> Rows:
    """Each operation whose `operationId` is a function's dotted name, and what the function is handed (connexion, "Routing")."""
    if not _HEAD.search(text.text) or "operationId" not in text.text:
        return
    document = _Document(_table(outline(text.text)))
    found = list(document.operations())
    for one in found:
        name = one.handler.rpartition(".")[2]
        endpoint = one.handler.replace(".", "_")
        declared = ("connexion", one.method, one.path, name, None, None, one.handler, endpoint, "listed")
        yield one.line, RouteDeclaration(*declared)
        for position, captured in enumerate(re.findall(r"\{([^{}]+)\}", one.path)):
            yield one.line, RouteParameter(captured, one.parameters.get(_argument(captured)), None, position)
    if found:
        yield 1, FlowFacts(lower(_registrations(found)))


def _registrations(found: list[_Operation]) -> ast.Module:
    """The document as a module that says the same: `connexion.operation("/a?{id:int}", api.get)` for each operation."""
    modules = sorted({one.handler.rpartition(".")[0] for one in found})
    lines = ["import connexion", *(f"import {module}" for module in modules)]
    for one in found:
        told = "".join(f"{{{name}:{kind}}}" for name, kind in one.parameters.items())
        lines.append(f"connexion.operation({told!r}, {one.handler})")
    return ast.parse("\n".join(lines))


class _Document:
    """One document, whose parts refer to each other."""

    def __init__(self, whole: Table) -> None:
        self.whole = whole

    def operations(self) -> Iterator[_Operation]:
        """Those that name a function."""
        base = self.base
        for path, entry in _table(self._at(self.whole, "paths")).items():
            item = _table(self._followed(entry.value))
            for verb in _VERBS:
                operation = _table(item[verb].value) if verb in item else {}
                if handler := self._handler(item, operation):
                    shared = [*_list(self._at(item, "parameters")), *_list(self._at(operation, "parameters"))]
                    parameters = {**self._parameters(shared), **self._body(operation)}
                    yield _Operation(item[verb].line, verb.upper(), base + path, handler, parameters)

    @property
    def base(self) -> str:
        """What stands before every path: `basePath`, or the path of the first server."""
        if given := _text(self.whole, "basePath"):
            return given.rstrip("/")
        server = next(iter(_list(self._at(self.whole, "servers"))), None)
        address = _text(_table(server), "url") or ""
        return re.sub(r"^\w+://[^/]*", "", address).rstrip("/")

    def _handler(self, item: Table, operation: Table) -> str | None:
        """The function's dotted name: the id itself, or the id within the controller that is named."""
        name = _text(operation, "operationId") or ""
        controller = next((one for key in _CONTROLLERS if (one := _text(operation, key) or _text(item, key))), "")
        path = f"{controller}.{name}" if controller and "." not in name else name
        return path if _PATH.fullmatch(path) and _is_importable(path) else None

    def _parameters(self, given: list[Outline]) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in given:
            parameter = _table(self._followed(one))
            place, name = _text(parameter, "in"), _text(parameter, "name")
            if not name or place not in ("path", "query", "formData", "body"):
                continue
            schema = {**parameter, **_table(self._followed(self._at(parameter, "schema")))}
            kind = self._converter(schema, in_path=place == "path")
            found.update(dict.fromkeys(_arguments(name), kind))
        return found

    def _body(self, operation: Table) -> dict[str, str]:
        """What the request's body is handed on as: a whole, or the fields of a form."""
        body = _table(self._followed(self._at(operation, "requestBody")))
        if not body:
            return {}
        found = {_text(body, "x-body-name") or _text(operation, "x-body-name") or "body": "path"}
        for kind, entry in _table(self._at(body, "content")).items():
            if "form" in kind:
                schema = _table(self._followed(self._at(_table(entry.value), "schema")))
                for name, field in _table(self._at(schema, "properties")).items():
                    converter = self._converter(_table(self._followed(field.value)), in_path=False)
                    found.update(dict.fromkeys(_arguments(name), converter))
        return found

    def _converter(self, schema: Table, *, in_path: bool) -> str:
        kind = _text(schema, "type")
        if kind == "array":
            schema = _table(self._followed(self._at(schema, "items")))
            kind = _text(schema, "type")
        if kind in _TYPES:
            return _TYPES[kind]
        if "enum" in schema:
            return "any"
        return "str" if in_path and _text(schema, "format") != "path" else "path"

    def _at(self, table: Table, key: str) -> Outline | None:
        return table[key].value if key in table else None

    def _followed(self, value: Outline | None) -> Outline | None:
        """What a `$ref` into the same document stands for."""
        for _ in range(_HOPS):
            reference = _text(_table(value), "$ref")
            if reference is None or not reference.startswith("#/"):
                return value
            value = dict(self.whole.items())
            for part in reference[2:].split("/"):
                value = self._at(_table(value), part.replace("~1", "/").replace("~0", "~"))
        return None


def _is_importable(path: str) -> bool:
    try:
        ast.parse(f"import {path}")
    except SyntaxError:  # a keyword in it
        return False
    return True


def _argument(name: str) -> str:
    """The name of the argument that a parameter becomes."""
    return _UNNAMED.sub("", name)


def _arguments(name: str) -> list[str]:
    """The same, and in Python's spelling, which is an option of the application."""
    snake = _HUMP.sub("_", name.replace("-", "_")).lower()
    return sorted({_argument(name), _argument(snake)} - {""})


def _table(value: Outline | None) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: Outline | None) -> list[Outline]:
    return [one.value for one in value] if isinstance(value, list) else []


def _text(table: Table, key: str) -> str | None:
    value = table[key].value if key in table else None
    return value.text if isinstance(value, Scalar) else None

"""Operations on files, by exact name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.operations import FileOperation

_FUNCTIONS: Final = {
    "open": "open",
    "builtins.open": "open",
    "io.open": "open",
    "codecs.open": "open",
    "aiofiles.open": "open",
    "anyio.open_file": "open",
    "gzip.open": "open",
    "bz2.open": "open",
    "lzma.open": "open",
    "os.open": "open",
    "os.fdopen": "open",
    "os.remove": "delete",
    "os.unlink": "delete",
    "os.rmdir": "delete",
    "os.removedirs": "delete",
    "shutil.rmtree": "delete",
    "os.listdir": "list",
    "os.scandir": "list",
    "os.walk": "list",
    "glob.glob": "list",
    "glob.iglob": "list",
    "os.rename": "move",
    "os.renames": "move",
    "os.replace": "move",
    "os.link": "move",
    "os.symlink": "move",
    "shutil.move": "move",
    "shutil.copy": "move",
    "shutil.copy2": "move",
    "shutil.copyfile": "move",
    "shutil.copytree": "move",
    "os.chmod": "permission",
    "os.chown": "permission",
    "shutil.chown": "permission",
    "os.mkdir": "create",
    "os.makedirs": "create",
    "os.mkfifo": "create",
    "tempfile.NamedTemporaryFile": "create",
    "tempfile.mkstemp": "create",
    "tempfile.mkdtemp": "create",
    "tempfile.mktemp": "create",
    "flask.send_file": "serve",
    "flask.send_from_directory": "serve",
    "quart.send_file": "serve",
    "quart.send_from_directory": "serve",
    "django.views.static.serve": "serve",
    "django.http.FileResponse": "serve",
    "fastapi.responses.FileResponse": "serve",
    "starlette.responses.FileResponse": "serve",
    "sanic.response.file": "serve",
    "aiohttp.web.FileResponse": "serve",
    "bottle.static_file": "serve",
    "shutil.unpack_archive": "extract",
    "tarfile.open.extractall": "extract",
    "tarfile.open.extract": "extract",
    "tarfile.TarFile.extractall": "extract",
    "tarfile.TarFile.extract": "extract",
    "zipfile.ZipFile.extractall": "extract",
    "zipfile.ZipFile.extract": "extract",
}
_PATHS: Final = {
    "open": "open",
    "read_text": "read",
    "read_bytes": "read",
    "write_text": "write",
    "write_bytes": "write",
    "unlink": "delete",
    "rmdir": "delete",
    "iterdir": "list",
    "glob": "list",
    "rglob": "list",
    "rename": "move",
    "replace": "move",
    "symlink_to": "move",
    "hardlink_to": "move",
    "chmod": "permission",
    "lchmod": "permission",
    "mkdir": "create",
    "touch": "create",
}
_SURE: Final = frozenset("read_text read_bytes write_text write_bytes iterdir rglob symlink_to hardlink_to".split())
"""What nothing but a path has, so that it is known without knowing what it is called on."""
_PATHLIB: Final = ("pathlib.Path.", "pathlib.PosixPath.", "anyio.Path.", "aiopath.AsyncPath.")
_PARTS: Final = 16
_SECOND: Final = frozenset({"flask.send_from_directory", "quart.send_from_directory", "django.views.static.serve"})
_JOINS: Final = frozenset({"os.path.join", "posixpath.join", "flask.safe_join", "werkzeug.utils.safe_join"})


def _path_kind(node: ast.expr | None, context: Context) -> str:
    if node is None:
        return "other"
    if context.constant(node) is not NOT_CONSTANT:
        return "constant"
    name = context.name(node.func) if isinstance(node, ast.Call) else ""
    if name in _JOINS or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return "joined"
    is_name = isinstance(node, ast.Attribute) and node.attr == "name" and _is_path(node.value, context)
    if is_name or name in {"os.path.basename", "werkzeug.utils.secure_filename"}:
        return "basename"
    if name == "pathlib.Path" and isinstance(node, ast.Call) and node.args:
        return "joined" if len(node.args) > 1 else _path_kind(node.args[0], context)
    kind = shape(node)
    return {
        "name": "variable",
        "attribute": "variable",
        "subscript": "variable",
        "percent": "concat",
        "format": "concat",
    }.get(kind, kind if kind in {"fstring", "concat"} else "other")


def _opened(node: ast.Call, at: int, context: Context) -> tuple[str, str | None]:
    """Operation and mode of an `open`."""
    given = context.keyword(node, "mode", at)
    if given is None:
        return "read", None
    mode = context.string(given)
    if mode is None:
        return "open", context.source(given)
    return "write" if set(mode) & set("wax+") else "read", mode


def _is_path(node: ast.expr, context: Context) -> bool:
    """Whether an expression puts a path together: `Path(a) / b`, `path.parent`."""
    for _ in range(_PARTS):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            node = node.left
        elif isinstance(node, ast.Name) and isinstance(bound := context.binding(node.id), ast.BinOp):
            node = bound
        else:
            break
    else:
        return False
    made = node.func if isinstance(node, ast.Call) else node
    return f"{context.name(made)}.".startswith(_PATHLIB)


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _FUNCTIONS) | frozenset(_PATHS))
def file_operation(node: ast.Call, context: Context) -> Iterator[FileOperation]:
    """
    Each operation on a path.

    >>> rows(file_operation, "import os, shutil\\nfrom pathlib import Path\\nopen(os.path.join(d, n), 'wb')\\nshutil.rmtree(f'/srv/{x}')\\nPath(p, q).read_text()\\nopener.open(x)\\nwebbrowser.open(u)\\n'a'.replace('a', 'b')\\n(Path('d') / x).unlink()\\n(a / b).replace(c)\\nself.at.write_text(t)\\none.unlink()\\nfrom django.views.static import serve\\nserve(request, path, root)")
    FileOperation(callee='open', operation='write', mode='wb', path_source='os.path.join(d, n)', path_kind='joined')
    FileOperation(callee='shutil.rmtree', operation='delete', mode=None, path_source="f'/srv/{x}'", path_kind='fstring')
    FileOperation(callee='pathlib.Path.read_text', operation='read', mode=None, path_source='Path(p, q)', path_kind='joined')
    FileOperation(callee='pathlib.Path.unlink', operation='delete', mode=None, path_source="Path('d') / x", path_kind='joined')
    FileOperation(callee='self.at.write_text', operation='write', mode=None, path_source='self.at', path_kind='variable')
    FileOperation(callee='django.views.static.serve', operation='serve', mode=None, path_source='path', path_kind='variable')
    """
    name = context.name(node.func)
    operation = _FUNCTIONS.get(name)
    mode: str | None = None
    path: ast.expr | None = None
    if operation is not None:
        path = context.keyword(node, "", 1 if name in _SECOND else 0)
        if path is None and node.keywords:
            path = next(
                (
                    item.value
                    for item in node.keywords
                    if item.arg in {"file", "path", "filename", "src", "dir", "name"}
                ),
                None,
            )
        if operation == "open" and name != "os.fdopen":
            operation, mode = _opened(node, 1, context) if name != "os.open" else ("open", None)
    elif isinstance(node.func, ast.Attribute) and (name.startswith(_PATHLIB) or _is_path(node.func.value, context)):
        name = name or f"pathlib.Path.{node.func.attr}"
        operation, path = _PATHS.get(node.func.attr), node.func.value
        if operation == "open":
            operation, mode = _opened(node, 0, context)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _SURE and not name.startswith("importlib."):
        name = name or context.text(node.func) or f"pathlib.Path.{node.func.attr}"
        operation, path = _PATHS[node.func.attr], node.func.value
    if operation is not None:
        yield FileOperation(name, operation, mode, context.source(path), _path_kind(path, context))

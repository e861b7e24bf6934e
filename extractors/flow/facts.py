"""What is kept of a file for the flow analysis: typed structs, bodies packed apart so that most are never unpacked."""

from __future__ import annotations

from typing import Any

import msgspec

VERSION = 3
"""Part of what a stored fact is valid for: raise it when the meaning of a code changes."""


class Parameter(msgspec.Struct, array_like=True, frozen=True):
    """One parameter of a function."""

    name: str
    kind: str  #: "/" positional only, "" ordinary, "*" the rest, "=" keyword only, "**" the named rest
    annotation: Any  #: code
    default: Any  #: code


class Function(msgspec.Struct, array_like=True):
    """One function, method, lambda or module body."""

    name: str
    qualified: str
    owner: int  #: index of the class whose body defines it, -1 for none
    place: tuple[int, int, int, int]  #: line, col, end_line, end_col; columns in UTF-16 units from 0
    parameters: tuple[Parameter, ...]
    asynchronous: bool
    returns: Any  #: code of the annotation
    generator: bool
    size: int  #: number of statements
    stores: tuple[str, ...]  #: attributes of the first parameter that the body sets
    mentions: tuple[int, ...]  #: indices into File.names: what it calls and which attributes it reads
    body: bytes  #: packed statements
    places: bytes  #: packed line, col, end_line, end_col, … as in `place`


class Class(msgspec.Struct, array_like=True, frozen=True):
    """One class: its namespace is what its body leaves behind when it runs."""

    name: str
    qualified: str
    body: int  #: index of the function that holds the statements of the class
    bases: tuple[Any, ...]  #: code
    keywords: tuple[tuple[str | None, Any], ...]  #: name, code
    decorators: tuple[Any, ...]  #: code


class File(msgspec.Struct, array_like=True, frozen=True):
    """The flow facts of one file; `functions[0]` is the module body."""

    version: int
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    names: tuple[str, ...]
    changed: tuple[str, ...]  #: module names that some function rebinds with `global`
    dropped: tuple[str, ...]  #: functions too deeply nested to lower


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(File).decode
unpack = msgspec.msgpack.Decoder().decode

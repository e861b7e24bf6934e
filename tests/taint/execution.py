"""What a program does when it runs: at which lines the client's text is part of a command."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

MARK = "z"
"""No text of a program holds it but the client's."""
SENT = "zz zz,zz:zz=zz/zz"


class _Files(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Modules from texts."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.texts = {path.removesuffix(".py").replace("/", "."): text for path, text in files.items()}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package = f"{fullname}.__init__" in self.texts
        if not package and fullname not in self.texts:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=fullname, is_package=package)

    def get_source(self, fullname: str) -> str:
        return self.texts.get(f"{fullname}.__init__") or self.texts[fullname]


class _Flask(types.ModuleType):
    """As much of Flask as the programs use."""

    def __init__(self) -> None:
        super().__init__("flask")
        self.request = types.SimpleNamespace(args={"x": SENT})
        self.views: list[Any] = []

    def Flask(self, _name: str) -> Any:  # noqa: N802 # Flask's name for it
        return types.SimpleNamespace(route=lambda _path: self._kept)

    def _kept(self, view: Any) -> Any:
        self.views.append(view)
        return view


@contextmanager
def _stage(files: Mapping[str, str], flask: _Flask, run: Any) -> Iterator[None]:
    """A world in which the program's modules exist and commands are only noted."""
    known, finder, system = dict(sys.modules), _Files(files), os.system
    sys.modules["flask"] = flask
    sys.meta_path.insert(0, finder)
    os.system = run
    try:
        yield
    finally:
        os.system = system
        sys.meta_path.remove(finder)
        for name in finder.texts.keys() | {"flask"}:
            sys.modules.pop(name.removesuffix(".__init__"), None)
        sys.modules.update({name: module for name, module in known.items() if name not in sys.modules})


def reached(files: Mapping[str, str]) -> set[int]:
    """The lines of app.py whose command holds the client's text, in one of two requests."""
    lines: set[int] = set()

    def run(command: str) -> int:
        if not isinstance(command, str):
            raise TypeError(type(command))
        if MARK in command.lower():
            lines.add(sys._getframe(1).f_lineno)  # who calls
        return 0

    flask = _Flask()
    with _stage(files, flask, run):
        importlib.import_module("app")
        for view in flask.views * 2:
            view()
    return lines

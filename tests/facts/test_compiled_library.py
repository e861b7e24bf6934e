"""What the compiler makes of the standard library's functions, what `inspect` says of its classes, and what our rows say."""

import argparse
import ast
import asyncio
import collections
import email.message
import enum
import http.client
import importlib
import inspect
import json.decoder
import logging.handlers
import pathlib
import sysconfig
import tarfile
import types
import unittest.mock
import xml.dom.minidom
from collections import Counter
from pathlib import Path

import pytest
from running import facts, rows

LIBRARY = Path(sysconfig.get_path("stdlib"))
PACKAGES = ("asyncio", "collections", "email", "http", "json", "logging", "unittest", "xml", "concurrent", "importlib")
MODULES = (
    "argparse",
    "ast",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "io",
    "socket",
    "subprocess",
    "tarfile",
    "threading",
    "typing",
)
HIDDEN = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<generic parameters", "<module>", "__annotate__")
LAZY = tuple(getattr(ast, name) for name in ("TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple") if hasattr(ast, name))
LOADED = (
    argparse,
    asyncio,
    collections,
    email.message,
    enum,
    http.client,
    json.decoder,
    logging.handlers,
    pathlib,
    tarfile,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The database of a copy of some of the library."""
    folder = tmp_path_factory.mktemp("library")
    sources = [
        *(LIBRARY / f"{name}.py" for name in MODULES),
        *(path for name in PACKAGES for path in (LIBRARY / name).rglob("*.py")),
    ]
    for path in sources:
        if path.is_file() and "__pycache__" not in path.parts:
            copy = folder / "library" / path.relative_to(LIBRARY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return facts(folder / "library", folder)


def codes(code):
    """Every code object inside another."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from codes(constant)


def told_functions(store):
    """Module, name, and what the compiler knows of the kind and parameters of each function."""
    for path, package in store.rows("SELECT path, package FROM files WHERE path LIKE '%.py' AND status = 'parsed'"):
        source = (LIBRARY / path).read_bytes()
        # the value of a `type X = …` and the bound of a type parameter are compiled as functions of that name
        lazy = {getattr(node.name, "id", node.name) for node in ast.walk(ast.parse(source)) if isinstance(node, LAZY)}
        for code in codes(compile(source, path, "exec", dont_inherit=True)):
            is_class = not code.co_flags & inspect.CO_OPTIMIZED
            if is_class or code.co_name in lazy or code.co_name.startswith(HIDDEN):
                continue
            flags = code.co_flags
            named = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
            stars = list(
                code.co_varnames[
                    len(named) : len(named) + bool(flags & inspect.CO_VARARGS) + bool(flags & inspect.CO_VARKEYWORDS)
                ]
            )
            kinds = ["positional_only"] * code.co_posonlyargcount + ["positional"] * (
                code.co_argcount - code.co_posonlyargcount
            )
            parameters = Counter(zip(named, kinds + ["keyword_only"] * code.co_kwonlyargcount, strict=True))
            if flags & inspect.CO_VARARGS:
                parameters[stars.pop(0), "var_positional"] += 1
            if flags & inspect.CO_VARKEYWORDS:
                parameters[stars.pop(0), "var_keyword"] += 1
            is_async = bool(flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR))
            is_generator = bool(flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))
            yield package, code.co_name, is_async, is_generator, frozenset(parameters.items())


def test_every_function_is_what_the_compiler_makes_of_it(store):
    parameters = {}
    for scope, name, kind in store.rows(
        "SELECT s.scope, p.name, p.kind FROM python_parameters p JOIN sites s ON s.id = p.site"
    ):
        parameters.setdefault(scope, Counter())[name, kind] += 1
    ours = Counter(
        (package, name, bool(is_async), bool(is_generator), frozenset(parameters.get(site, {}).items()))
        for package, name, is_async, is_generator, site in store.rows(
            "SELECT f.package, u.name, u.is_async, u.is_generator, u.site FROM python_functions u JOIN files f ON f.id = u.site >> 24"
        )
    )
    told = Counter(told_functions(store))
    assert sum(ours.values()) > 4000
    # the compiler leaves out what can't be reached, and writes the body of a `finally` twice
    assert {entry[:2] for entry in (told - ours)} - {entry[:2] for entry in ours} == set()
    unlike = [entry for entry in told if entry not in ours]
    assert unlike == []
    assert len([entry for entry in ours if entry not in told]) <= sum(ours.values()) // 500


def classes():
    """Each class of the loaded modules that stands in their source."""
    for module in LOADED:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__ and "<" not in value.__qualname__:
                yield value


def exact(cls):
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def same(name):
    """The class a dotted name means, re-exports followed; None when it is none."""
    module, _, last = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module or "builtins"), last, None)
    except ImportError:
        return None


def test_bases_and_ancestors_are_those_of_the_running_classes(store):
    ours = {}
    known = {name for (name,) in store.rows("SELECT qualified_name FROM python_classes")}
    for name, ancestor, distance in store.rows("SELECT class_name, ancestor, distance FROM python_class_hierarchies"):
        ours.setdefault(name, {})[ancestor] = distance
    compared = 0
    for cls in classes():
        # the library's own enumerations are given their bases by a decorator
        if exact(cls) not in known or (isinstance(cls, enum.EnumType) and cls.__module__ in {"enum", "http"}):
            continue
        compared += 1
        ancestors = ours.get(exact(cls), {})
        bases = {same(name) for name, distance in ancestors.items() if distance == 1}
        assert bases - {None} <= set(cls.__mro__), exact(cls)
        in_library = {base for base in cls.__mro__[1:] if exact(base) in known}
        assert {exact(base) for base in in_library} <= set(ancestors), exact(cls)
        assert {exact(base) for base in cls.__bases__ if exact(base) in known} <= {
            n for n, d in ancestors.items() if d == 1
        }
    assert compared > 100


def test_abstract_classes_and_enumerations(store):
    enums = {
        name
        for (name,) in rows(
            store, "SELECT DISTINCT c.qualified_name FROM python_enums e JOIN python_classes c USING (site)"
        )
    }
    for cls in classes():
        if (
            isinstance(cls, enum.EnumType)
            and cls.__module__ != "enum"
            and "Enum" not in {base.__name__ for base in cls.__bases__ if not cls.__members__}
        ):
            assert exact(cls) in enums


def test_mocks_and_trees_have_their_whole_lineage(store):
    for cls in (
        unittest.mock.AsyncMock,
        unittest.mock.MagicMock,
        xml.dom.minidom.Text,
        asyncio.TaskGroup,
        logging.handlers.RotatingFileHandler,
    ):
        rows_of = {
            name
            for (name,) in store.rows(
                "SELECT ancestor FROM python_class_hierarchies WHERE class_name = ?", (exact(cls),)
            )
        }
        assert {exact(base) for base in cls.__mro__[1:-1] if base.__module__.partition(".")[0] in PACKAGES} <= rows_of

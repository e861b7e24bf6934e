"""Functions, scopes, parameters, imports, classes and generators of the standard library, counted by Python itself."""

import ast
import symtable
import sysconfig
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from extractors.walk import extract

LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = [
    LIBRARY / name
    for name in (
        "argparse.py asyncio/base_events.py asyncio/taskgroups.py ast.py collections/__init__.py contextlib.py dataclasses.py "
        "email/message.py enum.py functools.py http/client.py inspect.py json/decoder.py logging/config.py os.py "
        "pathlib/__init__.py pickle.py shutil.py subprocess.py tarfile.py threading.py typing.py unittest/mock.py zipfile/__init__.py"
    ).split()
]
SAMPLE = [path for path in SAMPLE if path.is_file()]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.fixture(scope="module", params=SAMPLE, ids=lambda path: str(path.relative_to(LIBRARY)))
def both(request):
    """The tree of one module, its symbol table, and our rows as name -> list of dicts."""
    from schema import TABLES

    source = request.param.read_bytes()
    facts = extract(source, "m.py", 1, "m", False)
    assert facts.tables.get("python_extraction_errors", []) == []
    columns = {table.name: [column.name for column in table.columns] for table in TABLES.values()}
    rows = defaultdict(list)
    rows |= {
        name: [
            dict(zip(columns[name], row[len(row) - len(columns[name]) :], strict=True))
            | {"site": row[0] if len(row) == len(columns[name]) + 1 else row[1]}
            for row in found
        ]
        for name, found in facts.tables.items()
    }
    return ast.parse(source), symtable.symtable(source.decode(), "m", "exec"), rows


def tables(symbols):
    """Every scope that is a function or a class, comprehensions and annotations apart."""
    for child in symbols.get_children():
        if str(child.get_type()).rpartition(".")[2].lower() in {"function", "class"} and child.get_name() not in {
            "listcomp",
            "setcomp",
            "dictcomp",
            "genexpr",
            "lambda",
        }:
            yield child
        yield from tables(child)


def test_functions_and_classes(both):
    tree, symbols, rows = both
    named = Counter((row["name"], "function") for row in rows["python_functions"] if row["kind"] != "lambda")
    named += Counter((row["name"], "class") for row in rows["python_classes"])
    assert named == Counter(
        (entry.get_name(), str(entry.get_type()).rpartition(".")[2].lower()) for entry in tables(symbols)
    )
    lambdas = sum(isinstance(node, ast.Lambda) for node in ast.walk(tree))
    assert sum(row["kind"] == "lambda" for row in rows["python_functions"]) == lambdas


def test_parameters(both):
    _, symbols, rows = both
    ours = Counter(row["name"] for row in rows["python_parameters"])
    lambdas = Counter(
        name for entry in every(symbols) if entry.get_name() == "lambda" for name in entry.get_parameters()
    )
    told = Counter(
        name for entry in tables(symbols) if hasattr(entry, "get_parameters") for name in entry.get_parameters()
    )
    assert ours == told + lambdas


def every(symbols):
    yield symbols
    for child in symbols.get_children():
        yield from every(child)


def test_imports(both):
    tree, _, rows = both
    told = Counter(
        (
            (getattr(node, "module", None) and alias.name)
            or (alias.name if isinstance(node, ast.ImportFrom) else None),
            alias.asname,
            getattr(node, "level", 0),
        )
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )
    assert Counter((row["name"], row["alias"], row["level"]) for row in rows["python_imports"]) == told


def own(node):
    """The nodes of a function, without those of functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from own(child)


def test_generators_and_coroutines(both):
    tree, _, rows = both
    told = Counter()
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            yields = sum(
                isinstance(part, (ast.Yield, ast.YieldFrom))
                for statement in node.body
                for part in [statement, *own(statement)]
                if not isinstance(statement, (*FUNCTIONS, ast.ClassDef))
            )
            if yields:
                told[node.name, yields, isinstance(node, ast.AsyncFunctionDef)] += 1
    ours = Counter(
        (row["name"], row["yields"], row["is_async"])
        for row in rows.get("python_generators", ())
        if row["kind"] == "function"
    )
    assert ours == told
    coroutines = sum(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(tree))
    assert len(rows.get("python_async_functions", ())) == coroutines
    assert len(rows.get("python_awaits", ())) == sum(isinstance(node, ast.Await) for node in ast.walk(tree))


def test_calls_raises_returns_and_context_managers(both):
    tree, _, rows = both
    counted = Counter(type(node).__name__ for node in ast.walk(tree))
    assert len(rows["python_calls"]) == counted["Call"]
    assert len(rows.get("python_raises", ())) == counted["Raise"]
    assert len(rows.get("python_returns", ())) == counted["Return"] + counted["Lambda"]
    items = sum(len(node.items) for node in ast.walk(tree) if isinstance(node, (ast.With, ast.AsyncWith)))
    entered = sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"enter_context", "enter_async_context"}
        and len(node.args) == 1
        for node in ast.walk(tree)
    )
    assert len(rows.get("python_context_managers", ())) == items + entered
    comprehensions = sum(counted[name] for name in ("ListComp", "SetComp", "DictComp", "GeneratorExp"))
    assert len(rows.get("python_comprehensions", ())) == comprehensions


def test_closures(both):
    _, symbols, rows = both
    ours = {row["name"] for row in rows.get("python_closure_captures", ())}
    told = {
        name
        for entry in every(symbols)
        if hasattr(entry, "get_frees") and entry.get_name() not in {"listcomp", "setcomp", "dictcomp", "genexpr"}
        for name in entry.get_frees()
        if not name.startswith("__class")
    }
    # a function between the reader and the owner carries the name, too: the names are the same
    assert ours - {"__class__"} <= told | {
        name for entry in every(symbols) if entry.get_name() == "lambda" for name in entry.get_frees()
    }
    assert told - ours <= {"__class__", "__classdict__", ".type_params", ".generic_base"}

"""Small files and the exact rows they give: the scenarios the tables were designed for."""

import sys

import pytest
from running import database, rows


@pytest.fixture
def ask(tmp_path):
    """The rows of a query over a module."""

    def asked(source, sql, name="m"):
        store = database(tmp_path, **{name: source})
        try:
            return rows(store, sql)
        finally:
            store.close()

    return asked


@pytest.mark.parametrize("word", ["def", "async def"])
def test_a_full_signature(ask, word):
    source = f"class A:\n    {word} f(a, /, b: int = 1, *args, c, d='x', **kw) -> str: ...\n"
    found = ask(source, "SELECT position, name, kind, annotation, default_constant FROM python_parameters")
    assert found == [
        (0, "a", "positional_only", None, None),
        (1, "b", "positional", "int", "1"),
        (2, "args", "var_positional", None, None),
        (3, "c", "keyword_only", None, None),
        (4, "d", "keyword_only", None, "x"),
        (5, "kw", "var_keyword", None, None),
    ]


def test_an_async_function_counts_its_own_body_only(ask):
    source = "async def f(s):\n    async with s.get(1) as r:\n        await r.read()\n    async def g(): await h()\n"
    assert ask(source, "SELECT name, awaits, async_withs FROM python_async_functions") == [("f", 1, 1), ("g", 1, 0)]
    assert ask(source, "SELECT source FROM python_awaits") == [("h()",), ("r.read()",)]
    assert ask(source, "SELECT source, as_name, is_async FROM python_context_managers") == [("s.get(1)", "r", 1)]


def test_generators(ask):
    source = "def f():\n    x = yield 1\n    yield from g()\ndef e():\n    while True:\n        yield 1\ndef o():\n    def i(): yield\n    return i\n"
    assert ask(source, "SELECT name, yields, has_yield_from, has_send, is_infinite FROM python_generators") == [
        ("e", 1, 0, 0, 1),
        ("f", 2, 1, 1, 0),
        ("i", 1, 0, 0, 0),
    ]


def test_nested_generics_keep_their_text(ask):
    source = "x: dict[str, list[tuple[int, ...]]] = {}\n"
    assert ask(source, "SELECT annotation, base FROM python_annotations") == [
        ("dict[str, list[tuple[int, ...]]]", "dict")
    ]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="PEP 695 and PEP 696 are grammar since Python 3.12 and 3.13")
def test_type_parameters_of_both_spellings(ask):
    source = "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass A[S: Base = int, *Ts, **P]: ...\nclass B(Generic[T]): ...\ntype X[U] = list[U]\ndef f[V: (int, str)](v: V): ...\n"
    columns = "owner, owner_kind, name, kind, bound, constraints, default_source, syntax"
    assert ask(source, f"SELECT {columns} FROM python_type_parameters") == [
        ("A", "class", "P", "ParamSpec", None, None, None, "bracket"),
        ("A", "class", "S", "TypeVar", "Base", None, "int", "bracket"),
        ("A", "class", "Ts", "TypeVarTuple", None, None, None, "bracket"),
        ("B", "class", "T", "TypeVar", None, None, None, "base"),
        ("X", "alias", "U", "TypeVar", None, None, None, "bracket"),
        ("f", "function", "V", "TypeVar", None, "(int, str)", None, "bracket"),
    ]


def test_imports(ask):
    source = "import importlib\nfrom . import x as y\nfrom ..p import z\nimport numpy.linalg\nimportlib.import_module(name)\n"
    found = ask(
        source,
        "SELECT module, name, alias, level FROM python_imports WHERE level > 0 OR module LIKE 'num%'",
        name="a__b",
    )
    assert found == [("a", "x", "y", 1), ("numpy.linalg", None, None, 0), ("p", "z", None, 2)]
    assert ask(source, "SELECT module, is_constant FROM python_dynamic_imports", name="a__b") == [(None, 0)]


def test_an_alias_is_resolved(ask):
    source = 'from subprocess import run as r\nr("x", shell=True)\n'
    sql = "SELECT callee, keyword, constant FROM python_calls JOIN python_call_arguments USING (site) WHERE keyword = 'shell'"
    assert ask(source, sql) == [("subprocess.run", "shell", "True")]


def test_only_code_is_a_code_execution(ask):
    source = "import re\ncursor.execute(q); re.compile(p); executor.submit(f)\nexec(x)\neval('1+1')\n"
    assert ask(source, "SELECT callee, input_source, input_kind FROM python_code_executions") == [
        ("eval", "'1+1'", "constant"),
        ("exec", "x", "name"),
    ]


def test_calls_at_one_place_are_two_rows(ask):
    assert len(ask("f()()\n", "SELECT site FROM python_calls")) == 2
    assert len(ask("f(); f()\n", "SELECT site FROM python_calls WHERE method = 'f'")) == 2


def test_two_auth_decorators_are_two_rows(ask):
    source = "from flask_login import login_required\n@login_required\n@roles_required('admin', 'staff')\nasync def view(): ...\n"
    assert ask(source, "SELECT name, target, auth_type FROM python_auth_decorators") == [
        ("flask_login.login_required", "view", "session"),
        ("roles_required", "view", "role"),
    ]
    assert ask(source, "SELECT value FROM python_auth_requirements") == [("admin",), ("staff",)]


def test_a_checksum_is_no_password(ask):
    source = "import bcrypt, hashlib\nbcrypt.hashpw(pw, bcrypt.gensalt())\nhashlib.md5(data)\n"
    assert ask(source, "SELECT library, operation FROM python_password_hashes") == [("bcrypt", "hash")]
    assert ask(source, "SELECT algorithm FROM python_hashes") == [("md5",)]


@pytest.mark.parametrize(
    ("build", "construction"),
    [
        ('c.execute(f"SELECT * FROM users WHERE id = {user_id}")', "fstring"),
        ('c.execute("SELECT * FROM users WHERE id = %s" % user_id)', "percent"),
        ('c.execute("SELECT * FROM users WHERE id = {}".format(user_id))', "format"),
        ('c.execute("SELECT * FROM users WHERE id = " + user_id)', "concat"),
        ('c.execute("".join(["SELECT * FROM users WHERE id = ", user_id]))', "join"),
        ('q = " ".join(("SELECT * FROM users", "WHERE id =", user_id))\n    c.execute(q)', "variable"),
        (
            'parts = ["SELECT * FROM users WHERE id ="]\n    parts.append(user_id)\n    c.execute(" ".join(parts))',
            "join",
        ),
        ('q = "SELECT * FROM users "\n    q += "WHERE id = "\n    q += user_id\n    c.execute(q)', "variable"),
        ('q = "SELECT * FROM users WHERE id = "\n    q = q + user_id\n    c.execute(q)', "variable"),
        ('q = f"SELECT * FROM users WHERE id = {user_id}"\n    c.execute(q)', "variable"),
    ],
)
def test_a_query_and_what_is_put_into_it(ask, build, construction):
    source = f"def f(c, user_id):\n    {build}\n"
    sql = "SELECT q.text, q.construction, q.parameterised, i.source, i.place FROM python_sql_queries q JOIN python_sql_query_inputs i USING (site)"
    assert ask(source, sql) == [("SELECT * FROM users WHERE id = {}", construction, "false", "user_id", "value")]


def test_a_query_with_bound_values(ask):
    source = 'def f(c, n):\n    c.execute("SELECT a FROM b WHERE c = ?", (n,))\n'
    assert ask(source, "SELECT construction, parameterised FROM python_sql_queries") == [("constant", "true")]
    assert ask(source, "SELECT source, place FROM python_sql_query_inputs") == [("n", "parameter")]


def test_tokens_and_cross_site_requests(ask):
    source = 'import jwt\nfrom django.views.decorators.csrf import csrf_exempt\njwt.decode(t, options={"verify_signature": False})\n@csrf_exempt\ndef hook(r): ...\ncsrf.exempt(view)\n'
    assert ask(source, "SELECT operation, verify, key_kind FROM python_jwt_operations") == [
        ("decode", "false", "missing")
    ]
    assert ask(source, "SELECT framework, kind, target FROM python_csrf_settings") == [("django", "exempt", "hook")]


def test_fixtures_and_parametrisation(ask):
    source = "import pytest\n@pytest.fixture(scope='module')\nasync def db():\n    yield 1\n    await a()\n    b()\n@pytest.mark.parametrize('x, y', [(1, 2)], indirect=True)\n@pytest.mark.parametrize(['z'], [(1,)])\ndef test_a(x, y, z, db): assert x\n"
    assert ask(
        source,
        "SELECT name, fixture_scope, yields, teardown_statements, is_async FROM python_pytest_fixtures",
        "test_m",
    ) == [("db", "module", 1, 2, 1)]
    assert ask(source, "SELECT arguments, value_sets, is_indirect FROM python_pytest_parametrizations", "test_m") == [
        (1, 1, 0),
        (2, 1, 1),
    ]


def test_a_match_of_a_framework_elsewhere_is_none(ask):
    source = "@invoke.task\ndef a(): ...\n@app.command()\ndef b(): ...\n@fixture\ndef c(): ...\n@given.x\ndef d(): ...\nclass E(Form): ...\n"
    for table in (
        "celery_tasks",
        "commands",
        "pytest_fixtures",
        "hypothesis_tests",
        "enums",
        "protocols",
        "unittest_cases",
    ):
        assert ask(source, f"SELECT 1 FROM python_{table}") == []


def test_control_flow(ask):
    source = "def f(x):\n    if x:\n        return 1\n    else:\n        raise E\n    print(2)\n"
    assert ask(source, "SELECT kind, first_line, is_reachable FROM python_cfg_blocks") == [
        ("body", 3, 1),
        ("body", 5, 1),
        ("body", 6, 0),
        ("entry", 2, 1),
    ]


def test_a_manifest_and_its_lines(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "requirements.txt").write_text(
        "# pinned\nFlask_Login==1.0 \\\n  --hash=sha256:0\nx>=1; python_version < '3'\n"
    )
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\ndependencies = ["flask[async]>=3"]\n')
    store = database(tmp_path, m="import flask\n")
    assert rows(store, "SELECT path, line, name, specifier, is_pinned, has_hash, marker FROM dependencies") == [
        ("pyproject.toml", 3, "flask", ">=3", 0, 0, None),
        ("requirements.txt", 2, "flask-login", "==1.0", 1, 1, None),
        ("requirements.txt", 4, "x", ">=1", 0, 0, 'python_version < "3"'),
    ]
    assert rows(store, "SELECT source, target, is_external FROM python_module_edges") == [("m", "flask", 1)]


def test_copies_are_found(ask):
    body = "    a = {0} + 1\n    b = {0} * 2\n    if a > b:\n        return {0}(a)\n    return b\n"
    source = f"def one(x):\n{body.format('x')}def two(y):\n{body.format('y')}def three(z):\n    return z\n"
    assert ask(source, "SELECT qualified_name FROM python_clones") == [("m.one",), ("m.two",)]

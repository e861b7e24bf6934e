"""What the user gives or the repository holds can be wrong: it is named, and nothing else is lost."""

import json
import os
import sqlite3
import sys

import pytest
from typer.testing import CliRunner

from aud_action import cli
from aud_action.files import known_manifests
from aud_action.settings import WrongInput

GOOD = "import requests\nrequests.get('https://a', verify=False)\n"


def run(*arguments):
    """The command line as a user has it: output, exit code."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if isinstance(result.exception, WrongInput):
        return str(result.exception), 2
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output, result.exit_code


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD)
    return folder


def test_a_path_that_does_not_exist_is_named(tmp_path):
    message, code = run("scan", tmp_path / "nowhere")
    assert (code, "nowhere: no such file or folder" in message) == (2, True)


def test_a_file_alone_must_be_one_that_is_read(repository):
    (repository / "note.txt").write_text(GOOD)
    message, code = run("scan", repository / "note.txt")
    assert (code, message) == (2, "note.txt: no Python file in it")


def test_an_empty_folder_has_nothing_to_read(tmp_path):
    message, code = run("scan", tmp_path)
    assert (code, "no Python file" in message) == (2, True)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_is_named_with_the_nearest(repository, option):
    message, code = run("scan", repository, option, "tls-verify-disable")
    assert (code, "did you mean 'tls-verify-disabled'" in message) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exlude = ['x']", "unknown key 'exlude'; did you mean 'exclude'?"),
        ("fail-on = 'hihg'", "did you mean 'high'?"),
        ("jobs = 'two'", "jobs is 'two'; it must be a whole number"),
        ("exclude = [1]", "exclude is 1"),
        ("severity = {eval-used = 11}", "must be a number over 0.0 up to 10.0"),
        ("severity = {eval-used = 'hihg'}", "or one of low, medium, high, critical"),
        ("severity = {tls-verify-disable = 5}", "severity: unknown rule 'tls-verify-disable'; did you mean"),
        ("per-file-ignores = {'*.py' = ['tls-verify-disable']}", "per-file-ignores: unknown rule 'tls-verify-disable'"),
        (
            "min-precision = 'hi'",
            "min-precision is 'hi'; use one of low, medium, high, very-high; did you mean 'high'?",
        ),
        ("[tool.aud]\njobs = 1", "unknown key 'tool'; keys of .aud.toml stand at its top"),
        ("zzz = 1", "unknown key 'zzz'"),
        ("this is no toml", ".aud.toml"),
        ("baseline = 'none.jsonl'", "none.jsonl: no such file; `aud baseline` writes one"),
    ],
)
def test_a_configuration_that_is_wrong_says_where_and_what(repository, text, words):
    (repository / ".aud.toml").write_text(text)
    message, code = run("scan", repository)
    assert (code, words in message) == (2, True), message


def test_what_is_like_no_word_that_is_known_is_not_compared_with_one(repository):
    message, _ = run("scan", repository, "--select", "nosuch")
    assert message == "select: unknown rule 'nosuch'"


def test_a_broken_pyproject_is_told_when_it_speaks_of_us_and_is_else_the_project_s_own_business(repository):
    (repository / "pyproject.toml").write_text("[tool.aud\nfail-on = 'never'\n")
    message, code = run("scan", repository)
    assert (code, "pyproject.toml: Expected ']'" in message) == (2, True), message
    (repository / "pyproject.toml").write_text("[project\nname = 'tool.aud'\n")
    assert run("scan", repository)[1] == 1


def test_severities_are_numbers_or_levels_and_ignores_know_rules_by_any_name(repository):
    (repository / "good.py").write_text(GOOD.replace(")\n", ", timeout=5)\n"))
    (repository / ".aud.toml").write_text("severity = {tls-verify-disabled = 'low'}")
    text, code = run("scan", repository)
    assert (code, "1 finding (1 low)" in text) == (0, True), text
    for word in ("TLS-verify-disabled", "b501", "*"):
        (repository / ".aud.toml").write_text(f"per-file-ignores = {{'good.*' = [{word!r}]}}")
        text, code = run("scan", repository)
        assert (code, "No findings (1 suppressed)" in text) == (0, True), text


@pytest.mark.parametrize("option", ["--sarif", "--db", "--markdown", "--json"])
def test_an_output_that_can_not_be_written_is_refused_before_the_work(repository, option):
    message, code = run("scan", repository, option, repository / "no" / "such" / "folder" / "x")
    assert (code, "doesn't exist" in message) == (2, True)
    message, code = run("scan", repository, option, repository)
    assert (code, "is a folder" in message) == (2, True)


BROKEN = {
    "syntax.py": (b"def f(:\n    pass\n", "parse"),
    "bytes.py": (b"# \xff\xfe\nx = 1\n", "decode"),
    "cookie.py": (b"# -*- coding: nonsense -*-\n", "decode"),
    "nul.py": (b"x = 1\0\n", "parse"),
    "huge.py": (b"x = 1\n" * 400_000, "max-file-size"),
    "deep.py": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "parse"),
    "minus.py": (b"x = " + b"-" * 100_000 + b"1\n", "parse"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_can_not_be_analysed_is_counted_and_the_others_are_all_there(repository, tmp_path, name):
    content, step = BROKEN[name]
    (repository / name).write_bytes(content)
    database = tmp_path / "aud.db"
    text, code = run("scan", repository, "--db", database)
    assert "1 of 2 files not analysed" in text
    assert name in text
    assert code == 1, "the finding in the other file still counts"
    rows = sqlite3.connect(database).execute("SELECT extractor || ': ' || message FROM python_extraction_errors")
    assert step in rows.fetchone()[0]
    _, code = run("scan", repository, "--fail-on", "never")
    assert code == 0
    _, code = run("scan", repository, "--fail-on", "never", "--fail-on-unanalysed")
    assert code == 1


def test_lone_surrogates_and_nul_bytes_in_strings_are_kept_as_escapes(repository, tmp_path):
    (repository / "odd.py").write_text(r"""f("\ud800", "a\0b", **{"\udfff": 1})""" + "\n")
    database = tmp_path / "aud.db"
    run("index", repository, "--db", database)
    rows = sqlite3.connect(database).execute("SELECT constant FROM python_call_arguments WHERE position IS NOT NULL")
    constants = {row[0] for row in rows}
    assert {r"\ud800", "a\0b"} <= constants


def test_a_name_that_is_no_unicode_is_read_and_printed(repository):
    with open(os.fsencode(repository) + b"/b\xff.py", "w") as file:
        file.write(GOOD)
    text, _ = run("scan", repository)
    assert r"b\xff.py" in text


def test_a_link_out_of_the_repository_is_not_followed(repository, tmp_path):
    (tmp_path / "secret.py").write_text(GOOD)
    (repository / "link.py").symlink_to(tmp_path / "secret.py")
    (repository / "up").symlink_to(tmp_path)
    text, _ = run("scan", repository)
    assert "1 file analysed" in text


def test_a_folder_that_can_not_be_read_is_told(repository, monkeypatch):
    (repository / "closed").mkdir()
    (repository / "closed" / "bad.py").write_text(GOOD)
    seen = os.scandir

    def scandir(folder):
        if isinstance(folder, bytes) and folder.endswith(b"closed"):
            raise PermissionError(folder)
        return seen(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    text, _ = run("scan", repository)
    assert "note: closed/ can't be read: nothing in it was analysed\n" in text
    assert "1 file analysed" in text


def test_nothing_of_the_repository_is_imported_or_run(repository, monkeypatch):
    marker = repository / "ran"
    for name in ("signal.py", "sitecustomize.py", "conftest.py", "ast.py", "setup.py"):
        (repository / name).write_text(f"open({str(marker)!r}, 'w')\n")
    before = set(sys.modules)
    monkeypatch.chdir(repository)
    run("scan", ".")
    assert not marker.exists()
    assert "sitecustomize" not in set(sys.modules) - before


def test_a_rule_page_that_is_wrong_names_itself(repository):
    folder = repository / ".aud" / "rules"
    folder.mkdir(parents=True)
    page = "# X\n\n```toml\nseverity = 5\nprecision = 'high'\nmessage = 'x'\n```\n\n```sql\n{}\n```\n"
    for sql, words in [
        ("DELETE FROM files", "mine"),
        ("SELECT 1 AS x", "column `site`"),
        ("SELECT site FROM nowhere", "no such table"),
        ("SELECT site FROM python_cals", "did you mean 'python_calls'? (`aud tables` lists all)"),
        ("SELECT site, nowhere FROM python_calls", "no such column: nowhere (`aud tables NAME` lists"),
        ("INSERT INTO files SELECT 1", "only a SELECT is allowed"),
        ("SELECT load_extension('x') AS site", "mine"),
        ("ATTACH 'x.db' AS y", "mine"),
    ]:
        (folder / "mine.md").write_text(page.format(sql))
        message, code = run("scan", repository)
        assert (code, words in message) == (2, True), (sql, message)
    for key, words in [
        ("message = '{calle}'", "its SQL must select a column `calle`, of which its message speaks"),
        ("mesage = 'x'", "unknown key 'mesage'; known are aliases, "),
    ]:
        (folder / "mine.md").write_text(
            page.replace("message = 'x'", key).replace("{}", "SELECT site FROM python_calls WHERE 0")
        )
        message, code = run("scan", repository)
        assert (code, words in message) == (2, True), message


def test_a_query_only_reads(repository, tmp_path):
    database = tmp_path / "aud.db"
    run("index", repository, "--db", database)
    text, code = run("query", database, "SELECT path, callee FROM calls")
    assert (text, code) == ("path\tcallee\ngood.py\trequests.get\n", 0)
    for sql in ("DELETE FROM files", "PRAGMA writable_schema=1", "ATTACH '/tmp/x' AS x", "SELECT 1; DROP TABLE files"):
        _, code = run("query", database, sql)
        assert code == 2, sql


def test_a_dash_is_standard_output_for_one_result(repository, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    output, code = run("scan", repository, "--json", "-", "--fail-on", "never")
    assert (code, {one["path"] for one in json.loads(output)["findings"]}) == (0, {"good.py"})
    message, code = run("scan", repository, "--json", "-", "--sarif", "-")
    assert (code, message) == (
        2,
        "--sarif - and --json -: standard output takes one of them; give a file for the others",
    )
    message, code = run("scan", repository, "--db", "-")
    assert (code, "--db: this can't be written to standard output" in message) == (2, True)
    assert [one.name for one in tmp_path.iterdir()] == ["repository"]


def test_patterns_of_names_end_in_a_plain_suffix():
    """Files are told by it before any pattern is tried."""
    ends = [pattern.rpartition("/")[2].rpartition(".") for pattern in known_manifests()]
    assert not [end for _, dot, end in ends if set(end) & set("*?[" if dot else "*?")]

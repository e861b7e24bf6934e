"""The cache is input from outside: whatever is in it, the run ends well, says so, and touches nothing else."""

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import diskcache
import msgspec
import pytest
from equal import differences
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from aud_action.cache import answer, seal
from aud_action.cache.bytesdisk import BytesDisk
from aud_action.cache.folder import Folder
from aud_action.cache.state import State, Told
from aud_action.cli import app
from aud_action.packed import Damaged, packed, unpacked
from aud_action.pipeline import scan

ROOT = Path(__file__).resolve().parents[2]
SECRET = "what stands outside"
VALUES = st.none() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text("a\0é", max_size=3) | st.binary(max_size=3)


class Runs:
    """A pickle that runs code."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.write_text, (self.marker, "this ran")


@pytest.fixture
def kept(project):
    """A project whose cache holds facts, what follows from them, an answer, and facts of content seen before."""
    project.run()
    before = (project.root / "other.py").read_text()
    project.write("other.py", "eval(input())\n")
    project.run()
    project.write("other.py", before)
    project.outside = project.top / "outside.txt"
    project.outside.write_text(SECRET)
    project.marker = project.top / "marker"
    return project


def survives(project):
    """The next runs end as if there had been no cache, a note says why, and outside nothing happened."""
    cold = scan(project.settings, project.top / "cold.db")
    warm = project.run()
    assert warm.findings == cold.findings
    assert differences(project.top / "warm.db", project.top / "cold.db") == []
    assert warm.notes
    assert project.outside.read_text() == SECRET
    assert not project.marker.exists()
    again = project.run()
    assert again.findings == cold.findings
    return warm


def edited(path, *statements, parameters=()):
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement, parameters)
    database.close()


def resealed(path, change):
    """As somebody who knows the format would, without a key: the seal fits the changed bytes."""
    path.write_bytes(seal.sealed(change(path.read_bytes()[seal.WIDTH :])))


def bent(project, change):
    """Change the rows of every file that facts are kept of, with seals that fit."""
    with sqlite3.connect(project.cache / "facts/cache.db") as database:
        for key, value in database.execute("SELECT key, value FROM Cache").fetchall():
            tables = {name: table.rows for name, table in unpacked(value[seal.WIDTH :]).items()}
            change(tables)
            database.execute("UPDATE Cache SET value = ? WHERE key = ?", (seal.sealed(packed(tables.items())), key))
    database.close()


FACTS_TRICKS = {
    "a pickled value": ("UPDATE Cache SET mode = 4, value = ?", True),
    "a pickled key": ("UPDATE Cache SET raw = 0, key = ? WHERE rowid = 1", True),
    "a value in another file": ("UPDATE Cache SET mode = 2, value = NULL, filename = '../../outside.txt'", False),
    "a method as setting": ("INSERT INTO Settings VALUES ('get', 'boom')", False),
    "another directory": ("INSERT INTO Settings VALUES ('_directory', '/tmp')", False),
    "another policy": ("UPDATE Settings SET value = 'least-frequently-used' WHERE key = 'eviction_policy'", False),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON Cache BEGIN DELETE FROM Cache; END", False),
    "a view": ("CREATE VIEW v AS SELECT 1", False),
    "a text as value": ("UPDATE Cache SET value = 'text'", False),
    "rows of a stranger": ("UPDATE Cache SET value = x'00'", False),
}


@pytest.mark.parametrize("trick", FACTS_TRICKS)
def test_tampered_facts_are_thrown_away(kept, trick):
    statement, with_pickle = FACTS_TRICKS[trick]
    parameters = (pickle.dumps(Runs(kept.marker)),) if with_pickle else ()
    edited(kept.cache / "facts/cache.db", statement, parameters=parameters)
    survives(kept)


def test_the_disk_has_no_way_to_a_pickle_or_a_file(tmp_path):
    disk = BytesDisk(str(tmp_path))
    for attempt in (
        lambda: disk.fetch(4, None, b"x", False),
        lambda: disk.fetch(2, "name", None, False),
        lambda: disk.get(b"x", False),
        lambda: disk.put("text"),
        lambda: disk.store(object(), False),
        disk.filename,
        lambda: disk.remove("name"),
    ):
        with pytest.raises((ValueError, TypeError)):
            attempt()
    assert issubclass(BytesDisk, diskcache.Disk)


def with_table(tables):
    tables["python_findings"] = tables["files"]


def with_derived_rows(tables):
    tables["python_callees"] = [(1, "os.system", 1)]


def with_rows_of_others(tables):
    tables["sites"] = [(12345, *row[1:]) for row in tables["sites"]]


def with_places_of_derivations(tables):
    tables["sites"] = [(row[0] | 1 << 23, *row[1:]) for row in tables["sites"]]


def with_another_path(tables):
    tables["files"] = [(row[0], "../../outside.txt", *row[2:]) for row in tables["files"]]


def with_texts_as_numbers(tables):
    tables["sites"] = [(row[0], "many", *row[2:]) for row in tables["sites"]]


def with_too_few_values(tables):
    tables["sites"] = [row[:3] for row in tables["sites"]]


FITTING = [
    with_table, with_derived_rows, with_rows_of_others, with_places_of_derivations, with_another_path,
    with_texts_as_numbers, with_too_few_values,
]  # fmt: skip


@pytest.mark.parametrize("change", FITTING)
def test_facts_that_none_of_ours_could_be_are_refused_though_the_seal_was_made_to_fit(kept, change):
    bent(kept, change)
    (kept.cache / "answer").unlink()
    kept.write("more.py", "import os\n")
    survives(kept)


def without_scopes(tables):
    tables.pop("scopes", None)


def with_scopes_in_a_circle(tables):
    tables["scopes"] = [(*row[:-1], row[0]) for row in tables.get("scopes", ())] or tables["scopes"]


def without_calls(tables):
    tables.pop("python_calls", None)


@pytest.mark.parametrize("change", [without_scopes, with_scopes_in_a_circle, without_calls])
def test_tampered_rows_neither_hang_nor_crash_though_the_seal_was_made_to_fit(kept, change):
    """Without a key such rows may hide or invent findings; they may do nothing else."""
    bent(kept, change)
    (kept.cache / "answer").unlink()
    kept.run()
    assert kept.outside.read_text() == SECRET
    assert not kept.marker.exists()


def state_with(**parts):
    return lambda body: msgspec.msgpack.encode(msgspec.msgpack.decode(body, type=State)._replace(**parts))


@pytest.mark.parametrize(
    "change",
    [
        state_with(tables=b"junk"),
        state_with(tables=packed([("python_secrets_of_others", [(1, 2)])])),
        state_with(tables=packed([("python_callees", [("one", 2, "three")])])),
        state_with(reads={"flows": [[], [[[1], None]]]}),
        state_with(reads={"flows": "junk"}),
        state_with(kept={"flows": b"junk"}),
        state_with(kept={"flows": msgspec.msgpack.encode([[], [], [], "many", []])}),
        state_with(files=(Told(1, "gone.py", "gone", "0" * 40),)),
        lambda _body: b"junk",
        lambda _body: msgspec.msgpack.encode([1, 2, 3]),
    ],
)
def test_a_state_that_none_of_ours_could_be_is_refused_though_the_seal_was_made_to_fit(kept, change):
    resealed(kept.cache / "state", change)
    (kept.cache / "answer").unlink()
    kept.write("more.py", "import os\n")
    survives(kept)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({"files": [[1, "x"]]}),
        msgspec.msgpack.encode({"files": [[b"\1\1", [1]]]}),
        msgspec.msgpack.encode({"files": ["a\0b", [1]]}),
        msgspec.msgpack.encode({"files": []}),
        msgspec.msgpack.encode({"files": [[]]}),
        msgspec.msgpack.encode({"files": [[None]]}),
        msgspec.msgpack.encode({"files": [[[None]], "x\0y"]}),
        msgspec.msgpack.encode({"files": [None]}),
        msgspec.msgpack.encode({"files": [0, 1]}),
        msgspec.msgpack.encode({"files": [-1, 1]}),
        msgspec.msgpack.encode({"files": [1 << 40, 1]}),
        msgspec.msgpack.encode({"files": [2]}),
        msgspec.msgpack.encode({"files": [2, 1, "x", 2]}),
    ],
)
def test_bytes_that_are_no_rows_are_damaged(content):
    with pytest.raises(Damaged):
        unpacked(content)


@given(st.integers(1, 5).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=20)))
def test_rows_are_what_they_were(rows):
    assert unpacked(packed([("some", rows), ("none", [])]))["some"].rows == rows
    assert unpacked(packed([("some", rows)]))["some"].keys == [row[0] for row in rows]


@pytest.mark.parametrize("name", ["state", "answer", "names", "database", "facts/cache.db"])
@pytest.mark.parametrize("damage", ["truncated", "scribbled", "empty", "junk", "a link", "a folder", "a pipe"])
def test_damaged_files_are_thrown_away(kept, name, damage):
    path = kept.cache / name
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "scribbled":
        middle = len(content) // 2
        path.write_bytes(
            content[:middle] + bytes(byte ^ 0x55 for byte in content[middle : middle + 64]) + content[middle + 64 :]
        )
    elif damage == "junk":
        path.write_bytes(b"\xff" * 9000)
    elif damage == "a link":
        path.symlink_to(kept.outside)
    elif damage == "a folder":
        path.mkdir()
    elif damage == "a pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(b"")
    cold = scan(kept.settings, kept.top / "cold.db")
    warm = kept.run()
    assert warm.findings == cold.findings
    assert differences(kept.top / "warm.db", kept.top / "cold.db") == []
    assert kept.outside.read_text() == SECRET


def test_an_answer_that_speaks_of_files_outside_is_refused(kept):
    kept.run()
    folder = Folder(kept.cache, kept.root)
    content = (kept.cache / "answer").read_bytes()[seal.WIDTH :]
    found = msgspec.msgpack.decode(content, type=answer.Answer)
    location = found.findings[0].location._replace(path="../../outside.txt")
    bent = found._replace(findings=(replace(found.findings[0], location=location), *found.findings[1:]))
    answer.write(folder, bent)
    folder.close()
    survives(kept)


def test_with_a_key_nothing_made_without_it_is_believed(kept, monkeypatch):
    monkeypatch.setenv("AUD_CACHE_KEY", "secret")
    assert survives(kept).metrics["files_from_cache"] == 0
    assert kept.run().metrics["files_from_cache"] == 4
    kept.write("other.py", "eval(input())\n")
    assert kept.run().metrics["files_from_cache"] == 3
    monkeypatch.setenv("AUD_CACHE_KEY", "another")
    survives(kept)


def test_a_folder_of_somebody_else_is_left_alone(project):
    project.cache.mkdir()
    (project.cache / "state").write_text("my own notes")
    result = project.run()
    assert "no cache of aud" in result.notes[0]
    assert os.listdir(project.cache) == ["state"]
    assert (project.cache / "state").read_text() == "my own notes"


def test_a_link_in_the_repository_does_not_lead_the_cache_out_of_it(project):
    outside = project.top / "outside"
    outside.mkdir()
    (project.root / ".aud-cache").symlink_to(outside)
    (project.root / "deep").symlink_to(outside)
    for name in (".aud-cache", "deep/cache"):
        result = scan(replace(project.settings, cache_dir=name))
        assert "link" in result.notes[0]
    assert os.listdir(outside) == []


def test_two_runs_at_once(kept):
    folder = Folder(kept.cache, kept.root)
    try:
        result = kept.run()
        assert result.notes == ("cache: another run is using the cache",)
        assert result.findings
    finally:
        folder.close()
    assert kept.run().notes == ()


def test_a_place_where_nothing_can_be_written(project):
    result = scan(replace(project.settings, cache_dir="/proc/aud"), project.top / "warm.db")
    assert result.findings
    assert result.notes


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(project, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "write", full)
    result = project.run()
    monkeypatch.undo()
    assert "No space left" in result.notes[0]
    assert project.compare().notes == ()


def test_killed_at_any_point_the_next_run_is_right(kept):
    command = [sys.executable, "-c", "import sys; from aud_action.__main__ import main; main()", "scan", str(kept.root)]
    command += ["--cache-dir", str(kept.cache), "--fail-on", "never", "--jobs", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    kept.write("other.py", "exec(input())\n")
    cold = scan(kept.settings, kept.top / "cold.db")
    for delay in (0.35, 0.5, 0.65, 0.8, 1.0, 1.3):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        warm = kept.run()
        assert warm.findings == cold.findings
        assert differences(kept.top / "warm.db", kept.top / "cold.db") == []
        kept.write("more.py", f"x = {delay}\n")
        cold = scan(kept.settings, kept.top / "cold.db")


def test_info_and_clear(kept):
    runner, options = CliRunner(), ["--repo", str(kept.root)]
    told = runner.invoke(app, ["cache", "info", str(kept.cache), *options])
    assert told.exit_code == 0
    assert "usable" in told.output
    (kept.cache / "state").write_bytes(b"junk")
    assert "not used" in runner.invoke(app, ["cache", "info", str(kept.cache), *options]).output
    (kept.cache / "mine.txt").write_text("mine")
    assert "freed" in runner.invoke(app, ["cache", "clear", str(kept.cache), *options]).output
    assert sorted(os.listdir(kept.cache)) == ["CACHEDIR.TAG", "facts", "lock", "mine.txt"]
    assert kept.run().metrics["files_from_cache"] == 0

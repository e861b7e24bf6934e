"""The law: a run with what the last one knew ends with the database that a run without it makes."""

from dataclasses import replace

import pytest

from aud_action.settings import Settings


def reused(result):
    return int(result.metrics["files_from_cache"])


def test_nothing_changed_reads_no_file_again(project):
    assert reused(project.compare()) == 0
    result = project.compare()
    assert reused(result) == result.files == 4
    assert result.findings
    assert result.notes == ()


def test_a_whole_run_leaves_nothing_that_the_next_one_refuses(project):
    """Tables with columns that are computed, of walk and derivations, among them."""
    for text in ("x = 1\n", "eval(input())\n", "import os\n"):
        project.write("other.py", text)
        assert project.compare().notes == ()


def test_only_what_changed_is_read_again(project):
    project.run()
    project.write("other.py", "import hashlib\nkey = hashlib.sha256(b'x').hexdigest()\n")
    assert reused(project.compare()) == 3


def test_a_file_that_came_and_one_that_went(project):
    project.run()
    project.write("more.py", "eval(input())\n")
    (project.root / "other.py").unlink()
    assert reused(project.compare()) == 3


def test_a_renamed_file_is_another_file(project):
    project.run()
    (project.root / "other.py").rename(project.root / "another.py")
    assert reused(project.compare()) == 3


def test_a_package_that_came_renames_the_modules_below_it(project):
    project.write("lib/tools/one.py", "def f(): ...\n")
    project.run()
    project.write("lib/tools/__init__.py", "")
    project.compare()


def test_a_change_back_is_seen_though_size_and_time_are_the_same(project):
    import os

    file = project.root / "other.py"
    before = file.stat()
    project.run()
    project.write("other.py", file.read_text().replace("md5", "md4"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reused(project.compare()) == 3


def test_a_flow_through_an_unchanged_file_is_found_anew(project):
    first = project.run()
    project.write("shop/shell.py", "def run(host):\n    return host\n")
    gone = project.compare()
    assert "command-injection" in {finding.rule for finding in first.findings}
    assert "command-injection" not in {finding.rule for finding in gone.findings}


@pytest.mark.parametrize(
    "changes",
    [
        {"select": ("weak-hash",)},
        {"exclude": ("shop/",)},
        {"profile": "audit"},
        {"severity": {"weak-hash": 9.9}},
        {"threat_models": ("remote", "cli", "env")},
        {"taint": False},
        {"max_file_size": 60},
        {"min_severity": "high"},
    ],
    ids=str,
)
def test_other_settings_are_obeyed(project, changes):
    project.run()
    project.compare(**changes)
    project.compare()


def test_a_file_that_cannot_be_parsed_stays_told(project):
    project.write("broken.py", "def f(:\n")
    project.run()
    assert [gap.path for gap in project.compare().unanalysed] == ["broken.py"]


def test_a_users_own_rule_counts(project):
    project.run()
    page = '# Any call\n\n```toml\nseverity = 5.0\nprecision = "high"\nmessage = "{callee}"\n```\n\nWhy.\n\n```sql\nSELECT site, callee FROM python_calls\n```\n'
    (project.root / ".aud/rules").mkdir(parents=True)
    (project.root / ".aud/rules/any-call.md").write_text(page)
    result = project.compare()
    assert "any-call" in {finding.rule for finding in result.findings}
    assert project.compare().findings == result.findings


def test_an_index_is_kept_too(project, tmp_path):
    from equal import differences

    from aud_action.pipeline import index

    settings = replace(project.settings, cache_dir=str(project.cache))
    for name in ("first.db", "second.db"):
        store, incomplete, metrics = index(settings, tmp_path / name)
        store.close()
        assert incomplete == []
    assert metrics["files_from_cache"] == 4
    store, _, _ = index(Settings(root=project.root), tmp_path / "cold.db")
    store.close()
    assert differences(tmp_path / "second.db", tmp_path / "cold.db") == []


def test_content_seen_before_is_not_read_again(project):
    """A switch to another branch and back."""
    project.run()
    before = (project.root / "other.py").read_text()
    project.write("other.py", "eval(input())\n")
    assert reused(project.compare()) == 3
    project.write("other.py", before)
    assert reused(project.compare()) == 4
    project.write("other.py", "eval(input())\n")
    assert reused(project.compare()) == 4


def test_of_content_that_is_gone_only_the_latest_is_kept(project, monkeypatch):
    monkeypatch.setattr("aud_action.cache.facts._SPARE", 3)
    for number in range(6):
        project.write("other.py", f"x = {number}\n")
        project.run()
    for number, known in ((5, 4), (3, 4), (0, 3)):
        project.write("other.py", f"x = {number}\n")
        assert reused(project.compare()) == known


def test_facts_over_the_limit_are_not_kept(project):
    project.write("large.py", "\n".join(f"x{number} = 'a text {number}'" for number in range(30_000)))
    result = project.run(cache_max_size=1)
    assert any("over cache-max-size" in note for note in result.notes)
    project.compare(cache_max_size=1)


def test_nothing_changed_imports_no_table_and_no_extractor(project):
    """What a warm run costs is mostly what it imports."""
    import subprocess
    import sys
    from pathlib import Path

    project.run()
    code = "import sys; from dataclasses import replace; from pathlib import Path\nfrom aud_action.settings import Settings\nfrom aud_action.pipeline import scan\n"
    code += f"print(scan(Settings(root=Path({str(project.root)!r}), jobs=2, cache_dir={str(project.cache)!r})).files)\n"
    code += "print([name for name in ('schema', 'extractors', 'apsw', 'diskcache', 'pathspec', 'jinja2', 'sarif_om') if name in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["4", "[]"]


def test_a_database_that_nobody_has_touched_is_not_made_again(project, monkeypatch):
    from aud_action.cache import restored

    database = project.top / "warm.db"
    project.compare()
    inode = database.stat().st_ino
    monkeypatch.setattr(restored, "restore", None)
    assert project.compare().notes == ()
    assert project.compare().notes == ()
    assert database.stat().st_ino == inode


@pytest.mark.parametrize("change", ["another row", "a copy", "a link", "the same length", "gone", "another name"])
def test_a_database_that_may_be_another_is_made_again(project, monkeypatch, change):
    import os
    import shutil
    import sqlite3
    from contextlib import closing

    from aud_action.cache import restored

    made = []
    restore = restored.restore
    monkeypatch.setattr(restored, "restore", lambda *given: (made.append(given), restore(*given)))
    database, other = project.top / "warm.db", project.top / "other.db"
    project.run()
    before = database.stat()
    if change == "another row":
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DELETE FROM python_calls")
    elif change == "the same length":
        content = database.read_bytes()
        database.write_bytes(content.replace(b"hashlib", b"xxxxxxx"))
        os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "gone":
        database.unlink()
    else:
        shutil.copy2(database, other) if change == "a copy" else os.rename(database, other)
        if change == "a copy":
            os.replace(other, database)
        elif change == "a link":
            database.symlink_to(other)
        else:
            database.hardlink_to(other)
    project.compare()
    assert len(made) == 1

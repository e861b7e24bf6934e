"""A derivation whose tables no change touches keeps its rows; whatever it reads is noted, though others read it before."""

from pathlib import Path

import pytest
from equal import differences

from aud_action import derive
from aud_action.derive.reading import Noted, Record, is_touched
from aud_action.pipeline import index, scan
from aud_action.settings import Settings
from aud_action.store import Store
from aud_action.taint import linking
from aud_action.taint.limits.stop import Exhausted

ROOT = Path(__file__).resolve().parents[2]
UNSEEN = 5  # no file of the fixtures has this number


@pytest.fixture
def ran(monkeypatch):
    """The names of the derivations that ran."""
    names = []
    fill = derive._fill

    def noted(store, entry, settings, record):
        if record:
            names.append(entry.derivation.__name__)
        fill(store, entry, settings, record)

    monkeypatch.setattr(derive, "_fill", noted)
    return names


def test_a_comment_derives_nothing_anew(project, ran):
    project.run()
    ran.clear()
    project.write("shop/shell.py", (project.root / "shop/shell.py").read_text() + "# the end\n")
    project.compare()
    assert ran == []


def test_a_comment_that_no_rule_reads_needs_no_database(project, monkeypatch):
    from dataclasses import replace

    from aud_action.store import Store

    project.run()
    project.write("shop/shell.py", (project.root / "shop/shell.py").read_text() + "# the end\n")
    made = []
    monkeypatch.setattr(Store, "index", made.append)
    warm = scan(replace(project.settings, cache_dir=str(project.cache)))
    monkeypatch.undo()
    assert made == []
    cold = scan(project.settings)
    assert (warm.findings, warm.tables, warm.unanalysed) == (cold.findings, cold.tables, cold.unanalysed)
    assert scan(replace(project.settings, cache_dir=str(project.cache))).findings == cold.findings
    project.compare()


@pytest.mark.parametrize("more", ["", "# the end\n"])
def test_a_database_in_which_nothing_that_is_read_has_changed_is_written_without_looking_into_it(
    project, monkeypatch, more
):
    from aud_action import indexing, matching

    project.run()
    project.write("shop/shell.py", (project.root / "shop/shell.py").read_text() + more)
    looked = []
    monkeypatch.setattr(indexing, "derive", lambda *_: looked.append("derived"))
    monkeypatch.setattr(matching, "match", lambda *_: looked.append("matched"))
    warm = project.run()
    monkeypatch.undo()
    assert looked == []
    cold = scan(project.settings, project.top / "cold.db")
    assert differences(project.top / "warm.db", project.top / "cold.db") == []
    assert (warm.findings, warm.tables, warm.unanalysed) == (cold.findings, cold.tables, cold.unanalysed)
    assert warm.metrics["files_from_cache"] == len(list(project.root.rglob("*.py"))) - bool(more)


MOVED = """import subprocess, hashlib
from flask import request

def run(host):
    try:
        hashlib.md5(b"x")  # aud: ignore[weak-hash] a checksum
        hashlib.md5(b"y")  # noqa: S324
        return subprocess.check_output("ping " + host, shell=True)
    except Exception as error:
        return str(error)
"""


@pytest.fixture
def looked(monkeypatch):
    """What was looked at in a database: the one that is derived, or matched."""
    from aud_action import indexing, matching

    names = []
    real, match = indexing.derive, matching.match
    monkeypatch.setattr(indexing, "derive", lambda *given: (names.append("derived"), real(*given))[1])
    monkeypatch.setattr(matching, "match", lambda *given: (names.append("matched"), match(*given))[1])
    return names


@pytest.mark.parametrize("above", ["# more\n", "\n\n# more\n"])
def test_what_only_moved_is_told_where_it_stands_now_without_looking_for_it(project, looked, above):
    project.write("shop/shell.py", MOVED)
    before = project.run()
    looked.clear()
    project.write("shop/shell.py", above + MOVED)
    after = project.compare()
    assert looked == ["derived", "matched"]  # those of the run without a cache
    lines = [[one.location.line for one in told.findings if "shell" in one.location.path] for told in (before, after)]
    assert [line + above.count("\n") for line in lines[0]] == lines[1] != []
    project.write("shop/shell.py", above * 2 + MOVED)
    project.compare()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\ndef run", "\n# more\ndef run"),
        ("    except", "        # more\n    except"),
        ("import subprocess", "# aud: ignore[weak-hash]\nimport subprocess"),
        ("  # noqa: S324", "  # noqa: S105"),
        ("  # noqa: S324", ""),
    ],
)
def test_what_came_to_stand_further_apart_is_looked_for(project, old, new):
    project.write("shop/shell.py", MOVED)
    project.run()
    project.write("shop/shell.py", MOVED.replace(old, new))
    project.compare()
    project.write("shop/shell.py", "# more\n" + MOVED.replace(old, new))
    project.compare()


def test_a_page_of_the_project_may_tell_lines(project):
    rule = (
        '# Any call\n\n```toml\nseverity = 5.0\nprecision = "high"\nmessage = "at {line}"\n```\n\nWhy.\n\n'
        "```sql\nSELECT site, line FROM python_calls JOIN sites ON id = site\n```\n"
    )
    project.write(".aud/rules/any-call.md", rule)
    project.run()
    project.write("shop/shell.py", "# more\n" + (project.root / "shop/shell.py").read_text())
    told = project.compare()
    assert {f"at {one.location.line}" for one in told.findings if one.rule == "any-call"} == {
        one.message for one in told.findings if one.rule == "any-call"
    }


def test_a_comment_that_silences_a_rule_is_heard(project):
    from dataclasses import replace

    from aud_action.pipeline import scan

    project.run()
    text = (project.root / "shop/shell.py").read_text()
    project.write("shop/shell.py", text.replace("shell=True)", "shell=True)  # aud: ignore[command-injection] known"))
    warm, cold = scan(replace(project.settings, cache_dir=str(project.cache))), scan(project.settings)
    assert warm.findings == cold.findings
    assert any(finding.reason for finding in warm.findings)


def test_flows_are_followed_anew_only_where_code_changed(project, ran):
    project.write("tests/test_shop.py", "from shop.app import ping\n\ndef test_it():\n    assert ping\n")
    project.run()
    ran.clear()
    project.write("tests/test_shop.py", "from shop.app import ping\n\ndef test_it():\n    assert ping() == open(1)\n")
    project.compare()
    assert "flows" not in ran
    assert "callees" in ran
    project.write("shop/shell.py", (project.root / "shop/shell.py").read_text().replace('"ping "', "'/bin/ping '"))
    project.compare()
    assert "flows" in ran


def test_a_line_above_moves_what_is_below_and_no_flow_is_followed_anew(project, ran):
    first = project.run()
    ran.clear()
    project.write("shop/app.py", "# first\n" + (project.root / "shop/app.py").read_text())
    project.write("shop/shell.py", (project.root / "shop/shell.py").read_text().replace("def run", "\n\ndef run"))
    moved = project.compare()
    assert ran == []
    before, now = (next(one for one in result.findings if one.rule == "command-injection") for result in (first, moved))
    assert now.location.line == before.location.line + 2
    assert now.flow[0].location.line == before.flow[0].location.line + 1
    assert now.fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('request.args["host"]', '(request.args["host"])'),  # another column
        ('return run(request.args["host"])', 'return run(\n        request.args["host"])'),  # one line becomes two
        ("def run(host):\n    return", "def run(host): return"),  # two become one
        ('"ping "', '"pong "'),
    ],
)
def test_flows_are_followed_anew_where_more_than_lines_moved(project, ran, old, new):
    project.run()
    ran.clear()
    for path in ("shop/app.py", "shop/shell.py"):
        project.write(path, (project.root / path).read_text().replace(old, new))
    project.compare()
    assert "flows" in ran


@pytest.fixture
def linked(monkeypatch):
    """A word for each time that data was followed anew; runs without a cache do so, too."""
    words, real = [], linking.link
    monkeypatch.setattr(linking, "link", lambda *given, **options: words.append("link") or real(*given, **options))
    return words


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("other.py", "key =", "more = 1\nkey ="),
        ("shop/app.py", "app = ", "import decimal\nLIMIT = 3\napp = "),
        ("shop/shell.py", "def run", "def unused(a):\n    return a\n\ndef run"),
    ],
)
def test_flows_stay_where_a_change_is_out_of_their_reach(project, linked, path, old, new):
    project.run()
    text = (project.root / path).read_text()
    project.write(path, text.replace(old, new))
    linked.clear()
    found = project.compare()
    assert linked == ["link"]  # of the run without a cache
    assert any(finding.rule == "command-injection" for finding in found.findings)
    linked.clear()
    project.write(path, text + "# the end\n")
    project.compare()
    assert linked == ["link"]


def test_flows_that_stayed_are_followed_anew_when_a_change_reaches_them(project, linked):
    project.run()
    shell = (project.root / "shop/shell.py").read_text()
    project.write("shop/shell.py", "LIMIT = 3\n" + shell)
    project.compare()
    project.write("shop/app.py", "# a line\n" + (project.root / "shop/app.py").read_text())
    project.compare()
    linked.clear()
    project.write("shop/shell.py", "LIMIT = 3\n" + shell.replace('"ping " + host', '"ping"'))
    found = project.compare()
    assert linked == ["link", "link"]
    assert not any(finding.rule == "command-injection" for finding in found.findings)


@pytest.mark.parametrize("folder", ["django_clinic", "flask_board", "object_frameworks", "tested_project"])
def test_what_a_derivation_reads_is_noted_whoever_read_it_first(folder, tmp_path):
    settings = Settings(root=ROOT / "fixtures" / folder, jobs=1)
    store, _, _ = index(settings, tmp_path / "a.db")
    record = Record()
    derive.derive(store, settings, record)
    for entry in derive._in_order():
        name = entry.derivation.__name__
        alone = Record()
        fresh = Store(tmp_path / "a.db")
        list(entry.derivation(alone.reading(fresh, name, ordered=entry.ordered), settings))
        alone.finish()
        fresh.close()
        for columns, files in (
            (columns, files) for one in alone.noted.values() for columns, files in one.reads.items()
        ):
            for column in columns:
                for file in [UNSEEN] if files is None else files:
                    assert is_touched(name, record.noted, {column: {file}}), f"{name} reads {column} of {files}"
    store.close()


def test_what_is_kept_of_reads_comes_back():
    noted = Noted(
        {frozenset({"files.path"}): None, frozenset({"sites.line", "sites.id"}): {3, 1}}, frozenset({"names"})
    )
    again = Noted.of_plain(noted.plain())
    assert (again.reads, again.parts) == (noted.reads, noted.parts)
    with pytest.raises((TypeError, ValueError)):
        Noted.of_plain([["names"], [[[1], None]]])


def test_a_derivation_that_was_cut_short_runs_again_and_no_file_is_read_again(project, monkeypatch):
    monkeypatch.setattr("aud_action.taint.limits.budget.Budget.spend", _exhausted)
    assert project.run().incomplete
    monkeypatch.undo()
    again = project.compare()
    assert again.metrics["files_from_cache"] == again.files
    assert any(finding.rule == "command-injection" for finding in again.findings)


def _exhausted(budget, path):
    raise Exhausted("no time")

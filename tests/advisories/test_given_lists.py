"""What a run says of dependencies when it is given a list of advisories, and what it stands on."""

import json
import sqlite3

import pytest
from equal import differences
from osv import record

from aud_action.cli import app
from aud_action.settings import WrongInput

ONE = record("CVE-2026-1", "shelf", ("introduced", "1"), ("fixed", "1.4"), summary="Reads any file")
TWO = record("CVE-2026-2", "shelf", ("introduced", "0"), ("fixed", "2.0"))


def test_each_form_of_manifest_is_told_on_its_line(repository):
    repository.give(ONE)
    repository.write("requirements.txt", "# first\nshelf==1.2 \\\n  --hash=sha256:00\n")
    repository.write("pyproject.toml", '[project]\nname = "x"\ndependencies = [\n  "other",\n  "shelf>=1.1,<1.3",\n]\n')
    repository.write("uv.lock", 'version = 1\n\n[[package]]\nname = "shelf"\nversion = "1.3.9"\n')
    repository.write("Pipfile.lock", '{"default": {\n  "shelf": {"version": "==1.0"}\n}}')
    repository.write("setup.cfg", "[options]\ninstall_requires =\n  shelf==1.1\n")
    repository.write("setup.py", 'from setuptools import setup\nsetup(name="x", install_requires=["shelf==1.1.1"])\n')
    told = repository.told()
    assert [one.split(" ")[0] for one in told] == [
        "Pipfile.lock:2", "pyproject.toml:5", "requirements.txt:2", "setup.cfg:3", "setup.py:2", "uv.lock:4",
    ]  # fmt: skip
    assert told[2].endswith("shelf 1.2 has known weaknesses: CVE-2026-1 (Reads any file); take shelf 1.4 or later")


def test_several_weaknesses_are_one_finding_that_mends_all(repository):
    repository.give(ONE, TWO)
    repository.write("requirements.txt", "shelf==1.2\n")
    assert repository.told() == [
        "requirements.txt:1 shelf 1.2 has known weaknesses: CVE-2026-1 (Reads any file), CVE-2026-2; take shelf 2.0 or later"
    ]
    assert repository.told(accepted_advisories=("CVE-2026-2",))[0].endswith("take shelf 1.4 or later")
    assert repository.told(accepted_advisories=("CVE-2026-1", "CVE-2026-2")) == []


def test_a_weakness_that_becomes_known_is_another_finding(repository):
    repository.write("requirements.txt", "shelf==1.2\n")
    prints = []
    for known in ((ONE,), (ONE,), (ONE, TWO)):
        repository.give(*known)
        prints.append(repository.scan().findings[0].fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_without_a_list_nothing_is_looked_for(repository):
    repository.write("requirements.txt", "shelf==1.2\n")
    result = repository.scan()
    assert (result.findings, result.notes) == ((), ())


def test_how_old_the_list_is_is_said(repository):
    repository.give(ONE, dict(TWO, modified="2020-02-03T04:05:06.123Z"), dict(ONE, id="X", withdrawn="2026-01-01"))
    assert repository.scan().notes[0].startswith("2 advisories were looked through, the newest of 2026-11-01")
    repository.give(dict(TWO, modified="2020-02-03T04:05:06.123Z"))
    assert "days ago: fetch the list anew" in repository.scan().notes[0]


def test_another_list_is_looked_through_though_all_else_is_kept(repository, tmp_path):
    repository.write("requirements.txt", "shelf==1.2\n")
    repository.write("app.py", "import hashlib\n\n\ndef f(x):\n    return hashlib.md5(x)\n")
    for number, known in enumerate(((), (ONE,), (ONE, TWO), (TWO,), (TWO,))):
        if known:
            repository.give(*known)
        warm, cold = tmp_path / f"warm{number}.db", tmp_path / f"cold{number}.db"
        kept = repository.scan(warm, cache_dir=".aud-cache")
        fresh = repository.scan(cold)
        assert (kept.findings, kept.notes) == (fresh.findings, fresh.notes)
        assert differences(warm, cold) == []
        assert bool(kept.findings) == bool(known)
        assert repository.scan(cache_dir=".aud-cache").findings == fresh.findings


def test_data_flow_is_not_followed_anew_for_another_list(repository, monkeypatch):
    import aud_action.taint.linking

    repository.write("requirements.txt", "shelf==1.2\n")
    repository.give(ONE)
    repository.scan(cache_dir=".aud-cache")
    repository.give(ONE, TWO)
    monkeypatch.setattr(aud_action.taint.linking, "link", None)
    result = repository.scan(cache_dir=".aud-cache")
    assert result.notes[0].startswith("2 advisories")
    assert result.findings[0].message.endswith("take shelf 2.0 or later")


def test_accepting_counts_with_a_cache_too(repository):
    repository.give(ONE)
    repository.write("requirements.txt", "shelf==1.2\n")
    assert repository.scan(cache_dir=".aud-cache").findings
    assert not repository.scan(cache_dir=".aud-cache", accepted_advisories=("CVE-2026-1",)).findings


def test_a_named_list_that_is_missing_is_wrong_input(repository):
    with pytest.raises(WrongInput, match=r"advisories: there is no .*none\.zip"):
        repository.scan(advisories="none.zip")


def test_a_snapshot_says_what_its_source_says(repository, tmp_path):
    folder = tmp_path / "osv"
    folder.mkdir()
    for one in (TWO, ONE, dict(ONE, id="W", withdrawn="2026-01-01"), dict(ONE, id="N", affected=[])):
        (folder / f"{one['id']}.json").write_text(json.dumps({"schema_version": "1.6.0", "details": "long", **one}))
    repository.write("requirements.txt", "shelf==1.2\n")
    told = repository.told(advisories=str(folder))
    assert len(told) == 1
    with pytest.raises(SystemExit) as ended:
        app(["advisories", "update", "--from", str(folder), "--repo", str(repository.root)])
    assert not ended.value.code
    snapshot = (repository.root / ".aud" / "advisories.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in snapshot] == ["CVE-2026-1", "CVE-2026-2"]
    assert "details" not in snapshot[0]
    assert repository.told() == told


def test_what_the_database_says_of_a_list(repository, tmp_path):
    repository.give(ONE, TWO)
    repository.write("requirements.txt", "shelf==1.2\n")
    repository.scan(tmp_path / "aud.db", accepted_advisories=("CVE-2026-2",))
    with sqlite3.connect(tmp_path / "aud.db") as database:
        rows = database.execute(
            "SELECT identifier, fixed_in, safe_version, is_accepted, line FROM advisories"
        ).fetchall()
        assert rows == [("CVE-2026-1", "1.4", "1.4", 0, 1), ("CVE-2026-2", "2.0", "1.4", 1, 1)]
        assert database.execute("SELECT * FROM python_advisory_lists").fetchall() == [(1, 2, "2026-11-01")]

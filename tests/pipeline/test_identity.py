"""A finding stays itself through what people do to code every day: the whole program, run before and after."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from aud_action.cli import app
from aud_action.pipeline import scan
from aud_action.settings import Settings

BEFORE = """import requests, hashlib


def first(url):
    return requests.get(url, verify=False)


class Shop:
    def second(self, password):
        return hashlib.md5(password.encode()).hexdigest()
"""
MOVED = """import requests, hashlib

LIMIT = 3


class Shop:
    def added(self):
        return LIMIT

    def second(self, password):
        return hashlib.md5(password.encode()).hexdigest()


def first(url):
    return requests.get(url, verify=False)
"""
REFORMATTED = """import requests, hashlib
def first(url):
    return requests.get(
        url,  # the shop's
        verify = False,
    )
class Shop:
  def second(self, password):
    return hashlib . md5( password.encode( ) ).hexdigest()
"""


def fingerprints(folder, text, path="shop/views.py"):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    found = scan(Settings(root=folder)).findings
    file.unlink()
    return {(finding.rule, finding.fingerprint) for finding in found}


@pytest.mark.parametrize("after", [MOVED, REFORMATTED, "\n\n# a licence\n" + BEFORE, BEFORE.replace("\n", "\r\n")])
def test_a_fingerprint_survives_moves_reformatting_and_comments(tmp_path, after):
    before = fingerprints(tmp_path, BEFORE)
    assert {rule for rule, _ in before} >= {"tls-verify-disabled", "weak-password-hash"}
    assert fingerprints(tmp_path, after) == before


def test_a_fingerprint_survives_the_file_s_renaming(tmp_path):
    assert fingerprints(tmp_path, BEFORE, "src/other/deep/name.py") == fingerprints(tmp_path, BEFORE)


def test_another_call_is_another_finding(tmp_path):
    other = BEFORE.replace("requests.get(url", "requests.get(url + '/'")
    assert fingerprints(tmp_path, other) != fingerprints(tmp_path, BEFORE)


def test_what_the_baseline_accepts_stays_accepted_and_only_what_is_added_fails(tmp_path):
    def aud(*words):
        return CliRunner().invoke(app, [words[0], str(tmp_path), *words[1:]])

    known = tmp_path / "known.jsonl"
    (tmp_path / "views.py").write_text(BEFORE)
    assert aud("scan").exit_code == 1
    assert aud("baseline", "--output", str(known)).exit_code == 0
    assert "views.py" in known.read_text()
    text = known.read_text()
    (tmp_path / "views.py").write_text(MOVED)
    assert aud("scan", "--baseline", "known.jsonl").exit_code == 0
    (tmp_path / "views.py").rename(tmp_path / "pages.py")
    assert aud("scan", "--baseline", "known.jsonl").exit_code == 0
    (tmp_path / "pages.py").rename(tmp_path / "views.py")
    (tmp_path / "views.py").write_text(REFORMATTED)
    assert aud("baseline", "--output", str(known)).exit_code == 0
    assert known.read_text() == text
    (tmp_path / "added.py").write_text(BEFORE)
    ran = aud("scan", "--baseline", "known.jsonl", "--format", "json")
    assert ran.exit_code == 1
    assert '"baseline"' in ran.stdout

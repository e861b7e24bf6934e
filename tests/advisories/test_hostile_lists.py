"""A list is input from outside: what is none is said with its place, and nothing is unpacked, followed or believed."""

import json
import os
import zipfile

import pytest
from osv import record

from aud_action.advisories import sources
from aud_action.settings import WrongInput

GOOD = record("CVE-2026-1", "shelf", ("introduced", "0"))


@pytest.fixture
def zipped(repository):
    def make(*members):
        path = repository.root / "osv.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
        repository.write("requirements.txt", "shelf==1\n")
        return path

    return make


def test_a_zip_is_read_where_it_lies(repository, zipped, tmp_path):
    zipped(("../../escape.json", GOOD), ("/absolute.json", dict(GOOD, id="X")), ("notes.txt", b"\xff"))
    before = sorted(tmp_path.rglob("*"))
    assert "CVE-2026-1, X" in repository.told(advisories="osv.zip")[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_refused_before_it_is_large(repository, zipped):
    zipped(("bomb.json", b'{"id": "' + b"a" * (40 << 20) + b'"}'))
    with pytest.raises(WrongInput, match=r"osv\.zip:bomb\.json is larger than 16 MiB"):
        repository.scan(advisories="osv.zip")


def test_many_records_are_refused(repository, zipped, monkeypatch):
    monkeypatch.setattr(sources, "MOST_RECORDS", 2)
    zipped(*((f"{n}.json", GOOD) for n in range(3)))
    with pytest.raises(WrongInput, match="too large"):
        repository.scan(advisories="osv.zip")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[1, 2]", "Expected `object`, got `array`"),
        (b'{"id": 5}', r"Expected `str`, got `int` - at `\$\.id`"),
        (b'{"id": "A", "affected": [{"package": "shelf"}]}', r"at `\$\.affected\[0?\.{0,3}\]\.package`"),
        (b'{"id": "A", "affected": {}}', "Expected `array | null`"),
        (b'{"id": "A", "severity": [{"type": "CVSS_V3"}]}', "missing required field `score`"),
        (b'{"id": "A", "database_specific": 3}', "Expected `object | null`"),
        (b"{" * 100, "is no OSV record"),
        (b'{"id": ' + b"[" * 100_000, "is no OSV record"),
        (b"\xff\xfe", "is no OSV record"),
        (b"", "is no OSV record"),
    ],
)
def test_what_is_no_record_is_named(repository, zipped, content, reason):
    zipped(("a/one.json", content))
    with pytest.raises(WrongInput, match=r"osv\.zip:a/one\.json is no OSV record") as told:
        repository.scan(advisories="osv.zip")
    assert told.match(reason)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"no zip at all"])
def test_what_is_no_zip_is_named(repository, content):
    (repository.root / "osv.zip").write_bytes(content)
    with pytest.raises(WrongInput, match=r"osv\.zip"):
        repository.scan(advisories="osv.zip")


def test_a_damaged_member_is_named(repository, zipped):
    path = zipped(("one.json", GOOD))
    content = bytearray(path.read_bytes())
    content[45:60] = bytes(15)
    path.write_bytes(content)
    with pytest.raises(WrongInput, match=r"osv\.zip can't be read"):
        repository.scan(advisories="osv.zip")


def test_a_line_that_is_none_is_named(repository):
    repository.write(".aud/advisories.jsonl", json.dumps(GOOD) + "\n\nnonsense\n")
    with pytest.raises(WrongInput, match=r"advisories\.jsonl:3 is no OSV record"):
        repository.scan()


def test_a_link_in_a_folder_is_not_followed(repository, tmp_path):
    repository.write("requirements.txt", "shelf==1\n")
    (tmp_path / "outside.json").write_text(json.dumps(dict(GOOD, id="OUTSIDE")))
    repository.write("osv/one.json", json.dumps(GOOD))
    os.symlink(tmp_path / "outside.json", repository.root / "osv" / "two.json")
    os.symlink(tmp_path, repository.root / "osv" / "three")
    assert "OUTSIDE" not in repository.told(advisories="osv")[0]


def test_odd_versions_and_words_do_no_harm(repository):
    odd = ["", "x", "1!0", "9" * 5000, "1.0-legacy-1", "\x1b[31m"]
    repository.give(
        record("A-1", "shelf", *(("introduced", text) for text in odd), *(("fixed", text) for text in odd)),
        record("A-2", "shelf", part={"versions": odd}),
        record("A-3", "shelf", ("introduced", "0"), severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AV:X"}]),
        record("A-4", "shelf", ("introduced", "0"), database_specific={"severity": ["HIGH"]}),
    )
    repository.write("requirements.txt", "shelf==1\nshelf==9" + "9" * 5000 + "\n")
    assert "A-3, A-4" in repository.told()[0]

"""TOML that was read when the program was installed says what it says."""

import json
import tomllib

import pytest

from aud_action import prepared
from aud_action.prepared import NAME, parsed, prepare


@pytest.fixture
def folder(tmp_path, monkeypatch):
    prepared._prepared.cache_clear()
    (tmp_path / "a.toml").write_text('x = [1, 2.0, "three"]\n', "utf-8")
    (tmp_path / "page.md").write_text("# Page\n\n```toml\nseverity = 7.0\n```\n\n```toml\nother = 1\n```\n", "utf-8")
    (tmp_path / NAME).write_text(json.dumps(prepare(tmp_path)), "utf-8")
    monkeypatch.setattr(prepared, "tomllib", None)
    return tmp_path


def test_what_is_prepared_is_not_parsed(folder):
    assert parsed('x = [1, 2.0, "three"]\n', folder) == {"x": [1, 2.0, "three"]}
    assert repr(parsed("severity = 7.0\n", folder)) == "{'severity': 7.0}"


def test_a_text_that_has_changed_is_parsed(folder, monkeypatch):
    monkeypatch.setattr(prepared, "tomllib", tomllib)
    assert parsed('x = [1, 2.0, "four"]\n', folder) == {"x": [1, 2.0, "four"]}
    with pytest.raises(tomllib.TOMLDecodeError):
        parsed("x = [", folder)


@pytest.mark.parametrize("text", [None, "", "{", "[]x"])
def test_what_was_prepared_wrongly_or_not_at_all_is_parsed(tmp_path, text):
    prepared._prepared.cache_clear()
    if text is not None:
        (tmp_path / NAME).write_text(text, "utf-8")
    assert parsed("x = 1", tmp_path) == {"x": 1}


@pytest.mark.parametrize("where", ["rules", "taint/models"])
def test_the_house_says_the_same_prepared(where):
    texts = prepare(prepared._HERE / where)
    assert len(texts) > 40
    assert json.loads(json.dumps(texts)) == texts

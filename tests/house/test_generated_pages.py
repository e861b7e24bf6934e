"""Pages that are made from the code say what the code says."""

import pytest

from aud_action import generate


@pytest.mark.parametrize("path", generate.PAGES)
def test_a_generated_page_is_fresh(path):
    assert (generate.ROOT / path).read_text("utf-8") == generate.PAGES[path](), "run `make generate`"


def test_a_stale_page_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"fresh.md": lambda: "same\n", "stale.md": lambda: "new\n"})
    (tmp_path / "fresh.md").write_text("same\n")
    (tmp_path / "stale.md").write_text("old\n")
    assert generate.main(["--check"]) == 1
    assert "stale.md is stale" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


def test_a_cell_keeps_its_row():
    assert generate.cell("a | b\nc") == "a \\| b c"

"""The outline of a YAML file has every value as a text at its line, and no text takes for ever."""

import contextlib

import pytest

from extractors.outline import Entry, Scalar, outline
from extractors.walk import Unreadable


def plain(value):
    """An outline without its lines."""
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, dict):
        return {key: plain(entry.value) for key, entry in value.items()}
    return [plain(entry.value) for entry in value]


def test_values_are_texts_whatever_they_look_like():
    assert plain(outline("on: yes\n1: 2\na: !!str 3\nb: ~\nc: !thing [2001-01-01]\n")) == {
        "on": "yes",
        "1": "2",
        "a": "3",
        "b": "~",
        "c": ["2001-01-01"],
    }


def test_what_is_merged_stands_behind_what_is_said():
    found = plain(outline("a: &x {b: 1, c: 2}\nd:\n  b: 3\n  <<: *x\n"))
    assert found["d"] == {"b": "3", "c": "2"}


def test_of_several_documents_the_first_counts_and_of_none_nothing():
    assert plain(outline("--- a\n--- [b\n")) == "a"
    assert outline("# only this\n") == Scalar("", 1)


def test_every_value_has_its_line():
    found = outline("a:\n  - |\n\n    x\n  - y\nb: {c: 1,\n  d: 2}\ne: >-\n  z\n\n  y\nf: g\n")
    first, second = found["a"].value
    assert (first.line, first.value, second.value) == (2, Scalar("\nx\n", 3), Scalar("y", 5))
    assert [entry.line for entry in found["b"].value.values()] == [6, 7]
    assert found["e"] == Entry(Scalar("z\n\ny", 9), 8)


def test_a_text_that_is_no_yaml_says_where():
    with pytest.raises(Unreadable, match="mapping values are not allowed") as error:
        outline("a: b\nc: d: e\n")
    assert (error.value.kind, error.value.line) == ("YAMLError", 2)
    with pytest.raises(Unreadable):
        outline("a: \x00")


def test_a_ring_of_aliases_ends():
    found = outline("&a [*a]")
    assert found[0].value is found


HOSTILE = {
    "quotes": 'a: "' + "x\n" * 20_000,
    "brackets": "a: " + "[" * 20_000,
    "open brackets": "a: [\n" * 20_000,
    "texts": "a: |\n" * 20_000,
    "spaces": "a" + " " * 20_000 + "b",
    "marks": "a: " + "&b " * 20_000,
    "dashes": "- " * 20_000,
    "laughs": "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 99)),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_for_ever(name):
    with contextlib.suppress(Unreadable, RecursionError):
        outline(HOSTILE[name])


def test_tables_that_each_hold_all_before_them_are_refused():
    tables = (f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: 1}}\n" for n in range(1, 20_000))
    with pytest.raises(Unreadable, match="brings more than 100,000 entries"):
        outline("a0: &a0 {k0: 1}\n" + "".join(tables))

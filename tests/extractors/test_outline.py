"""The outline of a YAML file is what a YAML parser reads, and no text takes long."""

import contextlib
import time

import pytest
import yaml

from extractors.workflows.outline import Scalar, outline

TEXTS = {
    "mappings": "a: 1\nb:\n  c: x y # note\n  'd e': \"f: g\"\n\"h\": 'it''s'\ni:\n",
    "lists": "- a\n-   b: 1\n    c: 2\n-\n  - d\n  - - e\n    - f\ng:",
    "lists that aren't indented": "a:\n- b: 1\n  c:\n  - d\n- e\nf: g\n",
    "texts": "a: |\n  x # no comment\n    y\n\n  z: 1\nb: >-\n   folded\n   lines\nc: |+\n  kept\n\nd: |2\n    two\n",
    "brackets": "a: [x, 'y, z', {b: c, d: [e]}]\nf: {g: h, i: ['j']} # note\nk: [\n  l, # note\n  m,\n]\nn: []\no: {}\n",
    "values of several lines": 'a: b c\n  d\n  e\nf: "g\n  h"\ni: j\n',
    "documents": "%YAML 1.2\n---\na: b # c\n...\n",
    "marks": "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: !!str 2\nf: &y g\nh: *y\n",
    "colons": "a: http://b:80/c\nd: e:f\ng: '${{ h: i }}'\n- j",
    "nothing": "# only this\n",
}


class Words(yaml.SafeLoader):
    """Reads every scalar as text, and puts together what is merged."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012  # the parser's own name


def plain(value):
    """An outline without its lines; how white space is folded doesn't matter."""
    if isinstance(value, Scalar):
        return " ".join(value.text.replace("''", "'").split())
    if isinstance(value, dict):
        return {key: plain(entry.value) for key, entry in value.items()}
    return [plain(entry.value) for entry in value]


def folded(value):
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return {key: folded(inner) for key, inner in value.items()}
    return [folded(inner) for inner in value] if isinstance(value, list) else ""


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"lists", "colons"}))
def test_the_outline_is_what_a_parser_reads(name):
    assert plain(outline(TEXTS[name])) == folded(yaml.load(TEXTS[name], Words))


def test_a_text_that_is_no_yaml_ends_where_it_goes_wrong():
    assert plain(outline(TEXTS["lists"])) == ["a", {"b": "1", "c": "2"}, ["d", ["e", "f"]]]
    assert plain(outline(TEXTS["colons"]))["d"] == "e:f"


def test_every_value_has_its_line():
    found = outline("a:\n  - |\n\n    x\n  - y\nb: {c: 1,\n  d: 2}\n")
    first, second = found["a"].value
    assert (first.line, first.value, second.value) == (2, Scalar("\nx", 3), Scalar("y", 5))
    assert [entry.line for entry in found["b"].value.values()] == [6, 7]


HOSTILE = {
    "quotes": 'a: "' + "x\n" * 100_000,
    "brackets": "a: " + "[" * 900,
    "open brackets": "a: [\n" * 50_000,
    "texts": "a: |\n" * 100_000,
    "spaces": "a" + " " * 200_000 + "b",
    "marks": "a: " + "&b " * 100_000,
    "dashes": "- " * 900,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name):
    started = time.process_time()
    with contextlib.suppress(RecursionError):
        outline(HOSTILE[name])
    assert time.process_time() - started < 2

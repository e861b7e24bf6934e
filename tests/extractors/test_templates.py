"""Templates are read in one pass: where each value stands, what escapes it, and whatever the file holds."""

import time

import pytest

from extractors.templates import extract_template

PAGE = b"""{% extends "base.html" %}
{# {{ hidden }} #}
<p class="{{ kind }}" onclick="go('{{ x.y }}', {{ z }})">{{ name|safe }} {{ "const" }}</p>
<a href="{{ url }}" data-x={{ bare }}>x</a>
<script>var a = "{{ a|tojson }}"; if (a < b) {}</script>
{% autoescape off %}{{ raw }}{% endautoescape %}
{% raw %}{{ verbatim }}{% endraw %}
"""


def expressions(text, path="shop/templates/a.html"):
    return {row[2]: row[5:] for row in extract_template(text, path, 5).tables.get("python_template_expressions", ())}


def test_the_context_of_each_value_is_known():
    found = {root: row[0] for root, row in expressions(PAGE).items()}
    assert found == {
        "kind": "attribute",
        "x": "event-text",
        "z": "event",
        "name": "text",
        "url": "url",
        "bare": "unquoted",
        "a": "script-text",
        "raw": "text",
    }


def test_what_goes_out_unescaped_is_known():
    assert {root for root, row in expressions(PAGE).items() if row[2]} == {"name", "raw"}
    assert expressions(b"{{ x }}", "a.j2")["x"][2]


def test_places_count_utf_16_units():
    facts = extract_template("<p>\U0001f40d{{ x }}".encode(), "a.html", 5)
    assert [site[3:7] for site in facts.tables["sites"][1:]] == [(1, 6, 1, 13)]


def test_what_is_no_text_is_a_row():
    assert extract_template(b"a\n\xff", "a.html", 5).tables["python_extraction_errors"][0][2:] == (
        "decode",
        "UnicodeDecodeError",
        "not valid utf-8",
        2,
    )


@pytest.mark.parametrize(
    "piece", ["{{", "<", "<a ", '<a "', "{% ", "<form ", "<a x=", "{{a", "{#", "<!--", "{{a|", "<script>"]
)
def test_time_grows_with_the_length(piece):
    started = time.process_time()
    extract_template((piece * 20_000 + "}}").encode(), "a.html", 5)
    assert time.process_time() - started < 5


def test_comments_silence_their_line_or_the_next():
    text = b"""<p>{{ a|safe }}</p> {# aud: ignore[template-raw-output] cleaned before #}
<!-- aud: ignore[xss] -->
<p>{{ b|safe }}</p>
{# nosec #}
{# a word about aud: #}
"""
    rows = extract_template(text, "a.html", 5).tables["python_suppressions"]
    assert [row[2:] for row in rows] == [
        ("aud", "template-raw-output", "cleaned before", 1, 1),
        ("aud", "xss", None, 2, 3),
        ("nosec", None, None, 4, 5),
    ]


BOUND = b"""{% for k, v in d.items() %}<a href="/cart">{{ k }}</a>{% endfor %}
{% with total=cart.total %}{{ total }}{% endwith %}
{% set x = y %}{% macro field(f, size=3) %}{% endmacro %}
<a href="{% url 'shop:item' item.id %}">x</a> <img src="{{ url_for('static', filename='a.png') }}"> <a href="#top">
<script>fetch("/api/items")</script>
"""


def test_names_that_a_template_binds_and_addresses_that_it_uses():
    tables = extract_template(BOUND, "shop/templates/a.html", 5).tables
    assert [row[2:] for row in tables["python_template_aliases"]] == [
        ("k", "d.items()", "for"),
        ("v", "d.items()", "for"),
        ("total", "cart.total", "with"),
        ("x", "y", "set"),
        ("f", "field", "macro"),
        ("size", "field", "macro"),
    ]
    assert sorted(row[2:] for row in tables["python_template_urls"]) == [
        ("endpoint", "static", "url"),
        ("fetched", "/api/items", "script"),
        ("literal", "/cart", "href"),
        ("name", "shop:item", "url"),
    ]


def test_a_statement_of_spaces_costs_no_time():
    started = time.process_time()
    extract_template(b"{% for " + b"a " * 200_000 + b"%}" + b"fetch(" * 20_000, "templates/a.html", 5)
    assert time.process_time() - started < 2

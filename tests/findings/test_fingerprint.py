from __future__ import annotations

import re
import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from aud_action.findings import Finding, Location
from aud_action.findings.fingerprint import LineHashes, essence, stamp
from aud_action.findings.source import cut_out

FUNCTION = "def order(request):\n    cursor.execute(\"SELECT \" + request.GET['q'])\n    return 1\n"


def slow_hashes(text):
    """GitHub's definition, written as it reads: rolling over every unit."""
    units = re.sub(r"\r\n?", "\n", text).encode("utf-16-le")
    kept, starts, fresh = [], [], True
    for n in range(0, len(units), 2):
        unit = units[n] | units[n + 1] << 8
        if unit in {0x20, 0x09}:
            continue
        if fresh:
            starts.append(len(kept))
        kept.append(unit)
        fresh = unit == 0x0A
    if fresh:
        starts.append(len(kept))
    kept += [0xFFFF] + [0] * 100
    seen, found = {}, []
    for start in starts:
        value = 0
        for unit in kept[start : start + 100]:
            value = (value * 37 + unit) % (1 << 64)
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


@given(st.text(st.sampled_from("ab \t\r\n🐍é\x0c\u2028"), max_size=300) | st.text(st.characters(codec="utf-8")))
def test_line_hashes_are_github_s(text):
    expected = slow_hashes(text)
    hashes = LineHashes(text)
    assert [hashes.at(n) for n in range(1, len(expected) + 1)] == expected


def test_a_line_beyond_the_end_has_no_hash():
    assert LineHashes("a\n").at(3) is None


def fingerprint(text, scope="shop.order"):
    """The fingerprint of the call whose text starts at `cursor` in a file."""
    start = text.index("cursor")
    stop = text.index(")", text.index("]", start)) + 1
    line, last = text.count("\n", 0, start) + 1, text.count("\n", 0, stop) + 1
    place = Location(
        "a.py", line, start - (text.rfind("\n", 0, start) + 1) + 1, last, stop - (text.rfind("\n", 0, stop) + 1) + 1
    )
    (made,) = stamp([Finding("sql-injection", "m", 9.8, "high", place, scope)], {"a.py": text}.get)
    return made.fingerprint


@given(st.lists(st.sampled_from(["\n", "import os\n", "# comment\n", "def other():\n    pass\n"]), max_size=8))
def test_a_fingerprint_survives_moving_the_function(above):
    assert fingerprint("".join(above) + FUNCTION) == fingerprint(FUNCTION)


@given(st.data())
def test_a_fingerprint_survives_reformatting_and_comments(data):
    blank = st.sampled_from(["", " ", "\n        ", "  # why\n        "])
    call = 'cursor.execute({}"SELECT "{}+{}request.GET[{}"q"{}],{})'.format(*(data.draw(blank) for _ in range(6)))
    assert fingerprint(f"def order(request):\n    {call}\n") == fingerprint(FUNCTION)


def test_another_statement_scope_or_rule_is_another_finding():
    assert fingerprint(FUNCTION.replace("SELECT", "DELETE")) != fingerprint(FUNCTION)
    assert fingerprint(FUNCTION, scope="shop.other") != fingerprint(FUNCTION)


def test_equal_statements_of_a_function_are_numbered_from_the_top_whatever_the_order_given():
    text = "eval(x)\neval(x)\n"
    first = Finding("code-injection", "m", 9.8, "high", Location("a.py", 1, 1, 1, 8), "a")
    second = replace(first, location=Location("a.py", 2, 1, 2, 8))
    forwards = stamp([first, second], {"a.py": text}.get)
    backwards = stamp([second, first], {"a.py": text}.get)
    assert forwards[0].fingerprint != forwards[1].fingerprint
    assert forwards == backwards[::-1]


def test_a_hash_in_a_string_is_no_comment_and_a_quote_in_a_comment_no_string():
    assert essence("f('a # b')") != essence("f('a')")
    assert essence("f(x)  # it's\n") == essence("f(x)")
    assert essence('f("""a""")') == essence("f('a')")


def test_a_quote_that_nothing_closes_holds_nothing_up():
    began = time.process_time()
    essence('"' + r"\a" * 2_000)
    assert time.process_time() - began < 1


def test_a_region_that_is_not_there_any_more_is_empty():
    assert cut_out("a\n", Location("a.py", 5, 1, 5, 3)) == ""
    assert cut_out("é🐍x = 1\n", Location("a.py", 1, 4, 1, 5)) == "x"

from __future__ import annotations

import io
from dataclasses import replace

from aud_action.findings import Finding, Location, Result
from aud_action.report import console


def shown(result, rules, sources, **more):
    file = io.StringIO()
    console.show(result, rules, file, sources=sources, **more)
    return file.getvalue()


def test_a_finding_is_shown_with_its_code_and_its_path(result, rules, sources):
    text = shown(result, rules, sources)
    assert "  --> app/we|ird `x`.py:5:5  in shop.order\n" in text
    assert "  5 |     cursor.execute(f'SELECT {q}')\n    |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" in text
    assert "    source app/we|ird `x`.py:4  `request.GET` is what a visitor sends\n" in text
    assert (
        "2 findings (1 critical, 1 medium), 1 of them outside the change (1 suppressed)\n1 of 812 files not analysed\n"
        in text
    )


def test_a_file_with_several_gaps_is_one_file(result, rules, sources):
    gap = result.unanalysed[0]
    text = shown(replace(result, unanalysed=(gap, gap._replace(line=7))), rules, sources)
    assert "1 of 812 files not analysed" in text
    assert text.count("not analysed: ") == 2


def test_a_wide_character_moves_the_marks_with_it(result, rules, sources):
    result = replace(result, findings=(replace(result.findings[0], state="new"),))
    lines = shown(result, rules, sources).splitlines()
    line = max(n for n, text in enumerate(lines) if "🐍" in text)
    assert lines[line + 1] == "    |     " + "^" * len("hashlib.md5(b'??')")


def test_color_is_only_for_terminals_and_for_those_who_ask(result, rules, sources):
    assert "\x1b[" not in shown(result, rules, sources)
    assert "\x1b[" in shown(result, rules, sources, color=True)


def test_neither_markup_nor_escapes_of_the_scanned_code_reach_the_terminal(rules):
    path = "a[/]\x1b]8;;https://evil.example\x07[link=x].py"
    finding = Finding("weak-hash", "[bold]x[/bold]\x1b[2J", 5.0, "high", Location(path, 1, 1, 1, 4))
    text = shown(Result((finding,), 1), rules, {path: "[/]\x1b[2J\u202e"}.get)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]\\x1b[2J" in text
    assert "a[/]\\x1b]8;;https://evil.example\\x07[link=x].py:1:1" in text


def test_a_finding_is_one_line_for_editors(result, sources):
    file = io.StringIO()
    console.lines(result, file)
    first, *_, sentence, coverage = file.getvalue().splitlines()
    assert first.startswith("app/we|ird `x`.py:5:5: critical sql-injection: ")
    assert sentence.startswith("2 findings (1 critical, 1 medium)")
    assert coverage == "1 of 812 files not analysed"


def test_many_findings_are_told_by_rule_too(result, rules, sources):
    new = next(finding for finding in result.findings if finding.state == "new")
    many = tuple(replace(new, location=Location("a.py", n, 1, n, 2)) for n in range(1, 19))
    also = tuple(replace(one, rule="weak-hash") for one in many[:2])
    assert "most often" not in shown(replace(result, findings=(*many, also[0])), rules, sources)
    text = shown(replace(result, findings=(*many, *also)), rules, sources)
    assert "most often: 18 sql-injection, 2 weak-hash\n" in text


def test_a_byte_order_mark_moves_no_mark(rules):
    finding = Finding("weak-hash", "m", 5.0, "high", Location("a.py", 1, 1, 1, 5))
    text = shown(Result((finding,), 1), rules, {"a.py": "\ufeffeval(x)\n"}.get)
    assert "  1 | eval(x)\n    | ^^^^\n" in text


def test_an_incomplete_run_says_so(result, rules, sources):
    text = shown(replace(result, incomplete=("out of time",)), rules, sources)
    assert "incomplete run: out of time\n" in text
    assert "in an incomplete run\n" in text

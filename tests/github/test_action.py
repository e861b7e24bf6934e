from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

import templates
from aud_action.findings import Unanalysed
from aud_action.settings import WrongInput

ACTION = Path(templates.__file__).parent.parent / "action.yml"
FILES = {
    "sarif_file": "aud-results/aud.sarif",
    "database_file": "aud-results/aud.db",
    "comment_file": "aud-results/comment.md",
}
TEN = "".join(f"line{n}\n" for n in range(10))
OTHER = TEN.replace("line4", "changed")


def declared() -> set[str]:
    text = ACTION.read_text("utf-8")
    return set(re.findall(r"^  ([a-z-]+):", text.partition("\noutputs:")[2].partition("\nruns:")[0], re.MULTILINE))


def errors(ran) -> list[str]:
    return [line for line in ran.log.splitlines() if line.startswith("::error")]


def test_only_the_pull_request_s_own_lines_fail_it_and_the_sarif_is_whole(runner):
    base = runner.commit({"a.py": TEN})
    head = runner.commit({"a.py": OTHER})
    runner.pull_request(base, head)
    runner.finds(("a.py", 5), ("a.py", 9))
    ran = runner.run(**FILES)
    assert ran.code == 1
    assert (ran.outputs["findings"], ran.outputs["new-findings"]) == ("2", "1")
    assert [line[:40] for line in errors(ran)] == ["::error file=a.py,line=5,endLine=5,col=1"]
    sarif = json.loads((runner.workspace / "aud-results/aud.sarif").read_text())
    assert len(sarif["runs"][0]["results"]) == 2
    assert "1 new high finding" in ran.summary
    runner.finds(("a.py", 9))
    assert runner.run(**FILES).code == 0


@pytest.mark.parametrize(
    ("event", "scope", "number"),
    [("push", "auto", "2"), ("merge_group", "", "2"), ("schedule", "auto", "2"), ("push", "changed-lines", "1")],
)
def test_other_events_judge_everything_unless_told_otherwise(runner, event, scope, number):
    base = runner.commit({"a.py": TEN})
    runner.commit({"a.py": OTHER})
    runner.event(event, before=base)
    runner.finds(("a.py", 5), ("a.py", 9))
    assert runner.run(scope=scope).outputs["new-findings"] == number


def test_without_the_base_commit_everything_is_new_and_that_is_said(runner):
    runner.commit({"a.py": TEN})
    runner.event("pull_request", pull_request={"number": 7, "base": {"sha": "1" * 40}, "head": {"sha": "2" * 40}})
    runner.finds(("a.py", 5))
    ran = runner.run()
    assert ran.outputs["new-findings"] == "1"
    assert "::notice title=aud::Every finding counts as new" in ran.log
    assert "fetch-depth" in ran.summary


def test_renames_are_handed_to_the_baseline(runner):
    base = runner.commit({"a.py": TEN})
    runner.git("mv", "a.py", "b.py")
    head = runner.commit()
    runner.pull_request(base, head)
    assert runner.run().renames == {"b.py": "a.py"}


@pytest.mark.parametrize(
    ("result", "code", "word"),
    [(None, 0, "passed"), (WrongInput("rules: no"), 2, "error"), (RuntimeError("a\n::error::b"), 3, "error")],
)
def test_every_declared_output_is_set_on_every_path(runner, result, code, word):
    runner.commit()
    runner.event("push")
    runner.result = result or runner.result
    ran = runner.run(**FILES)
    assert ran.code == code
    assert set(ran.outputs) == declared()
    assert ran.outputs["result"] == word
    assert len(errors(ran)) == (code != 0)


def test_an_incomplete_run_exits_3_with_its_files_and_without_the_output_that_would_be_uploaded(runner):
    runner.commit()
    runner.event("push")
    runner.finds(("a.py", 1))
    runner.result = replace(runner.result, incomplete=("out of time",))
    ran = runner.run(**FILES)
    assert ran.code == 3
    assert (ran.outputs["result"], ran.outputs["sarif-file"]) == ("error", "")
    assert (runner.workspace / "aud-results/aud.sarif").is_file()
    assert "**This run is incomplete**" in ran.summary


def test_outputs_are_relative_to_the_workspace_even_when_the_input_was_not(runner):
    runner.commit()
    runner.event("push")
    ran = runner.run(sarif_file=f"{runner.workspace}/out/x.sarif")
    assert ran.outputs["sarif-file"] == "out/x.sarif"


@pytest.mark.parametrize("given", ["../x.sarif", "/etc/x.sarif", ".git/hooks/x", "link/x.sarif", "linked.sarif", "."])
def test_no_output_leaves_the_workspace(runner, given):
    runner.commit()
    runner.event("push")
    (runner.workspace / "link").symlink_to("/tmp")
    (runner.workspace / "linked.sarif").symlink_to(runner.folder / "elsewhere")
    ran = runner.run(sarif_file=given)
    assert ran.code == 2
    assert "::error title=aud%3A wrong input::input sarif-file is" in ran.log
    assert not (runner.folder / "elsewhere").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "fail_on",
            "hihg",
            "input fail-on is 'hihg'; use one of never, low, medium, high, critical; did you mean 'high'?",
        ),
        ("annotations", "11", "input annotations is '11'; use a whole number from 0 to 10"),
        ("jobs", "-1", "input jobs is '-1'"),
        ("summary", "maybe", "input summary is 'maybe'; use true or false"),
        ("comment", "sometimes", "use one of never, on-findings, always, file"),
        ("config", "absent.toml", "no such configuration file"),
    ],
)
def test_a_wrong_value_names_the_input_and_what_it_may_be(runner, name, value, words):
    runner.commit()
    runner.event("push")
    ran = runner.run(**{name: value})
    assert ran.code == 2
    assert words in ran.log


def test_an_empty_input_is_one_that_is_not_given(runner):
    runner.commit({".aud.toml": 'fail-on = "low"\nexclude = ["x"]\n'})
    runner.event("push")
    settings = runner.run(fail_on="", exclude="", jobs="", min_severity="").settings
    assert (settings.fail_on, settings.exclude) == ("low", ("x",))
    settings = runner.run(fail_on="critical", exclude="a b\n\n c", paths=".\nsrc", rules="B501, x").settings
    assert (settings.fail_on, settings.exclude, settings.paths) == ("critical", ("a b", "c"), ("src",))
    assert settings.select == ("B501", "x")


def test_a_fork_s_pull_request_is_judged_by_the_base_branch_s_words(runner):
    words = {
        ".aud.toml": 'fail-on = "low"\nbaseline = "known.jsonl"\n',
        ".aud/rules/own.md": "ours",
        ".aud/advisories.jsonl": "ours",
        "known.jsonl": "ours",
    }
    base = runner.commit(words)
    head = runner.commit(dict.fromkeys(words, "theirs") | {".aud.toml": 'fail-on = "never"\n'})
    runner.pull_request(base, head, fork=True)
    seen = {}

    def look(settings):
        places = (Path(settings.rules) / "own.md", Path(settings.baseline), Path(settings.advisories))
        seen.update(zip(("rules", "baseline", "advisories"), (place.read_text() for place in places), strict=True))

    settings = runner.run(look=look).settings
    assert settings.fail_on == "low"
    assert settings.root == runner.workspace
    assert seen == {"rules": "ours", "baseline": "ours", "advisories": "ours"}
    runner.pull_request(base, head)
    assert runner.run().settings.fail_on == "never"


def test_without_its_base_commit_a_fork_s_own_words_still_do_not_count(runner):
    runner.commit({".aud.toml": 'fail-on = "never"\n', ".aud/rules/own.md": "theirs"})
    runner.event(
        "pull_request",
        pull_request={
            "number": 7,
            "base": {"sha": "1" * 40, "repo": {"full_name": "octo/repo"}},
            "head": {"sha": "2" * 40, "repo": {"full_name": "someone/repo"}},
        },
    )
    found = []
    ran = runner.run(look=lambda settings: found.extend(Path(settings.rules).iterdir()))
    assert ran.settings.fail_on == "high"
    assert found == []
    assert "the repository's own aud configuration, rules and baseline were not used" in ran.log


def test_a_stranger_s_commit_is_not_analysed_with_a_token_that_can_write(runner):
    base = runner.commit({"a.py": ""})
    head = runner.commit({"a.py": "x"})
    runner.pull_request(base, head, fork=True, name="pull_request_target")
    runner.environ["GITHUB_SHA"] = base
    ran = runner.run()
    assert ran.code == 2
    assert "use `on: pull_request`" in ran.log


def test_nothing_printed_is_obeyed(runner):
    runner.commit({"a.py": "x = 1\n::error::pwned\n::add-mask::a\n::set-output name=a::b\n"})
    runner.event("push")
    runner.finds(("a.py", 2), ("a\n::error::x.py", 1))
    runner.result = replace(runner.result, unanalysed=(Unanalysed("b\n::error::y.py", 1, "z\n::error::w"),))
    heard, token = [], None
    for line in runner.run().log.splitlines():
        if token:
            token = None if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
            assert re.fullmatch("[a-z]{32}", token)
        elif line.startswith("::"):
            heard.append(line)
    assert len(heard) == 2
    assert all(line.startswith("::error file=a") for line in heard)


def test_the_ten_annotations_go_to_the_worst(runner):
    runner.commit()
    runner.event("push")
    runner.finds(*(("a.py", n) for n in range(1, 30)))
    worst = replace(runner.result.findings[-1], severity=9.9)
    runner.result = replace(runner.result, findings=(*runner.result.findings[:-1], worst))
    ran = runner.run(annotations="10")
    assert len(errors(ran)) == 10
    assert "line=29" in errors(ran)[0]
    assert "19 more new findings have no annotation" in ran.log
    assert errors(runner.run(annotations="0")) == []


def test_what_is_written_belongs_to_the_workspace_s_owner(runner):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    runner.commit()
    runner.event("push")
    os.chown(runner.workspace, 1001, 1001)
    runner.run(**FILES)
    results = runner.workspace / "aud-results"
    assert {path.stat().st_uid for path in [results, *results.rglob("*")]} == {1001}


def test_a_missing_payload_costs_a_scope_and_not_the_run(runner):
    runner.commit()
    runner.environ |= {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "/nonexistent"}
    assert runner.run().code == 0

"""What people type, and what they read when they ask for help."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aud_action import cli
from aud_action.settings import from_files

BAD = "import requests\nrequests.get('https://a', verify=False, timeout=5)\n"


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("one.py", "src/two.py", "src/three.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(*arguments):
    """The places that a scan prints in its shortest form."""
    lines = run("scan", *arguments, "--format", "concise").output.splitlines()
    return [line.partition(": high tls-verify-disabled: ")[0] for line in lines if ": high " in line]


def test_a_folder_is_the_root_and_files_are_parts_of_the_current_folder(project):
    assert places() == places(project) == ["one.py:2:1", "src/three.py:2:1", "src/two.py:2:1"]
    assert places("src") == ["three.py:2:1", "two.py:2:1"]
    assert places("src/two.py") == places(project / "src" / "two.py") == ["src/two.py:2:1"]
    assert places("one.py", "src") == places()


def test_files_elsewhere_are_parts_of_the_folder_that_holds_them_all(project, monkeypatch):
    monkeypatch.chdir(project / "src")
    assert places("../one.py", "two.py") == ["one.py:2:1", "src/two.py:2:1"]


def test_the_configuration_of_the_root_holds_for_its_parts(project):
    (project / ".aud.toml").write_text("per-file-ignores = {'src/*' = ['B501']}\n")
    assert places("one.py", "src") == places() == ["one.py:2:1"]


def test_the_example_of_a_configuration_is_one(project):
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    (project / "pyproject.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    settings = from_files(project)
    assert (settings.fail_on, settings.severity) == ("medium", {"open-redirect": 0.1})
    assert run("scan").exit_code == 1


def test_findings_are_lines_of_json_when_asked_for(project):
    lines = run("scan", "--format", "jsonl").output.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["one.py", "src/three.py", "src/two.py"]


def test_a_comment_without_a_rule_says_what_to_write(project):
    (project / "one.py").write_text(BAD.replace(")\n", ")  # aud: ignore\n"))
    text = run("scan", "one.py").output
    assert "one.py:2: `# aud: ignore` silences nothing, as it names no rule; write `# aud: ignore[" in text


def git(folder, *words):
    name = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    subprocess.run(["git", "-C", folder, *name, *words], check=True, capture_output=True)


def test_what_the_base_has_got_since_a_branch_left_it_is_no_change_of_the_branch(project):
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "one")
    git(project, "checkout", "-qb", "branch")
    (project / "four.py").write_text(BAD)
    git(project, "checkout", "-q", "main")
    (project / "one.py").write_text("")
    git(project, "commit", "-qam", "mended on main")
    git(project, "checkout", "-q", "branch")
    assert places("--since", "main") == ["four.py:2:1"]


def test_a_shallow_clone_is_said_to_be_one(project, tmp_path_factory, monkeypatch):
    git(project, "init", "-q")
    for number in range(2):
        git(project, "commit", "-q", "--allow-empty", "-m", f"{number}")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", project.as_uri(), "shallow")
    (clone / "shallow" / "a.py").write_text(BAD)
    error = run("scan", clone / "shallow", "--since", "HEAD~1").exception
    assert str(error).endswith("; the clone is shallow: `git fetch --unshallow` gets the rest")
    error = run("scan", project, "--since", "HEAD~5").exception
    assert str(error).endswith(f"'HEAD~5' is no commit of a git repository at {project}")


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_shows_options_under_headings(word):
    text = run("scan", word).output
    headings = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Arguments:", "What to look for:", "Where results go:", "Limits:", "Options:"]


def test_a_peer_s_id_explains_every_rule_that_takes_its_place():
    pages = run("explain", "b202").output
    assert re.findall(r"^([\w-]+): (\w+) [\d.]+, precision", pages, re.MULTILINE) == [
        ("archive-slip", "high"),
        ("archive-extraction", "medium"),
    ]
    assert (
        str(run("explain", "archive-slipp").exception) == "unknown rule 'archive-slipp'; did you mean 'archive-slip'?"
    )


def test_the_end_says_how_to_learn_more(project):
    assert "aud explain tls-verify-disabled says why it is dangerous and what to do instead\n" in run("scan").output
    (project / "one.py").write_text("")
    assert "aud explain" not in run("scan", "one.py").output


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "aud_action", *map(str, arguments)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": os.getcwd()},
    )  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_leaves_nothing_behind_and_no_traceback(project, number, code):
    (project / "src" / "big.py").write_text("def f(x):\n    return x\n" * 20_000)
    process = started("scan", ".")
    while not list(project.rglob("*.shard")):
        assert process.poll() is None, "it ended before it was stopped"
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors, list(project.glob("aud-*"))) == (code, "", [])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_said_to_be_full(project):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aud_action", "scan"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (3, "aud: the disk is full: [Errno 28] No space left on device\n")

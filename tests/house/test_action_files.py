"""The files that GitHub reads: pinned, without rights they don't need, and in step with the project."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
EXAMPLES = [*sorted((ROOT / "examples").rglob("*.y*ml")), *sorted(ROOT.glob("*/action.yml"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("flow", FLOWS + EXAMPLES, ids=name)
def test_every_foreign_action_is_pinned_by_commit_and_says_its_version(flow):
    uses = re.findall(r"^\s*(?:- )?uses: (.+)$", flow.read_text("utf-8"), re.MULTILINE)
    loose = [use for use in uses if not re.match(r"\.|\$/|\S+@[0-9a-f]{40} # \S", use)]
    assert loose == []


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_a_workflow_starts_without_rights(flow):
    assert re.search(r"^permissions: \{\}$", flow.read_text("utf-8"), re.MULTILINE)


def test_ci_tests_every_python_that_we_promise():
    promised = [line.rsplit(" ", 1)[1] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    tested = re.search(r"python: (\[.*\])", (ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    assert re.findall(r"[\d.]+", tested[1]) == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_the_image_starts_isolated_as_root_without_a_shell():
    assert re.search(r'^ENTRYPOINT \["[^"]+python", "-I", "-m", "aud_action"\]$', DOCKERFILE, re.MULTILINE)
    assert "PYTHONSAFEPATH=1" in DOCKERFILE
    assert not re.search(r"^USER ", DOCKERFILE, re.MULTILINE)


def test_the_image_is_made_of_what_the_lock_files_name():
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


def test_the_build_context_holds_exactly_what_the_dockerfile_copies():
    copied = {
        part for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for part in line.split()
    }
    allowed = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert copied == set(allowed)

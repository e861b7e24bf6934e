"""One run of the action on one page: inputs, event, scan, change, files, words, outputs, exit code."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from aud_action.findings import Result
from aud_action.findings.scope import Change, How
from aud_action.findings.threshold import exit_code
from aud_action.github import annotations as log
from aud_action.github import inputs, outputs, trust
from aud_action.github.api import Api
from aud_action.github.change import Difference, difference
from aud_action.github.event import read as read_event
from aud_action.github.fixed import repaired
from aud_action.github.git import Git
from aud_action.github.place import give_back, relative
from aud_action.github.publish import Publisher
from aud_action.report.sentence import number
from aud_action.rules import Rule
from aud_action.settings import Settings, WrongInput

Scan = Callable[[Settings, Path | None, Change | None, How], tuple[Result, Mapping[str, Rule]]]
"""The pipeline: settings, where to keep the database, what alone counts as new and how."""

PASSED, FAILED, WRONG, ERROR = 0, 1, 2, 3
_RESULTS = {PASSED: "passed", FAILED: "failed"}


def run(environ: Mapping[str, str], scan: Scan, out: TextIO) -> int:
    """
    The action, from the runner's environment to an exit code. Never raises; every output is set in the end.

    0 passed, 1 a new finding at or above fail-on, 2 wrong input, 3 incomplete run or internal error.
    """
    told = outputs.Outputs()
    workspace = Path(environ.get("GITHUB_WORKSPACE") or ".").resolve()
    code = ERROR
    try:
        with tempfile.TemporaryDirectory(prefix="aud-words-") as words:
            code = _Run(environ, workspace, out, told).go(scan, Path(words))
    except WrongInput as error:
        code = WRONG
        said = str(error).replace("select: ", "input rules: ", 1)  # the setting's name is not the input's
        out.write(log.command("error", said, title="aud: wrong input") + "\n")
    except Exception as error:  # noqa: BLE001  # the outputs and the exit code are promised on every path
        text = f"{type(error).__name__}: {error}"
        out.write(log.command("error", text, title="aud: internal error") + "\n")
        if environ.get("RUNNER_DEBUG") == "1":
            with log.unheard(out):
                traceback.print_exc(file=out)
    finally:
        told.result = _RESULTS.get(code, "error")
        outputs.write(told, environ)
        out.flush()
    return code


class _Run:
    """What one run holds on to."""

    def __init__(self, environ: Mapping[str, str], workspace: Path, out: TextIO, told: outputs.Outputs) -> None:
        self._environ = environ
        self._workspace = workspace
        self._out = out
        self._told = told
        self._event = read_event(environ)
        self._git = Git(workspace)
        self._notes: list[str] = []

    def go(self, scan: Scan, words: Path) -> int:
        """Everything, in order."""
        asked = self._inputs(words)
        self._refuse_foreign_code()
        api = self._api(asked.token)
        how, found = self._change(asked, api)
        database = asked.database_file
        if database:
            database.parent.mkdir(parents=True, exist_ok=True)
        result, rules = scan(asked.settings, database, found.change, how)
        if found.change and self._event.is_pull_request:
            result = self._repaired(scan, asked.settings, result, rules, found)
        result = replace(result, notes=(*result.notes, *self._notes))
        settings = asked.settings
        code = exit_code(result, settings.fail_on, fail_on_unanalysed=settings.fail_on_unanalysed)
        self._told.count(result)
        self._told.database_file = relative(self._workspace, database)
        publisher = Publisher(self._environ, self._workspace, self._event, asked, self._told, self._out)
        publisher.publish(result, rules, how if found.change else "all", api, failed=code == FAILED)
        give_back(self._workspace, [database, asked.cache_dir, *publisher.written])
        return code

    def _inputs(self, words: Path) -> inputs.Inputs:
        """The inputs; for a stranger's pull request with the base branch's configuration, rules and baseline."""
        if not (self._event.is_pull_request and self._event.fork):
            return inputs.read(self._environ, self._workspace)
        base = trust.Words(words, self._event, self._git)
        if not base.known:
            self._note(
                "This pull request comes from a fork and its base commit is not in the checkout, so the repository's own "
                "aud configuration, rules and baseline were not used; give actions/checkout `fetch-depth: 2`."
            )
        return base.inputs(self._environ, self._workspace)

    def _refuse_foreign_code(self) -> None:
        """`pull_request_target` has a token that can write; analysing the stranger's commit with it is asking for it."""
        if self._event.name != "pull_request_target":
            return
        here = self._git.commit("HEAD")
        if here and self._event.sha and here != self._event.sha:
            raise WrongInput(
                "event pull_request_target with the pull request's own commit checked out: use `on: pull_request`, and "
                "the aud comment workflow for forks (docs/action.md)"
            )
        self._note("pull_request_target analyses the base branch, not the pull request; use `on: pull_request`.")

    def _api(self, token: str) -> Api | None:
        address = self._environ.get("GITHUB_API_URL", "")
        if not (token and address and self._event.repository):
            return None
        return Api(address, token, self._event.repository)

    def _change(self, asked: inputs.Inputs, api: Api | None) -> tuple[How, Difference]:
        """What counts as new, and the lines that it is judged by."""
        usual: How = "changed-lines" if self._event.is_pull_request else "all"
        how = usual if asked.scope == "auto" else asked.scope
        if how == "all":
            return how, Difference(None, "everything counts as new")
        found = difference(self._event, asked.base_ref, self._git, api)
        if found.change is None:
            self._note(f"Every finding counts as new, as the changed lines are not known: {found.how}.")
        elif not asked.quiet:
            self._out.write(f"changed lines: {found.how}, {number(len(found.change.files), 'file')}\n")
        return how, found

    def _repaired(
        self, scan: Scan, settings: Settings, result: Result, rules: Mapping[str, Rule], found: Difference
    ) -> Result:
        """The result with what the pull request repairs; that it can't be found out is no reason to fail."""

        def rescan(before: Settings, change: Change) -> Result:
            return scan(before, None, change, "changed-lines")[0]

        try:
            return repaired(result, rules, found.base, found.change or Change(), settings, self._git, rescan)
        except (OSError, ValueError):
            return result

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self._out.write(log.command("notice", text, title="aud") + "\n")

"""Telling the result in every place: files, job summary, log, annotations, pull request comment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from aud_action.findings import Result
from aud_action.findings.scope import How
from aud_action.findings.source import Sources
from aud_action.findings.threshold import is_open, new
from aud_action.github import annotations as log
from aud_action.github import comment as comments
from aud_action.github.api import Api
from aud_action.github.event import Event
from aud_action.github.inputs import Inputs
from aud_action.github.outputs import Outputs
from aud_action.github.place import relative, written
from aud_action.report import console, json, markdown, sarif
from aud_action.report.template import marker as as_comment
from aud_action.rules import Rule

LOGGED = 50  #: findings printed with their code


class Publisher:
    """One result's way out. Trouble here is a notice, never red: the analysis is done."""

    def __init__(
        self,
        environ: Mapping[str, str],
        workspace: Path,
        event: Event,
        asked: Inputs,
        told: Outputs,
        out: TextIO,
    ) -> None:
        self._environ = environ
        self._workspace = workspace
        self._event = event
        self._asked = asked
        self._told = told
        self._out = out
        self._sources = Sources(workspace)
        self.written: list[Path | None] = []

    def publish(self, result: Result, rules: Mapping[str, Rule], how: How, api: Api | None, *, failed: bool) -> None:
        """Write and say everything that is asked for. Raises OSError when a wanted file can't be written."""
        view = self._view(how, failed=failed)
        self._files(result, rules, view)
        self._summary(result, rules, view)
        self._log(result, rules)
        self._annotate(result, rules)
        self._comment(result, rules, view, api)

    def _view(self, how: How, *, failed: bool) -> markdown.View:
        event, environ = self._event, self._environ
        commit = event.head if event.is_pull_request and event.head else event.sha
        home, ref = environ.get("GITHUB_ACTION_REPOSITORY", ""), environ.get("GITHUB_ACTION_REF", "")
        category = self._asked.category
        return markdown.View(
            sources=self._sources,
            links=f"{event.address}/blob/{commit}" if event.address and commit else "",
            rule_links=f"{event.server}/{home}/blob/{ref}/aud_action/rules" if home and ref else "",
            details=event.details,
            scope=how,
            title=f"aud · {category}" if category else "aud",
            marker=comments.marker(category),
            failed=failed,
        )

    def _file(self, path: Path | None, write: Callable[[TextIO], object]) -> str:
        if path is None:
            return ""
        with written(path) as file:
            write(file)
        self.written.append(path)
        return relative(self._workspace, path)

    def _files(self, result: Result, rules: Mapping[str, Rule], view: markdown.View) -> None:
        asked, told = self._asked, self._told
        left_out = 0

        def write_sarif(file: TextIO) -> None:
            nonlocal left_out
            left_out = sarif.write(result, rules, file, sources=self._sources, options=self._options(suppressed=False))

        made = self._file(asked.sarif_file, write_sarif)
        # An upload of a part would close the alerts of the rest: the file is there, the output is not.
        told.sarif_file = "" if result.incomplete else made
        if asked.sarif_file and not all(map(is_open, result.findings)):
            whole = asked.sarif_file.with_name(f"{asked.sarif_file.stem}.all.sarif.json")
            options = self._options(suppressed=True)
            self._file(whole, lambda file: sarif.write(result, rules, file, sources=self._sources, options=options))
        if left_out:
            self._notice(
                f"{left_out:,} findings of the lowest severity exceed code scanning's limits; the database has them."
            )
        told.json_file = self._file(asked.json_file, lambda file: json.write(result, rules, file))
        text = markdown.comment(result, rules, view)
        told.comment_file = self._file(asked.comment_file, lambda file: file.write(text))
        if asked.comment_file and self._event.is_pull_request:
            # Read by the comment workflow for forks, which has no other way to know the pull request.
            number = asked.comment_file.with_name(f"{asked.comment_file.stem}.number")
            self._file(number, lambda file: file.write(f"{self._event.number}\n"))

    def _options(self, *, suppressed: bool) -> sarif.Options:
        return sarif.Options(
            category=self._asked.category,
            suppressed=suppressed,
            repository=self._event.address,
            revision=self._event.sha,
        )

    def _summary(self, result: Result, rules: Mapping[str, Rule], view: markdown.View) -> None:
        path = self._environ.get("GITHUB_STEP_SUMMARY")
        if not (self._asked.summary and path):
            return
        text = markdown.summary(result, rules, view)
        try:
            with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError as error:
            self._notice(f"The job summary could not be written: {error.strerror}")

    def _log(self, result: Result, rules: Mapping[str, Rule]) -> None:
        """The findings with their code, in a stretch of the log in which nothing is obeyed."""
        if self._asked.quiet:
            return
        with log.unheard(self._out):
            console.show(result, rules, self._out, sources=self._sources, color=True, limit=LOGGED)
        if self._asked.debug:
            for name, value in sorted(result.metrics.items()):
                self._out.write(log.command("debug", f"{name} {value:g}") + "\n")
        sys.stdout.flush()

    def _annotate(self, result: Result, rules: Mapping[str, Rule]) -> None:
        lines = log.lines(result, rules, self._asked.annotations)
        self._out.writelines(f"{line}\n" for line in lines)
        for reason in result.incomplete:
            self._out.write(log.command("error", reason, title="aud: incomplete run") + "\n")
        if (hidden := len(new(result)) - len(lines)) > 0 and not self._asked.quiet:
            self._out.write(f"{hidden:,} more new findings have no annotation; the job summary has them\n")

    def _comment(self, result: Result, rules: Mapping[str, Rule], view: markdown.View, api: Api | None) -> None:
        event, asked = self._event, self._asked
        if asked.comment in {"never", "file"} or event.name != "pull_request" or not event.number:
            return
        if event.fork:
            self._notice(
                "A fork's pull request has a read-only token, so no comment; docs/action.md shows the workflow for it."
            )
            return
        if api is None:
            self._notice("No comment without a token: give the input `token`.")
            return
        quiet = asked.comment == "on-findings" and not new(result) and not result.incomplete
        body = markdown.comment(result, rules, view)
        done = comments.publish(api, event.number, body, as_comment(view.marker), only_update=quiet)
        self._told.comment_url = done.url
        if done.notice:
            self._notice(done.notice)

    def _notice(self, text: str) -> None:
        self._out.write(log.command("notice", text, title="aud") + "\n")

"""
Whose words decide: on a fork's pull request, configuration, rule pages, advisories and baseline are those of the base branch.

Otherwise a stranger could switch off the rule that finds what the pull request brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from aud_action.advisories import SNAPSHOT
from aud_action.github import inputs
from aud_action.github.event import Event
from aud_action.github.git import Git
from aud_action.settings import Settings

WORDS = (".aud", ".aud.toml", "pyproject.toml")


class Words:
    """The base branch's own words, written into a folder. An unknown base has none, and the fork's count all the less."""

    def __init__(self, folder: Path, event: Event, git: Git) -> None:
        self._folder = folder
        self._git = git
        is_merge = bool(git.commit("HEAD^2"))
        self._base = (git.commit("HEAD^1") if is_merge else "") or git.commit(event.base)

    @property
    def known(self) -> bool:
        """Whether the base commit is in the checkout."""
        return bool(self._base)

    def inputs(self, environ: Mapping[str, str], workspace: Path) -> inputs.Inputs:
        """The workflow's inputs on top of the base branch's configuration."""
        self._fetch(*WORDS, environ.get("INPUT_CONFIG", "").strip())
        asked = inputs.read(environ, workspace, self._folder)
        return replace(asked, settings=self._settings(asked.settings))

    def _settings(self, settings: Settings) -> Settings:
        """The settings with rules, models and baseline from the folder, even where that has none."""
        rules, models = settings.rules or ".aud/rules", settings.models or ".aud/models"
        named = (settings.rules, settings.models, settings.baseline, settings.advisories)
        self._fetch(*(path for path in named if path))
        for path in (rules, models):
            (self._folder / path).mkdir(parents=True, exist_ok=True)
        known = self._folder / settings.baseline if settings.baseline else None
        listed = self._folder / (settings.advisories or SNAPSHOT)  # where it isn't committed, a step has fetched it
        return replace(
            settings,
            rules=str(self._folder / rules),
            models=str(self._folder / models),
            baseline=str(known) if known and known.is_file() else None,
            advisories=str(listed) if listed.exists() else settings.advisories,
        )

    def _fetch(self, *paths: str) -> None:
        inner = [path for path in paths if path and not path.startswith(("/", ":")) and ".." not in Path(path).parts]
        if not self._base or not inner:
            return
        for path, content in self._git.files(self._base, *inner).items():
            file = self._folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

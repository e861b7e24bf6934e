"""git inside the container: the checkout belongs to another user, and nothing in it may run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TIMEOUT = 120  #: seconds
_QUIET = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=true",
    "-c",
    "diff.noprefix=false",
    "-c",
    "diff.mnemonicPrefix=false",
)
DIFF = (
    "diff",
    "-U0",
    "-M",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules",
    "--text",
    "--relative",
)


class Git:
    """The repository at one folder. Every question is answered, with None when git can't."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def raw(self, *words: str) -> bytes | None:
        """What git prints; None when it fails, is missing or takes too long."""
        command = ["git", "-C", str(self._folder), "-c", f"safe.directory={self._folder}", *_QUIET, *words]
        environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(command, check=False, capture_output=True, timeout=TIMEOUT, env=environ)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout if done.returncode == 0 else None

    def line(self, *words: str) -> str:
        """What git prints, as one line; "" when it fails."""
        return (self.raw(*words) or b"").decode("utf-8", "surrogateescape").strip()

    def commit(self, name: str) -> str:
        """The id of a commit that is here; "" for one that isn't."""
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def diff(self, *commits: str) -> str | None:
        """The lines that differ between two commits, or since one."""
        found = self.raw(*DIFF, *commits, "--")
        return None if found is None else found.decode("utf-8", "surrogateescape")

    def untracked(self) -> list[str]:
        """Files that are in no commit and not ignored."""
        listing = self.raw("ls-files", "--others", "--exclude-standard", "-z") or b""
        return [path.decode("utf-8", "surrogateescape") for path in listing.split(b"\0") if path]

    def files(self, commit: str, *paths: str) -> dict[str, bytes]:
        """The regular files below some paths of a commit."""
        listing = self.raw("ls-tree", "-r", "-z", commit, "--", *paths) or b""
        found = {}
        for entry in listing.split(b"\0"):
            mode, _, rest = entry.partition(b" ")
            if mode not in {b"100644", b"100755"}:
                continue
            blob, _, path = rest.removeprefix(b"blob ").partition(b"\t")
            content = self.raw("cat-file", "blob", blob.decode("ascii"))
            if content is not None:
                found[path.decode("utf-8", "surrogateescape")] = content
        return found

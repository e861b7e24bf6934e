"""
Download and unpack the real projects of corpora.toml into corpora/, other tools of peers.toml into peers/: ignored folders.

Nothing of them is built or run. `pip download` would run a source archive's build hooks to learn its metadata, so pip is
used as a client only: the index, proxy and certificates that the user configured, then one file, checked by its hash.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PINS = {Path(__file__).with_name(f"{pool}.toml"): pool for pool in ("corpora", "peers")}


def fetch(name: str, pin: dict[str, str], session: Any, finder: Any) -> bytes:
    """The bytes of the pinned archive. Ends the program when the index has no such file or another one."""
    links = {candidate.link.filename: candidate.link for candidate in finder.find_all_candidates(name)}
    if pin["file"] not in links:
        sys.exit(f"corpora: the configured package index has no {pin['file']}")
    answer = session.get(links[pin["file"]].url_without_fragment, headers={"Accept-Encoding": "identity"})
    answer.raise_for_status()
    if hashlib.sha256(answer.content).hexdigest() != pin["sha256"]:
        sys.exit(f"corpora: {pin['file']} has not the pinned hash")
    return bytes(answer.content)


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack below `folder` without the archive's own top folder; the last step makes it visible, whole."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(partial, filter="data")
    tops = list(partial.iterdir())
    tops[0].rename(folder)
    shutil.rmtree(partial)


def main() -> None:
    """Fetch what is missing."""
    pins = {}
    wanted = {}
    for page, pool in PINS.items():
        for name, pin in tomllib.loads(page.read_text("utf-8")).items():
            pins[name], wanted[name] = pin, ROOT / pool / pin["file"].removesuffix(".tar.gz")
    missing = [name for name, folder in wanted.items() if not folder.is_dir()]
    for pool in PINS.values():
        (ROOT / pool).mkdir(exist_ok=True)
    if missing:
        # pip has no public interface for "fetch this file, run nothing"; these names have been there since pip 20.
        from pip._internal.commands import create_command

        command: Any = create_command("download")
        options, _ = command.parse_args(["--quiet", "--quiet", "--no-deps", "--no-binary", ":all:"])
        with command.main_context():
            session = command._build_session(options)
            finder = command._build_package_finder(options, session)
            for name in missing:
                unpack(fetch(name, pins[name], session, finder), wanted[name])
    for name, folder in wanted.items():
        sys.stdout.write(f"{name:10} {folder.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()

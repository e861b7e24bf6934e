"""
Measure runs with a cache: cold, nothing changed, ten files changed; beside ruff's warm run on the same tree.

The folder is copied first, as files of it are changed. Prints rows for README.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from floor import Cost, measured, python_files

AUD = [sys.executable, "-m", "aud_action", "scan"]
KINDS = {
    "a comment below": "{text}\n# change {number}\n",
    "a comment above": "# change {number}\n{text}",
    "a statement": "{text}\nchanged_{number} = {number}\n",
}
QUIET = ["--fail-on", "never", "--format", "none", "--jobs", "2"]


def spoil(tree: Path, kind: str, number: int) -> None:
    """Change ten files, spread over the tree, by one line."""
    paths = sorted(path for _, path in python_files(str(tree)))
    for path in paths[:: max(1, len(paths) // 10)][:10]:
        text = Path(path).read_text("utf-8")
        Path(path).write_text(KINDS[kind].format(text=text, number=number), "utf-8")


def packed(folder: Path) -> int:
    """Bytes of the cache as a tar file packed by zstd at its usual level."""
    tar = subprocess.Popen(["tar", "-c", "-C", str(folder), "."], stdout=subprocess.PIPE)
    done = subprocess.run(["zstd", "-q", "-c"], stdin=tar.stdout, capture_output=True, check=True)
    tar.wait()
    return len(done.stdout)


def main() -> None:
    """Measure one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aud-bench-") as top:
        tree, cache = Path(top, "tree"), Path(top, "cache")
        shutil.copytree(given.folder, tree, symlinks=True)
        source = sum(size for size, _ in python_files(str(tree)))
        command = [*AUD, str(tree), "--cache-dir", str(cache), *QUIET]
        ruff = [
            str(Path(sys.executable).with_name("ruff")),
            "check",
            "--select",
            "S",
            "--cache-dir",
            f"{top}/ruff",
            "-q",
            str(tree),
        ]
        # modules are compiled once, as they are in the image
        os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{top}/compiled"}
        measured([*AUD, str(Path(__file__).parent), *QUIET, "--cache-dir", f"{top}/unused"])
        cold = measured(command)
        measured(ruff)
        print(f"state packed: {packed(cache) / source:.2f} of the source", flush=True)
        print(f"cold: {cold.cpu:.2f} CPU s, wall {cold.wall:.1f} s, exit {cold.exit}", flush=True)
        still, peers = [], []
        wanted = [*command, "--db", f"{top}/aud.db"]
        kept: dict[str, list[Cost]] = {"nothing changed": [], "a comment below": [], "a comment above": []}
        changed: dict[str, list[Cost]] = {kind: [] for kind in KINDS}
        for number in range(given.rounds):
            for kind, costs in changed.items():
                still.append(measured(command))
                peers.append(measured(ruff))
                spoil(tree, kind, number)
                costs.append(measured(command))
            for kind, costs in kept.items():
                if kind in KINDS:
                    spoil(tree, kind, -1 - number)
                costs.append(measured(wanted))
        print(
            f"nothing changed: {median(one.cpu for one in still):.3f} CPU s, wall {median(one.wall for one in still):.2f} s"
        )
        print(f"share of cold CPU: {median(one.cpu for one in still) / cold.cpu:.2%}")
        print(
            f"ruff S warm: {median(one.cpu for one in peers):.3f} CPU s, wall {median(one.wall for one in peers):.2f} s"
        )
        for kind, costs in changed.items():
            cpu, wall = median(one.cpu for one in costs), median(one.wall for one in costs)
            print(f"ten changed by {kind}: {cpu:.2f} CPU s, wall {wall:.1f} s")
        for kind, costs in kept.items():
            print(f"with --db, {kind}: {median(one.cpu for one in costs):.2f} CPU s")
        print(f"state packed: {packed(cache) / source:.2f} of the source; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

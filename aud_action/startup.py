"""Before anything else: is what we are about to import ours, and can the scanned folder reach our children?"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("schema", "extractors", "templates")
_OWNER = 'OWNER = "aud-action"'
_REPLACED = (
    "aud: the package {} that Python finds is not ours: another distribution has overwritten or shadowed it. "
    "Install aud into an environment of its own (pipx, uv tool, or `make scan`).\n"
)


def _is_ours(package: str, home: Path) -> bool:
    """Whether the package stands beside us and says whose it is. Its code is read, not run."""
    spec = find_spec(package)
    if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != home:
        return False
    return _OWNER in Path(spec.origin).read_text("utf-8", errors="replace")


def foreign() -> list[str]:
    """Names of our packages that another distribution has overwritten or shadowed."""
    home = Path(__file__).resolve().parent.parent
    return [package for package in PACKAGES if not _is_ours(package, home)]


def check() -> None:
    """
    End with exit code 3 when a package of ours was replaced; keep the scanned folder off our children's import path.

    Python puts the current folder first on the import path of `python -c` children, and that folder is the
    scanned repository: its `signal.py` would run. PYTHONSAFEPATH forbids it.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    if names := foreign():
        listed = ", ".join(f"`{name}`" for name in names)
        sys.stderr.write(_REPLACED.format(listed))
        raise SystemExit(3)

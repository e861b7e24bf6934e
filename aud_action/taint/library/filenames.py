"""Names of files: joined, normalised, and their last parts."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.sinks import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import without
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.paths import normalised, path_join
from aud_action.taint.values.value import UNKNOWN, Value, all_taints


def _last_part(frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.basename(x)`: what stands behind the last slash."""
    mask = frame.machine.models.mask(["path-traversal", "archive-slip"]) | marks(without("/"))
    made = fold.part(given[0] if given else UNKNOWN, "part", kind="str")
    return each_taint(made, lambda taint: taint._replace(cleared=taint.cleared | mask))


def _join_path(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return path_join(given) if given else UNKNOWN


def _normalised(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.normpath(x)`: of an absolute path no `..` is left."""
    return normalised(given[0]) if given else UNKNOWN


def _path(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    joined = path_join(given) if len(given) > 1 else given[0] if given else UNKNOWN
    return Value(all_taints(joined), joined.consts, ("pathlib.Path",), (), None, "", joined.forms)


CALLS: Final[dict[str, Handler]] = {
    "os.path.basename": _last_part,
    "os.path.join": _join_path,
    "os.path.normpath": _normalised,
    "posixpath.join": _join_path,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "anyio.Path": _path,
}

"""Names of files: joined, normalised, and their last parts."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import BIT, of_pattern, without
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.paths import normalised, path_join
from aud_action.taint.values.value import UNKNOWN, Taint, Value, all_taints, forms_of
from extractors.flow import code


def _last_part(frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.basename(x)`: what stands behind the last slash."""
    mask = frame.machine.models.mask(["path-traversal", "archive-slip"]) | marks(without("/"))
    made = fold.part(given[0] if given else UNKNOWN, "part", kind="str")
    return each_taint(made, lambda taint: taint.clearing(mask))


def _split_path(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`os.path.split(x)`: the folder, and what stands behind the last slash."""
    folder = fold.part(given[0] if given else UNKNOWN, "folder", kind="str")
    return Value(items={0: folder, 1: _last_part(frame, env, given, named, node)}, kind="tuple")


_ENDING: Final = of_pattern(r"(?:\.[^./\\]*)?", 0, "fullmatch")


def _split_ending(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.splitext(x)`: what stands before the last dot, and an ending in which no slash and no second dot is."""
    path = given[0] if given else UNKNOWN
    ending = fold.part(path, "part", kind="str")
    mask = marks(_ENDING)
    return Value(
        items={0: fold.part(path, "part", kind="str"), 1: each_taint(ending, lambda taint: taint.clearing(mask))},
        kind="tuple",
    )


def _common_letters(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.commonprefix([path, "/srv/"])`: a folder only where a slash ends what is compared."""
    paths = given[0] if given else UNKNOWN
    is_folder = any(
        all(form and isinstance(form[-1], str) and form[-1].endswith("/") for form in forms_of(one))
        for one in (paths.items or {}).values()
        if not one.taints
    )
    return fold.part(paths, "common" if is_folder else "part", kind="str")


def _join_path(_frame: Frame, _env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    return path_join(again(given, node)) if given else UNKNOWN


def again(given: list[Value], node: Any) -> list[Value]:
    """`join(base, *path.split("/"))`: pieces without a slash are a path again, however many there are."""
    if not any(type(one) is list and one[0] == code.STAR for one in node[2]):
        return given
    return [each_taint(one, _pieced) for one in given]


def _pieced(taint: Taint) -> Taint:
    return (
        taint._replace(cleared=taint.cleared & ~marks(BIT["/"])) if taint.token.relation in ("piece", "step") else taint
    )


def _normalised(_frame: Frame, env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`os.path.normpath(x)`: of an absolute path no `..` is left."""
    return normalised(env.settled(given[0])) if given else UNKNOWN


def _path(_frame: Frame, _env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    given = again(given, node)
    joined = path_join(given) if len(given) > 1 else given[0] if given else UNKNOWN
    return Value(all_taints(joined), joined.consts, ("pathlib.Path",), (), None, "", joined.forms)


CALLS: Final[dict[str, Handler]] = {
    "os.path.basename": _last_part,
    "os.path.commonprefix": _common_letters,
    "os.path.split": _split_path,
    "os.path.splitext": _split_ending,
    "os.path.join": _join_path,
    "os.path.normpath": _normalised,
    "posixpath.join": _join_path,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "anyio.Path": _path,
}

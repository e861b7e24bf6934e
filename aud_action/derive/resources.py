"""Classes that make up trees of resources and protocols: Twisted's and Pyramid's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, Program, program
from aud_action.settings import Settings
from aud_action.store import Store
from schema.classes import ClassHierarchy
from schema.webextras import PyramidResource, TwistedProtocol, TwistedResource

_PROTOCOLS: Final = (
    "twisted.internet.protocol.",
    "twisted.protocols.",
    "autobahn.twisted.websocket.",
    "twisted.conch.",
)
_HANDLERS: Final = {
    **dict.fromkeys(
        "dataReceived lineReceived rawDataReceived stringReceived datagramReceived messageReceived onMessage".split(),
        True,
    ),
    **dict.fromkeys("connectionMade connectionLost buildProtocol onConnect onOpen onClose startFactory".split(), False),
}
_PARTS: Final = """
SELECT parent, count(DISTINCT child || coalesce(prefix, '')) FROM python_router_mounts WHERE framework = 'twisted' GROUP BY parent
"""
_FACTORIES: Final = """
SELECT a.name FROM python_call_arguments a JOIN python_calls c USING (site) WHERE a.name IS NOT NULL AND (
  a.keyword = 'root_factory' OR (a.keyword = 'factory' AND c.method IN ('add_route', 'set_root_factory'))
  OR (c.method = 'set_root_factory' AND a.position = 0))
"""
_MADE: Final = """
SELECT o.name, c.callee FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE o.name GLOB '*.__getitem__' AND c.callee <> ''
"""


@derives(TwistedResource, TwistedProtocol, after=(ClassHierarchy,))
def twisted_classes(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each resource of Twisted, and each method of a protocol that the network calls."""
    known = program(store)
    children: dict[str, int] = {parent or "": count for parent, count in store.rows(_PARTS)}
    for owner, base in known.descending("twisted.web."):
        if base.rpartition(".")[2] in {"Resource", "LeafResource", "File", "WSGIResource", "ReverseProxyResource"}:
            leaf = owner.attribute("isLeaf", inherited=True)
            constant = leaf.row.value_constant if leaf is not None else None
            answering = [one for one in owner.methods if one.name == "render" or one.name.startswith("render_")]
            is_leaf = "missing" if leaf is None else "true" if constant in {"True", "1"} else "false"
            held = children.get(owner.qualified_name, 0)
            yield owner.site, TwistedResource(owner.name, base, len(answering), is_leaf, held)
    for owner, base in known.descending(*_PROTOCOLS):
        for method in owner.methods:
            if method.name in _HANDLERS:
                yield method.site, TwistedProtocol(owner.name, base, method.name, _HANDLERS[method.name])


@derives(PyramidResource, after=(ClassHierarchy,))
def pyramid_resources(store: Store, _settings: Settings) -> Iterator[tuple[int, PyramidResource]]:
    """Each class of a traversal tree, in programs that import Pyramid."""
    if not next(store.rows("SELECT count(*) FROM python_imports WHERE module GLOB 'pyramid*'"))[0]:
        return
    known = program(store)
    names = known.names.resolve
    roots = {names(name, instances=False) for (name,) in store.rows(_FACTORIES)}
    parents = {names(child): scope.removesuffix(".__getitem__") for scope, child in store.rows(_MADE)}
    for owner in known.classes.values():
        row = _resource(owner, known, roots, parents)
        if row is not None:
            yield owner.site, row


def _resource(owner: Class, known: Program, roots: set[str], parents: dict[str, str]) -> PyramidResource | None:
    has_getitem = owner.method("__getitem__", inherited=True) is not None
    acl = owner.attribute("__acl__", inherited=True) or owner.method("__acl__", inherited=True)
    placed = owner.attribute("__parent__", inherited=True) or owner.attribute("__name__", inherited=True)
    is_root = owner.qualified_name in roots
    above = parents.get(owner.qualified_name)
    parent = known.named(above) if above is not None else None
    is_child = parent is not None and (parent.attribute("__acl__") is not None or parent.qualified_name in roots)
    if not (acl or placed or is_root or is_child):
        return None
    return PyramidResource(
        owner.name, has_getitem, acl is not None, is_root, parent.name if parent is not None else None
    )

"""Calls that hand the program over to a debugger."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.registry import extracts
from schema.debuggers import Breakpoint

_LOCAL: Final = frozenset({"breakpoint", "pdb.set_trace", "ipdb.set_trace", "pudb.set_trace", "bdb.set_trace"})
_REMOTE: Final = frozenset(
    "debugpy.listen ptvsd.enable_attach remote_pdb.RemotePdb remote_pdb.set_trace web_pdb.set_trace rpdb.set_trace rpdb.Rpdb "
    "celery.contrib.rdb.set_trace madbg.set_trace".split()
)


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _LOCAL | _REMOTE})
def breakpoint_(node: ast.Call, context: Context) -> Iterator[Breakpoint]:
    """
    Each call that stops in a debugger, or lets one in.

    >>> rows(breakpoint_, "import debugpy, pdb\\npdb.set_trace()\\ndebugpy.listen(('0.0.0.0', 5678))\\nmy.set_trace()")
    Breakpoint(callee='pdb.set_trace', is_remote=False, host=None)
    Breakpoint(callee='debugpy.listen', is_remote=True, host='0.0.0.0')
    """
    callee = context.name(node.func)
    if callee in _LOCAL:
        yield Breakpoint(callee, is_remote=False, host=None)
    elif callee in _REMOTE:
        given = context.keyword(node, "host", 0) or context.keyword(node, "address")
        value = context.constant(given)
        host = value[0] if isinstance(value, tuple) and value else value
        yield Breakpoint(callee, is_remote=True, host=host if isinstance(host, str) else None)

"""Passwords of users who stand in the source: those a condition lets in, and tables of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.credentials import entropy, is_credential, kind, masked, spoken
from extractors.registry import extracts
from schema.secrets import Secret

_USER: Final = re.compile(r"(?i)(?:^|[_.\-])(?:user|user_?name|login|e_?mail|uname|usr|account)$")


@extracts(ast.BoolOp)
def let_in(node: ast.BoolOp, context: Context) -> Iterator[At]:
    """
    Each password of the one user whom a condition lets in: there a plain word is one, too.

    >>> rows(let_in, "if username == 'admin' and password == 'changeme': ...")
    Secret(kind='password', name='password', place='comparison', masked='ch…', length=8, entropy=2.75)
    >>> rows(let_in, "if form['user'] != 'root' or form['password'] != 'root': abort(401)")
    Secret(kind='password', name='password', place='comparison', masked='…', length=4, entropy=1.5)
    >>> rows(let_in, "if user == 'admin' or password == 'changeme': ...\\nif kind == 'user' and password == 'changeme': ...")
    >>> rows(let_in, "if user == 'admin' and password == 'Tr0ub4dor&3': ...")
    """
    wanted = ast.Eq if isinstance(node.op, ast.And) else ast.NotEq
    said: dict[str, tuple[ast.Compare, str]] = {}
    for one in node.values:
        if isinstance(one, ast.Compare) and len(one.ops) == 1 and isinstance(one.ops[0], wanted):
            name, text = _literal(one)
            if name and text:
                said[name] = one, text
    if any(_USER.search(name) for name in said):
        for name, (compare, text) in said.items():
            if kind(name) == "password" and not is_credential("password", text):
                yield At(
                    compare, Secret("password", name, "comparison", masked(text), len(text), round(entropy(text), 2))
                )


def _literal(node: ast.Compare) -> tuple[str, str]:
    """The name of a comparison's one side and the text of the other; nothing when it has no such sides."""
    for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        if isinstance(other, ast.Constant) and isinstance(other.value, str) and not isinstance(side, ast.Constant):
            return spoken(side), other.value
    return "", ""


_ACCOUNTS: Final = re.compile(r"(?i)(?:^|_)(?:users?|accounts?|logins?|credentials|creds|passwords)(?:_?db)?$")
_TYPICAL: Final = re.compile(
    r"(?i)p[a4@]ss|pwd|secret|admin|qwerty|letmein|welcome|[a-z]123\d{0,3}!?$|[a-z]\d+[!@#$%&*]"
)


@extracts(ast.Assign, ast.AnnAssign)
def accounts(node: Any, context: Context) -> Iterator[At]:
    """
    Each password of a table of users, by name.

    >>> rows(accounts, "USERS = {'admin': 'admin123', 'ann': 'P4ssw0rd!'}")
    Secret(kind='password', name='admin', place='dict', masked='ad…', length=8, entropy=3.0)
    Secret(kind='password', name='ann', place='dict', masked='P4…', length=9, entropy=2.95)
    >>> rows(accounts, "USERS = {'ann': 'ann@shop.io'}\\naccounts = {'dev': '123456789012'}\\nusers = {'name': 'user_name'}")
    """
    target = node.targets[0] if node.__class__ is ast.Assign else node.target
    if not isinstance(node.value, ast.Dict) or not _ACCOUNTS.search(spoken(target)):
        return
    for key, value in zip(node.value.keys, node.value.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Constant):
            text = value.value if isinstance(value.value, str) else ""
            if (
                _TYPICAL.search(text)
                and not kind(key.value)
                and is_credential("password", text)
                and "@" not in text[1:-1]
            ):
                context.secrets.add(text)
                yield At(key, Secret("password", key.value, "dict", masked(text), len(text), round(entropy(text), 2)))

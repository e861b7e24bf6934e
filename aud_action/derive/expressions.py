"""Small questions about expressions that stand in a column as they were written."""

from __future__ import annotations

import ast
from functools import lru_cache

from schema.calls import CallArgument


@lru_cache(maxsize=4096)
def parsed(source: str | None) -> ast.expr | None:
    """The expression of a column; None when it was cut or is none."""
    if not source:
        return None
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node: ast.AST | None) -> str:
    """
    A dotted name as it is written, "" for anything else.

    >>> dotted(parsed("db.String(20)").func), dotted(parsed("f()"))
    ('db.String', '')
    """
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def called(source: str | None) -> str:
    """
    The last name of what an expression calls or is.

    >>> called("db.String(20)"), called("Integer"), called("'x'")
    ('String', 'Integer', '')
    """
    node = parsed(source)
    return dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def first_text(source: str | None) -> str | None:
    """
    The first argument of a call when it is a string, else its name.

    >>> first_text("ForeignKey('user.id', ondelete='CASCADE')"), first_text("ForeignKey(User.id)")
    ('user.id', 'User.id')
    """
    node = parsed(source)
    if not isinstance(node, ast.Call) or not node.args:
        return None
    return text_or_name(node.args[0])


def text_or_name(node: ast.AST | None) -> str | None:
    """What a reference refers to: a string's value, a dotted name, or what a lambda returns."""
    if isinstance(node, ast.Lambda):
        node = node.body
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return dotted(node) or None


def written_arguments(call: ast.AST | None) -> list[CallArgument]:
    """The arguments of a call that stands in a text: their constants only where they are written out."""
    if not isinstance(call, ast.Call):
        return []
    given = [(position, None, value) for position, value in enumerate(call.args)]
    named = [(None, keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
    found = []
    for position, word, value in (*given, *named):
        constant = value.value if isinstance(value, ast.Constant) else None
        text = (
            None if not isinstance(value, ast.Constant) else constant if isinstance(constant, str) else repr(constant)
        )
        kind = type(constant).__name__ if isinstance(value, ast.Constant) else None
        found.append(CallArgument(position, word, "other", ast.unparse(value), text, kind, dotted(value) or None))
    return found


def items(source: str | None) -> list[str] | None:
    """
    The items of a list, tuple or set as text (strings without quotes), None for anything else.

    >>> items("['a', B.c, f(1)]"), items("x")
    (['a', 'B.c', 'f(1)'], None)
    """
    node = parsed(source)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = items(ast.unparse(node.left)), items(ast.unparse(node.right))
        return (left or []) + (right or []) if left is not None or right is not None else None
    if not isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return None
    return [_text(item) for item in node.elts]


def whole_items(source: str | None) -> list[ast.expr]:
    """
    The items of a list or tuple; of one that was cut, those that are whole.

    >>> [ast.unparse(item) for item in whole_items("[(a.bp, '/a'), (b.bp, '/…")]
    ["(a.bp, '/a')"]
    """
    text = source or ""
    node = parsed(text)
    close = {"[": "]", "(": ")"}.get(text[:1])
    while node is None and close and "," in text:
        text = text[: text.rindex(",")]
        node = parsed(text + close)
    return node.elts if isinstance(node, (ast.List, ast.Tuple)) else []


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def subscript(source: str | None) -> tuple[str, list[str]]:
    """
    The head and the arguments of an annotation.

    >>> subscript("Mapped[list['B']]"), subscript("int"), subscript("'Mapped[int]'")
    (('Mapped', ["list['B']"]), ('int', []), ('Mapped', ['int']))
    """
    node = parsed(source)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = parsed(node.value)
    if not isinstance(node, ast.Subscript):
        return dotted(node), []
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return dotted(node.value), [ast.unparse(part) for part in inner]


def without_none(annotation: str) -> str:
    """
    What an annotation allows beside None, texts read.

    >>> without_none("'A | None'"), without_none("'A'"), without_none("None | list['B']")
    ('A', 'A', "list['B']")
    """
    node = parsed(annotation)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        annotation = node.value
        node = parsed(annotation)
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else []
    kept = [side for side in sides if not (isinstance(side, ast.Constant) and side.value is None)]
    return ast.unparse(kept[0]) if len(kept) == 1 else annotation


def is_optional(annotation: str | None) -> bool:
    """
    Whether an annotation allows None.

    >>> is_optional("int | None"), is_optional("Optional[str]"), is_optional("str")
    (True, True, False)
    """
    node = parsed(annotation)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = parsed(node.value)
    if isinstance(node, ast.BinOp):
        return any(isinstance(part, ast.Constant) and part.value is None for part in (node.left, node.right)) or (
            is_optional(ast.unparse(node.left))
        )
    if isinstance(node, ast.Subscript):
        head = dotted(node.value).rpartition(".")[2]
        return head == "Optional" or (head == "Union" and "None" in ast.unparse(node.slice))
    return False

"""Attributes of classes: those of the body and those put on the instance."""

from __future__ import annotations

import ast
from typing import Any

from extractors.assignments import targets
from extractors.context import CUT, Context, constant_text
from extractors.registry import extracts
from schema.classes import ClassAttribute

_FINAL = frozenset({"typing.Final", "typing_extensions.Final"})
_LISTS = frozenset({ast.List, ast.Tuple, ast.Set, ast.Dict, ast.BinOp})
_LONG = 20 * CUT  # what derivations read item by item: fields of a Meta, options of an admin
_CLASS_VAR = frozenset({"typing.ClassVar", "typing_extensions.ClassVar"})


@extracts(ast.Assign, ast.AnnAssign)
def class_attribute(node: Any, context: Context) -> tuple[()]:
    """
    Each attribute of a class.

    >>> rows(class_attribute, "from x import Column as C\\nclass A:\\n    a: int = 1\\n    b = C(2)\\n    def f(self):\\n        self.c = 3\\n        d = 4")
    ClassAttribute(name='a', owner='m.A', owner_site=1, level='class', annotation='int', annotation_name='int', value_source='1', value_constant='1', value_callee=None, value_site=None, is_final=False, is_class_var=False)
    ClassAttribute(name='b', owner='m.A', owner_site=1, level='class', annotation=None, annotation_name=None, value_source='C(2)', value_constant=None, value_callee='x.Column', value_site=3, is_final=False, is_class_var=False)
    ClassAttribute(name='c', owner='m.A', owner_site=1, level='instance', annotation=None, annotation_name=None, value_source='3', value_constant='3', value_callee=None, value_site=None, is_final=False, is_class_var=False)
    """
    scope = context.scope
    if scope.kind == "class":
        owner, self_name = scope, None
    elif scope.kind == "function" and scope.parent is not None and scope.parent.kind == "class":
        owner, self_name = scope.parent, _first_parameter(scope.node)
        if self_name is None:
            return ()
    else:
        return ()
    annotation = node.annotation if node.__class__ is ast.AnnAssign else None
    for target in [node.target] if node.__class__ is ast.AnnAssign else node.targets:
        is_single = target.__class__ is not ast.Tuple and target.__class__ is not ast.List
        for part, value, position in ((target, node.value, None),) if is_single else targets(target, node.value, None):
            name = _attribute_name(part, self_name)
            if name is not None:
                own = value if position is None else None
                # before the site of the attribute: sites are numbered in the order they are mentioned
                columns = _attribute(name, owner, self_name is not None, annotation, own, context)
                context.put(ClassAttribute, part, columns)
    return ()


def _first_parameter(function: Any) -> str | None:
    arguments = function.args.posonlyargs or function.args.args
    return str(arguments[0].arg) if arguments else None


def _attribute_name(target: ast.expr, self_name: str | None) -> str | None:
    if self_name is None:
        return target.id if isinstance(target, ast.Name) else None
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == self_name:
        return target.attr
    return None


def _attribute(
    name: str, owner: Any, on_instance: bool, annotation: ast.expr | None, value: ast.expr | None, context: Context
) -> tuple[Any, ...]:
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    annotated = context.name(head) or None if head is not None else None
    is_call = isinstance(value, ast.Call)
    return (
        name,
        owner.name,
        context.site(owner.node),
        "instance" if on_instance else "class",
        None if annotation is None else context.source(annotation) or None,
        annotated,
        None if value is None else context.source(value, _LONG if value.__class__ in _LISTS else CUT) or None,
        None if value is None else constant_text(context.constant(value)),
        context.name(value.func) if is_call else None,  # type: ignore[union-attr]  # a call
        context.site(value) if is_call else None,  # type: ignore[arg-type]  # a call
        annotated in _FINAL,
        annotated in _CLASS_VAR,
    )

"""What functions are handed: a router, a prefix or a view that a parameter stands for, for each call of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from aud_action.derive.classes import Class, Program
from aud_action.derive.expressions import dotted, parsed
from aud_action.derive.looped import Loops, standing
from aud_action.derive.uses import called
from schema import SITE_BITS

_PARAMETERS: Final = """
SELECT p.name, p.kind, p.default_source FROM python_parameters p JOIN sites s ON s.id = p.site
WHERE s.scope = ? AND p.site BETWEEN ? AND ? ORDER BY p.position
"""
_CALLS: Final = """
SELECT c.site, c.callee, o.name, d.target, d.target_site FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
LEFT JOIN python_decorators d ON d.site = c.site WHERE c.callee = ? ORDER BY c.site
"""
_ARGUMENTS: Final = "SELECT position, keyword, kind, source FROM python_call_arguments WHERE site = ? ORDER BY rowid"
_CONSTANT: Final = """
SELECT c.value FROM python_constants c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE c.name = ? AND c.type = 'str' AND o.name = ?
"""
_LOCAL: Final = """
SELECT a.operator, a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE o.name = ? AND a.target = ? AND a.target_kind = 'name' LIMIT 2
"""
_RETURNED: Final = "SELECT r.source FROM python_returns r JOIN sites s ON s.id = r.site WHERE s.scope = ?"
UNKNOWN: Final = "{…}"
"""What stands in a text for a part that isn't known."""
_MOST: Final = 512
_DEPTH: Final = 4
PLACES: Final = ("url_prefix", "prefix", "rule", "path", "uri", "uri_template", "url")
"""Words that routers and routes are given their part of an address by."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One call of a function: what its parameters stand for, and where that was written."""

    values: dict[str, tuple[ast.expr, str, Handed | None]] = field(default_factory=dict)
    more: dict[str, ast.expr] = field(default_factory=dict)  #: keywords for which the function has no parameter
    owner: str = ""  #: the class it is called on
    target: tuple[str, int] | None = None  #: name and site of what it decorates
    bound: frozenset[str] = frozenset()  #: dotted names of what loops bind, whose values are among those


class Calls:
    """The calls of the program's functions, read for those that are asked about."""

    def __init__(self, known: Program, routers: frozenset[str] = frozenset()) -> None:
        self.known = known
        self.routers = routers  #: dotted names of routers, also of functions' own
        self.loops = Loops(self)
        self._of: dict[str, list[Handed]] = {}
        self._parameters: dict[str, list[tuple[str, str, str | None]]] = {}

    def parameters(self, function: str) -> list[tuple[str, str, str | None]]:
        """Name, kind and default of each parameter of a function; none for anything else."""
        known = self._parameters.get(function)
        if known is None:
            site = self.known.names.defined[function] if self.known.is_function(function) else 0
            span = site, site >> SITE_BITS << SITE_BITS, ((site >> SITE_BITS) + 1 << SITE_BITS) - 1
            rows = self.known.store.rows(_PARAMETERS, span) if site else ()
            known = self._parameters[function] = [(name, word, default) for name, word, default in rows]
        return known

    def around(self, scope: str) -> Iterator[str]:
        """The functions around a place, innermost first."""
        while self.known.is_function(scope):
            yield scope
            scope = scope.rpartition(".")[0]

    def is_parameter(self, name: str | None) -> bool:
        """Whether a dotted name is a function's parameter."""
        function, _, last = (name or "").rpartition(".")
        return bool(last) and any(last == one for one, _, _ in self.parameters(function))

    def each(self, scope: str, depth: int = 0) -> list[Handed | None]:
        """What each call hands to the function around a place; None alone where nothing is known to."""
        return [*self.of(scope, depth)] or [None]

    def of(self, scope: str, depth: int = 0) -> list[Handed]:
        """What the calls hand to the function around a place, or to the one that it is defined in."""
        for function in self.around(scope) if depth < _DEPTH else ():
            if function not in self._of:
                self._of[function] = []  # of a function that calls itself
                self._of[function] = list(islice(self._calls(function, depth), _MOST))
            if self._of[function]:
                return self._of[function]
        return []

    def _calls(self, function: str, depth: int) -> Iterator[Handed]:
        owner, _, last = function.rpartition(".")
        is_method = self.known.is_class(owner)
        for callee in self._callees(last, owner if is_method else ""):
            on = self._called(callee, function, is_method)
            for site, _, scope, target, target_site in list(self.known.store.rows(_CALLS, (callee,))) if on else ():
                every = self.each(scope, depth + 1)
                named = [name for name in self.loops.of(scope, site) if self.is_given(site, name)]
                for above in [found for one in every for found in self.loops.rounds(scope, site, named, one)]:
                    decorated = (f"{scope}.{target}", target_site) if target_site is not None else None
                    yield self._bound(function, site, scope, above, on if is_method else "", decorated)

    def _callees(self, last: str, owner: str) -> list[str]:
        """Names that may call a function of this name; for a constructor those of its class and its heirs too."""
        words = {last}
        if last == "__init__" and owner:
            heirs = (one.name for one in self.known.classes.values() if owner in one.ancestors)
            words |= {owner.rpartition(".")[2], *heirs}
        known = called(self.known.store)
        return [callee for word in sorted(words) for callee in known.ending(word)]

    def _called(self, callee: str, function: str, is_method: bool) -> str:
        """What a name calls the function on: its class, or its module; "" when it calls another one."""
        head, _, last = callee.rpartition(".")
        if not is_method:
            return "." if self.known.names.resolve(callee, instances=False) == function else ""
        if function.endswith(".__init__") and last != "__init__":
            head, last = callee, "__init__"
        found = self.known.named(head) or self.known.named(self.known.names.resolve(head))
        method = found.method(last, inherited=True) if found else None
        return found.qualified_name if found and method and method.site == self.known.names.defined[function] else ""

    def bound(self, function: str, site: int, scope: str, owner: str) -> Handed:
        """What one call of a place hands to a method of an object of a class."""
        return self._bound(function, site, scope, None, owner, None)

    def _bound(
        self, function: str, site: int, scope: str, above: Handed | None, owner: str, target: tuple[str, int] | None
    ) -> Handed:
        parameters = self.parameters(function)[1 if owner else 0 :]
        module = self.known.names.module_of(function)
        values: dict[str, tuple[ast.expr, str, Handed | None]] = {}
        more: dict[str, ast.expr] = {}
        others: list[ast.expr] = []
        names = [name for name, _, _ in parameters]
        positional = [name for name, kind, _ in parameters if kind.startswith("positional")]
        for name, _, default in parameters:
            if (value := parsed(default)) is not None:
                values[name] = value, module, None
        for position, keyword, kind, source in self.known.store.rows(_ARGUMENTS, (site,), of=[site >> SITE_BITS]):
            value = parsed(source)
            if kind == "star":
                inner = parsed(source.removeprefix("*"))
                others += [standing(*one) for one in self.loops.elements(inner, scope, above)]
            if value is None or kind in {"star", "double_star"}:
                continue
            if keyword is not None and keyword not in names:
                more[keyword] = value
            elif keyword is not None:
                values[keyword] = value, scope, above
            elif position is not None and position < len(positional):
                values[positional[position]] = value, scope, above
            else:
                others.append(value)
        rest = next((name for name, kind, _ in parameters if kind == "var_positional"), None)
        if rest is not None:
            values[rest] = ast.Tuple(others, ast.Load()), scope, above
        back = self.given_back(function)
        if back in values and isinstance(values[back][0], ast.Call) and (variable := self._assigned(site)):
            values[back] = ast.Name(variable, ast.Load()), scope, above
        return Handed(values, more, owner, target)

    def given_back(self, function: str) -> str:
        """The parameter that a function always returns, so that what it answers is what it was handed; "" for most."""
        rows = self.known.store.rows(_RETURNED, (self.known.names.defined.get(function, 0),))
        found = {source for (source,) in list(rows)}
        source = found.pop() if len(found) == 1 else ""
        return source if any(source == name for name, _, _ in self.parameters(function)) else ""

    def _assigned(self, site: int) -> str | None:
        """The variable that a call is assigned to."""
        rows = self.known.store.rows(
            "SELECT assigned_to FROM python_calls WHERE site = ?", (site,), of=[site >> SITE_BITS]
        )
        variable: str | None = next(rows, (None,))[0]
        return variable

    def argument(self, site: int, words: tuple[str, ...], position: int | None = None) -> ast.expr | None:
        """An argument of a call, by one of its words or by position."""
        rows = list(self.known.store.rows(_ARGUMENTS, (site,), of=[site >> SITE_BITS]))
        found = next((row for row in rows if row[1] in words), None)
        if found is None and position is not None:
            found = next((row for row in rows if row[0] == position), None)
        return parsed(found[3]) if found else None

    def is_given(self, site: int, name: str) -> bool:
        """Whether a call is given what a variable holds."""
        rows = self.known.store.rows(_ARGUMENTS, (site,), of=[site >> SITE_BITS])
        values = (parsed(row[3]) for row in rows)
        return any(getattr(one, "id", "") == name for value in values if value for one in ast.walk(value))

    def text(self, node: ast.AST | None, scope: str, handed: Handed | None, depth: int = 0) -> str | None:
        """The text that an expression of a place has in one call of the function around; None when nothing of it is known."""
        if depth > _DEPTH * 2:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else "" if node.value is None else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts: list[Any] = [node.left, node.right]
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        else:
            return self._named(node, scope, handed, depth)
        texts = [self.text(part, scope, handed, depth + 1) for part in parts]
        return "".join(UNKNOWN if text is None else text for text in texts) if any(texts) else None

    def _named(self, node: ast.AST | None, scope: str, handed: Handed | None, depth: int) -> str | None:
        """The text that a name stands for: what was handed, a module's constant, or a class's."""
        name = dotted(node)
        head, _, rest = name.partition(".")
        if handed is not None and head in handed.values and not rest:
            value, where, above = handed.values[head]
            return self.text(value, where, above, depth + 1)
        if (default := self._default(head, scope)) is not None and not rest:
            return self.text(parsed(default or None), self.known.names.module_of(f"{scope}.x"), None, depth + 1)
        if not name or default is not None:
            owner = self._class_of(scope, handed) if rest and head in {"self", "cls"} else None
            found = owner.attribute(rest, inherited=True) if owner else None
            return found.row.value_constant if found else None
        if not rest and (local := self.local(name, scope)) is not None:
            return self.text(local, scope, handed, depth + 1)
        module = self.known.names.module_of(f"{scope}.{name}") or scope
        names = self.known.names
        for whole in (names.resolve(f"{module}.{name}", instances=False), names.resolve(f"{module}.{name}")):
            holder, _, last = whole.rpartition(".")
            constant = next(self.known.store.rows(_CONSTANT, (last, names.module(holder))), None)
            if constant is not None:
                return str(constant[0])
            owner = self.known.named(holder)
            found = owner.attribute(last, inherited=True) if owner else None
            if found is not None and found.row.value_constant is not None:
                return found.row.value_constant
        return None

    def _class_of(self, scope: str, handed: Handed | None) -> Class | None:
        """The class of the object that a method is called on, else the one that the method stands in."""
        owner = handed.owner if handed is not None else ""
        while not owner and scope:
            scope, owner = scope.rpartition(".")[0], scope if self.known.is_class(scope) else ""
        return self.known.named(owner) if owner else None

    def local(self, name: str, scope: str) -> ast.expr | None:
        """What a function, or the one around it, binds a name to that it binds once."""
        for function in self.around(scope):
            rows = list(self.known.store.rows(_LOCAL, (function, name)))
            if rows:
                return parsed(rows[0][1]) if len(rows) == 1 and rows[0][0] == "=" else None
        return None

    def _default(self, name: str, scope: str) -> str | None:
        """The default of a parameter of the functions around; "" when it has none, None when there is no such parameter."""
        every = (one for function in self.around(scope) for one in self.parameters(function))
        return next((default or "" for one, _, default in every if one == name), None)

    def name(self, name: str | None, handed: Handed | None) -> str | None:
        """The dotted name of what a parameter stands for in one call; the name itself when it is no parameter."""
        last = (name or "").rpartition(".")[2]
        if handed is None or name is None:
            return name
        for one in handed.bound:
            if name == one or name.startswith(f"{one}."):
                value, scope, above = handed.values.get(one.rpartition(".")[2], (None, "", None))
                found = self.name(self.identity(dotted(value), scope), above) if dotted(value) else None
                return f"{found}{name[len(one) :]}" if found else name
        if not self.is_parameter(name):
            return name
        if last == "cls" and handed.owner:
            return handed.owner
        if last not in handed.values:
            return name
        value, scope, above = handed.values[last]
        return self.name(self.identity(dotted(value), scope), above)

    def each_name(self, name: str, handed: Handed | None) -> list[str]:
        """The dotted names of what a parameter stands for; of each item where it stands for a list: `m.f.routers[]`."""
        last = name.removesuffix("[]").rpartition(".")[2]
        if not name.endswith("[]") or handed is None or last not in handed.values or not self.is_parameter(name[:-2]):
            return [self.name(name, handed) or name]
        value, scope, above = handed.values[last]
        if isinstance(value, (ast.Tuple, ast.List)):
            return [self.name(self.identity(dotted(item), scope), above) or "" for item in value.elts]
        return [f"{self.name(self.identity(dotted(value), scope), above)}[]"]

    def identity(self, text: str, scope: str) -> str:
        """The dotted name of what is called so at a place: of the function around that binds it, or of the module."""
        head = text.partition(".")[0]
        for function in self.around(scope):
            if f"{function}.{text}" in self.routers or self.is_parameter(f"{function}.{head}"):
                return f"{function}.{text}"
        module = self.known.names.module_of(f"{scope}.{text}") or scope
        return f"{module}.{text}" if text else ""

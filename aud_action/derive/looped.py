"""What loops go through when it stands elsewhere: in another file, in a parameter, in a dictionary that calls fill."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aud_action.derive.expressions import dotted, parsed, whole_items

if TYPE_CHECKING:
    from aud_action.derive.arguments import Calls, Handed

_WRITTEN: Final = """
SELECT a.value_source FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE o.name = ? AND a.target = ? AND a.operator IN ('=', ':') ORDER BY a.rowid LIMIT 1
"""
_FILLED: Final = """
SELECT a.target, a.value_source, o.name FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope
WHERE a.target_kind = 'subscript' AND substr(a.target, 1, ?) = ? AND substr(o.name, 1, ?) = ? ORDER BY a.rowid
"""
_RETURNED: Final = "SELECT r.source FROM python_returns r JOIN sites s ON s.id = r.site WHERE s.scope = ? LIMIT 2"
_SAME: Final = frozenset({"sorted", "list", "tuple", "set", "reversed", "iter"})
_PARTS: Final = {"items": None, "keys": 0, "values": 1}
_MOST: Final = 512
_DEPTH: Final = 6
Valued = tuple[ast.expr, str, "Handed | None"]
"""An expression, the scope that it stands in, and what that was handed."""


class Loops:
    """The loops of the program's scopes, and what they go through."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def of(self, scope: str, site: int) -> dict[str, tuple[int, int | None, str]]:
        """
        Each variable of the loops around a site: their own, its place in what a round gives, and what they go through.

        Of several loops with one variable it is the last that begins above, else the comprehension that follows.
        """
        known = self.calls.known.loops.get(scope, ())
        if not known:
            return {}
        below = {target: (at, place, source) for at, target, place, source in reversed(known) if at > site}
        return below | {target: (at, place, source) for at, target, place, source in known if at <= site}

    def rounds(self, scope: str, site: int, names: Iterable[str], handed: Handed | None) -> list[Handed | None]:
        """What each round of the loops that bind these names hands on, with what the function around was handed."""
        loops = self.of(scope, site)
        found: list[Handed | None] = [handed]
        for source in dict.fromkeys(loops[name][2] for name in names if name in loops):
            targets = {name: place for name, (_, place, one) in loops.items() if one == source}
            elements = self.elements(parsed(source), scope, handed)[:_MOST]
            if elements and len(found) * len(elements) <= _MOST:
                found = [self._bound(one, targets, scope, element) for one in found for element in elements]
        return found

    def _bound(self, handed: Handed | None, targets: dict[str, int | None], scope: str, element: Valued) -> Handed:
        from aud_action.derive.arguments import Handed

        whole, where, above = element
        handed = handed or Handed()
        values = dict(handed.values)
        for name, place in targets.items():
            parts = whole.elts if isinstance(whole, (ast.Tuple, ast.List)) else []
            if place is None:
                values[name] = whole, where, above
            elif 0 <= place < len(parts):
                part = parts[place]
                values[name] = getattr(part, "valued", (part, where, above))
        bound = handed.bound | {f"{scope}.{name}" for name in targets}
        return replace(handed, values=values, bound=bound)

    def elements(self, node: ast.expr | None, scope: str, handed: Handed | None, depth: int = 0) -> list[Valued]:
        """The elements of what a loop goes through; none when they aren't known."""
        if depth > _DEPTH or node is None:
            return []
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return [] if _has_star(node) else [getattr(one, "valued", (one, scope, handed)) for one in node.elts]
        if isinstance(node, ast.Dict):
            return [(key, scope, handed) for key in node.keys if key is not None] if None not in node.keys else []
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self._of_comprehension(node, scope, handed, depth)
        if isinstance(node, ast.Call):
            return self._of_call(node, scope, handed, depth)
        return [one for value in self.values(node, scope, handed) for one in self.elements(*value, depth + 1)]

    def _of_comprehension(
        self, node: ast.ListComp | ast.GeneratorExp, scope: str, handed: Handed | None, depth: int
    ) -> list[Valued]:
        loop = node.generators[0]
        if len(node.generators) > 1 or loop.ifs or not isinstance(loop.target, ast.Name):
            return []
        targets: dict[str, int | None] = {loop.target.id: None}
        every = self.elements(loop.iter, scope, handed, depth + 1)
        return [(node.elt, scope, self._bound(handed, targets, scope, one)) for one in every]

    def _of_call(self, node: ast.Call, scope: str, handed: Handed | None, depth: int) -> list[Valued]:
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in _PARTS and not node.args:
            place = _PARTS[func.attr]
            pairs = list(self._pairs(func.value, scope, handed, depth))
            return [_pair(*pair) for pair in pairs] if place is None else [pair[place] for pair in pairs]
        if isinstance(func, ast.Name) and func.id in _SAME and len(node.args) == 1:
            return self.elements(node.args[0], scope, handed, depth + 1)
        return [one for value in self._returned(func, scope) for one in self.elements(*value, depth + 1)]

    def _pairs(self, node: ast.expr, scope: str, handed: Handed | None, depth: int) -> Iterator[tuple[Valued, Valued]]:
        """Key and value of each entry of a dictionary: as it is written, and as calls of the project's own fill it."""
        if depth > _DEPTH:
            return
        if isinstance(node, ast.Dict):
            if None not in node.keys:
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is not None:
                        yield (key, scope, handed), (value, scope, handed)
            return
        known = self._returned(node.func, scope) if isinstance(node, ast.Call) else self.values(node, scope, handed)
        for value, where, above in known:
            if not isinstance(value, (ast.Name, ast.Attribute)):
                yield from self._pairs(value, where, above, depth + 1)
        if not isinstance(node, ast.Call):
            yield from self._filled(node, scope)

    def _filled(self, node: ast.expr, scope: str) -> Iterator[tuple[Valued, Valued]]:
        """What functions of the project put into a dictionary, for each call: `VIEWS[path] = view`, `self.views[path] = view`."""
        names = self.calls.known.names
        whole = names.resolve(self.calls.identity(dotted(node), scope), instances=True)
        holder, _, last = whole.rpartition(".")
        is_class = self.calls.known.named(holder) is not None
        start, inside = f"{'self.' if is_class else ''}{last}[", f"{holder}."
        rows = self.calls.known.store.rows(_FILLED, (len(start), start, len(inside), inside)) if last else ()
        for target, source, function in list(rows):
            key, value = parsed(target[len(start) : -1]), parsed(source)
            if key is not None and value is not None:
                for handed in self.calls.of(function):
                    yield (key, function, handed), self._decorated(value, function, handed)

    def _decorated(self, value: ast.expr, function: str, handed: Handed) -> Valued:
        """What a decorator is put on, where that is what a name of its inner function stands for."""
        if isinstance(value, ast.Name) and value.id not in handed.values and handed.target:
            module = self.calls.known.names.module_of(handed.target[0])
            return parsed(handed.target[0].removeprefix(f"{module}.")) or value, module, None
        return value, function, handed

    def values(self, node: ast.expr, scope: str, handed: Handed | None) -> Iterator[Valued]:
        """What a name stands for: what was handed, or what is written for it in its module."""
        name = dotted(node)
        local = self.calls.local(name, scope) if name else None
        if handed is not None and name in handed.values:
            yield handed.values[name]
        elif local is not None:
            yield local, scope, handed
        elif name:
            names = self.calls.known.names
            resolved = names.resolve(self.calls.identity(name, scope), instances=False)
            holder, _, last = resolved.rpartition(".")
            module = names.module(holder)
            source = next(self.calls.known.store.rows(_WRITTEN, (module, last)), (None,))[0]
            items = whole_items(source)
            value = ast.List(items, ast.Load()) if items else parsed(source)
            if value is not None:
                yield value, module, None

    def _returned(self, func: ast.expr, scope: str) -> Iterator[Valued]:
        """What a function of the project returns, where it has one return."""
        function = self.calls.known.names.resolve(self.calls.identity(dotted(func), scope), instances=False)
        known = self.calls.known
        site = known.names.defined[function] if known.is_function(function) else 0
        sources = list(known.store.rows(_RETURNED, (site,))) if site else []
        value = parsed(sources[0][0]) if len(sources) == 1 else None
        if value is not None:
            yield value, function, None


def _has_star(node: ast.Tuple | ast.List | ast.Set) -> bool:
    return any(isinstance(one, ast.Starred) for one in node.elts)


def _pair(key: Valued, value: Valued) -> Valued:
    """A key with its value as one element, each with the place that it stands in."""
    return ast.Tuple([standing(*key), standing(*value)], ast.Load()), "", None


def standing(value: ast.expr, scope: str, handed: Handed | None) -> ast.expr:
    """An element of a collection whose elements stand in different places."""
    part = ast.Name("", ast.Load())
    part.valued = value, scope, handed  # type: ignore[attr-defined]  # a name that only `Loops` looks up
    return part

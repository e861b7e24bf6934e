"""Test cases whose base another file makes one, and their tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, Decorated, Method, program
from aud_action.settings import Settings
from aud_action.store import Store
from extractors.testing.names import CASE_ROOTS, CASES
from schema import SITE_BITS
from schema.testing import InheritedCase, InheritedTest

_KNOWN: Final = "SELECT site FROM python_local_cases"
_INSIDE: Final = (
    "SELECT 1 FROM {} t JOIN sites s ON s.id = t.site WHERE t.site BETWEEN ?1 AND ?2 AND s.scope = ?3{} LIMIT 1"
)
_ASSERTED: Final = _INSIDE.format("python_assertions", "")
_PARTED: Final = _INSIDE.format("python_calls", " AND t.method = 'subTest'")
_SKIPS: Final = frozenset(
    {"unittest.skip", "unittest.skipIf", "unittest.skipUnless", "pytest.mark.skip", "pytest.mark.skipif"}
)
_SETUP: Final = frozenset({"setUp", "asyncSetUp"})
_TEARDOWN: Final = frozenset({"tearDown", "asyncTearDown"})
_CLASS_SETUP: Final = frozenset({"setUpClass", "setUpTestData"})


@derives(InheritedCase, InheritedTest)
def inherited_cases(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each test case that its own file doesn't tell to be one, and each of its tests."""
    known = program(store)
    told = {site for (site,) in store.rows(_KNOWN)}
    wanted = CASES | {name for name in known.under(CASE_ROOTS) if name.endswith("TestCase")}
    for view, base in known.among(wanted):
        if view.site in told:
            continue
        tests = [method for method in view.methods if method.name.startswith("test")]
        yield view.site, _case(store, view, base, tests)
        for method in tests:
            skipped = _skips(method.decorators) or _skips(view.decorators)
            asserts = _has(store, _ASSERTED, method.site)
            yield method.site, InheritedTest(method.name, "unittest", view.name, method.is_async, skipped, asserts)


def _case(store: Store, view: Class, base: str, tests: list[Method]) -> InheritedCase:
    own = {method.name for method in view.methods}
    return InheritedCase(
        name=view.name,
        base=base,
        tests=len(tests),
        has_setup=bool(_SETUP & own),
        has_teardown=bool(_TEARDOWN & own),
        has_class_setup=bool(_CLASS_SETUP & own),
        has_class_teardown="tearDownClass" in own,
        has_subtests=any(_has(store, _PARTED, method.site) for method in view.methods),
        is_async=base.endswith("IsolatedAsyncioTestCase") or any(method.is_async for method in view.methods),
    )


def _skips(decorators: list[Decorated]) -> bool:
    return any(one.name in _SKIPS for one in decorators)


def _has(store: Store, question: str, function: int) -> bool:
    first = function >> SITE_BITS << SITE_BITS
    place = first, first + (1 << SITE_BITS) - 1, function
    return next(store.rows(question, place, of=[function >> SITE_BITS]), None) is not None

"""What is tested, and how."""

from typing import NamedTuple

from schema.table import table, union, view


@table("python_local_tests", unique=True)
class LocalTest(NamedTuple):
    """One test that its own file tells to be one."""

    name: str
    framework: str  #: pytest or unittest
    class_name: str | None
    is_async: bool
    is_skipped: bool  #: marked or decorated with skip or skipIf/skipif
    has_assertion: bool  #: an assert, self.assert…, pytest.raises, mock.assert_…


@table("python_inherited_tests", derived=True)
class InheritedTest(LocalTest):
    """One test of a class that another file makes a test case."""

    __slots__ = ()


@view(
    "python_tests",
    """SELECT site, name, framework, class_name, is_async, is_skipped, has_assertion
FROM python_local_tests
WHERE site NOT IN (SELECT site FROM python_inherited_tests)
UNION ALL SELECT site, name, framework, class_name, is_async, is_skipped, has_assertion FROM python_inherited_tests""",
)
class Test(LocalTest):
    """One test that pytest or unittest collects, by its names; doctests apart."""

    __slots__ = ()


@table("python_pytest_fixtures", index=("name",), unique=True)
class PytestFixture(NamedTuple):
    """One fixture; its site is the function."""

    name: str  #: by which tests ask for it
    fixture_scope: str  #: function, class, module, package, session; dynamic when computed
    is_autouse: bool
    is_parametrized: bool
    yields: bool
    teardown_statements: int  #: behind the last yield, and finalizers added
    teardown_source: str | None
    is_async: bool
    alias: str | None  #: the function's name, when it differs


@table("python_pytest_fixture_uses", index=("fixture",))
class PytestFixtureUse(NamedTuple):
    """One use of one fixture, by a test, a fixture, a hook-like function of a test class, or all tests of a configuration."""

    user: str  #: "" for all tests
    fixture: str
    kind: str  #: parameter, usefixtures, request or ini


@table("python_pytest_parametrizations")
class PytestParametrization(NamedTuple):
    """One parametrize mark; its site is the decorator or call."""

    test: str
    arguments: int
    value_sets: int | None  #: NULL when not written out
    has_ids: bool
    is_indirect: bool


@table("python_pytest_parameters")
class PytestParameter(NamedTuple):
    """One parametrised argument; same site as its parametrization."""

    test: str
    position: int
    name: str


@table("python_local_markers", index=("marker",))
class LocalMarker(NamedTuple):
    """One marker that is written where it is put on, or has its name in the same file."""

    target: str
    target_kind: str  #: function, method, class, module or param
    marker: str
    reason: str | None
    condition: str | None


@table("python_named_markers", index=("marker",), derived=True)
class NamedMarker(LocalMarker):
    """One marker that another file gives a name."""

    __slots__ = ()


@union("python_pytest_markers", LocalMarker, NamedMarker)
class PytestMarker(LocalMarker):
    """One marker on one function, class, module or parameter set."""

    __slots__ = ()


@table("python_pytest_hooks", unique=True)
class PytestHook(NamedTuple):
    """One hook implementation."""

    hook: str
    function: str
    parameters: int
    is_wrapper: bool
    is_first: bool


@table("python_local_conftest_definitions")
class LocalConftestDefinition(NamedTuple):
    """One thing that a conftest itself gives to its folder."""

    kind: str  #: fixture, hook, plugin or ignore
    name: str
    fixture_scope: str | None
    is_shared: bool  #: scope wider than one function


@table("python_imported_fixtures", derived=True)
class ImportedFixture(LocalConftestDefinition):
    """One fixture of another file that a conftest imports, or that a plugin it names defines; its site is what names it."""

    __slots__ = ()


@union("python_conftest_definitions", LocalConftestDefinition, ImportedFixture)
class ConftestDefinition(LocalConftestDefinition):
    """One thing a conftest gives to its folder."""

    __slots__ = ()


@table("python_local_cases", unique=True)
class LocalCase(NamedTuple):
    """One test case class that its own file tells to be one."""

    name: str
    base: str  #: exact name of the library's class it comes from
    tests: int
    has_setup: bool
    has_teardown: bool
    has_class_setup: bool
    has_class_teardown: bool
    has_subtests: bool
    is_async: bool


@table("python_inherited_cases", derived=True)
class InheritedCase(LocalCase):
    """One test case class whose base is made a test case by another file."""

    __slots__ = ()


@union("python_unittest_cases", LocalCase, InheritedCase)
class UnittestCase(LocalCase):
    """One test case class."""

    __slots__ = ()


@table("python_assertions")
class Assertion(NamedTuple):
    """One assertion; plain asserts only in tests (python_asserts has all)."""

    function: str  #: qualified name of the scope it stands in
    kind: str  #: assert, unittest, raises, warns, approx, mock or fail
    method: str | None
    source: str
    has_message: bool
    in_test: bool  #: inside a collected test, itself
    is_constant: bool  #: of an assert: always true, or always false


@table("python_hypothesis_tests", unique=True)
class HypothesisTest(NamedTuple):
    """One property test, or one state machine."""

    test: str
    strategies: int
    has_settings: bool
    has_examples: bool
    is_stateful: bool


@table("python_hypothesis_strategies")
class HypothesisStrategy(NamedTuple):
    """One strategy that is given, registered or composed; its site is the strategy."""

    owner: str
    parameter: str | None
    strategy: str  #: exact name, else as written
    is_composite: bool


@table("python_doctests")
class Doctest(NamedTuple):
    """One example of a docstring; its site is the docstring."""

    owner: str
    source: str
    has_expected: bool
    options: str | None  #: sorted, separated by a space


@table("python_mocks")
class Mock(NamedTuple):
    """One test double."""

    kind: str  #: mock, patch, object, dict, autospec, monkeypatch, double, http or time
    target: str | None  #: what is replaced
    place: str  #: decorator, with or call; class for hand-made ones
    has_return_value: bool
    has_side_effect: bool
    has_spec: bool
    is_autospec: bool


@table("python_coverage_pragmas")
class CoveragePragma(NamedTuple):
    """One comment that takes code out of a measure or a check."""

    kind: str  #: no-cover, no-branch, type-ignore, pylint, pyright, fmt or isort
    reason: str | None  #: what follows, ids included
    at_line: int

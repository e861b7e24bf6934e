"""Which weaknesses a version has: held to what `packaging` says of each single version."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osv import record
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from aud_action.advisories.matching import allowed, applying, safe
from aud_action.advisories.records import Record


def entries(*records):
    known = [msgspec.convert(one, Record) for one in records]
    return [(one, part) for one in known for part in one.affected]


def names(found):
    return [one.names[0] for one in found]


VERSIONS = [
    Version(f"{major}.{minor}{end}") for major in range(4) for minor in range(4) for end in ("", "rc1", ".post1")
]
numbers = st.sampled_from(["0", "1", "1.1", "1.2", "2.0", "2.2", "3"])
specifiers = st.builds(
    "{}{}".format, st.sampled_from([">=", "<=", "<", ">", "!=", "=="]), st.sampled_from(["1", "1.1", "1.2", "2.0", "3"])
) | st.sampled_from(["~=1.1", "==1.*", "==2.1.*", "~=2.0.1"])


@given(
    st.lists(specifiers, min_size=1, max_size=3).map(",".join), st.lists(numbers, min_size=2, max_size=2, unique=True)
)
def test_a_range_has_a_weakness_only_if_each_version_it_allows_has(specifier, borders):
    first, last = sorted(borders, key=Version)
    known = entries(record("A-1", "p", ("introduced", first), ("fixed", last)))
    if applying(known, None, specifier):
        inside = [version for version in VERSIONS if SpecifierSet(specifier).contains(version, prereleases=False)]
        low = Version("0.dev0") if first == "0" else Version(first)
        assert all(low <= version < Version(last) for version in inside)


@given(st.lists(st.tuples(numbers, numbers), max_size=3))
def test_a_version_has_a_weakness_if_it_lies_between_events(pairs):
    spans = sorted((min(one, key=Version), max(one, key=Version)) for one in pairs)
    spans = [one for one, other in itertools.pairwise([*spans, ("99", "99")]) if Version(one[1]) < Version(other[0])]
    events = [event for low, high in spans for event in (("introduced", low), ("fixed", high))]
    known = entries(record("A-1", "p", *reversed(events)))
    for version in VERSIONS:
        is_in = any((low == "0" or Version(low) <= version) and version < Version(high) for low, high in spans)
        assert bool(applying(known, version, None)) == is_in


@pytest.mark.parametrize(
    ("version", "is_found"),
    [
        ("1.0", True),
        ("1.5rc1", True),
        ("1.5", True),
        ("1.5.post1", False),
        ("0.9", False),
        ("1.5+local", False),
        ("2", False),
    ],
)
def test_the_last_affected_release_is_in(version, is_found):
    known = entries(record("A-1", "p", ("introduced", "1.0"), ("last_affected", "1.5")))
    assert bool(applying(known, Version(version), None)) == is_found


def test_a_release_can_be_named_without_a_range():
    known = entries(record("A-1", "p", part={"versions": ["1.0", "2004d", "1.10"]}))
    assert [str(v) for v in map(Version, ("1.0.0", "1.1", "1.10")) if applying(known, v, None)] == ["1.0.0", "1.10"]
    assert applying(known, Version("1.0"), None)[0].fixed_in is None


def test_records_of_one_weakness_are_one_with_the_best_of_each():
    known = entries(
        record("PYSEC-2026-1", "p", ("introduced", "0"), ("fixed", "1.2"), aliases=["CVE-2026-1"]),
        record(
            "GHSA-a", "p", ("introduced", "0"), ("fixed", "1.3"), aliases=["CVE-2026-1"], summary="Runs code",
            database_specific={"severity": "HIGH", "cwe_ids": []},
        ),
        record("GHSA-b", "p", ("introduced", "0"), ("fixed", "1.1")),
    )  # fmt: skip
    one, other = applying(known, Version("1.0"), None)
    assert one.names == ("CVE-2026-1", "GHSA-a", "PYSEC-2026-1")
    assert (one.summary, one.severity, str(one.fixed_in)) == ("Runs code", 8.0, "1.3")
    assert (other.names, other.severity) == (("GHSA-b",), None)


def test_the_safe_release_has_none_of_them():
    known = entries(
        record("A-1", "p", ("introduced", "0"), ("fixed", "1.2"), ("introduced", "2.0"), ("fixed", "2.1")),
        record("A-2", "p", ("introduced", "1.1"), ("fixed", "1.4rc1"), ("introduced", "2.0"), ("fixed", "2.3")),
    )
    assert str(safe(known, Version("1.0"), lambda _: False)) == "2.3"
    assert str(safe(known, Version("1.0"), lambda record: record.id == "A-2")) == "1.2"
    assert safe(known, Version("2.3"), lambda _: False) is None


@pytest.mark.parametrize("specifier", [">=1", "!=2", "", "^1.2", "1.0 or 2", ">1,!=3"])
def test_a_range_without_an_end_says_nothing(specifier):
    assert allowed(specifier) is None


def test_a_commit_is_no_version():
    part = {"ranges": [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}]}
    assert applying(entries(record("A-1", "p", part=part)), Version("1"), None) == []

"""Which statement about a youth's occupation counts on a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.occupation import CATEGORY, KnowledgeSource, OccupationCode
from services.registry.domain.occupation import TRUST, Entry, current

DAY = date(2026, 10, 1)
days = st.dates(DAY - timedelta(days=30), DAY + timedelta(days=30))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    starts_on, ends_on = draw(st.none() | days), draw(st.none() | days)
    if starts_on and ends_on and ends_on < starts_on:
        starts_on, ends_on = ends_on, starts_on
    return Entry(
        draw(st.uuids()),
        draw(st.sampled_from(OccupationCode)),
        starts_on,
        ends_on,
        draw(st.sampled_from(KnowledgeSource)),
        draw(days),
        draw(st.booleans()),
    )


some = st.lists(entries(), max_size=6, unique_by=lambda entry: entry.entry_id)


def entry(which: int, code: OccupationCode = OccupationCode.WORK, **changes: object) -> Entry:
    plain = Entry(UUID(int=which), code, date(2026, 9, 1), None, KnowledgeSource.SCHOOL, date(2026, 9, 10))
    return replace(plain, **changes)  # type: ignore[arg-type]


@given(some, days, st.randoms(use_true_random=False))
def test_the_order_in_which_entries_come_does_not_matter(
    given_entries: list[Entry], day: date, random: object
) -> None:
    mixed = list(given_entries)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert current(mixed, day) == current(given_entries, day)


@given(some, days)
def test_what_counts_speaks_of_the_day_and_stands(given_entries: list[Entry], day: date) -> None:
    counts = current(given_entries, day)
    standing = [one for one in given_entries if one.holds_on(day)]
    assert (counts is None) == (not standing)
    if counts is not None:
        assert not counts.withdrawn
        assert (counts.starts_on or counts.known_on) <= day <= (counts.ends_on or day)
        told = [one for one in standing if one.code is not OccupationCode.UNKNOWN]
        assert all(one.known_on <= counts.known_on for one in told)
        assert counts.code is not OccupationCode.UNKNOWN or not told


@given(some, days, entries())
def test_what_is_withdrawn_changes_nothing(given_entries: list[Entry], day: date, other: Entry) -> None:
    assert current([*given_entries, replace(other, withdrawn=True)], day) == current(given_entries, day)


@given(some, entries(), days)
def test_a_later_word_that_speaks_of_the_day_counts(given_entries: list[Entry], word: Entry, day: date) -> None:
    last = max((one.known_on for one in given_entries), default=DAY) + timedelta(days=1)
    newest = replace(word, known_on=last, withdrawn=False, starts_on=day, ends_on=day, code=OccupationCode.SFI)
    assert current([*given_entries, newest], day) == newest


@pytest.mark.parametrize(
    ("given_entries", "counts"),
    [
        ([], None),
        ([entry(1, starts_on=date(2026, 10, 2))], None),  # future
        ([entry(1, ends_on=date(2026, 9, 30))], None),
        ([entry(1, ends_on=DAY)], 1),  # the last day is still of it
        ([entry(1, starts_on=None)], 1),
        ([entry(1, starts_on=None, known_on=date(2026, 10, 2))], None),
        ([entry(1), entry(2, OccupationCode.NONE, known_on=date(2026, 9, 20))], 2),
        ([entry(1), entry(2, OccupationCode.UNKNOWN, known_on=date(2026, 9, 20))], 1),
        ([entry(2, OccupationCode.UNKNOWN)], 2),
        ([entry(1), entry(2, OccupationCode.NONE, knowledge_source=KnowledgeSource.YOUTH)], 2),
        ([entry(1), entry(2, starts_on=date(2026, 9, 5))], 2),
    ],
)
def test_by_rule(given_entries: Sequence[Entry], counts: int | None) -> None:
    found = current(given_entries, DAY)
    assert (None if found is None else found.entry_id.int) == counts


def test_every_code_has_a_category_and_every_source_a_rank() -> None:
    assert set(CATEGORY) == set(OccupationCode)
    assert sorted(TRUST) == sorted(KnowledgeSource)

"""Which phone number is tried first, and what is taken as a contact point."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.clock import STOCKHOLM
from services.registry.api.contact_models import ContactPointIn, GuardianIn
from services.registry.domain.contact_points import Phone, best

DAY = date(2026, 10, 1)
NUMBERS = ("+46701740605", "+46701740610", "+46701740615")


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=STOCKHOLM)


days = st.dates(DAY - timedelta(days=20), DAY + timedelta(days=20))
past = st.dates(DAY - timedelta(days=20), DAY)
numbers = st.sampled_from(NUMBERS)


@st.composite
def noted(draw: st.DrawFn) -> Phone:
    begin, end = sorted((draw(days), draw(days)))
    answered = draw(st.none() | past.map(at))
    return Phone(draw(numbers), begin, draw(st.sampled_from((None, end))), answered, draw(st.none() | past))


some = st.lists(noted() | numbers.map(Phone), max_size=6)


def over(phone: Phone) -> bool:
    """Whether a row, looked at alone, does not speak of the day."""
    return (phone.valid_from or DAY) > DAY or (phone.valid_until or DAY) < DAY


@given(some)
def test_never_a_wrong_number_unless_answered_later(phones: list[Phone]) -> None:
    chosen = best(phones, DAY)
    marks = [one.wrong_number_on for one in phones if one.value == chosen and one.wrong_number_on]
    answers = [one.answered_at.date() for one in phones if one.value == chosen and one.answered_at]
    assert not marks or max(answers) > max(marks)


@given(some)
def test_a_number_of_somebody_noted_as_over_is_not_tried(phones: list[Phone]) -> None:
    chosen = best(phones, DAY)
    rows = [one for one in phones if one.value == chosen]
    assert chosen is None or any(not over(one) for one in rows)
    if any(not one.in_register for one in rows):
        assert any(not over(one) for one in rows if not one.in_register)


@given(some)
def test_when_all_are_left_out_there_is_a_reason_for_each(phones: list[Phone]) -> None:
    if best(phones, DAY) is None:
        spoken_of = {one.value for one in phones if not one.in_register}
        for one in phones:
            marked = any(other.wrong_number_on for other in phones if other.value == one.value)
            assert marked or over(one) or (one.in_register and one.value in spoken_of)


@given(some)
def test_where_somebody_answered_goes_before_all_others(phones: list[Phone]) -> None:
    """A number of its own, answered today, is tried whatever else is known."""
    answered = Phone("+46701740699", DAY - timedelta(days=400), answered_at=at(DAY, 23))
    assert best([*phones, answered], DAY) == "+46701740699"


@given(some, st.permutations(range(6)))
def test_the_order_matters_for_the_register_only(phones: list[Phone], order: list[int]) -> None:
    staff = [one for one in phones if not one.in_register]
    distinct = list({(one.valid_from, one.answered_at): one for one in staff}.values())
    mixed = [distinct[index] for index in order if index < len(distinct)]
    assert best(mixed, DAY) == best(distinct, DAY)


FIRST, SECOND, THIRD = NUMBERS
MONTH_AGO = DAY - timedelta(days=30)


@pytest.mark.parametrize(
    ("phones", "chosen"),
    [
        ([], None),
        ([Phone(FIRST), Phone(SECOND)], FIRST),  # as the feeds come
        ([Phone(FIRST), Phone(SECOND, MONTH_AGO)], SECOND),  # staff know better than a feed without date
        ([Phone(FIRST, MONTH_AGO), Phone(SECOND, DAY)], SECOND),
        ([Phone(FIRST, MONTH_AGO, answered_at=at(MONTH_AGO)), Phone(SECOND, DAY)], FIRST),
        ([Phone(FIRST, MONTH_AGO, wrong_number_on=DAY), Phone(FIRST)], None),
        ([Phone(FIRST, MONTH_AGO, DAY - timedelta(days=1)), Phone(FIRST), Phone(SECOND)], SECOND),
        ([Phone(FIRST, MONTH_AGO, DAY)], FIRST),
        ([Phone(FIRST, DAY + timedelta(days=1))], None),
        ([Phone(FIRST, MONTH_AGO, wrong_number_on=MONTH_AGO, answered_at=at(DAY))], FIRST),
        ([Phone(FIRST, MONTH_AGO, wrong_number_on=DAY, answered_at=at(DAY))], None),  # on one day: wrong
    ],
)
def test_by_rule(phones: list[Phone], chosen: str | None) -> None:
    assert best(phones, DAY) == chosen


# --- what is taken --------------------------------------------------------------------------------

POINT: dict[str, Any] = {"kind": "phone", "value": FIRST, "source": "youth", "valid_from": "2026-10-01"}


def taken(**changes: Any) -> ContactPointIn:
    return ContactPointIn.model_validate(POINT | changes)


@pytest.mark.parametrize(
    "spelled", ["070-174 06 05", " 0701740605", "+46 (0)70 174 06 05", "0046701740605", FIRST]
)
def test_a_phone_number_is_kept_in_one_spelling(spelled: str) -> None:
    assert taken(value=spelled).value == FIRST


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "070"), ("phone", "ring mamma"), ("phone", ""), ("phone", "+4670174060599999"),
        ("email", "alva"), ("email", "a b@example.org"), ("email", "alva@example"),
        ("account", "två ord"), ("account", "x"), ("account", "a\x00b"), ("account", "x" * 101),
    ],
)  # fmt: skip
def test_other_values_are_refused_and_not_repeated(kind: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        taken(kind=kind, value=value)
    assert f"not a right {kind}" in str(refused.value)
    assert len(value) < 3 or value not in str(refused.value)


def test_a_row_does_not_end_before_it_begins() -> None:
    assert taken(valid_until="2026-10-01").valid_until == DAY
    with pytest.raises(ValidationError, match="valid_until is before valid_from"):
        taken(valid_until="2026-09-30")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "två\nrader"])
def test_a_guardian_has_a_name(name: str) -> None:
    guardian = {"name": {"first": "Robin", "last": name}, "relation": "parent", "source": "staff"}
    with pytest.raises(ValidationError):
        GuardianIn.model_validate(guardian | {"valid_from": "2026-10-01"})

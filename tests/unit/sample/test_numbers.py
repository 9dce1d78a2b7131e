"""Numbers that belong to nobody."""

from datetime import date

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from personnummer.personnummer import Personnummer
from phonenumbers import carrier

from contracts.reasons import Sex
from deploy.sample.numbers import TEST_SERIES, birth_numbers, personnummer, phone

births = st.dates(date(1995, 1, 1), date(2035, 12, 31))


@given(births, st.integers(1, 999), st.booleans())
def test_every_number_is_one(born: date, birth_number: int, coordination: bool) -> None:
    parsed = Personnummer.parse(personnummer(born, birth_number, coordination=coordination))
    assert (parsed.get_date(), parsed.is_coordination_number()) == (born, coordination)
    assert parsed.is_female() == (birth_number % 2 == 0)


def test_the_reserved_series_comes_first_and_nothing_twice() -> None:
    for sex in Sex:
        numbers = list(birth_numbers(sex))
        assert numbers[0] == TEST_SERIES[sex]
        assert len(set(numbers)) == len(numbers) > 490


@given(st.integers(0, 60_000))
def test_telephone_numbers_are_mobile_and_allotted_to_no_operator(serial: int) -> None:
    number = phonenumbers.parse(phone(serial))
    assert phonenumbers.is_valid_number(number)
    assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    assert carrier.name_for_number(number, "en") == ""


def test_the_first_95_telephone_numbers_are_those_reserved_for_fiction() -> None:
    assert [phone(0), phone(94), phone(95)] == ["+46701740605", "+46701740699", "+46799800000"]

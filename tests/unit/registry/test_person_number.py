"""Personnummer and samordningsnummer."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Sex
from services.registry.domain.person_number import InvalidNumber, parse


def check_digit(nine: str) -> int:
    """Modulus 10, written down again so that the library is not compared with itself."""
    total = sum(sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(nine))
    return -total % 10


def number(born: date, birth_number: str, *, coordination: bool = False) -> str:
    day = born.day + (60 if coordination else 0)
    digits = f"{born.year:04}{born.month:02}{day:02}{birth_number}"
    return f"{digits}{check_digit(digits[2:])}"


births = st.dates(date(1990, 1, 1), date(2030, 12, 31))
birth_numbers = st.integers(1, 999).map("{:03}".format)


@given(births, birth_numbers, st.booleans(), st.booleans())
def test_a_right_number_is_twelve_digits_with_its_birth_date(
    born: date, birth_number: str, coordination: bool, hyphen: bool
) -> None:
    digits = number(born, birth_number, coordination=coordination)
    parsed = parse(f"{digits[:8]}-{digits[8:]}" if hyphen else digits)
    assert (parsed.digits, parsed.birth_date, parsed.is_coordination) == (digits, born, coordination)
    assert parsed.sex is (Sex.MAN if int(birth_number) % 2 else Sex.WOMAN)


@given(births, birth_numbers, st.integers(1, 9))
def test_any_other_check_digit_is_refused(born: date, birth_number: str, shift: int) -> None:
    digits = number(born, birth_number)
    with pytest.raises(InvalidNumber, match="check_digit"):
        parse(f"{digits[:11]}{(int(digits[11]) + shift) % 10}")


@pytest.mark.parametrize("birth_number", ["238", "239"])
def test_the_test_series_of_skatteverket_is_valid(birth_number: str) -> None:
    assert parse(number(date(2007, 3, 1), birth_number)).birth_date == date(2007, 3, 1)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("200702300008", "impossible_date"),
        ("200713010008", "impossible_date"),
        ("200703000008", "impossible_date"),
        ("200703920008", "impossible_date"),
        ("000002010008", "impossible_date"),
        ("0703012393", "format"),
        ("20070301-23930", "format"),
        ("2007030123 93", "format"),
        ("", "format"),
        ("٢٠٠٧٠٣٠١٢٣٩٣", "format"),  # digits to some programs, not to Skatteverket
        ("20130101TF01", "interim_number"),
        ("000101-T220", "interim_number"),
    ],
)
def test_what_is_no_number_says_why(raw: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse(raw)
    assert caught.value.reason == reason
    assert raw == "" or raw not in str(caught.value)


@given(st.text(max_size=20))
def test_no_text_breaks_it(raw: str) -> None:
    with suppress(InvalidNumber):
        assert len(parse(raw).digits) == 12

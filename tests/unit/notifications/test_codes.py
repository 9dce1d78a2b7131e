"""Answer codes: enough random bits to be a secret, and forgiving to whoever types them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.codes import ALPHABET, LENGTH, codes_in, new_code, printed, read_code

codes = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_a_code_has_at_least_fifty_random_bits() -> None:
    assert len(ALPHABET) ** LENGTH >= 2**50
    assert len({new_code() for _ in range(1000)}) == 1000


def test_a_code_is_printed_in_groups() -> None:
    assert printed("K7QF3MXP9T2H") == "K7QF-3MXP-9T2H"


@given(codes)
def test_what_is_printed_can_be_typed_in_any_case(code: str) -> None:
    assert read_code(printed(code)) == code
    assert read_code(f"  {printed(code).lower().replace('-', ' ')} ") == code


@given(codes)
def test_letters_that_look_like_digits_are_read_as_them(code: str) -> None:
    assert read_code(code.replace("0", "O").replace("1", "l")) == code


@given(st.text(max_size=80))
def test_nothing_else_breaks_it(typed: str) -> None:
    code = read_code(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


@pytest.mark.parametrize("typed", ["", "K7QF", "K7QF-3MXP-9T2U", "K7QF-3MXP-9T2HX", "Å" * 12, "A" * 10_000])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@given(
    codes,
    st.sampled_from(["JA {}", "ja {}.", "Hej! Ring mig, koden är {}", "{}", "{}\nhälsningar Alex", "DITT {} JA"]),
)
def test_a_code_is_found_in_an_sms(code: str, text: str) -> None:
    for written in (code, printed(code), printed(code).lower().replace("-", " ")):
        assert code in codes_in(text.format(written))


@pytest.mark.parametrize("text", ["JA", "", "Ring mig på 0701740610", "A" * 1600])
def test_no_code_is_found_where_there_is_none(text: str) -> None:
    assert codes_in(text) == []

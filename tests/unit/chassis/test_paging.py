import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.paging import cursor_instant, cursor_number, decode_cursor, encode_cursor
from chassis.problems import Problem

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@given(key=st.lists(TEXT, min_size=1, max_size=4))
def test_a_cursor_gives_its_key_back(key: list[str]) -> None:
    assert decode_cursor(encode_cursor(*key), len(key)) == key


@given(cursor=st.text(max_size=40))
def test_any_other_text_is_refused_as_a_bad_cursor(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(cursor, 2)
    assert refused.value.status == 400


@pytest.mark.parametrize("part", ["\x00", "a\x00b", "\ud800"])
def test_text_that_no_row_can_have_is_in_no_cursor(part: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(encode_cursor(part), 1)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "part",
    ["", "tomorrow", "2026-05-04", "2026-05-04T10:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+01"],
)
def test_only_an_instant_of_ours_is_one(part: str) -> None:
    assert cursor_instant("2026-05-04T10:00:00+02:00").isoformat() == "2026-05-04T10:00:00+02:00"
    with pytest.raises(Problem) as refused:
        cursor_instant(part)
    assert refused.value.status == 400


@pytest.mark.parametrize("part", ["", "-1", "1.0", "٣", "²", "9" * 19, "9" * 5000])
def test_only_a_number_of_a_row_is_one(part: str) -> None:
    assert cursor_number("9" * 18) == 10**18 - 1
    with pytest.raises(Problem) as refused:
        cursor_number(part)
    assert refused.value.status == 400

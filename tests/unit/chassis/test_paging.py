import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.paging import decode_cursor, encode_cursor
from chassis.problems import Problem


@given(key=st.lists(st.text(), min_size=1, max_size=4))
def test_a_cursor_gives_its_key_back(key: list[str]) -> None:
    assert decode_cursor(encode_cursor(*key), len(key)) == key


@given(cursor=st.text(max_size=40))
def test_any_other_text_is_refused_as_a_bad_cursor(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(cursor, 2)
    assert refused.value.status == 400

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.problems import Problem
from services.outreach.api.parts import idempotency_key


@given(key=st.uuids().map(str) | st.from_regex(r"[A-Za-z0-9._:-]{8,100}", fullmatch=True))
def test_uuids_and_the_like_are_taken_as_they_are(key: str) -> None:
    assert idempotency_key(key) == key


@pytest.mark.parametrize("key", [None, "", "short", "a" * 101, "with space", "nyckel-åäö", "new\nline-key"])
def test_any_other_is_a_400_that_names_the_header(key: str | None) -> None:
    with pytest.raises(Problem) as refused:
        idempotency_key(key)
    assert refused.value.status == 400
    assert "Idempotency-Key" in refused.value.title

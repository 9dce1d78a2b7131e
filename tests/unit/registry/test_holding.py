"""When a source is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.holding import LoadedFile, why_held

GOOD = LoadedFile(read=100, accepted=100)


@pytest.mark.parametrize(
    ("loaded", "words"),
    [
        (LoadedFile(found=False), "no file"),
        (LoadedFile(readable=False), "empty"),
        (LoadedFile(readable=False, missing_columns=("status",)), "status"),
        (LoadedFile(read=100, accepted=100, cut=True), "cut"),
        (LoadedFile(read=3, accepted=0), "no good rows"),
        (LoadedFile(read=100, accepted=89), "11 %"),
        (LoadedFile(read=100, accepted=100, stood=100, lost=11), "11 rows"),
    ],
)
def test_why_a_source_is_held(loaded: LoadedFile, words: str) -> None:
    assert words in (why_held(loaded, 100) or "")


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_source_is_held_when_more_than_a_tenth_is_lost(accepted: int, last_good: int) -> None:
    held = why_held(LoadedFile(read=accepted, accepted=accepted), last_good)
    assert (held is not None) is (accepted * 10 < last_good * 9)


def test_the_first_run_has_nothing_to_be_compared_with() -> None:
    assert why_held(GOOD, None) is None


def test_a_loss_that_a_person_found_right_is_accepted() -> None:
    assert why_held(GOOD, 1000, shrinking_accepted=True) is None
    assert why_held(LoadedFile(read=100, accepted=100, stood=100, lost=100), 100, shrinking_accepted=True) is None

"""Simulated behaviour: the same for the same seed, spread as stated, and by youth, not by timing."""

import random
from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind
from contracts.reasons import ReachedBy
from contracts.tasks import CallResult, FollowUpResult, MappingResult, Occupation
from deploy.demo.behaviour import (
    ANSWERS,
    CALLS,
    CALLS_OF_ELUSIVE,
    ELUSIVE,
    FOLLOW_UP_ENDS,
    HOME_VISITS,
    HOME_VISITS_OF_ELUSIVE,
    MAPPINGS,
    Behaviour,
    fraction,
    pick,
)

LATER = datetime(2026, 10, 5, 15, tzinfo=STOCKHOLM)


@pytest.mark.parametrize("shares", [CALLS, CALLS_OF_ELUSIVE, HOME_VISITS, HOME_VISITS_OF_ELUSIVE, MAPPINGS])
def test_the_shares_of_an_outcome_add_up(shares: dict[str, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("shares", ANSWERS.values())
def test_most_youths_do_not_answer_a_letter(shares: dict[ReachedBy, float]) -> None:
    assert 0 < sum(shares.values()) < 0.5


@given(st.floats(0, 1, exclude_max=True))
def test_pick_finds_the_share_that_a_number_falls_into(at: float) -> None:
    picked = pick(at, {"a": 0.25, "b": 0.5})
    assert picked == ("a" if at < 0.25 else "b" if at - 0.25 < 0.5 else None)


@given(st.integers(), st.integers(0, 10_000))
def test_fractions_are_fractions(seed: int, key: int) -> None:
    assert 0 <= fraction(seed, key) < 1
    assert fraction(seed, key) == fraction(seed, key)


@given(st.randoms(use_true_random=False), st.integers(0, 1000))
def test_the_order_in_which_youths_come_changes_nothing(rng: random.Random, seed: int) -> None:
    occasions = [key for key in range(12) for _ in range(3)]
    inorder, mixed = Behaviour(seed), Behaviour(seed)
    shuffled = rng.sample(occasions, len(occasions))
    first: dict[int, list[CallResult]] = {key: [] for key in range(12)}
    second: dict[int, list[CallResult]] = {key: [] for key in range(12)}
    for key in occasions:
        first[key].append(inorder.call(key, has_phone=True, back_at=LATER).result)
    for key in shuffled:
        second[key].append(mixed.call(key, has_phone=True, back_at=LATER).result)
    assert first == second


def test_outcomes_come_in_their_shares() -> None:
    behaviour = Behaviour(1)
    open_minded = [key for key in range(5000) if not behaviour.elusive(key)]
    assert 1 - len(open_minded) / 5000 == pytest.approx(ELUSIVE, abs=0.02)
    calls = Counter(behaviour.call(key, has_phone=True, back_at=LATER).result for key in open_minded)
    for result, share in CALLS.items():
        assert calls[result] / len(open_minded) == pytest.approx(share, abs=0.03)
    mapped = [behaviour.mapping(key) for key in range(2000)]
    assert {one.result for one in mapped} == set(MappingResult)
    assert all(
        (one.result is MappingResult.OCCUPIED)
        == (one.occupation in (Occupation.WORK, Occupation.STUDIES, Occupation.OTHER))
        for one in mapped
    )
    followed = Counter(behaviour.follow_up(key).result for key in range(2000))
    assert followed[FollowUpResult.ENDED] / 2000 == pytest.approx(FOLLOW_UP_ENDS, abs=0.03)


def test_who_has_no_telephone_neither_answers_by_sms_nor_is_reached_by_call() -> None:
    behaviour = Behaviour(2)
    answers = [behaviour.answer(key, MessageKind.FIRST_LETTER, has_phone=False) for key in range(500)]
    assert {answer.way for answer in answers if answer} == set(ANSWERS[MessageKind.FIRST_LETTER]) - {
        ReachedBy.SMS_ANSWER
    }
    assert {behaviour.call(key, has_phone=False, back_at=LATER).result for key in range(50)} == {
        CallResult.WRONG_NUMBER
    }


def test_the_elusive_are_met_at_the_door_or_not_at_all() -> None:
    behaviour = Behaviour(4)
    elusive = [key for key in range(2000) if behaviour.elusive(key)]
    assert not any(behaviour.answer(key, kind, has_phone=True) for key in elusive for kind in ANSWERS)
    assert {behaviour.call(key, has_phone=True, back_at=LATER).result for key in elusive} == set(CALLS_OF_ELUSIVE)
    assert {behaviour.home_visit(key).result for key in elusive} == set(HOME_VISITS_OF_ELUSIVE)


def test_nobody_answers_the_letter_at_twenty() -> None:
    assert Behaviour(3).answer(1, MessageKind.TURNS_20_LETTER, has_phone=True) is None

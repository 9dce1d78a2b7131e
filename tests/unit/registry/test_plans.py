from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.documentation import AnswersFor, EffortResult, PlanResult
from services.registry.domain.plans import Effort, FollowUp, Plan, Refusal, Refused, check, check_end, new_texts

MADE, TODAY = date(2026, 10, 5), date(2026, 11, 25)
READS = Effort(UUID(int=1), AnswersFor.YOUTH, None, "Läser om kurserna", MADE, None)
GUIDES = Effort(UUID(int=2), AnswersFor.MUNICIPALITY, None, "Vägledning", date(2026, 12, 1), None)
LOOKED_AT = FollowUp(UUID(int=3), date(2026, 11, 2))
PLAN = Plan("Börja på folkhögskola", MADE, (READS, GUIDES), (LOOKED_AT,))


def refused(before: Plan | None, after: Plan) -> tuple[Refusal, str]:
    with pytest.raises(Refused) as refused:
        check(before, after, TODAY)
    return refused.value.why, refused.value.field


def test_a_plan_may_grow_and_its_parts_may_be_done() -> None:
    check(None, PLAN, TODAY)
    done = replace(
        PLAN,
        efforts=(GUIDES, replace(READS, ended_on=TODAY, result=EffortResult.DONE)),
        follow_ups=(replace(LOOKED_AT, done_on=TODAY), FollowUp(UUID(int=4), date(2027, 1, 8))),
    )
    check(PLAN, done, TODAY)


def test_no_part_is_left_out() -> None:
    assert refused(PLAN, replace(PLAN, efforts=(READS,))) == (Refusal.PART_LEFT_OUT, "efforts")
    assert refused(PLAN, replace(PLAN, follow_ups=())) == (Refusal.PART_LEFT_OUT, "follow_ups")


def test_what_is_recorded_has_happened_and_since_the_plan_was_made() -> None:
    ahead, before = TODAY + timedelta(days=1), MADE - timedelta(days=1)
    assert refused(None, replace(PLAN, made_on=ahead)) == (Refusal.IN_THE_FUTURE, "made_on")
    for day, why in ((ahead, Refusal.IN_THE_FUTURE), (before, Refusal.BEFORE_THE_PLAN)):
        ended = replace(GUIDES, ended_on=day, result=EffortResult.BROKEN_OFF)
        assert refused(PLAN, replace(PLAN, efforts=(READS, ended))) == (why, "efforts.1.ended_on")
        done = (replace(LOOKED_AT, done_on=day),)
        assert refused(PLAN, replace(PLAN, follow_ups=done)) == (why, "follow_ups.0.done_on")
        with pytest.raises(Refused, match=why):
            check_end(PLAN, day, TODAY)


def test_an_effort_may_be_broken_off_before_it_was_to_start() -> None:
    ended = replace(GUIDES, ended_on=TODAY, result=EffortResult.BROKEN_OFF)
    assert ended.planned_start > TODAY
    check(PLAN, replace(PLAN, efforts=(READS, ended)), TODAY)


def test_a_plan_ends_once() -> None:
    check_end(PLAN, TODAY, TODAY)
    with pytest.raises(Refused, match="ended-already"):
        check_end(replace(PLAN, ended_on=TODAY, result=PlanResult.GOAL_REACHED), TODAY, TODAY)


def test_only_texts_that_are_new_are_looked_at() -> None:
    assert new_texts(None, PLAN) == {
        "goal": "Börja på folkhögskola",
        "efforts.0.content": "Läser om kurserna",
        "efforts.1.content": "Vägledning",
    }
    other = replace(PLAN, efforts=(GUIDES, replace(READS, content="Väljer två")))
    assert new_texts(PLAN, other) == {"efforts.1.content": "Väljer två"}
    assert new_texts(PLAN, PLAN) == {}

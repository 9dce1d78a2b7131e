"""A visit on a door card that is called off: planned again, and the youth gets word of it."""

from datetime import timedelta

import pytest

from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import HomeVisitOutcome, HomeVisitResult, TaskKind
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import STOCKHOLM_POLICY

CALLED_OFF = HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF)
WORDS = {MessageKind.VISIT_CALLED_OFF_SMS, MessageKind.VISIT_CALLED_OFF_LETTER}


def words(youth: Simulation) -> list[MessageKind]:
    return [message.kind for _, message in youth.sent if message.kind in WORDS]


def test_the_youth_gets_word_by_sms_and_by_letter_when_the_post_arrives_in_time() -> None:
    youth = youth_at(Step.DOOR_CARD)
    visit_at = youth.state.tasks[0].not_before
    youth.completes(CALLED_OFF)
    assert youth.state.tasks[0].kind is TaskKind.PLAN_HOME_VISIT
    assert words(youth) == [MessageKind.VISIT_CALLED_OFF_SMS, MessageKind.VISIT_CALLED_OFF_LETTER]
    assert {message.visit_at for _, message in youth.sent if message.kind in WORDS} == {visit_at}


def test_by_sms_alone_when_a_letter_would_come_too_late() -> None:
    youth = youth_at(Step.DOOR_CARD)
    visit_at = youth.state.tasks[0].not_before
    assert visit_at is not None
    youth.passes_until(visit_at - STOCKHOLM_POLICY.visit_lead_time + timedelta(hours=1))
    youth.completes(CALLED_OFF)
    assert words(youth) == [MessageKind.VISIT_CALLED_OFF_SMS]


def test_also_when_the_two_did_not_come() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(CALLED_OFF)
    assert words(youth) == [MessageKind.VISIT_CALLED_OFF_SMS]


def test_each_time_that_it_is_called_off() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(CALLED_OFF)
    youth.never_answers_until(Step.HOME_VISIT)
    youth.completes(CALLED_OFF)
    assert words(youth).count(MessageKind.VISIT_CALLED_OFF_SMS) == 2


def test_also_when_no_other_visit_can_be_made_before_twenty() -> None:
    youth = youth_at(Step.HOME_VISIT)
    left = youth.state.last_covered_day - youth.now.date() - STOCKHOLM_POLICY.visit_lead_time
    youth.passes(left + timedelta(days=1))
    youth.completes(CALLED_OFF)
    assert youth.state.step is Step.WATCH
    assert words(youth) == [MessageKind.VISIT_CALLED_OFF_SMS]


@pytest.mark.parametrize("step", [Step.DOOR_CARD, Step.HOME_VISIT])
def test_a_policy_from_before_there_was_this_word_sends_none(step: Step) -> None:
    youth = youth_at(step, policy=STOCKHOLM_POLICY.model_copy(update={"visit_called_off_word": False}))
    youth.completes(CALLED_OFF)
    assert words(youth) == []

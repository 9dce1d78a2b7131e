"""On a fast clock (the demonstration) the same code lives the same civil year in real minutes."""

from datetime import timedelta
from pathlib import Path

from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from contracts.tasks import TaskKind
from tests.workflows.driver import eventually
from tests.workflows.stage import NewYouth

DAYS_A_SECOND = 30 * 24 * 3_600


async def test_days_pass_in_real_seconds_without_skipping(new_youth: NewYouth) -> None:
    youth = await new_youth(speed=DAYS_A_SECOND)
    call = await youth.has(TaskKind.CALL)
    first, contacted, calling = youth.progress
    assert [first.step, contacted.step, calling.step] == [Step.AWAITING_START, Step.FIRST_CONTACT, Step.CALLING]
    assert first.due is not None
    assert contacted.due is not None
    assert timedelta(0) <= contacted.at - first.due < timedelta(days=60), "two real seconds at most"
    assert timedelta(0) <= calling.at - contacted.due < timedelta(days=60)
    assert call.not_before is not None


async def test_the_local_policy_has_a_call_ready_within_minutes(new_youth: NewYouth) -> None:
    local = OutreachPolicy.model_validate_json(
        Path("services/outreach/policies/local.json").read_text(encoding="utf-8")
    )
    youth = await new_youth(policy=local)
    await eventually(lambda: youth.step is Step.FIRST_CONTACT, "the letter at once")
    await youth.passes(timedelta(minutes=2))
    call = await youth.has(TaskKind.CALL)
    assert call.not_before is not None
    assert call.not_before <= await youth.now()

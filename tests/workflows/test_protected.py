"""Protected identity: nothing automatic, one task for the special handlers."""

from datetime import timedelta

from contracts.messages import MessageKind
from contracts.outreach_workflow import SA_DISTRICT, SA_STEP
from contracts.reasons import ReachedBy, Step
from contracts.tasks import ProtectedOutcome, TaskGroup, TaskKind
from tests.workflows.stage import NewYouth


async def test_who_is_protected_from_the_start_is_handled_by_hand(new_youth: NewYouth) -> None:
    youth = await new_youth(protected=True, district=None)
    assert youth.step is Step.MANUAL
    task = await youth.has(TaskKind.PROTECTED)
    assert task.group is TaskGroup.SPECIAL_HANDLERS
    assert youth.progress[0].started

    decided = await youth.completes(ProtectedOutcome(result="reached"))
    assert decided.step is Step.MANUAL
    assert youth.reached == [ReachedBy.MANUAL]
    assert (await youth.has(TaskKind.PROTECTED)).not_before is not None

    await youth.passes(timedelta(days=400))
    assert not youth.messages
    described = await youth.handle.describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert (shown[SA_STEP], shown[SA_DISTRICT]) == ("manual", "none")
    assert "district none" in await youth.details()


async def test_a_marking_takes_effect_at_once(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.DOOR_CARD)
    sent = list(youth.messages)
    await youth.changes(protected=True, district=None)
    await youth.has(TaskKind.PROTECTED)
    assert youth.progress[-1].district is None
    await youth.passes(timedelta(days=60))
    assert youth.messages == sent
    assert youth.step is Step.MANUAL


async def test_a_marking_that_is_lifted_leads_back(new_youth: NewYouth) -> None:
    youth = await new_youth(protected=True, district=None)
    await youth.changes(protected=False, district="farsta")
    await youth.arrives_at(Step.AWAITING_START)
    assert not youth.tasks
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.gets(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)

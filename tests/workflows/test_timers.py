"""The timers of a youth's workflow as the Temporal UI shows them."""

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter

from contracts.reasons import Step
from contracts.tasks import CallResult, TaskKind
from tests.workflows.samples import policy
from tests.workflows.stage import NewYouth


def timers(chain: list[WorkflowHistory]) -> list[str]:
    """Return the summaries of all timers, in order; of one that was set anew for the same, once."""
    decode = pydantic_data_converter.payload_converter.from_payload
    told: list[str] = []
    for history in chain:
        for event in history.events:
            if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
                text = str(decode(event.user_metadata.summary, str))
                told += [text] if not told or told[-1] != text else []
    return told


async def test_each_call_has_a_timer_with_its_last_day(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    due = []
    for _ in range(3):
        due.append((await youth.has(TaskKind.CALL)).due_on)
        await youth.is_called(CallResult.NO_ANSWER)
    await youth.arrives_at(Step.TRIED_TO_REACH)
    told = timers(await youth.chain())
    assert [one for one in told if "call due" in one] == [
        f"first call due {due[0]}",
        f"second call due {due[1]}",
        f"third call due {due[2]}",
    ]


async def test_who_began_before_keeps_the_timer_and_its_events(new_youth: NewYouth) -> None:
    """The policy is the version: no command of a run under way changes."""
    youth = await new_youth(policy=policy(timers_tell_tasks=False))
    await youth.never_answers_until(Step.CALLING)
    for _ in range(3):
        await youth.is_called(CallResult.NO_ANSWER)
    await youth.arrives_at(Step.TRIED_TO_REACH)
    chain = await youth.chain()
    assert not [one for one in timers(chain) if "call due" in one]
    waits = EventType.EVENT_TYPE_TIMER_STARTED
    assert sum(event.event_type == waits for history in chain for event in history.events) == 4

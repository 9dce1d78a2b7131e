"""Youths whose messages or transitions other services could not take at first."""

from datetime import timedelta

from contracts.reasons import EndReason, Step
from tests.workflows.driver import FIRST, Youth, eventually
from tests.workflows.stage import NewYouth


async def ends_before_the_letter_was_taken(new_youth: NewYouth) -> Youth:
    """Notifications is away: what waits for it is called back."""
    youth = await new_youth()
    youth.records.notifications_down.add(youth.id)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.leaves(EndReason.MOVED_OUT)
    await youth.is_over()
    return youth


async def meets_a_bug(new_youth: NewYouth) -> Youth:
    """Outreach refuses a transition until it is mended, and takes it when it is asked again."""
    youth = await new_youth()
    youth.records.outreach_has_a_bug.add(youth.id)
    await youth.time_is_up()
    await eventually(lambda: youth.records.refused[youth.id], "a refusal")
    youth.records.outreach_has_a_bug.discard(youth.id)
    await youth.passes(timedelta(hours=1))
    await youth.gets(*FIRST)
    return youth

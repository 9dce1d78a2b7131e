"""The workflow `RegisterGallring`: propose what is due, wait for two people, then delete (daily at 06:00).

What was proposed and decided stands in the registry's database; the workflow only waits and goes on. One that
is lost loses nothing: the next day's takes over the run that it finds open.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from contracts.gallring import (
        EXECUTE_GALLRING,
        GALLRING_CHANGED,
        GIVE_UP_GALLRING,
        LOOK_AT_GALLRING,
        PROPOSE_GALLRING,
        REGISTER_GALLRING,
        GallringAsked,
        GallringRun,
        GallringState,
    )
    from contracts.registry_activities import REGISTRY_QUEUE

RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5))
# Nobody has decided by then: it is withdrawn, and the next day's run proposes who is due by then.
PATIENCE = timedelta(days=7)
# The API signals what people decide. Should a signal be lost, it is seen so much later.
LOOK_AGAIN = timedelta(hours=6)
# A sync under way, or Temporal's silence about the youths, is waited out; after this, until the next day's run.
LONGEST_EXECUTION = timedelta(hours=18)
# The activity says every five seconds that it lives.
SILENCE = timedelta(seconds=20)
UNDECIDED = (GallringState.PROPOSED, GallringState.REVIEWED)


@workflow.defn(name=REGISTER_GALLRING)
class RegisterGallring:
    def __init__(self) -> None:
        self._changed = False

    @workflow.signal(name=GALLRING_CHANGED)
    def changed(self) -> None:
        self._changed = True

    @workflow.run
    async def run(self) -> GallringRun:
        """Return how the run ended. Fails when it could not be carried out for long; the next day's goes on."""
        # The id is made here, so that proposing again after a lost answer proposes the same run.
        run = await self._ask(PROPOSE_GALLRING, workflow.uuid4())
        until = workflow.now() + PATIENCE
        while run.state in UNDECIDED:
            workflow.set_current_details(_told(run, until))
            if (left := until - workflow.now()) <= timedelta():
                run = await self._ask(GIVE_UP_GALLRING, run.run_id)
                continue
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._changed, timeout=min(LOOK_AGAIN, left))
            self._changed = False  # before looking: what is told meanwhile is looked at again
            run = await self._ask(LOOK_AT_GALLRING, run.run_id)
        workflow.set_current_details(_told(run, until))
        if run.state is GallringState.APPROVED:
            run = await self._execute(run.run_id)
            workflow.set_current_details(_told(run, until))
        return run

    async def _ask(self, what: str, run_id: UUID) -> GallringRun:
        run: GallringRun = await workflow.execute_activity(
            what,
            GallringAsked(run_id=run_id),
            result_type=GallringRun,
            task_queue=REGISTRY_QUEUE,
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=RETRY,
        )
        return run

    async def _execute(self, run_id: UUID) -> GallringRun:
        run: GallringRun = await workflow.execute_activity(
            EXECUTE_GALLRING,
            GallringAsked(run_id=run_id),
            result_type=GallringRun,
            task_queue=REGISTRY_QUEUE,
            start_to_close_timeout=timedelta(hours=6),
            schedule_to_close_timeout=LONGEST_EXECUTION,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
        )
        return run


def _told(run: GallringRun, until: datetime) -> str:
    """Return where the run stands, in plain words for whoever looks at the workflow."""
    match run.state:
        case GallringState.NOTHING_DUE:
            return "Nothing is due today"
        case GallringState.ANOTHERS_IS_OPEN:
            return f"Nothing proposed: run {run.run_id}, which a person proposed, is open"
        case GallringState.PROPOSED:
            waits = "a person to look at it (review), then another person's approval"
        case GallringState.REVIEWED:
            waits = "another person's approval"
        case GallringState.APPROVED:
            return f"Run {run.run_id} is approved: deleting {run.waiting} youths"
        case _:
            return f"Run {run.run_id} is {run.state}: {run.deleted} youths deleted, {run.left_out} left out"
    return (
        f"Run {run.run_id} proposes to delete {run.waiting} youths, and waits for {waits}. "
        f"It is withdrawn by itself on {until:%Y-%m-%d at %H:%M} UTC"
    )

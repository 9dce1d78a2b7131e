"""The workflow `RegisterSync`: read every source, then apply what they say (each weekday at 04:00).

A source that is missing, damaged or has shrunk does not fail the run: its activity answers that it is held,
and then it changes nothing. What does fail is tried again for as long as the run makes sense.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from contracts.registry_activities import (
        APPLY_SYNC,
        LOAD_SOURCE,
        OPEN_SYNC_RUN,
        REGISTER_SYNC,
        REGISTRY_QUEUE,
        LoadSource,
        Source,
        SourceReport,
        SyncReport,
        SyncRequest,
        SyncRun,
    )

RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1))
# A run that is not done by the next evening is stale: the next one reads newer files.
LONGEST_RUN = timedelta(hours=18)
# The activities say every five seconds that they live; silence this long means that their worker is gone.
SILENCE = timedelta(seconds=20)


@workflow.defn(name=REGISTER_SYNC)
class RegisterSync:
    @workflow.run
    async def run(self, request: SyncRequest) -> SyncReport:
        """Return what the run did. Fails when it was abandoned for a newer one, or takes too long."""
        # The id is made here, so that opening the run again after a lost answer opens the same one.
        asked = request.model_copy(update={"run_id": request.run_id or workflow.uuid4()})
        run: SyncRun = await workflow.execute_activity(
            OPEN_SYNC_RUN,
            asked,
            result_type=SyncRun,
            task_queue=REGISTRY_QUEUE,
            start_to_close_timeout=timedelta(seconds=15),
            schedule_to_close_timeout=LONGEST_RUN,
            retry_policy=RETRY,
        )
        workflow.set_current_details(f"Reading the sources as of {run.as_of}")
        reports = await asyncio.gather(*(self._load(run, source) for source in Source))
        held = [f"- {report.source} is held: {report.held}" for report in reports if report.held]
        workflow.set_current_details("\n".join([f"Applying the sources as of {run.as_of}", *held]))
        report: SyncReport = await workflow.execute_activity(
            APPLY_SYNC,
            run,
            result_type=SyncReport,
            task_queue=REGISTRY_QUEUE,
            start_to_close_timeout=timedelta(hours=2),
            schedule_to_close_timeout=LONGEST_RUN,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
        )
        workflow.set_current_details("\n".join([_told(report), *held]))
        return report

    async def _load(self, run: SyncRun, source: Source) -> SourceReport:
        report: SourceReport = await workflow.execute_activity(
            LOAD_SOURCE,
            LoadSource(run_id=run.run_id, source=source),
            result_type=SourceReport,
            task_queue=REGISTRY_QUEUE,
            start_to_close_timeout=timedelta(hours=1),
            schedule_to_close_timeout=LONGEST_RUN,
            heartbeat_timeout=SILENCE,
            retry_policy=RETRY,
            summary=source.value,
        )
        return report


def _told(report: SyncReport) -> str:
    return (
        f"Done as of {report.as_of}: {report.registered} registered, {report.changed} changed, "
        f"{report.ended} ended, {report.covered} covered"
    )

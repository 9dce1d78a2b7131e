"""The workflow `DailyIntake`: whose searches begin today (each working day at 08:15).

Outreach says who, oldest first and within the day's capacity; the youths are told in batches, at the pace that
outreach keeps for all signals. Nobody depends on it: each youth's own timer starts the search on the last day
of the month (`workflows.youth_outreach.dates.start_due`), also when no intake ever runs.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from contracts.intake import (
        DAILY_INTAKE,
        PLAN_INTAKE,
        START_SEARCHES,
        IntakePlan,
        IntakeReport,
        IntakeRequest,
        SearchesStarted,
        StartSearches,
    )
    from contracts.outreach_activities import OUTREACH_QUEUE

BATCH = 200
RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1))
# A plan is of one day; what is not done by its evening, the next day's intake plans anew.
LONGEST = timedelta(hours=10)
SILENCE = timedelta(seconds=30)


@workflow.defn(name=DAILY_INTAKE)
class DailyIntake:
    @workflow.run
    async def run(self, request: IntakeRequest) -> IntakeReport:
        """Return what the intake did. Fails when outreach could not be had for the whole day."""
        plan: IntakePlan = await workflow.execute_activity(
            PLAN_INTAKE,
            request,
            result_type=IntakePlan,
            task_queue=OUTREACH_QUEUE,
            start_to_close_timeout=timedelta(minutes=2),
            schedule_to_close_timeout=LONGEST,
            retry_policy=RETRY,
        )
        workflow.set_current_details(_planned(plan))
        started = without_workflow = 0
        for first in range(0, len(plan.picks), BATCH):
            told: SearchesStarted = await workflow.execute_activity(
                START_SEARCHES,
                StartSearches(day=plan.day, picks=plan.picks[first : first + BATCH]),
                result_type=SearchesStarted,
                task_queue=OUTREACH_QUEUE,
                start_to_close_timeout=timedelta(minutes=10),
                schedule_to_close_timeout=LONGEST,
                heartbeat_timeout=SILENCE,
                retry_policy=RETRY,
                summary=f"{first + 1}-{min(first + BATCH, len(plan.picks))} of {len(plan.picks)}",
            )
            started += told.started
            without_workflow += told.without_workflow
        return IntakeReport(
            day=plan.day,
            waiting=sum(one.waiting for one in plan.districts),
            urgent=sum(one.urgent for one in plan.districts),
            started=started,
            without_workflow=without_workflow,
            breached=plan.breached,
        )


def _planned(plan: IntakePlan) -> str:
    if plan.why_none:
        return f"No intake on {plan.day}: {plan.why_none}"
    lines = [f"**Intake of {plan.day}**: {len(plan.picks)} searches begin, {plan.breached} new breaches"]
    lines += [
        f"- {one.district or 'district not known'}: {one.picked} of {one.waiting} ({one.urgent} urgent), "
        f"capacity {one.capacity}, begun before {one.begun}"
        for one in plan.districts
    ]
    return "\n".join(lines)

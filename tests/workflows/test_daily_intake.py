"""The workflow `DailyIntake`, with outreach as its contract describes it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from chassis.temporal import make_worker as make_activity_worker
from contracts.intake import (
    DAILY_INTAKE,
    PLAN_INTAKE,
    START_SEARCHES,
    DistrictIntake,
    IntakePlan,
    IntakeReport,
    IntakeRequest,
    Pick,
    SearchesStarted,
    StartSearches,
)
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from workflows.daily_intake import BATCH
from workflows.settings import Settings
from workflows.worker import make_worker

TODAY = date(2026, 9, 21)


class Outreach:
    """The activities of the intake as outreach offers them; the first attempt at each batch fails."""

    def __init__(self, plan: IntakePlan) -> None:
        self.plan = plan
        self.told: list[tuple[Pick, ...]] = []
        self._tried: set[Pick] = set()

    @activity.defn(name=PLAN_INTAKE)
    async def plan_intake(self, request: IntakeRequest) -> IntakePlan:
        return self.plan

    @activity.defn(name=START_SEARCHES)
    async def start_searches(self, start: StartSearches) -> SearchesStarted:
        if start.picks[0] not in self._tried:
            self._tried.add(start.picks[0])
            raise ApplicationError("temporal: UNAVAILABLE", next_retry_delay=timedelta(milliseconds=20))
        self.told.append(start.picks)
        return SearchesStarted(started=len(start.picks) - 1, without_workflow=1)


@pytest.mark.parametrize("many", [0, BATCH + 3])
async def test_the_youths_are_told_in_their_order_in_batches(temporal: Client, many: int) -> None:
    picks = tuple(Pick(youth_id=uuid4(), episode_id=uuid4()) for _ in range(many))
    district = DistrictIntake(district="farsta", waiting=many, capacity=4, begun=0, picked=many, urgent=2)
    outreach = Outreach(IntakePlan(day=TODAY, picks=picks, districts=(district,), breached=1))
    activities: list[Callable[..., Any]] = [outreach.plan_intake, outreach.start_searches]
    async with (
        make_worker(temporal, Settings(environment="test")),
        make_activity_worker(temporal, task_queue=OUTREACH_QUEUE, activities=activities),
    ):
        report: IntakeReport = await temporal.execute_workflow(
            DAILY_INTAKE,
            IntakeRequest(),
            id=f"daily-intake-{uuid4()}",
            task_queue=WORKFLOWS_QUEUE,
            result_type=IntakeReport,
        )
    assert [pick for batch in outreach.told for pick in batch] == list(picks)
    assert [len(batch) for batch in outreach.told] == ([BATCH, 3] if many else [])
    assert report == IntakeReport(
        day=TODAY,
        waiting=many,
        urgent=2,
        started=max(0, many - len(outreach.told)),
        without_workflow=len(outreach.told),
        breached=1,
    )

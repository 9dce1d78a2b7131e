"""Outreach's side of `DailyIntake`, as the workflow sees it; and its word to a youth. Also for replay."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
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
from contracts.outreach_workflow import SIGNAL_START_SEARCH, WORKFLOWS_QUEUE, StartSearch
from tests.workflows.driver import Youth
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


@asynccontextmanager
async def running_intake(client: Client, many: int) -> AsyncIterator[Outreach]:
    """Run the workflows' worker, and outreach's activities for a day on which so many searches begin."""
    picks = tuple(Pick(youth_id=uuid4(), episode_id=uuid4()) for _ in range(many))
    district = DistrictIntake(district="farsta", waiting=many, capacity=4, begun=0, picked=many, urgent=2)
    outreach = Outreach(IntakePlan(day=TODAY, picks=picks, districts=(district,), breached=1))
    activities: list[Callable[..., Any]] = [outreach.plan_intake, outreach.start_searches]
    async with (
        make_worker(client, Settings(environment="test")),
        make_activity_worker(client, task_queue=OUTREACH_QUEUE, activities=activities),
    ):
        yield outreach


async def start(client: Client) -> WorkflowHandle[Any, IntakeReport]:
    return await client.start_workflow(
        DAILY_INTAKE,
        IntakeRequest(),
        id=f"daily-intake-{uuid4()}",
        task_queue=WORKFLOWS_QUEUE,
        result_type=IntakeReport,
    )


async def is_begun_with(youth: Youth, event_id: UUID | None = None) -> None:
    """The intake has room for a youth."""
    fact = StartSearch(event_id=event_id or uuid4(), episode_id=youth.episode_id)
    await youth.handle.signal(SIGNAL_START_SEARCH, fact)

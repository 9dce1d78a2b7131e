"""What a Temporal namespace needs before the workflows run: search attributes, and the schedules.

Safe to run at every start: what is there already is left, or brought up to date.
"""

from datetime import timedelta

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from contracts.gallring import REGISTER_GALLRING, REGISTER_GALLRING_SCHEDULE
from contracts.intake import DAILY_INTAKE, DAILY_INTAKE_SCHEDULE, IntakeRequest
from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP, SA_UNIT, WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTER_SYNC, REGISTER_SYNC_SCHEDULE, SyncRequest
from workflows.settings import Settings

log = structlog.get_logger(__name__)

KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
DATETIME = IndexedValueType.INDEXED_VALUE_TYPE_DATETIME
SEARCH_ATTRIBUTES = {SA_STEP: KEYWORD, SA_DISTRICT: KEYWORD, SA_DUE: DATETIME, SA_UNIT: KEYWORD}

MONDAY_TO_FRIDAY = ScheduleRange(1, 5)


async def set_up(client: Client, settings: Settings) -> None:
    """Register what is missing. The schedules only at clock speed 1: they go by real time."""
    await register_search_attributes(client)
    if settings.clock_spec.speed == 1.0:
        await put_schedule(client, REGISTER_SYNC_SCHEDULE, register_sync_schedule())
        await put_schedule(client, REGISTER_GALLRING_SCHEDULE, register_gallring_schedule())
        await put_schedule(client, DAILY_INTAKE_SCHEDULE, daily_intake_schedule())
    else:
        log.info("schedules_left_out", reason="the clock's speed is not 1")


async def register_search_attributes(client: Client) -> None:
    """Register the search attributes that the namespace lacks."""
    there = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in there.custom_attributes}
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # another process was faster
            raise
    log.info("search_attributes_registered", names=sorted(missing))


async def put_schedule(client: Client, schedule_id: str, wanted: Schedule) -> None:
    """Create a schedule, or bring it up to date; whether it is paused is left alone."""
    try:
        await client.create_schedule(schedule_id, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(
            lambda there: ScheduleUpdate(_keeping_state(wanted, there))
        )
    log.info("schedule_registered", schedule=schedule_id)


def register_sync_schedule() -> Schedule:
    """Return the schedule: weekdays at 04:00 Stockholm time (the register's cross-run has its files then)."""
    return _at(
        ScheduleActionStartWorkflow(REGISTER_SYNC, SyncRequest(), id="register-sync", task_queue=WORKFLOWS_QUEUE),
        ScheduleCalendarSpec(hour=[ScheduleRange(4)], day_of_week=[MONDAY_TO_FRIDAY], comment="weekdays at 04:00"),
    )


def register_gallring_schedule() -> Schedule:
    """Return the schedule: every day at 06:00 Stockholm time, when the night's sync is done as a rule.

    A day on which the last run still waits for people is skipped: there is one at a time.
    """
    return _at(
        ScheduleActionStartWorkflow(REGISTER_GALLRING, id="register-gallring", task_queue=WORKFLOWS_QUEUE),
        ScheduleCalendarSpec(hour=[ScheduleRange(6)], comment="daily at 06:00"),
    )


def daily_intake_schedule() -> Schedule:
    """Return the schedule: weekdays at 08:15, when the night's registrations are in and letters and SMS may go.

    On a holiday the intake says itself that there is none.
    """
    return _at(
        ScheduleActionStartWorkflow(DAILY_INTAKE, IntakeRequest(), id="daily-intake", task_queue=WORKFLOWS_QUEUE),
        ScheduleCalendarSpec(
            hour=[ScheduleRange(8)],
            minute=[ScheduleRange(15)],
            day_of_week=[MONDAY_TO_FRIDAY],
            comment="weekdays at 08:15",
        ),
    )


def _at(action: ScheduleActionStartWorkflow, when: ScheduleCalendarSpec) -> Schedule:
    return Schedule(
        action=action,
        spec=ScheduleSpec(calendars=[when], time_zone_name="Europe/Stockholm", jitter=timedelta(minutes=2)),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP,
            # What an outage made it miss is made up for in the morning, once, and not a year of nights.
            catchup_window=timedelta(hours=12),
        ),
    )


def _keeping_state(wanted: Schedule, there: ScheduleUpdateInput) -> Schedule:
    wanted.state = there.description.schedule.state
    return wanted

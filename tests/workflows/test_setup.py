"""Setting up a namespace, as often as one likes."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.service import RPCError

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.gallring import REGISTER_GALLRING_SCHEDULE
from contracts.intake import DAILY_INTAKE_SCHEDULE
from contracts.registry_activities import REGISTER_SYNC_SCHEDULE
from workflows.settings import Settings
from workflows.setup import SEARCH_ATTRIBUTES, set_up

SETTINGS = Settings(environment="test")
SCHEDULES = (REGISTER_SYNC_SCHEDULE, REGISTER_GALLRING_SCHEDULE, DAILY_INTAKE_SCHEDULE)


@pytest.mark.parametrize(
    ("schedule_id", "hour", "minute", "days"),
    [
        (REGISTER_SYNC_SCHEDULE, 4, 0, range(5)),
        (REGISTER_GALLRING_SCHEDULE, 6, 0, range(7)),  # every day, after the night's sync
        (DAILY_INTAKE_SCHEDULE, 8, 15, range(5)),
    ],
)
async def test_it_registers_search_attributes_and_the_schedules_and_can_be_repeated(
    temporal: Client, schedule_id: str, hour: int, minute: int, days: range
) -> None:
    schedule = temporal.get_schedule_handle(schedule_id)
    try:
        await set_up(temporal, SETTINGS)
        await schedule.pause(note="an operator's decision")
        await set_up(temporal, SETTINGS)

        there = await temporal.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=temporal.namespace)
        )
        assert set(SEARCH_ATTRIBUTES) <= set(there.custom_attributes)
        described = await schedule.describe()
        assert described.schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert described.schedule.policy.catchup_window == timedelta(hours=12)
        assert described.schedule.state.paused, "a paused schedule stays paused"
        mornings = [at.astimezone(STOCKHOLM) for at in described.info.next_action_times]
        assert {civil.weekday() for civil in mornings} == set(days)
        for civil in mornings:
            assert civil.hour == hour
            assert minute <= civil.minute < minute + 3, "with a jitter of two minutes"
    finally:
        for one in SCHEDULES:
            await temporal.get_schedule_handle(one).delete()


async def test_a_fast_clock_gets_no_schedule(temporal: Client) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - an anchor
    fast = Settings(environment="test", clock_spec=ClockSpec(speed=1000, real_anchor=now, civil_anchor=now))
    await set_up(temporal, fast)
    for schedule_id in SCHEDULES:
        with pytest.raises(RPCError):
            await temporal.get_schedule_handle(schedule_id).describe()

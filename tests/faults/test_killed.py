"""Kill -9 of any part during a run: after its restart the run ends as it would have ended anyway.

One stack. For each part, youths are registered while staff and youths of the batch before act; in the midst
of it the part is killed. Requests are repeated by whoever made them: staff's with the same Idempotency-Key.
"""

import asyncio
from enum import StrEnum
from pathlib import Path

import pytest

from contracts.roles import Role
from deploy.local.databases import SERVICES
from tests.e2e.town import Town
from tests.faults.conftest import Batches
from tests.faults.killing import all_back, kill
from tests.faults.result import as_undisturbed, faults
from tests.faults.youths import Course

pytestmark = [pytest.mark.fault, pytest.mark.stack]


class Moment(StrEnum):
    """When it happens."""

    SYNC = "as the sync starts"
    JOURNEYS = "as the first journey begins"
    SENDING = "as the first message goes out"


async def so_far(town: Town, moment: Moment) -> int:
    """Return how much there is of what marks a moment."""
    match moment:
        case Moment.SYNC:
            runs = await town.caller(Role.REGISTER_SUPERUSER).get("registry", "/sync-runs", {"limit": 100})
            return len(runs["items"])
        case Moment.JOURNEYS:
            return len(await town.caller(Role.KAA_COORDINATOR).journeys())
        case Moment.SENDING:
            folders = town.api.facts["folders"]
            return sum(1 for folder in ("letters", "sms") for _ in Path(folders[folder]).rglob("*.*"))


BLOWS = [
    (Moment.SYNC, ["registry-worker"]),
    (Moment.JOURNEYS, ["outreach-worker"]),
    (Moment.SENDING, ["notifications-worker"]),
    (Moment.JOURNEYS, ["reporting-worker"]),
    (Moment.JOURNEYS, ["workflows"]),
    (Moment.JOURNEYS, ["kafka"]),
    *((Moment.SYNC, [f"{service}-api"]) for service in SERVICES),
    (Moment.JOURNEYS, ["temporal"]),
    (Moment.SENDING, ["postgres"]),
    (Moment.JOURNEYS, ["outreach-worker", "kafka"]),
]


@pytest.fixture(scope="module")
async def undisturbed(batches: Batches) -> Batches:
    """The first batch, registered with nothing killed: what is waited for is what happens by itself."""
    run_id, people = await batches.move_in()
    await batches.town.caller(Role.REGISTER_SUPERUSER).sync_done(run_id)
    await batches.arrive(people)
    await as_undisturbed(batches.town, batches.arrived)
    return batches


@pytest.mark.parametrize(("moment", "victims"), [pytest.param(*blow, id="+".join(blow[1])) for blow in BLOWS])
async def test_what_is_killed_comes_back_and_nothing_is_lost_or_done_twice(
    undisturbed: Batches, moment: Moment, victims: list[str]
) -> None:
    batches, town = undisturbed, undisturbed.town
    acting = [(youth, await youth.first_call(town)) for youth in batches.arrived[-len(Course) :]]
    before = await so_far(town, moment)
    run_id, people = await batches.move_in()
    while await so_far(town, moment) == before:
        await asyncio.sleep(0.01)
    acts = asyncio.gather(*(youth.act(town, call) for youth, call in acting))
    await asyncio.sleep(0.05)  # their requests are on the way
    killed = kill(town.config, victims)
    await acts
    run = await town.caller(Role.REGISTER_SUPERUSER).sync_done(run_id)
    assert (run.state, run.registered) == ("done", len(people))
    await all_back(town.config, killed)
    await batches.arrive(people)
    await as_undisturbed(town, batches.arrived)


async def test_nothing_comes_late(undisturbed: Batches) -> None:
    await asyncio.sleep(5)  # what waits for a retry or a lease would come now
    assert [fault async for fault in faults(undisturbed.town, undisturbed.arrived)] == []

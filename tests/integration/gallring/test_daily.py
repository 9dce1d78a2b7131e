"""The daily workflow over the real registry: it proposes and deletes, and two people decide in between."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from chassis.clock import CivilClock, ClockSpec
from chassis.temporal import make_worker as make_activity_worker
from contracts.gallring import REGISTER_GALLRING, GallringRun, GallringState
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTRY_QUEUE
from services.registry.gallring import daily
from services.registry.gallring.activities import GallringActivities
from services.registry.gallring.deciding import Clocks
from services.registry.gallring.open_outreach import AskTemporal
from tests.integration.gallring.conftest import World
from tests.integration.gallring.searching import found
from tests.integration.outreach.running import eventually
from workflows.settings import Settings
from workflows.worker import make_worker

pytestmark = pytest.mark.stack
CLOCK = CivilClock(ClockSpec())
AFTER_TWO_YEARS, AFTER_A_CENTURY = Clocks(730, 730, 90), Clocks(36500, 36500, 36500)
Handle = WorkflowHandle[Any, GallringRun]


@pytest.fixture
def who(token: Callable[..., str]) -> dict[str, dict[str, str]]:
    roles = {"rut": "register_superuser", "ros": "register_superuser", "kim": "jurist", "rut too": "jurist"}
    return {
        name: {"Authorization": f"Bearer {token(role, districts=(), subject=name.split()[0])}"}
        for name, role in roles.items()
    }


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@asynccontextmanager
async def working(world: World, client: Client, clocks: Clocks = AFTER_TWO_YEARS) -> AsyncIterator[None]:
    activities = GallringActivities(world.registry, CLOCK, clocks, AskTemporal(client))
    async with AsyncExitStack() as workers:
        await workers.enter_async_context(make_worker(client, Settings(environment="test")))
        await workers.enter_async_context(
            make_activity_worker(client, task_queue=REGISTRY_QUEUE, activities=activities.all())
        )
        yield


async def start(client: Client) -> Handle:
    return await client.start_workflow(
        REGISTER_GALLRING, id=f"gallring-{uuid4()}", task_queue=WORKFLOWS_QUEUE, result_type=GallringRun
    )


async def proposed(world: World, handle: Handle) -> UUID:
    """The open run, when the workflow waits for it."""
    query = "select id from gallring_runs where state = 'proposed' and workflow_id = $1"
    run_id: UUID = await eventually(lambda: world.registry.fetchval(query, handle.id), "a proposal")
    return run_id


async def post(world: World, headers: dict[str, str], run_id: UUID, what: str) -> tuple[int, dict[str, Any]]:
    answer = await world.api.post(f"/gallring/{run_id}/{what}", headers=headers)
    return answer.status_code, answer.json()


async def test_nothing_due_opens_nothing_and_a_persons_run_is_left_to_them(
    world: World, temporal: Client, who: dict[str, dict[str, str]]
) -> None:
    async with working(world, temporal, AFTER_A_CENTURY):
        assert (await (await start(temporal)).result()).state is GallringState.NOTHING_DUE
        assert await world.registry.fetchval("select count(*) from gallring_runs") == 0
        run_id = uuid4()
        await world.api.post("/gallring", headers=who["rut"], json={"id": str(run_id)})
        ended = await (await start(temporal)).result()
        assert (ended.state, ended.run_id) == (GallringState.ANOTHERS_IS_OPEN, run_id)
    status, refused = await post(world, who["kim"], run_id, "review")
    assert status == 403
    status, refused = await post(world, who["ros"], run_id, "review")
    assert (status, refused["type"]) == (409, "urn:uppsok:problem:review-not-needed")


async def test_a_person_reviews_another_approves_and_it_deletes(
    world: World, temporal: Client, who: dict[str, dict[str, str]]
) -> None:
    async with working(world, temporal):
        handle = await start(temporal)
        run_id = await proposed(world, handle)
        status, refused = await post(world, who["kim"], run_id, "approve")
        assert (status, refused["type"]) == (409, "urn:uppsok:problem:review-first")
        with pytest.raises(asyncpg.CheckViolationError):
            await world.registry.execute(
                "update gallring_runs set state = 'approved', approved_at = now(), approved_by = 'kim'"
            )
        status, reviewed = await post(world, who["rut"], run_id, "review")
        assert (status, reviewed["proposed_by"], reviewed["reviewed_by"]) == (200, "gallring", "rut")
        assert reviewed["workflow_id"] == handle.id
        assert (await post(world, who["ros"], run_id, "review"))[1]["reviewed_by"] == "rut", "the first stands"
        status, refused = await post(world, who["rut too"], run_id, "approve")
        assert (status, refused["type"]) == (409, "urn:uppsok:problem:second-person-needed")
        assert (await post(world, who["kim"], run_id, "approve"))[0] == 200
        done = await handle.result()  # told by the signal: by itself it would look hours later
    assert (done.run_id, done.state, done.deleted) == (run_id, GallringState.DONE, 2)
    assert await found(world.registry, [*world.gone.names(), *world.other.names()]) == {}
    assert (await post(world, who["ros"], run_id, "withdraw"))[0] == 409
    rows = await world.registry.fetch(
        "select action, actor, role from audit where action ~ '^(gallring|youth.delete)' and action !~ 'read|list'"
        " group by action, actor, role"
    )
    assert {tuple(row) for row in rows} == {
        ("gallring.propose", "gallring", "service"),
        ("gallring.review", "rut", "register_superuser"),
        ("gallring.approve", "kim", "jurist"),
        ("youth.delete", "gallring", "service"),
        ("gallring.done", "gallring", "service"),
    }


async def test_the_next_days_run_takes_over_what_a_lost_one_has_left(
    world: World, temporal: Client, who: dict[str, dict[str, str]]
) -> None:
    async with working(world, temporal):
        lost = await start(temporal)
        run_id = await proposed(world, lost)
        await lost.terminate()
        handle = await start(temporal)
        assert await proposed(world, handle) == run_id
        assert await world.registry.fetchval("select count(*) from gallring_runs") == 1
        for person, what in (("rut", "review"), ("kim", "withdraw")):
            assert (await post(world, who[person], run_id, what))[0] == 200
        assert (await handle.result()).state is GallringState.WITHDRAWN
        # Decided while no workflow waits: the next one carries it out at once.
        lost = await start(temporal)
        run_id = await proposed(world, lost)
        await lost.terminate()
        for person, what in (("rut", "review"), ("kim", "approve")):
            assert (await post(world, who[person], run_id, what))[0] == 200
        assert await daily.give_up(world.registry, CLOCK, run_id) == GallringRun(
            run_id=run_id, state=GallringState.APPROVED, waiting=2
        ), "what was decided stands"
        done = await (await start(temporal)).result()
    assert (done.run_id, done.state, done.deleted) == (run_id, GallringState.DONE, 2)


async def test_a_proposal_is_made_once_and_given_up_once(world: World) -> None:
    run_id = uuid4()
    for _ in range(2):  # the answer was lost, and the activity is asked again
        run = await daily.propose(world.registry, CLOCK, AFTER_TWO_YEARS, run_id, "w")
        assert run == GallringRun(run_id=run_id, state=GallringState.PROPOSED, waiting=2)
    for _ in range(2):
        assert (await daily.give_up(world.registry, CLOCK, run_id)).state is GallringState.WITHDRAWN
    run = await daily.propose(world.registry, CLOCK, AFTER_TWO_YEARS, run_id, "w")
    assert run.state is GallringState.WITHDRAWN, "the same id is the same run, also when it is over"
    count = "select count(*) from audit where action = 'gallring.withdraw' and actor = 'gallring'"
    assert await world.registry.fetchval(count) == 1

"""Gallring over all services: nothing of the youth is left, the other one is untouched, figures are the same."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from temporalio.client import Client

from chassis.clock import CivilClock, ClockSpec
from contracts.ids import youth_workflow_id
from services.registry.db import periods
from services.registry.gallring import deleting
from services.registry.gallring.deciding import Decider
from services.reporting.db.funnel import funnel_rows
from services.reporting.domain.period import Period
from tests.integration.gallring.conftest import World
from tests.integration.gallring.filling import AT, DAY, Youth
from tests.integration.gallring.searching import about_somebody, found, in_files

pytestmark = pytest.mark.stack
AUTUMN = Period(date(2023, 7, 1), date(2023, 12, 31))
# What may hold the opaque id of a deleted youth: the protocol, the audit, and the order to delete.
MAY_HOLD_THE_ID = {"public.gallring_youths", "public.audit", "public.outbox"}
OPEN_MEASURE = """
insert into measures (id, person_id, episode_id, catalogue_id, state, offered_on, occupation_before, follows_up,
    version, recorded_at, recorded_by)
values (gen_random_uuid(), $1, $1, (select catalogue_id from measures where person_id = $1), 'offered', $2,
    'none', 'anna', 1, $3, 'anna')
"""
As = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def as_(token: Callable[..., str]) -> As:
    def headers(role: str, subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role, districts=(), subject=subject)}"}

    return headers


@pytest.fixture
def rut(as_: As) -> dict[str, str]:
    return as_("register_superuser", "rut")


@pytest.fixture
def kim(as_: As) -> dict[str, str]:
    return as_("jurist", "kim")


async def proposed(world: World, rut: dict[str, str]) -> dict[str, Any]:
    answer = await world.api.post("/gallring", headers=rut, json={"id": str(uuid4())})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def post(world: World, who: dict[str, str], run_id: str, what: str) -> dict[str, Any]:
    answer = await world.api.post(f"/gallring/{run_id}/{what}", headers=who)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def outcomes(world: World, rut: dict[str, str], run_id: str) -> dict[str, tuple[str, str | None]]:
    answer = await world.api.get(f"/gallring/{run_id}/youths", headers=rut)
    return {one["youth_id"]: (one["outcome"], one["reason"]) for one in answer.json()["items"]}


async def figures(world: World) -> list[Any]:
    async with world.registry.acquire() as conn:
        now = datetime.now(UTC)  # noqa: TID251 - as known after all that the test did
        totals = [
            await periods.totals(conn, first, last, now)
            for first, last in ((date(2023, 1, 1), date(2023, 6, 30)), (AUTUMN.first, AUTUMN.last))
        ]
    rows = await funnel_rows(world.pools["reporting"], AUTUMN)
    return [totals, sorted((asdict(row) for row in rows), key=str)]


def all_of(youth: Youth) -> list[object]:
    return [*youth.names(), youth.youth_id, *youth.message_ids, youth.task_id]


async def test_nothing_of_the_youth_is_left_anywhere(
    world: World, rut: dict[str, str], kim: dict[str, str]
) -> None:
    merged = await world.registry.fetchval("select id from persons where merged_into = $1", world.gone.youth_id)
    episodes = await world.registry.fetch("select id from episodes where person_id = $1", world.gone.youth_id)
    ids = [*all_of(world.gone), merged, *(row["id"] for row in episodes)]
    before = {name: await found(pool, ids) for name, pool in world.pools.items()}
    for name, pool in world.pools.items():  # a table that a later change adds must be filled here too
        about = await about_somebody(pool) - {"public.gallring_youths"}
        unfilled = about - before[name].keys() - {"public.audit"}
        assert unfilled == set(), name
    assert len(in_files(world.letters, ids)) == 2, "the letter and its line in the manifest"
    assert len(in_files(world.sms, ids)) == 1
    other_before = {name: await found(pool, all_of(world.other)) for name, pool in world.pools.items()}
    figures_before = await figures(world)
    assert figures_before[0][1][0] == 2

    made = await proposed(world, rut)
    assert made["youths"] == [{"clock": "register", "outcome": "waiting", "reason": None, "youths": 2}]
    await world.registry.execute(OPEN_MEASURE, world.other.youth_id, DAY, AT)
    await post(world, kim, made["id"], "approve")
    done = await post(world, rut, made["id"], "execute")
    events = await world.deletions()
    for event in events:
        await world.deliver(event)

    assert done["state"] == "done"
    assert done["deleted"]["persons"] == 2, "and who was merged into them"
    assert await outcomes(world, rut, made["id"]) == {
        str(world.gone.youth_id): ("deleted", None),
        str(world.other.youth_id): ("left_out", "open_measure"),
    }
    assert [event.key for event in events] == [world.gone.youth_id]
    for name, pool in world.pools.items():
        left = await found(pool, ids)
        assert left.keys() <= MAY_HOLD_THE_ID, (name, left.keys() - MAY_HOLD_THE_ID)
        assert await found(pool, world.gone.names()) == {}, name
        told = [row for row in left.get("public.outbox", []) if "-deleted.v1" not in row]
        assert told == [], name
    assert in_files(world.letters, ids) == in_files(world.sms, ids) == []
    assert await figures(world) == figures_before

    for name, pool in world.pools.items():
        still = await found(pool, all_of(world.other))
        for table in other_before[name].keys() - {"public.audit"}:
            assert set(other_before[name][table]) <= set(still.get(table, [])), (name, table)
    assert len(in_files(world.letters, all_of(world.other))) == 2
    assert len(in_files(world.sms, all_of(world.other))) == 1

    snapshot = [await found(pool, all_of(world.other)) for pool in world.pools.values()]
    for event in events:
        await world.deliver(event)
    assert [await found(pool, all_of(world.other)) for pool in world.pools.values()] == snapshot
    assert await figures(world) == figures_before


async def test_the_jurist_approves_and_is_another_person(
    world: World, as_: As, rut: dict[str, str], kim: dict[str, str]
) -> None:
    made = await proposed(world, rut)
    early = await world.api.post(f"/gallring/{made['id']}/execute", headers=rut)
    assert (early.status_code, early.json()["type"]) == (409, "urn:uppsok:problem:not-approved")
    for role in ("register_superuser", "kaa_coordinator"):
        refused = await world.api.post(f"/gallring/{made['id']}/approve", headers=as_(role, "siv"))
        assert refused.status_code == 403
    own = await world.api.post(f"/gallring/{made['id']}/approve", headers=as_("jurist", "rut"))
    assert (own.status_code, own.json()["type"]) == (409, "urn:uppsok:problem:second-person-needed")
    again = await world.api.post("/gallring", headers=rut, json={"id": made["id"]})
    assert (again.status_code, again.json()) == (200, made)
    another = await world.api.post("/gallring", headers=rut, json={"id": str(uuid4())})
    assert (another.status_code, another.json()["open_run"]) == (409, made["id"])
    assert (await world.api.post("/gallring", headers=kim, json={"id": str(uuid4())})).status_code == 403
    assert (await post(world, kim, made["id"], "approve"))["approved_by"] == "kim"
    assert (await post(world, kim, made["id"], "approve"))["state"] == "approved"
    assert (await post(world, kim, made["id"], "withdraw"))["state"] == "withdrawn"
    assert await world.registry.fetchval("select count(*) from persons where merged_into is null") >= 2


async def test_a_run_that_is_killed_between_and_in_batches_goes_on(
    world: World, rut: dict[str, str], kim: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await proposed(world, rut)
    await post(world, kim, made["id"], "approve")

    async def nobody(_: object) -> frozenset[UUID]:
        return frozenset()

    async def batch() -> bool:
        by = Decider("rut", "register_superuser")
        clock = CivilClock(ClockSpec())
        return await deleting.execute_batch(world.registry, clock, by, UUID(made["id"]), nobody, size=1)

    assert await batch()
    with monkeypatch.context() as broken:

        async def killed(*_: object) -> None:
            raise ConnectionResetError

        broken.setattr("services.registry.gallring.deleting.outbox.put_many", killed)
        with pytest.raises(ConnectionResetError):
            await batch()
    rows = await world.registry.fetch("select outcome from gallring_youths order by outcome nulls last")
    assert [row["outcome"] for row in rows] == ["deleted", None]
    left = await world.registry.fetchval("select count(*) from persons where birth_date < '2005-01-01'")
    assert left == 2, "the one of the batch that was not done, with who was merged into them"
    assert not await batch()
    assert not await batch()
    assert {event.key for event in await world.deletions()} == {world.gone.youth_id, world.other.youth_id}
    assert len(await world.deletions()) == 2
    assert await found(world.registry, [*world.gone.names(), *world.other.names()]) == {}


async def test_an_open_workflow_or_a_sync_keeps(
    world: World, rut: dict[str, str], kim: dict[str, str], temporal_address: str
) -> None:
    client = await Client.connect(temporal_address)
    merged = await world.registry.fetchval("select id from persons where merged_into = $1", world.gone.youth_id)
    workflow = await client.start_workflow("Nothing", id=youth_workflow_id(merged), task_queue="nobody")
    made = await proposed(world, rut)
    await post(world, kim, made["id"], "approve")
    await world.registry.execute(
        "insert into sync_runs (run_id, as_of, requested_by, state, started_at)"
        " values ($1, '2026-01-01', 'x', 'running', now())",
        run_id := uuid4(),
    )
    refused = await world.api.post(f"/gallring/{made['id']}/execute", headers=rut)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:uppsok:problem:sync-under-way")
    await world.registry.execute("update sync_runs set state = 'abandoned' where run_id = $1", run_id)
    await post(world, rut, made["id"], "execute")
    await workflow.terminate()
    assert await outcomes(world, rut, made["id"]) == {
        str(world.gone.youth_id): ("left_out", "open_outreach"),
        str(world.other.youth_id): ("deleted", None),
    }


async def test_documentation_by_its_own_clock_and_never_covered_by_theirs(
    world: World, rut: dict[str, str], kim: dict[str, str]
) -> None:
    """The register's time is not over for one who is back in the population file and under 20."""
    await world.registry.execute(
        "update persons set absent_since = null, birth_date = '2009-01-10' where id = $1", world.gone.youth_id
    )
    stranger = await world.registry.fetchval(
        "update persons set absent_since = '2024-01-01' where id = (select id from persons p where not exists"
        " (select from coverage_periods c where c.person_id = p.id) and merged_into is null limit 1) returning id"
    )
    made = await proposed(world, rut)
    assert {one["clock"]: one["youths"] for one in made["youths"]} == {
        "documentation": 1, "register": 1, "never_covered": 1,
    }  # fmt: skip
    await post(world, kim, made["id"], "approve")
    await post(world, rut, made["id"], "execute")
    events = await world.deletions()
    for event in events:
        await world.deliver(event)
    assert {(event.key, event.type.split(".")[3]) for event in events} == {
        (world.gone.youth_id, "documentation-deleted"),
        (world.other.youth_id, "youth-deleted"),
    }, "nobody else ever heard of who was never covered"
    assert await world.registry.fetchval("select count(*) from persons where id = $1", stranger) == 0
    registry = await found(world.registry, [world.gone.youth_id])
    assert "public.persons" in registry
    assert not [name for name in registry if name.startswith("documentation.")]
    assert (await found(world.pools["outreach"], [world.gone.youth_id])).keys() == {"public.audit"}
    assert "public.episodes" in await found(world.pools["reporting"], [world.gone.youth_id])
    again = await proposed(world, rut)
    assert again["youths"] == [], "what is gone is not proposed again"


async def test_of_the_audit_only_reasons_can_be_forgotten(world: World) -> None:
    row_id = await world.registry.fetchval("select id from audit where why is not null and youth_id is not null")
    for statement in ("update audit set why = null where id = $1", "delete from audit where id = $1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.registry.execute(statement, row_id)
    owner = await asyncpg.connect(world.migrator_url)
    try:
        for statement in (
            "update audit set actor = 'nobody' where id = $1",
            "update audit set why = 'another' where id = $1",
            "delete from audit where id = $1",
        ):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await owner.execute(statement, row_id)
    finally:
        await owner.close()
    whole = "select to_jsonb(a) from audit a where id = $1"
    before = await world.registry.fetchval(whole, row_id)
    assert await world.registry.fetchval("select forget_why(array[$1::uuid])", before["youth_id"]) == 1
    assert await world.registry.fetchval(whole, row_id) == before | {"why": None, "why_salt": None}

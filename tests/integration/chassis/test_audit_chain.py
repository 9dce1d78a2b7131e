"""The audit's chain: what was removed, changed or put in is found, in whatever order transactions ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis import audit
from chassis.audit_chain import Sealer, Verified, seal, verify
from chassis.forgetting import forget_youths
from chassis.origin import set_origin
from chassis.postgres import create_pool, transaction
from deploy.local.databases import Database
from tests.integration.chassis.conftest import Databases

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
ANNA, BO = uuid4(), uuid4()


@pytest.fixture
async def database(service_database: Databases) -> Database:
    return await service_database("reporting")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(database.app_url, application_name="test", max_size=4) as pool:
        yield pool


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Who may write past the rules: the owner of the tables, triggers off."""
    conn = await asyncpg.connect(database.migrator_url)
    await conn.execute(
        "alter table audit disable trigger audit_append_only;"
        "alter table audit_seals disable trigger audit_seals_append_only"
    )
    yield conn
    await conn.close()


async def read(
    conn: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, about: UUID, why: str | None = None
) -> None:
    await audit.record(conn, actor="eva", role="auditor", action="youth.read", at=AT, youth_id=about, why=why)


async def three_seals(pool: asyncpg.Pool) -> None:
    for about in (ANNA, BO, ANNA):
        async with transaction(pool) as conn:
            await read(conn, about, "hemligt skäl" if about == BO else None)
            await read(conn, about)
        assert await seal(pool) == 2


async def looked(pool: asyncpg.Pool, known: tuple[int, str] | None = None) -> Verified:
    async with pool.acquire() as conn:
        return await verify(conn, known)


async def test_a_chain_that_nobody_touched_is_whole(pool: asyncpg.Pool) -> None:
    await three_seals(pool)
    assert await seal(pool) == 0  # nothing new: no seal
    found = await looked(pool)
    assert (found.whole, found.seals, found.rows) == (True, 3, 6)


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("delete from audit where id = 3", [2]),
        ("update audit set actor = 'somebody else' where id = 4", [2]),
        ("update audit set at = at + interval '1 microsecond' where id = 1", [1]),
        ("update audit set youth_id = null, subject = youth_id::text where id = 6", [3]),
        ("update audit set xid = (select xid from audit where id = 5) where id = 3", [2, 3]),
        (
            "insert into audit (at, actor, role, action, xid) "
            "select at, actor, role, 'x', xid from audit where id = 1",
            [1],
        ),
        ("update audit_seals set hash = sha256(hash) where number = 1", [1, 2]),
    ],
)
async def test_what_was_removed_changed_or_put_in_is_found(
    pool: asyncpg.Pool, owner: asyncpg.Connection, tampering: str, broken: list[int]
) -> None:
    await three_seals(pool)
    await owner.execute(tampering)
    found = await looked(pool)
    assert [one.number for one in found.broken] == broken
    assert not found.whole


async def test_a_changed_reason_is_found(pool: asyncpg.Pool, owner: asyncpg.Connection) -> None:
    await three_seals(pool)
    await owner.execute("update audit set why = 'ett annat' where why is not null")
    found = await looked(pool)
    assert (found.reasons, found.broken) == ([3], [])


async def test_a_reason_that_is_forgotten_with_its_youth_leaves_the_chain_whole(pool: asyncpg.Pool) -> None:
    await three_seals(pool)
    async with transaction(pool) as conn:
        await forget_youths(conn, [BO])
    assert await pool.fetch("select id from audit where why is not null or why_salt is not null") == []
    assert (await looked(pool)).whole


async def test_a_row_is_sealed_when_its_transaction_is_over_however_long_it_took(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as slow:
        await read(slow, ANNA)  # the lowest id; the others are over before it
        for _ in range(2):
            async with transaction(pool) as conn:
                await read(conn, BO)
            await seal(pool)
    await seal(pool)
    assert await pool.fetchval("select sum(rows) from audit_seals") == 3
    assert (await looked(pool)).whole


async def test_sealers_beside_writers_miss_nothing(pool: asyncpg.Pool) -> None:
    async def write() -> None:
        for _ in range(20):
            async with transaction(pool) as conn:
                await read(conn, ANNA)
                await asyncio.sleep(0)

    sealers = [asyncio.create_task(Sealer(pool, timedelta(0)).run()) for _ in range(2)]
    await asyncio.gather(write(), write(), write())
    for task in sealers:
        task.cancel()
    await asyncio.wait(sealers)
    await seal(pool)
    assert await pool.fetchval("select sum(rows) from audit_seals") == 60
    assert (await looked(pool)).whole


async def test_a_row_without_a_seal_and_a_missing_seal_are_found(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await three_seals(pool)
    await owner.execute("delete from audit_seals where number = 2")
    await owner.execute(
        "insert into audit (at, recorded_at, actor, role, action) "
        "values (now(), now() - interval '1 hour', 'a', 'b', 'c')"
    )
    found = await looked(pool)
    assert (found.missing, found.unsealed, [one.number for one in found.broken]) == ([2], 1, [3])


async def test_a_chain_made_anew_does_not_fit_what_was_logged(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await three_seals(pool)
    logged = (2, (await pool.fetchval("select hash from audit_seals where number = 2")).hex())
    assert (await looked(pool, logged)).whole

    await owner.execute("delete from audit where id = 3; truncate audit_seals")
    await seal(pool)
    found = await looked(pool, logged)
    assert (found.broken, found.another_chain) == ([], True)


async def test_the_app_may_change_neither_rows_nor_seals(pool: asyncpg.Pool) -> None:
    await three_seals(pool)
    for statement in (
        "update audit set actor = 'x'",
        "delete from audit",
        "update audit_seals set rows = 0",
        "delete from audit_seals",
        "truncate audit_seals",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_a_row_says_from_where(pool: asyncpg.Pool) -> None:
    set_origin("reporting-worker")
    async with transaction(pool) as conn:
        await read(conn, ANNA)
        await audit.record_each(
            conn, actor="eva", role="auditor", action="youth.list", at=AT, about=[(ANNA, None), (BO, None)]
        )
    assert {row["origin"] for row in await pool.fetch("select origin from audit")} == {"reporting-worker"}

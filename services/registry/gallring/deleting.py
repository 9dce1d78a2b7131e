"""Carry out an approved run of gallring, batch by batch. Each batch is one transaction with its events.

Whether the reasons still hold is asked again in that transaction. Whoever is interrupted goes on with the next
batch: what is settled is settled, and the events' ids are business ids.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import asyncpg

from chassis import audit, outbox
from chassis.clock import CivilClock
from chassis.forgetting import forget_youths
from chassis.outbox import OutgoingEvent
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from contracts.deletion import Deletion, DocumentationDeleted, YouthDeleted
from contracts.ids import business_id
from services.registry.db import gallring_delete, gallring_due, gallring_runs
from services.registry.db.gallring_due import Limits
from services.registry.gallring.deciding import Decider

BATCH = 100
OpenOutreach = Callable[[Sequence[UUID]], Awaitable[frozenset[UUID]]]


async def execute_batch(
    pool: asyncpg.Pool,
    clock: CivilClock,
    by: Decider,
    run_id: UUID,
    open_outreach: OpenOutreach,
    size: int = BATCH,
) -> bool:
    """Settle the next youths of a run; return whether some are left.

    ``open_outreach`` tells who of some youths has an open workflow. Raises a Problem: 404; 409 when the run is
    not approved, or while the register is being synced.
    """
    waiting = await pool.fetch(gallring_runs.WAITING, run_id, size)
    # Also of those merged into them: each had a workflow of their own.
    members = await pool.fetch(gallring_due.MEMBERS, [row["youth_id"] for row in waiting])
    are_open = await open_outreach([row["id"] for row in members])
    in_outreach = frozenset(row["root"] for row in members if row["id"] in are_open)
    async with transaction(pool) as conn:
        await conn.execute(gallring_runs.KEEP_SYNC_OUT)
        if await conn.fetchval(gallring_runs.SYNC_UNDER_WAY):
            raise Problem(409, "sync-under-way", "The register is being synced", "Go on when the run is done.")
        run = await conn.fetchrow(gallring_runs.LOCKED, run_id)
        if run is None:
            raise not_found("run of gallring")
        if run["state"] == "done":
            return False
        if run["state"] != "approved":
            raise Problem(409, "not-approved", "The run is not approved", f"It is {run['state']}.")
        # Read again under the lock: another call may have settled some of them.
        asked_about = {row["youth_id"] for row in waiting}
        batch = [
            (row["youth_id"], row["clock"])
            for row in await conn.fetch(gallring_runs.WAITING, run_id, size)
            if row["youth_id"] in asked_about
        ]
        if batch:
            await _settle(conn, clock, by, run, batch, in_outreach)
        if await conn.fetchval(gallring_runs.WAITING, run_id, 1) is not None:
            return True
        await conn.execute(gallring_runs.END, run_id, "done", clock.now())
        await _audit(conn, clock, by, "gallring.done", [(None, str(run_id))])
        return False


async def _settle(
    conn: Connection,
    clock: CivilClock,
    by: Decider,
    run: asyncpg.Record,
    batch: Sequence[tuple[UUID, str]],
    in_outreach: frozenset[UUID],
) -> None:
    ids = [youth_id for youth_id, _ in batch]
    await conn.execute("select from persons where id = any($1::uuid[]) order by id for update", ids)
    limits = Limits(
        clock.today(), run["register_before"], run["documentation_before"], run["never_covered_before"]
    )
    kept = await gallring_due.keeps(conn, batch, in_outreach, limits)
    counts: dict[str, int] = dict(run["deleted"])
    documentation = [one for one, which in batch if one not in kept and which == "documentation"]
    whole = [one for one, which in batch if one not in kept and which != "documentation"]
    for event, roots in ((DocumentationDeleted, documentation), (YouthDeleted, whole)):
        if roots:
            await _delete(conn, clock, by, run["id"], event, roots, counts)
    await conn.execute(gallring_runs.SETTLE, run["id"], ids, [kept.get(one) for one in ids], clock.now())
    await conn.execute(gallring_runs.NOTE_DELETED, run["id"], counts)


async def _delete(
    conn: Connection,
    clock: CivilClock,
    by: Decider,
    run_id: UUID,
    event: type[Deletion],
    roots: Sequence[UUID],
    counts: dict[str, int],
) -> None:
    ids = [row["id"] for row in await conn.fetch(gallring_due.MEMBERS, roots)]
    episodes = {row["person_id"]: row["ids"] for row in await conn.fetch(gallring_delete.EPISODES, ids)}
    # Nobody else was ever told of a person without an episode.
    told = [_event(event, clock, run_id, one, episodes[one]) for one in ids if one in episodes]
    await gallring_delete.delete(conn, gallring_delete.DOCUMENTATION, ids, counts)
    if event is YouthDeleted:
        await gallring_delete.leave_periods_of_nobody(conn, ids, counts)
        await gallring_delete.leave_lateness_of_nobody(conn, ids, counts)
        await gallring_delete.delete(conn, gallring_delete.REGISTER, ids, counts)
        for table, rows in (await forget_youths(conn, ids)).items():
            counts[table] = counts.get(table, 0) + rows
    await outbox.put_many(conn, told)
    action = "youth.delete" if event is YouthDeleted else "documentation.delete"
    await _audit(conn, clock, by, action, [(one, str(run_id)) for one in ids])


def _event(
    event: type[Deletion], clock: CivilClock, run_id: UUID, youth_id: UUID, episode_ids: Sequence[UUID]
) -> OutgoingEvent:
    data = event(youth_id=youth_id, episode_id=episode_ids[-1], episode_ids=tuple(episode_ids))
    return OutgoingEvent(
        topic=data.topic,
        key=youth_id,
        type=data.type,
        data=data,
        time=clock.now(),
        event_id=business_id("registry", data.type, run_id, youth_id),
    )


async def _audit(
    conn: Connection, clock: CivilClock, by: Decider, action: str, about: Sequence[tuple[UUID | None, str]]
) -> None:
    await audit.record_each(conn, actor=by.subject, role=by.role, action=action, at=clock.now(), about=about)

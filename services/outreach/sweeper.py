"""What time does to tasks: leases end, who is away or gone gives up tasks, waiting ones are given, overdue ones
are escalated. Swept again and again; done twice, the second time finds nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

import asyncpg
import structlog

from chassis.clock import CivilClock
from chassis.outbox import OutgoingEvent, put_many
from chassis.postgres import TROUBLE, Connection, transaction
from contracts.escalation import TaskEscalated
from contracts.tasks import TaskGroup
from services.outreach.alarms import raise_due, raise_missed
from services.outreach.around import Around
from services.outreach.assigning import AT_ONCE, SERVICE, hand_out, note, register_on, settle
from services.outreach.db import work
from services.outreach.domain.escalation import overdue_before
from services.outreach.domain.events import outgoing
from services.outreach.policy_versions import InForce

log = structlog.get_logger(__name__)
Step = Callable[[Connection, datetime], Awaitable[int]]


class Sweeper:
    """Sweeps at an interval (real time). Several may run at once: a task is one's only."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, in_force: InForce, interval: timedelta) -> None:
        self._pool, self._clock, self._in_force = pool, clock, in_force
        self._interval = interval.total_seconds()

    async def run(self) -> None:
        """Sweep for ever. A database that is away is asked again at the next turn."""
        while True:
            try:
                await self.sweep()
            except TROUBLE as error:
                log.warning("sweep_failed", exc_info=error)
            await asyncio.sleep(self._interval)

    async def sweep(self) -> dict[str, int]:
        """Do all that is due now; return how many tasks each step was about."""
        policy = await self._in_force()

        async def late(conn: Connection, now: datetime) -> int:
            before = overdue_before(policy, now.date())
            return 0 if before is None else await overdue(conn, now, before)

        async def missed(conn: Connection, now: datetime) -> int:
            within = policy.visit_check_in_within
            return 0 if within is None else await raise_missed(conn, now, within)

        steps: dict[str, Step] = {
            "alarms": raise_due,  # first: whatever fails after it
            "missed": missed,
            "leases_ended": end_leases,
            "taken_back": _settle,
            "given": hand_out,
            "overdue": late,
            "lonely": lonely,
            "handovers": Around(self._in_force).turning_twenty,
        }
        done = {name: await self._until_done(step) for name, step in steps.items()}
        if any(done.values()):
            log.info("swept", **done)
        return done

    async def _until_done(self, step: Step) -> int:
        """Do a step in transactions of bounded size, until one is not full."""
        total = 0
        while True:
            async with transaction(self._pool) as conn:
                done = await step(conn, self._clock.now())
            total += done
            if done < AT_ONCE:
                return total


async def end_leases(conn: Connection, now: datetime) -> int:
    """Give back to the list what has been claimed without any sign of the holder for a lease."""
    rows = await conn.fetch(work.END_LEASES, now, AT_ONCE)
    if rows:
        await note(conn, rows, now, event="lease_ended", actor=SERVICE, role="service")
    return len(rows)


async def overdue(conn: Connection, now: datetime, before: date) -> int:
    """Tell the coordinator of tasks that were due before a day."""
    return await _escalated(conn, await conn.fetch(work.ESCALATE_OVERDUE, before, now, AT_ONCE), now)


async def lonely(conn: Connection, now: datetime) -> int:
    """Tell the coordinator of tasks that are nobody's, where nobody is there to be given them.

    A group that has nobody in the register does not use it: its tasks are taken from the lists.
    """
    members = (await register_on(conn, now.date())).values()
    done = 0
    for group in TaskGroup:
        staff = [one for one in members if one.group is group]
        there = [one for one in staff if one.is_present(now.date())]
        if not staff or any(not one.districts for one in there):
            continue
        served = sorted({district for one in there for district in one.districts})
        restricted = group is TaskGroup.SPECIAL_HANDLERS
        done += await _escalated(
            conn, await conn.fetch(work.ESCALATE_LONELY, now, restricted, served, AT_ONCE), now
        )
    return done


async def _settle(conn: Connection, now: datetime) -> int:
    return await settle(conn, now, actor=SERVICE, role="service")


async def _escalated(conn: Connection, rows: Sequence[asyncpg.Record], now: datetime) -> int:
    if rows:
        await note(conn, rows, now, event="escalated", actor=SERVICE, role="service")
        await put_many(conn, [_event(row, now) for row in rows])
    return len(rows)


def _event(row: asyncpg.Record, now: datetime) -> OutgoingEvent:
    data = TaskEscalated(
        youth_id=row["youth_id"],
        episode_id=row["episode_id"],
        task_id=row["task_id"],
        kind=row["kind"],
        district=row["district"],
        due_on=row["due_on"],
        reason=row["escalation"],
        escalated_at=now,
    )
    # Once per task and reason, also if it is nobody's a second time.
    return outgoing(data, now, data.task_id, data.reason)

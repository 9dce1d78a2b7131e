"""Whatever the register and the tasks look like: after a sweep each open task is on exactly one of the lists of
what is somebody's and what is nobody's, and somebody who is there can reach it, or the coordinator is told.
"""

import random
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.postgres import Connection
from contracts.tasks import TaskGroup
from services.outreach.assigning import register_on
from services.outreach.db import lists, tasks
from services.outreach.db.lists import Reader, WorkList
from services.outreach.domain.access import Scope
from services.outreach.domain.policy import load_policy
from services.outreach.domain.staffing import Member, Register, covered_by
from services.outreach.settings import POLICIES, Settings
from services.outreach.sweeper import Sweeper
from tests.integration.outreach.policy_of_the_day import always

pytestmark = pytest.mark.stack
DISTRICTS = ("farsta", "bromma", "jarva")
NAMES = ("anna", "bo", "cilla", "dora", "sam", "tove")
ROUNDS = 40
EVERYTHING = Scope(ordinary=True, districts=None, protected=True, city=True)


async def make_a_mess(conn: Connection, chance: random.Random, now: datetime) -> None:
    """Fill the tables with a register and tasks as no API would leave them: owners who left, moved, are away."""
    today = now.date()
    for table in ("task_history", "outbox", "tasks", "absences", "staff"):
        await conn.execute(f"delete from {table}")
    staff = chance.sample(NAMES, chance.randint(0, len(NAMES)))
    for name in staff:
        special = name in {"sam", "tove"}
        start = today - timedelta(days=300)
        left = chance.choice([None, None, None, today, today - timedelta(days=1), today + timedelta(days=2)])
        await conn.execute(
            "insert into staff values ($1, $2, $3, $4, $5, $6, 1, now(), 'kim')",
            name,
            "special_handlers" if special else "coordinators",
            [] if special else chance.sample(DISTRICTS, chance.randint(0, 2)),
            chance.randint(1, 4),
            start if left or chance.random() < 0.8 else today + timedelta(days=3),
            left,
        )
    for name in staff:
        if chance.random() < 0.5:
            first = today + timedelta(days=chance.randint(-2, 1))
            await conn.execute(
                "insert into absences values ($1, $2, $3, $4, $5, $6, 1, now(), 'kim')",
                name,
                uuid4(),
                first,
                chance.choice([None, first + timedelta(days=chance.randint(0, 5))]),
                chance.choice([None, *(one for one in staff if one != name)]),
                chance.random() < 0.1,
            )
    for _ in range(chance.randint(1, 25)):
        special = chance.random() < 0.2
        due = today + timedelta(days=chance.randint(-10, 10))
        kind = chance.choice(["mapping", "follow_up", "home_visit"])
        claimed = chance.random() < 0.3
        await conn.execute(
            "insert into tasks (task_id, youth_id, episode_id, kind, task_group, district, attempt, not_before, "
            "due_on, staff, state, opened_at, claimed_by, claimed_at, claimed_until, assigned_to, assigned_at) "
            "values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            uuid4(),
            uuid4(),
            uuid4(),
            kind,
            "special_handlers" if special else "coordinators",
            None if special else chance.choice([*DISTRICTS, None]),
            chance.choice([None, datetime.combine(due, now.timetz())]),
            due,
            chance.sample(NAMES, 2) if kind == "home_visit" else [],
            "claimed" if claimed else "open",
            now,
            chance.choice(NAMES) if claimed else None,
            now if claimed else None,
            now + timedelta(hours=chance.choice([-1, 1])) if claimed else None,
            (owner := chance.choice([None, *staff])),
            now if owner else None,
        )


async def on_list(pool: asyncpg.Pool, wanted: WorkList, reader: Reader, scope: Scope = EVERYTHING) -> set[UUID]:
    where = tasks.Where()
    tasks.add_visibility(where, scope)
    lists.add_list(where, wanted, reader)
    return {row["task_id"] for row in await pool.fetch(tasks.page(where, 500), *where.arguments)}


def scope_of(member: Member) -> Scope:
    special = member.group is TaskGroup.SPECIAL_HANDLERS
    return Scope(ordinary=not special, districts=tuple(member.districts) or None, protected=special, city=False)


def will_be_there(member: Member, today: date, due_on: date) -> bool:
    """There now, or back (or come) before it is due."""
    days = [today + timedelta(days=days) for days in range(max((due_on - today).days, 0) + 1)]
    return any(member.is_present(day) for day in days)


async def test_no_task_is_lost(pool: asyncpg.Pool, settings: Settings) -> None:
    in_force = always(load_policy(POLICIES / "stockholm.json"))
    seen = {"assigned": 0, "unassigned": 0, "escalated": 0}
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        now = settings.clock.now()
        today = now.date()
        async with pool.acquire() as conn:
            await make_a_mess(conn, chance, now)
        sweeper = Sweeper(pool, settings.clock, in_force, settings.outreach_sweep_interval)
        await sweeper.sweep()
        assert set((await sweeper.sweep()).values()) == {0}, f"seed {seed}: a second sweep finds nothing"

        register: Register = await register_on(pool, today)
        lost = [row["staff_id"] for row in await pool.fetch(lists.LOST, today)]
        readers = {name: Reader(name, now, covered_by(register, name, today), lost) for name in NAMES}
        unassigned = await on_list(pool, WorkList.UNASSIGNED, Reader("kim", now, {}, lost))
        escalated = await on_list(pool, WorkList.ESCALATED, Reader("kim", now, {}, lost))
        mine = {name: await on_list(pool, WorkList.MINE, reader) for name, reader in readers.items()}
        reach = {
            name: await on_list(pool, WorkList.DISTRICT, readers[name], scope_of(member))
            for name, member in register.items()
        }
        for task in await pool.fetch("select * from tasks"):
            task_id, owner = task["task_id"], task["assigned_to"]
            holder = task["claimed_by"] if task["state"] == "claimed" else None
            where = f"seed {seed}, {task['kind']} of {owner}, claimed by {holder}, due {task['due_on']}"
            assert (task_id in unassigned) == (owner is None and holder is None), where
            assert all(task_id in mine[name] for name in (owner, holder) if name is not None), where
            if owner is not None:
                assert register[owner].is_active(today), where
                assert task_id in reach[owner], where
            in_reach = holder is not None or any(
                task_id in reach[name] and will_be_there(member, today, task["due_on"])
                for name, member in register.items()
                if member.is_active(today)
            )
            group = TaskGroup.SPECIAL_HANDLERS if task["restricted"] else TaskGroup.COORDINATORS
            unused = all(member.group is not group for member in register.values())
            assert in_reach or task_id in escalated or unused, where
            seen["assigned"] += owner is not None
            seen["unassigned"] += task_id in unassigned
            seen["escalated"] += task_id in escalated
    assert min(seen.values()) > ROUNDS, f"the rounds tried too little: {seen}"

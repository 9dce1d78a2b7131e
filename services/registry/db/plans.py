"""Plans of youths, with their efforts and follow-ups."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.documentation import AnswersFor, EffortResult, Party, PlanResult
from services.registry.domain.plans import Effort, FollowUp, Plan

ONE = "select * from documentation.plans where id = $1 and person_id = $2"
OF_YOUTH = "select * from documentation.plans where person_id = $1 order by made_on, id"
LOCK = "select * from documentation.plans where id = $1 for no key update"
INSERT = """
insert into documentation.plans (id, person_id, episode_id, goal, made_on, version, recorded_at, recorded_by)
values ($1, $2, $3, $4, $5, 1, $6, $7)
on conflict (id) do nothing returning *
"""
# Whoever makes a plan waits for whoever makes one for the same youth.
ONE_AFTER_ANOTHER = "select pg_advisory_xact_lock(hashtextextended('plans/' || $1::uuid::text, 0))"
OPEN = "select id from documentation.plans where person_id = $1 and ended_on is null limit 1"
CHANGE = """
update documentation.plans set goal = $2, made_on = $3, version = version + 1, changed_at = $4, changed_by = $5
where id = $1
"""
END = """
update documentation.plans set ended_on = $2, result = $3, version = version + 1, changed_at = $4,
    changed_by = $5
where id = $1
"""
KEEP_EFFORT = """
insert into documentation.plan_efforts (
    plan_id, id, place, answers_for, party, content, planned_start, planned_end, ended_on, result
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (plan_id, id) do update set place = excluded.place, answers_for = excluded.answers_for,
    party = excluded.party, content = excluded.content, planned_start = excluded.planned_start,
    planned_end = excluded.planned_end, ended_on = excluded.ended_on, result = excluded.result
"""
KEEP_FOLLOW_UP = """
insert into documentation.plan_follow_ups (plan_id, id, due_on, done_on) values ($1, $2, $3, $4)
on conflict (plan_id, id) do update set due_on = excluded.due_on, done_on = excluded.done_on
"""
_EFFORTS = "select * from documentation.plan_efforts where plan_id = any($1::uuid[]) order by plan_id, place"
_FOLLOW_UPS = """
select * from documentation.plan_follow_ups where plan_id = any($1::uuid[]) order by plan_id, due_on, id
"""


async def plans_of(conn: Connection, rows: Sequence[asyncpg.Record]) -> list[Plan]:
    """Return plans with their parts, for rows of documentation.plans and in their order."""
    ids = [row["id"] for row in rows]
    efforts = await conn.fetch(_EFFORTS, ids)
    follow_ups = await conn.fetch(_FOLLOW_UPS, ids)
    return [
        Plan(
            goal=row["goal"],
            made_on=row["made_on"],
            efforts=tuple(_effort(part) for part in efforts if part["plan_id"] == row["id"]),
            follow_ups=tuple(
                FollowUp(part["id"], part["due_on"], part["done_on"])
                for part in follow_ups
                if part["plan_id"] == row["id"]
            ),
            ended_on=row["ended_on"],
            result=None if row["result"] is None else PlanResult(row["result"]),
        )
        for row in rows
    ]


async def keep_parts(conn: Connection, plan_id: UUID, plan: Plan) -> None:
    """Write a plan's efforts and follow-ups; those that are there already become as they are here."""
    await conn.executemany(
        KEEP_EFFORT,
        [
            (
                plan_id, one.id, place, one.answers_for, one.party, one.content, one.planned_start,
                one.planned_end, one.ended_on, one.result,
            )
            for place, one in enumerate(plan.efforts)
        ],
    )  # fmt: skip
    await conn.executemany(KEEP_FOLLOW_UP, [(plan_id, one.id, one.due_on, one.done_on) for one in plan.follow_ups])


def _effort(row: asyncpg.Record) -> Effort:
    return Effort(
        id=row["id"],
        answers_for=AnswersFor(row["answers_for"]),
        party=None if row["party"] is None else Party(row["party"]),
        content=row["content"],
        planned_start=row["planned_start"],
        planned_end=row["planned_end"],
        ended_on=row["ended_on"],
        result=None if row["result"] is None else EffortResult(row["result"]),
    )

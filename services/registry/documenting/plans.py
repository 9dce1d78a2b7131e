"""Use cases: a plan is made, followed up, and ends (individual planning, förordning 2006:39, 8-9 §§)."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import asyncpg

from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from contracts.documentation import PlanResult
from services.registry.api.free_text import check_texts
from services.registry.api.keeping import Opened
from services.registry.db import plans, rows
from services.registry.documenting.covering import covering
from services.registry.documenting.refusals import id_taken
from services.registry.domain.plans import Plan, Refusal, Refused, check, check_end, new_texts

_REFUSED = {
    Refusal.PART_LEFT_OUT: (409, "Nothing is deleted: a part of the plan is missing in what you sent"),
    Refusal.IN_THE_FUTURE: (422, "The day lies ahead: what is recorded has happened"),
    Refusal.BEFORE_THE_PLAN: (422, "The day lies before the plan was made"),
    Refusal.ENDED_ALREADY: (409, "The plan has ended"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it is kept."""

    row: asyncpg.Record
    plan: Plan
    new: bool = False


async def put(youth: Opened, plan_id: UUID, plan: Plan, seen: int | None, *, confirmed: bool) -> Kept:
    """Make a plan, or make it be ``plan`` (whose end is not looked at). The same again changes nothing.

    ``confirmed`` is whether texts are meant as they are, for those that `check_texts` warns of.

    Raises a Problem: 409 when it has ended, when there is another one that goes on, or when a part is left
    out; 422 for its days; 412 and 428 as `check_seen`.
    """
    row = await youth.conn.fetchrow(plans.LOCK, plan_id)
    if row is None:
        check_seen(seen, None)
        check_texts(new_texts(None, plan), confirmed=confirmed)
        if await _make(youth, plan_id, plan):
            return replace(await _kept(youth, plan_id), new=True)
        row = await rows.one(youth.conn, plans.LOCK, plan_id)  # the same request, at the same moment
    if row["person_id"] != youth.youth_id:
        raise id_taken()
    before = await _kept(youth, plan_id)
    wanted = replace(plan, ended_on=before.plan.ended_on, result=before.plan.result)
    if wanted == before.plan:
        await youth.record("plan.read", plan_id)
        return before
    check_seen(seen, row["version"])
    if before.plan.ended_on is not None:
        raise _problem(Refused(Refusal.ENDED_ALREADY, "id"))
    _check(before.plan, wanted, youth)
    check_texts(new_texts(before.plan, wanted), confirmed=confirmed)
    by = youth.reader.subject
    await youth.conn.execute(plans.CHANGE, plan_id, wanted.goal, wanted.made_on, youth.at, by)
    await plans.keep_parts(youth.conn, plan_id, wanted)
    await youth.record("plan.change", plan_id)
    return await _kept(youth, plan_id)


async def end(youth: Opened, plan_id: UUID, on: date, result: PlanResult) -> Kept:
    """End a plan. Again, with the same day and result, is harmless."""
    row = await youth.conn.fetchrow(plans.LOCK, plan_id)
    if row is None or row["person_id"] != youth.youth_id:
        raise not_found("plan")
    before = await _kept(youth, plan_id)
    if (before.plan.ended_on, before.plan.result) == (on, result):
        await youth.record("plan.read", plan_id)
        return before
    try:
        check_end(before.plan, on, youth.today)
    except Refused as refused:
        raise _problem(refused) from None
    await youth.conn.execute(plans.END, plan_id, on, result, youth.at, youth.reader.subject)
    await youth.record("plan.end", plan_id)
    return await _kept(youth, plan_id)


async def _make(youth: Opened, plan_id: UUID, plan: Plan) -> bool:
    """Return False when the id has come into being meanwhile."""
    episode = await covering(youth)
    _check(None, plan, youth)
    await youth.conn.execute(plans.ONE_AFTER_ANOTHER, youth.youth_id)
    if await youth.conn.fetchrow(plans.ONE, plan_id, youth.youth_id) is not None:
        return False
    if await youth.conn.fetchval(plans.OPEN, youth.youth_id) is not None:
        raise Problem(409, "plan-open", "The youth has a plan that goes on", "Change that one, or end it first.")
    row = await youth.conn.fetchrow(
        plans.INSERT, plan_id, youth.youth_id, episode.id, plan.goal, plan.made_on, youth.at, youth.reader.subject
    )
    if row is None:
        return False
    await plans.keep_parts(youth.conn, plan_id, plan)
    await youth.record("plan.make", plan_id)
    return True


async def _kept(youth: Opened, plan_id: UUID) -> Kept:
    row = await rows.one(youth.conn, plans.ONE, plan_id, youth.youth_id)
    return Kept(row, (await plans.plans_of(youth.conn, [row]))[0])


def _check(before: Plan | None, after: Plan, youth: Opened) -> None:
    try:
        check(before, after, youth.today)
    except Refused as refused:
        raise _problem(refused) from None


def _problem(refused: Refused) -> Problem:
    status, title = _REFUSED[refused.why]
    return Problem(status, refused.why, title, field=refused.field)

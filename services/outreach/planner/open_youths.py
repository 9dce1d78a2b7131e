"""The youths as they stand today, from the outreach database, as states that a simulation can go on from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from chassis.clock import STOCKHOLM, ClockSpec
from chassis.postgres import Connection
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from contracts.tasks import CallResult, HomeVisitResult, TaskGroup, TaskKind, TaskSpec
from contracts.workdays import ONE_DAY, at_time, slot_at
from services.outreach.planner.assumptions import Assumptions
from services.outreach.planner.chance import Chance
from services.outreach.planner.tally import NO_DISTRICT
from workflows.youth_outreach.hold import Hold
from workflows.youth_outreach.state import Attempt, State

# With what the workflow's state knows beyond the journey: the round, the attempts and visits of this one, and
# how many tasks of each kind there have been. $1: the districts; null for all.
OPEN = """
with open as (
    select * from journeys
    where ended_at is null and registered_on is not null and last_covered_day is not null
        and ($1::text[] is null or district = any($1))
), courses as (
    select youth_id, episode_id, count(*) filter (where t.step = 'first_contact') as rounds,
        max(t.at) filter (where t.step in ('first_contact', 'mapping')) as began  -- anew after a talk that failed
    from open join transitions t using (youth_id, episode_id)
    group by youth_id, episode_id
), done as (
    select o.youth_id, o.episode_id, jsonb_object_agg(k.kind, k.number) as numbers
    from open o, lateral (
        select kind, count(*) as number from tasks t
        where t.youth_id = o.youth_id and t.episode_id = o.episode_id group by kind
    ) k
    group by o.youth_id, o.episode_id
)
select o.youth_id, o.episode_id, o.district, o.protected, o.registered_on, o.last_covered_day, o.step, o.due,
    o.moved_at, o.started_at, o.reached_at, o.policy_version, coalesce(r.rounds, 0) as rounds, d.numbers,
    o.has_phone,
    (
        select jsonb_agg(jsonb_build_array(
            t.closed_at, t.kind, t.outcome ->> 'result', t.closed_at >= coalesce(r.began, '-infinity')
        ) order by t.closed_at)
        from tasks t
        where t.youth_id = o.youth_id and t.episode_id = o.episode_id and t.state = 'completed'
            and t.kind in ('call', 'find_contact_details', 'home_visit')
    ) as done,
    (
        select jsonb_agg(jsonb_build_array(t.task_id, t.kind, t.task_group, t.attempt, t.not_before, t.due_on))
        from tasks t
        where t.youth_id = o.youth_id and t.episode_id = o.episode_id and t.state in ('open', 'claimed')
            and t.kind not in ('concern', 'handover', 'prevention')  -- no workflow has them
    ) as open_tasks
from open o
left join courses r using (youth_id, episode_id)
left join done d using (youth_id, episode_id)
order by o.youth_id, o.episode_id
"""


async def load(
    conn: Connection, policy: OutreachPolicy, clock: ClockSpec, today: date, districts: Iterable[str] | None = None
) -> list[State]:
    """Return the open youths as they stand. All are taken by ``policy``: the one that is asked about."""
    wanted = None if districts is None else list(districts)
    return [as_state(row, policy, clock, today) for row in await conn.fetch(OPEN, wanted, timeout=60)]


def as_state(
    row: asyncpg.Record | Mapping[str, Any], policy: OutreachPolicy, clock: ClockSpec, today: date
) -> State:
    """Return the state of a journey: what the workflow itself holds, but for what makes repeats harmless."""
    done = [_Done(_instant(at), kind, result, of_round) for at, kind, result, of_round in row["done"] or ()]
    searches = [one.result for one in done if one.kind == TaskKind.FIND_CONTACT_DETAILS]
    tasks = tuple(_task(one) for one in row["open_tasks"] or ())
    return State(
        youth_id=row["youth_id"],
        episode_id=row["episode_id"],
        municipality=policy.municipality,
        policy=policy,
        clock=clock,
        district=row["district"],
        protected=row["protected"],
        registered_on=row["registered_on"],
        last_covered_day=row["last_covered_day"],
        begun=row["moved_at"] is not None,
        step=Step(row["step"]),
        due=_own_due(row),
        started=row["started_at"] is not None,
        reached=row["reached_at"] is not None,
        round=max(1, row["rounds"]),
        attempts=tuple(_attempts(done, policy)),
        visits=sum(one.of_round and one.result == HomeVisitResult.NOBODY_HOME for one in done),
        has_phone=searches[-1] == "found" if searches else row["has_phone"],
        searches=sum(one.of_round and one.kind == TaskKind.FIND_CONTACT_DETAILS for one in done)
        + sum(task.kind is TaskKind.FIND_CONTACT_DETAILS for task in tasks),
        language_needed=any(one.result == CallResult.LANGUAGE_NEEDED for one in done),
        home_unsafe=any(one.result == HomeVisitResult.UNSAFE for one in done),
        hold=_hold(row),
        turns_20_letter_sent=row["last_covered_day"] - policy.turns_20_letter_before < today,
        tasks=tasks,
        numbers=dict(row["numbers"] or {}),
    )


def coming(
    assumptions: Assumptions,
    known: list[State],
    policy: OutreachPolicy,
    clock: ClockSpec,
    *,
    begins: datetime,
    ends: datetime,
    seed: int,
) -> list[tuple[datetime, State]]:
    """Return those who will be registered, spread over the days by the season, with as long under the duty as
    those who came lately.
    """
    spans = _spans(known, begins.date())
    found: list[tuple[datetime, State]] = []
    for district, per_week in sorted(assumptions.intake_per_week.items()):
        number, owed, day = 0, 0.5, begins.date()  # rounded, not down
        while (day := day + ONE_DAY) < ends.date():
            owed += per_week / DAYS_OF_A_WEEK * assumptions.intake_by_month.get(day.month, 1.0)
            while owed >= 1:
                owed, number = owed - 1, number + 1
                youth_id = uuid5(_COMING, f"{seed}:{district}:{number}")
                chance = Chance(seed, youth_id)
                registered = _registered(
                    youth_id,
                    district,
                    spans[int(chance.number("span", 0) * len(spans))],
                    at_time(day, _NIGHT),  # the nightly run registers them
                    policy,
                    clock,
                    has_phone=chance.number("phone", 0) >= assumptions.without_phone,
                )
                found.append((at_time(day, _NIGHT), registered))
    return found


def _spans(known: Iterable[State], today: date) -> list[int]:
    """Return how many days the duty lasts, of who came lately; of all who are open, where few came.

    Of all, it would be too long: who has long to go is there for long.
    """
    spans = [(one.registered_on, (one.last_covered_day - one.registered_on).days) for one in known]
    lately = [days for registered, days in spans if registered >= today - LATELY]
    return sorted(lately if len(lately) >= FEW else [days for _, days in spans]) or [30, 400, 1000]


@dataclass(frozen=True, slots=True)
class _Done:
    """A call, visit or search that is over, and whether it was of the round that goes on."""

    at: datetime
    kind: str
    result: str
    of_round: bool


# Calls that counted. That a call was put off more often than the policy lets is left out.
_COUNTED = frozenset({CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.THIRD_PARTY})


def _attempts(done: Iterable[_Done], policy: OutreachPolicy) -> Iterator[Attempt]:
    calls = [one for one in done if one.of_round and one.kind == TaskKind.CALL and one.result in _COUNTED]
    for number, call in enumerate(calls):
        slot = policy.call_slots[number % len(policy.call_slots)].name
        yield Attempt(at=call.at, slot=slot_at(policy, call.at) or slot)


_WAITING = frozenset({Step.AWAITING_START, Step.FIRST_CONTACT, Step.DOOR_CARD, Step.WATCH, Step.ON_HOLD})
_COMING = UUID("8f6f0d53-5b0e-4a7e-9a1a-0f6f5a6f3c11")
_NIGHT = time(4)
DAYS_OF_A_WEEK = 7
LATELY, FEW = timedelta(weeks=8), 20


def _registered(
    youth_id: UUID,
    district: str,
    span: int,
    at: datetime,
    policy: OutreachPolicy,
    clock: ClockSpec,
    *,
    has_phone: bool,
) -> State:
    return State(
        youth_id=youth_id,
        episode_id=uuid5(youth_id, "episode"),
        municipality=policy.municipality,
        policy=policy,
        clock=clock,
        district=None if district == NO_DISTRICT else district,
        protected=False,
        registered_on=at.date(),
        last_covered_day=at.date() + max(span, 1) * ONE_DAY,
        has_phone=has_phone,
    )


def _hold(row: asyncpg.Record | Mapping[str, Any]) -> Hold | None:
    """Return the hold of who is on one. Where they stood is not read: what comes next follows the hold."""
    if row["step"] != Step.ON_HOLD:
        return None
    sought = Step.FIRST_CONTACT if row["started_at"] else Step.AWAITING_START
    return Hold(
        hold_id=_COMING,  # any: nobody lifts it
        until=row["due"].astimezone(STOCKHOLM).date(),
        since=row["moved_at"].astimezone(STOCKHOLM),
        step=Step.WATCH if row["reached_at"] else sought,
        left=timedelta(0),
    )


def _own_due(row: asyncpg.Record | Mapping[str, Any]) -> datetime | None:
    """Return when the step's own time is up. The journey's due is else the last day of its task."""
    waits = row["step"] in _WAITING or (row["step"] == Step.TRIED_TO_REACH and not row["open_tasks"])
    return row["due"].astimezone(STOCKHOLM) if waits and row["due"] is not None else None


def _task(item: list[Any]) -> TaskSpec:
    task_id, kind, group, attempt, not_before, due_on = item
    return TaskSpec(
        task_id=UUID(task_id),
        kind=TaskKind(kind),
        group=TaskGroup(group),
        attempt=attempt,
        not_before=None if not_before is None else _instant(not_before),
        due_on=date.fromisoformat(due_on),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(STOCKHOLM)

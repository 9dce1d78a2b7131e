"""What has happened here before, as assumptions: each share from the municipality's own tasks and letters.

Few cases say little: a share begins as the default and gives way to what was seen, which counts fully once
there is much of it (`PRIOR` cases are what the default is worth).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from chassis.postgres import Connection
from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import MappingResult, Occupation, TaskKind
from services.outreach.planner.assumptions import ANSWERED, CALLS, VISITS, Assumptions

T = TypeVar("T", bound=Hashable)
PRIOR = 20
LOOKS_BACK = timedelta(days=365)
INTAKE_WEEKS = 8
# $1 since.
OUTCOMES = """
select kind, least(attempt, 5) as attempt, outcome ->> 'result' as result, outcome ->> 'occupation' as occupation,
    count(*) as number
from tasks where state = 'completed' and closed_at >= $1 group by 1, 2, 3, 4
"""
# From when it could be done until it was.
DAYS = """
select kind, avg(extract(epoch from closed_at - greatest(opened_at, coalesce(not_before, opened_at))) / 86400.0)
    filter (where closed_at >= coalesce(not_before, opened_at)) as days, count(*) as number
from tasks where state = 'completed' and closed_at >= $1 group by kind
"""
# Of each letter: whether the youth got in touch before the next thing happened. A first contact after the first
# is a re-contact. Who is not through with the step yet tells nothing.
ANSWERS = """
with moves as (
    select step, at, youth_id, reached_by,
        row_number() over (partition by youth_id, episode_id, step order by at) as time,
        lead(step) over w as next, lead(reached_by) over w as next_reached, lead(at) over w as next_at
    from transitions window w as (partition by youth_id, episode_id order by at, recorded_at)
)
select step, least(time, 2) as time, count(*) as number,
    count(*) filter (where next_reached is not null) as answered,
    avg(extract(epoch from next_at - at) / 86400.0) filter (where next_reached is not null) as days
from moves
where at >= $1 and next is not null and next <> step and next <> 'ended'
    and step in ('first_contact', 'tried_to_reach', 'door_card')
group by 1, 2
"""
ENDS = """
select count(*) filter (where ended_at >= $1 and end_reason <> 'turned_20') as ended,
    sum(extract(epoch from least(coalesce(ended_at, $2), $2) - greatest(registered_on::timestamptz, $1)))
        / 86400 / 365.25 as years
from journeys where coalesce(ended_at, $2) > $1 and registered_on is not null and registered_on::timestamptz < $2
"""
# Of the open youths: how many there are, and how many without a number.
PHONES = """
select count(*) as number, count(*) filter (where not has_phone) as without
from journeys where ended_at is null and not protected
"""
INTAKE = """
select coalesce(district, 'none') as district, count(*) as number from journeys
where registered_on >= $1 and not protected group by 1
"""


async def measured(conn: Connection, now: datetime) -> tuple[Assumptions, int]:
    """Return the assumptions that this municipality's last year gives, and of how many tasks."""
    since, plain = now - LOOKS_BACK, Assumptions()
    outcomes = await conn.fetch(OUTCOMES, since)
    by_attempt: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    occupations: Counter[str] = Counter()
    for row in outcomes:
        by_attempt[row["kind"]][row["attempt"]][row["result"]] += row["number"]
        if row["kind"] in (TaskKind.MAPPING, TaskKind.FOLLOW_UP) and row["result"] in ("occupied", "ended"):
            occupations[row["occupation"]] += row["number"]
    calls, visits = by_attempt[TaskKind.CALL], by_attempt[TaskKind.HOME_VISIT]
    follow_ups = _sum(by_attempt[TaskKind.FOLLOW_UP])
    searches = _sum(by_attempt[TaskKind.FIND_CONTACT_DETAILS])
    mappings = _sum(by_attempt[TaskKind.MAPPING])
    answers, answer_days = await _answers(conn, since, plain)
    assumptions = Assumptions(
        answers=answers,
        answer_days=answer_days,
        calls=tuple(_shares(calls[number], plain.calls[0], CALLS) for number in _numbers(calls)),
        without_phone=await _without_phone(conn, plain),
        numbers_found=_share(searches["found"], searches.total(), plain.numbers_found),
        visits=tuple(_shares(visits[number], plain.visits[0], VISITS) for number in _numbers(visits)),
        mapping=_shares(mappings, plain.mapping, tuple(one for one in MappingResult if one in plain.mapping)),
        occupations=_shares(occupations, plain.occupations, (Occupation.WORK, Occupation.STUDIES)),
        follow_up_ends=_share(follow_ups["ended"], follow_ups.total(), plain.follow_up_ends),
        task_days=plain.task_days | await _days(conn, since),
        visit_days=plain.visit_days,
        ends_per_year=await _ends(conn, now, plain),
        intake_per_week=await _intake(conn, now.date()),
    )
    return assumptions, sum(row["number"] for row in outcomes)


async def _answers(
    conn: Connection, since: datetime, plain: Assumptions
) -> tuple[dict[MessageKind, float], float]:
    found, days = dict(plain.answers), []
    for row in await conn.fetch(ANSWERS, since):
        kind = _letter(row["step"], row["time"])
        found[kind] = _share(row["answered"], row["number"], plain.answers[kind])
        if row["days"] is not None:
            days.append((float(row["days"]), row["answered"]))
    weights = sum(number for _, number in days)
    mean = sum(each * number for each, number in days) / weights if weights >= PRIOR else plain.answer_days
    return found, max(mean, 0.01)


def _letter(step: str, time: int) -> MessageKind:
    first, tried, card, again = ANSWERED
    if step == Step.FIRST_CONTACT:
        return first if time == 1 else again
    return tried if step == Step.TRIED_TO_REACH else card


async def _days(conn: Connection, since: datetime) -> dict[TaskKind, float]:
    rows = await conn.fetch(DAYS, since)
    known = {kind.value: kind for kind in TaskKind}
    return {
        known[row["kind"]]: float(row["days"])
        for row in rows
        if row["number"] >= PRIOR and row["days"] is not None and row["kind"] in known
    }


async def _ends(conn: Connection, now: datetime, plain: Assumptions) -> float:
    row = await conn.fetchrow(ENDS, now - LOOKS_BACK, now)
    years = float(row["years"] or 0) if row else 0.0
    ended = row["ended"] if row else 0
    return float((ended + PRIOR * plain.ends_per_year) / (years + PRIOR))


async def _without_phone(conn: Connection, plain: Assumptions) -> float:
    row = await conn.fetchrow(PHONES)
    return plain.without_phone if row is None else _share(row["without"], row["number"], plain.without_phone)


async def _intake(conn: Connection, today: date) -> dict[str, float]:
    rows = await conn.fetch(INTAKE, today - timedelta(weeks=INTAKE_WEEKS))
    return {row["district"]: row["number"] / INTAKE_WEEKS for row in rows}


def _numbers(by_attempt: Mapping[int, Counter[str]]) -> range:
    """The numbers of the attempts that there have been; at least the first."""
    return range(1, max(by_attempt, default=1) + 1)


def _sum(by_attempt: Mapping[int, Counter[str]]) -> Counter[str]:
    return sum(by_attempt.values(), Counter())


def _shares(seen: Counter[str], before: Mapping[T, float], kinds: tuple[T, ...]) -> dict[T, float]:
    shares = {kind: _share(seen[str(kind)], seen.total(), before.get(kind, 0.0)) for kind in kinds}
    return {kind: share for kind, share in shares.items() if share}  # the rest has never been seen here


def _share(cases: int, of: int, before: float) -> float:
    return (cases + PRIOR * before) / (of + PRIOR)

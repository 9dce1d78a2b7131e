"""Three youths and the work with them, in the databases of all services: one near, one far, one protected."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg

from chassis.inbox import take_once
from contracts.reasons import Step
from contracts.tasks import TaskGroup, TaskKind
from services.reporting import consumers as reporting
from tests.integration.gallring.filling import AT, COMMON, Youth, fill, run
from tests.integration.reporting.lives import Life

OWN, ELSEWHERE = "farsta", "bromma"
SINCE = date(2025, 9, 1)
# Words that stand in nothing else.
NEAR = Youth(600, date(2008, 1, 10), "Närmander", "Närmanderstigen 7", "+46701740650")
FAR = Youth(700, date(2010, 2, 10), "Fjärrmander", "Fjärrmandergatan 9", "+46701740651")
PROTECTED = Youth(800, date(2010, 3, 10), "Skyddander", "Hemligstigen 3", "+46701740652")
LIVES = {NEAR: (OWN, "none"), FAR: (ELSEWHERE, "none"), PROTECTED: (OWN, "sekretessmarkering")}

RUN = """
insert into sync_runs (run_id, as_of, requested_by, state, started_at, finished_at)
values ($1, $2, 'schedule', 'done', $3, $3)
"""
ATTENTION = """
insert into attentions (source, reason, detail, opened_at, opened_by, seen_at)
values ('schools', 'shrunk', 'half of it', $1, $2, $1)
"""
PERSON = """
insert into persons (id, birth_date, sex, first_name, last_name, street, postal_code, city, phone, district,
    municipality, status, protection, protection_in_feed, file_date, first_seen_at)
values ($1, $2, 'woman', $3, $3 || 'sson', $4, '12345', 'Stockholm', $5, $6, '0180', 'active', $7, $7 <> 'none',
    $8, $9)
"""
NUMBER = "insert into person_numbers values ($1, $2, true, $3)"
EPISODE = """
insert into episodes (person_id, municipality, registered_on, reason, tracks, district, protected,
    last_covered_day, grounds, opened_by)
values ($1, '0180', $2, 'left_school', '{}', $3, $4, $5, '[]', $6) returning id
"""
JOURNEY = """
update journeys set step = $2, ended_at = null, end_reason = null, district = $3, protected = $4
where youth_id = $1
"""
TASK = """
insert into tasks (task_id, youth_id, episode_id, kind, task_group, district, protected, attempt, due_on, state,
    opened_at, staff)
values ($1, $2, $3, $4, $5, $6, $7, 1, $8, 'open', $9, $10)
"""
STAFF = """
insert into staff (staff_id, task_group, districts, capacity, active_from, version, recorded_at, recorded_by)
values ('anna', 'coordinators', '{}', 20, '2023-01-01', 1, $1, 'kim'),
    ('bo', 'coordinators', '{farsta}', 20, '2023-01-01', 1, $1, 'kim')
"""


async def fill_all(pools: Mapping[str, asyncpg.Pool], today: date) -> None:
    """Put the youths into the databases of all services."""
    run_id = uuid4()
    await pools["registry"].execute(RUN, run_id, SINCE, AT)
    await pools["registry"].execute(ATTENTION, AT, run_id)
    await pools["outreach"].execute(STAFF, AT)
    for youth in LIVES:
        episode = await _register(pools["registry"], youth, today, run_id)
        await fill(pools["registry"], pools["outreach"], pools["notifications"], youth)
        await _work(pools["outreach"], youth, episode, today)
        await _figures(pools["reporting"], youth, episode)
        for pool in pools.values():
            # A reason on record tells nothing about the person: the auditor reads it.
            await run(pool, COMMON, {"$1": youth.youth_id, "$2": AT, "$3": "en anhörig ringde"})


async def _register(registry: asyncpg.Pool, youth: Youth, today: date, run_id: UUID) -> UUID:
    """Return the episode."""
    district, protection = LIVES[youth]
    await registry.execute(
        PERSON, youth.youth_id, youth.born, youth.first_name, youth.street, youth.phone, district, protection,
        SINCE, AT,
    )  # fmt: skip
    await registry.execute(NUMBER, youth.number, youth.youth_id, SINCE)
    until = today + timedelta(days=300)
    episode: UUID = await registry.fetchval(
        EPISODE, youth.youth_id, SINCE, told_district(youth), protection != "none", until, run_id
    )
    return episode


async def _work(outreach: asyncpg.Pool, youth: Youth, episode: UUID, today: date) -> None:
    protected, district = youth is PROTECTED, told_district(youth)
    group = TaskGroup.SPECIAL_HANDLERS if protected else TaskGroup.COORDINATORS
    step = Step.MANUAL if protected else Step.CALLING
    await outreach.execute(JOURNEY, youth.youth_id, step, district, protected)
    for kind in TaskKind:
        pair = ["anna", "bo"] if kind is TaskKind.HOME_VISIT else []
        await outreach.execute(
            TASK, uuid4(), youth.youth_id, episode, kind, group, district, protected, today, AT, pair,
        )  # fmt: skip


async def _figures(pool: asyncpg.Pool, youth: Youth, episode: UUID) -> None:
    life = Life(youth.youth_id, episode)
    life.registered(SINCE, told_district(youth), protected=youth is PROTECTED)
    async with pool.acquire() as conn, conn.transaction():
        for event in life.happened:
            await take_once(conn, reporting.GROUP, event, reporting.take)


def told_district(youth: Youth) -> str | None:
    """The district as it is told outside the register: a protected youth is in none."""
    return None if youth is PROTECTED else LIVES[youth][0]

"""Writing facts. Each statement may be repeated, and needs no other topic's fact to be there first."""

from datetime import date, datetime, timedelta

from chassis.postgres import Connection
from contracts import events
from contracts.start_deadline import StartDeadlineBreached

EPISODE = """
insert into episodes (episode_id, youth_id, municipality, sex, birth_year, registration_reason, registered_on,
                      protected, last_covered_day)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (episode_id) do update set
    municipality = excluded.municipality, sex = excluded.sex, birth_year = excluded.birth_year,
    registration_reason = excluded.registration_reason, registered_on = excluded.registered_on,
    protected = excluded.protected, last_covered_day = excluded.last_covered_day
"""
EPISODE_CODES = """
insert into episodes (episode_id, youth_id, protected, last_covered_day) values ($1, $2, $3, $4)
on conflict (episode_id) do update set
    protected = excluded.protected, last_covered_day = excluded.last_covered_day
"""
DISTRICT = """
insert into episode_districts (episode_id, since, district) values ($1, $2, $3)
on conflict (episode_id, since) do update set district = excluded.district
"""
EPISODE_END = """
insert into episodes (episode_id, youth_id, ended_on, end_reason) values ($1, $2, $3, $4)
on conflict (episode_id) do update set ended_on = excluded.ended_on, end_reason = excluded.end_reason
"""
SEARCH_START = """
insert into episodes (episode_id, youth_id, search_started_on, search_late) values ($1, $2, $3, $4)
on conflict (episode_id) do update set
    search_started_on = excluded.search_started_on, search_late = excluded.search_late
"""
START_BREACH = """
insert into episodes (episode_id, youth_id, start_breached_on) values ($1, $2, $3)
on conflict (episode_id) do update set start_breached_on = excluded.start_breached_on
"""
OUTREACH_END = """
insert into episodes (episode_id, youth_id, outreach_ended_on, outreach_end_reason) values ($1, $2, $3, $4)
on conflict (episode_id) do update set
    outreach_ended_on = excluded.outreach_ended_on, outreach_end_reason = excluded.outreach_end_reason
"""
TASK = """
insert into tasks (task_id, episode_id, youth_id, kind, attempt, due_on, result, completed_at, cancelled)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (task_id) do update set
    due_on = coalesce(tasks.due_on, excluded.due_on),
    result = coalesce(tasks.result, excluded.result),
    completed_at = coalesce(tasks.completed_at, excluded.completed_at),
    cancelled = tasks.cancelled or excluded.cancelled
"""
MESSAGE = """
insert into messages (message_id, episode_id, youth_id, kind, channel, queued_at, sent_at, delivered_at,
                      failed_at, failure, skipped_at, skip_reason, after_end)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (message_id) do update set
    queued_at = coalesce(messages.queued_at, excluded.queued_at),
    sent_at = coalesce(messages.sent_at, excluded.sent_at),
    delivered_at = coalesce(messages.delivered_at, excluded.delivered_at),
    failed_at = coalesce(messages.failed_at, excluded.failed_at),
    failure = coalesce(messages.failure, excluded.failure),
    skipped_at = coalesce(messages.skipped_at, excluded.skipped_at),
    skip_reason = coalesce(messages.skip_reason, excluded.skip_reason),
    after_end = messages.after_end or excluded.after_end
"""
STEP = """
insert into steps (episode_id, youth_id, step, entered_at) values ($1, $2, $3, $4) on conflict do nothing
"""
REACHED = """
insert into reached (episode_id, youth_id, way, reached_at) values ($1, $2, $3, $4) on conflict do nothing
"""
WATCH = """
insert into watches (episode_id, youth_id, reason, started_at, recontact_on) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""
ANSWER = """
insert into answers (episode_id, youth_id, channel, message_id, answered_at) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""


async def registered(conn: Connection, event: events.YouthRegistered) -> None:
    await conn.execute(
        EPISODE, event.episode_id, event.youth_id, event.municipality, event.sex, event.birth_year, event.reason,
        event.registered_on, event.protected, event.last_covered_day,
    )  # fmt: skip
    await _district(conn, event, event.registered_on)


async def changed(conn: Connection, event: events.YouthChanged, on: date) -> None:
    await conn.execute(EPISODE_CODES, event.episode_id, event.youth_id, event.protected, event.last_covered_day)
    await _district(conn, event, on)


async def _district(conn: Connection, event: events.YouthRegistered | events.YouthChanged, since: date) -> None:
    """A marking of protected identity takes effect at once, also on figures about earlier days."""
    if event.protected:
        await conn.execute("delete from episode_districts where episode_id = $1", event.episode_id)
    else:
        await conn.execute(DISTRICT, event.episode_id, since, event.district)


async def coverage_ended(conn: Connection, event: events.CoverageEnded) -> None:
    await conn.execute(EPISODE_END, event.episode_id, event.youth_id, event.ended_on, event.reason)


async def search_started(conn: Connection, event: events.OutreachStarted, on: date) -> None:
    await conn.execute(SEARCH_START, event.episode_id, event.youth_id, on, event.late)


async def start_breached(conn: Connection, event: StartDeadlineBreached) -> None:
    """The breach is of the day after the last day in time, whenever it was found."""
    await conn.execute(START_BREACH, event.episode_id, event.youth_id, event.due_on + timedelta(days=1))


async def outreach_ended(conn: Connection, event: events.OutreachEnded, on: date) -> None:
    await conn.execute(OUTREACH_END, event.episode_id, event.youth_id, on, event.reason)


async def step_entered(conn: Connection, event: events.StepEntered) -> None:
    await conn.execute(STEP, event.episode_id, event.youth_id, event.step, event.entered_at)


async def reached(conn: Connection, event: events.YouthReached) -> None:
    await conn.execute(REACHED, event.episode_id, event.youth_id, event.reached_by, event.reached_at)


async def watch_started(conn: Connection, event: events.WatchStarted, at: datetime) -> None:
    await conn.execute(WATCH, event.episode_id, event.youth_id, event.reason, at, event.recontact_on)


async def task(
    conn: Connection,
    event: events.TaskOpened | events.TaskCompleted | events.TaskCancelled,
    *,
    due_on: date | None = None,
    result: str | None = None,
    completed_at: datetime | None = None,
    cancelled: bool = False,
) -> None:
    await conn.execute(
        TASK, event.task_id, event.episode_id, event.youth_id, event.kind, event.attempt, due_on, result,
        completed_at, cancelled,
    )  # fmt: skip


async def message(
    conn: Connection,
    event: events.MessageEvent,
    *,
    queued_at: datetime | None = None,
    sent_at: datetime | None = None,
    delivered_at: datetime | None = None,
    failed_at: datetime | None = None,
    failure: str | None = None,
    skipped_at: datetime | None = None,
    skip_reason: str | None = None,
    after_end: bool = False,
) -> None:
    await conn.execute(
        MESSAGE, event.message_id, event.episode_id, event.youth_id, event.kind, event.channel, queued_at,
        sent_at, delivered_at, failed_at, failure, skipped_at, skip_reason, after_end,
    )  # fmt: skip


async def answered(conn: Connection, event: events.YouthAnswered) -> None:
    await conn.execute(
        ANSWER, event.episode_id, event.youth_id, event.channel, event.message_id, event.answered_at
    )

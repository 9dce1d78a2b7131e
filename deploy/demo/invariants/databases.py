"""Reading the services' own databases, each in one snapshot, with the role that the service itself has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from chassis.clock import STOCKHOLM
from chassis.postgres import Connection, prepare_connection
from deploy.demo.invariants.rows import (
    DeadLetter,
    Episode,
    Event,
    Journey,
    Message,
    SourceLoad,
    Task,
    Transition,
    Visit,
)

Row = TypeVar("Row")
SERVICES = ("outreach", "notifications", "reporting", "registry")
TASKS = """
select task_id, youth_id, episode_id, kind, state, attempt, staff, marks, opened_at, closed_at, due_on,
    outcome ->> 'result' as result, completed_by, assigned_to
from tasks
"""
VISITS = "select task_id, staff, starts_at, ends_at, state from visits"
JOURNEYS = """
select youth_id, episode_id, step, protected, due, registered_on, start_by, started_at, started_late,
    start_breached_at, intake_from, policy_version, ended_at
from journeys
"""
TRANSITIONS = """
select youth_id, episode_id, step, at, reached_by, watch_reason, end_reason from transitions
order by at, recorded_at
"""
MESSAGES = """
select message_id, youth_id, episode_id, kind, channel, state, wave_id, queued_at, sent_at, begun_at from message
"""
EVENTS = "select $1 as service, key, type, time, data, created_at, published_at from outbox order by id"
DEAD_LETTERS = "select $1 as service, consumer, event_id, type from dead_letters"
EPISODES = "select person_id as youth_id, id as episode_id from episodes where ended_on is null"
LOADS = """
select as_of, source, held, rejected from source_loads join sync_runs using (run_id) order by as_of, source
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """What the four databases say. The registry is read last: what it had told by then covers the others."""

    tasks: list[Task]
    visits: list[Visit]
    journeys: list[Journey]
    transitions: list[Transition]
    messages: list[Message]
    events: list[Event]
    dead_letters: list[DeadLetter]
    episodes: list[Episode]
    loads: list[SourceLoad]

    def told_by(self, service: str) -> list[Event]:
        return [event for event in self.events if event.service == service]


async def read(facts: Mapping[str, Any]) -> Databases:
    """Return what the databases of a running stack say; ``facts`` are those of stack.json."""
    events: list[Event] = []
    dead: list[DeadLetter] = []
    found: dict[str, list[Any]] = {}
    for service in SERVICES:
        conn = await asyncpg.connect(facts["databases"][service]["app"])
        try:
            await prepare_connection(conn)
            async with conn.transaction(isolation="repeatable_read", readonly=True):
                found |= await _own(conn, service)
                events += _rows(Event, await conn.fetch(EVENTS, service))
                dead += _rows(DeadLetter, await conn.fetch(DEAD_LETTERS, service))
        finally:
            await conn.close()
    return Databases(events=events, dead_letters=dead, **found)


async def unpublished(facts: Mapping[str, Any], until: datetime) -> int:
    """Return how many events of before a real instant have not gone out yet."""
    left = 0
    for service in SERVICES:
        conn = await asyncpg.connect(facts["databases"][service]["app"])
        try:
            left += await conn.fetchval(
                "select count(*) from outbox where published_at is null and created_at <= $1", until
            )
        finally:
            await conn.close()
    return left


async def _own(conn: Connection, service: str) -> dict[str, list[Any]]:
    match service:
        case "outreach":
            return {
                "tasks": _rows(Task, await conn.fetch(TASKS)),
                "visits": _rows(Visit, await conn.fetch(VISITS)),
                "journeys": _rows(Journey, await conn.fetch(JOURNEYS)),
                "transitions": _rows(Transition, await conn.fetch(TRANSITIONS)),
            }
        case "notifications":
            return {"messages": _rows(Message, await conn.fetch(MESSAGES))}
        case "registry":
            return {
                "episodes": _rows(Episode, await conn.fetch(EPISODES)),
                "loads": _rows(SourceLoad, await conn.fetch(LOADS)),
            }
        case _:
            return {}


def _rows(kind: type[Row], records: Iterable[asyncpg.Record]) -> list[Row]:
    return [kind(**{name: _value(value) for name, value in record.items()}) for record in records]


def _value(value: Any) -> Any:
    """Days are Stockholm's, so instants are read in its zone."""
    if isinstance(value, datetime):
        return value.astimezone(STOCKHOLM)
    return tuple(value) if isinstance(value, list) else value

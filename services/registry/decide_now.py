"""Decide of some persons at once, outside a run: what a person of the staff changed shows the same moment.

Coverage and its periods are decided, and a change or an end is told. That the duty begins is for the next run:
only a run knows whether a school told of them in a row that could not be read, or in a file that is held. It looks
at them in any case, for what the sources now disagree on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis import audit, outbox
from chassis.postgres import Connection
from services.registry import sync_events
from services.registry.db import episodes, evidence, periods
from services.registry.db.periods import PeriodChanges
from services.registry.domain import timeline
from services.registry.domain.coverage import decide
from services.registry.domain.decided_by import rules
from services.registry.domain.episodes import Change, End, act


@dataclass(frozen=True, slots=True)
class By:
    """On whose account it is decided: a staff id, and the role in which they act."""

    actor: str
    role: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the duty holds for a person, and whether the next run is still to register them."""

    covered: bool
    begins_in_next_run: bool


async def decide_now(
    conn: Connection, person_ids: Sequence[UUID], municipality: str, at: datetime, by: By
) -> None:
    """Decide of persons, in the caller's transaction, which has the lock of runs (`register_locked`).

    Once in a transaction. ``at`` is civil time, taken under that lock.
    """
    today = at.date()
    changes: list[Change] = []
    ends: list[End] = []
    found = PeriodChanges()
    for person_id in person_ids:
        one = await evidence.of_person(conn, person_id)
        if one is None:
            continue
        facts = one.person.facts
        match act(one.person, today, municipality):
            case Change() as action:
                changes.append(action)
            case End() as action:
                ends.append(action)
        found.next_looks.append((person_id, None))
        found.replace(person_id, one.periods, timeline.periods(facts, municipality))
    await periods.write(conn, found, at)
    await periods.note_looked_at(conn, rules(municipality))
    await episodes.change(conn, changes)
    await episodes.end(conn, None, ends, at)
    # Ends first: nothing may be sent to those youths any more.
    events = [sync_events.ended(one, at) for one in ends]
    events += [sync_events.changed(one, uuid4(), at) for one in changes]
    await outbox.put_many(conn, events)
    await _record(conn, "episode.end", ends, at, by)
    await _record(conn, "episode.change", changes, at, by)


async def standing(conn: Connection, person_id: UUID, municipality: str, at: datetime) -> Standing:
    """Return how it is with a person by what is known now."""
    one = await evidence.of_person(conn, person_id)
    covered = one is not None and decide(one.person.facts, at.date(), municipality).covered
    return Standing(covered, covered and one is not None and one.person.episode is None)


async def _record(conn: Connection, action: str, of: Sequence[Change | End], at: datetime, by: By) -> None:
    about = [(one.person.facts.person_id, str(one.episode_id)) for one in of]
    await audit.record_each(conn, actor=by.actor, role=by.role, action=action, at=at, about=about)

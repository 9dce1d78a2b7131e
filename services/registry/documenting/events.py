"""Events of documentation, from its rows. Codes only: a row holds more than may leave the registry."""

from datetime import date, datetime
from uuid import UUID

import asyncpg

from chassis.outbox import OutgoingEvent
from contracts.documentation_events import (
    ConsentGiven,
    ConsentWithdrawn,
    HoldEnded,
    HoldPlaced,
    MeasureAccepted,
    MeasureDeclined,
    MeasureEnded,
    MeasureEvent,
    MeasureOffered,
    MeasureStarted,
    MeasureWithdrawn,
)
from contracts.event import Event
from contracts.ids import business_id
from services.registry.domain.measures import (
    Accept,
    Decline,
    End,
    Measure,
    OfferPlace,
    Start,
    State,
    Step,
    TakePlace,
    Withdraw,
)


def offered(row: asyncpg.Record, entry: asyncpg.Record, at: datetime) -> OutgoingEvent:
    """``row`` is the measure's, ``entry`` its catalogue's."""
    data = MeasureOffered(**_measure(row, entry, row["offered_on"]), from_waiting_list=False)
    return _outgoing(data, at, "offer", row["id"])


def stepped(row: asyncpg.Record, entry: asyncpg.Record, after: Measure, step: Step, at: datetime) -> OutgoingEvent:
    """Return the event of a step; a measure takes each step once, so that its kind is the event's key."""
    return _outgoing(_of_step(row, entry, after, step), at, name_of(step), row["id"])


def name_of(step: Step) -> str:
    """Return a step's name as the audit and the events' ids have it: ``take_place``."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in type(step).__name__).lstrip("_")


def _of_step(row: asyncpg.Record, entry: asyncpg.Record, after: Measure, step: Step) -> MeasureEvent:
    what = _measure(row, entry, step.on)
    match step:
        case Accept() | TakePlace():
            return MeasureAccepted(**what, waiting=after.state is State.WAITING)
        case Decline():
            return MeasureDeclined(**what)
        case OfferPlace():
            return MeasureOffered(**what, from_waiting_list=True)
        case Start():
            return MeasureStarted(**what, occupation_before=row["occupation_before"])
        case End(_, reason, occupation_after):
            return MeasureEnded(
                **what,
                reason=reason,
                occupation_before=row["occupation_before"],
                occupation_after=occupation_after,
            )
        case Withdraw(_, why):
            return MeasureWithdrawn(**what, reason=why)


def _measure(row: asyncpg.Record, entry: asyncpg.Record, on: date) -> dict[str, object]:
    return {
        **_youth(row),
        "measure_id": row["id"],
        "owner": entry["owner"],
        "measure_type": entry["type"],
        "sub_type": entry["sub_type"],
        "on": on,
    }


def consent_given(row: asyncpg.Record, at: datetime) -> OutgoingEvent:
    return _outgoing(ConsentGiven(**_consent(row)), at, "given", row["id"])


def consent_withdrawn(row: asyncpg.Record, at: datetime) -> OutgoingEvent:
    return _outgoing(ConsentWithdrawn(**_consent(row)), at, "withdrawn", row["id"])


def _consent(row: asyncpg.Record) -> dict[str, object]:
    return {**_youth(row), "consent_id": row["id"], "party": row["party"], "purpose": row["purpose"]}


def hold_placed(row: asyncpg.Record, until: date, at: datetime) -> OutgoingEvent:
    data = HoldPlaced(**_youth(row), hold_id=row["id"], until=until)
    return _outgoing(data, at, "placed", row["id"], until)


def hold_ended(row: asyncpg.Record, at: datetime) -> OutgoingEvent:
    data = HoldEnded(**_youth(row), hold_id=row["id"], until=row["until"])
    return _outgoing(data, at, "ended", row["id"])


def _youth(row: asyncpg.Record) -> dict[str, object]:
    return {"youth_id": row["person_id"], "episode_id": row["episode_id"]}


def _outgoing(data: Event, at: datetime, what: str, *key: UUID | date) -> OutgoingEvent:
    """Return the event, once per row and what became of it."""
    return OutgoingEvent(data.topic, data.youth_id, data.type, data, at, business_id("registry", what, *key))

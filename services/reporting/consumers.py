"""Events of all topics become facts. Called in the inbox's transaction: an event's facts are written once."""

from datetime import datetime

import structlog

from chassis.clock import STOCKHOLM
from chassis.incoming import Incoming
from chassis.postgres import Connection
from contracts import (
    deletion,
    documentation_events,
    escalation,
    events,
    occupation,
    school_reports,
    start_deadline,
    telephone,
)
from contracts.events import EVENT_BY_TYPE, TOPICS, Event
from services.reporting import forgetting
from services.reporting.db import facts

GROUP = "reporting"
READ_TOPICS = TOPICS

log = structlog.get_logger(__name__)


async def take(conn: Connection, incoming: Incoming) -> None:
    """Write the facts of one event. A type that this version does not know is left alone."""
    model = EVENT_BY_TYPE.get(incoming.type)
    if model is None:
        log.info("event_type_not_known", type=incoming.type)
        return
    await write(conn, model.model_validate_json(incoming.data), incoming.time)


async def write(conn: Connection, event: Event, at: datetime) -> None:
    """Write an event's facts. ``at`` is the event's civil time, for those that carry none of their own."""
    match event:
        case events.YouthRegistered():
            await facts.registered(conn, event)
        case events.YouthChanged():
            await facts.changed(conn, event, at.astimezone(STOCKHOLM).date())
        case events.CoverageEnded():
            await facts.coverage_ended(conn, event)
        case deletion.YouthDeleted():
            await forgetting.forget(conn, event.youth_id)
        case events.TaskOpened():
            await facts.task(conn, event, due_on=event.due_on)
        case events.TaskCompleted():
            await facts.task(conn, event, result=event.result, completed_at=event.completed_at)
        case events.TaskCancelled():
            await facts.task(conn, event, cancelled=True)
        case events.StepEntered():
            await facts.step_entered(conn, event)
        case events.OutreachStarted():
            await facts.search_started(conn, event, event.started_at.astimezone(STOCKHOLM).date())
        case start_deadline.StartDeadlineBreached():
            await facts.start_breached(conn, event)
        case events.YouthReached():
            await facts.reached(conn, event)
        case events.WatchStarted():
            await facts.watch_started(conn, event, at)
        case events.OutreachEnded():
            await facts.outreach_ended(conn, event, event.ended_at.astimezone(STOCKHOLM).date())
        case events.MessageQueued():
            await facts.message(conn, event, queued_at=event.at)
        case events.MessageSent():
            await facts.message(conn, event, sent_at=event.at)
        case events.MessageDelivered():
            await facts.message(conn, event, delivered_at=event.at)
        case events.MessageFailed():
            await facts.message(conn, event, failed_at=event.at, failure=event.code)
        case events.MessageSkipped():
            await facts.message(conn, event, skipped_at=event.at, skip_reason=event.reason)
        case events.MessageSentAfterEnd():
            await facts.message(conn, event, sent_at=event.at, after_end=True)
        case events.YouthAnswered():
            await facts.answered(conn, event)
        case (
            escalation.TaskEscalated()
            | occupation.OccupationRecorded()
            | documentation_events.MeasureOffered()
            | documentation_events.MeasureAccepted()
            | documentation_events.MeasureDeclined()
            | documentation_events.MeasureStarted()
            | documentation_events.MeasureEnded()
            | documentation_events.MeasureWithdrawn()
            | documentation_events.ConsentGiven()
            | documentation_events.ConsentWithdrawn()
            | documentation_events.HoldPlaced()
            | documentation_events.HoldEnded()
            | school_reports.SchoolReportReceived()
            | deletion.DocumentationDeleted()
            | telephone.TelephoneChanged()
        ):
            pass  # no figure is made of these
        case _:
            raise TypeError(f"no facts are kept of {type(event).__name__}")  # a test takes each type

"""Who produces and who consumes each event. The documents of `contracts.generate` are made from it."""

from collections.abc import Mapping

from contracts import events
from contracts.deletion import DocumentationDeleted, YouthDeleted
from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.documentation_events import ConsentGiven, ConsentWithdrawn, HoldEnded, HoldPlaced
from contracts.events import Event
from contracts.school_reports import SchoolReportReceived
from contracts.telephone import TelephoneChanged

# A topic has exactly one producer: its relay makes the topic and keeps the order (ADR 0003).
PRODUCER: Mapping[str, str] = {
    events.REGISTRY_YOUTH: "registry",
    REGISTRY_DOCUMENTATION: "registry",
    events.OUTREACH_TASK: "outreach",
    events.OUTREACH_JOURNEY: "outreach",
    events.NOTIFICATIONS_MESSAGE: "notifications",
    events.NOTIFICATIONS_ANSWER: "notifications",
}

TOPIC_IS_ABOUT: Mapping[str, str] = {
    events.REGISTRY_YOUTH: "Who is covered by the duty",
    REGISTRY_DOCUMENTATION: "What is kept about youths: occupation, measures, consents, holds, schools' reports",
    events.OUTREACH_TASK: "Tasks of staff",
    events.OUTREACH_JOURNEY: "Where each youth stands in the outreach",
    events.NOTIFICATIONS_MESSAGE: "Letters and SMS",
    events.NOTIFICATIONS_ANSWER: "Youths' answers",
}

# Besides reporting, which consumes every event.
_CONSUMERS: Mapping[type[Event], tuple[str, ...]] = {
    events.YouthRegistered: ("outreach",),
    events.YouthChanged: ("outreach", "notifications"),
    events.CoverageEnded: ("outreach", "notifications"),
    TelephoneChanged: ("outreach",),
    YouthDeleted: ("outreach", "notifications"),
    DocumentationDeleted: ("outreach", "notifications"),
    HoldPlaced: ("outreach", "notifications"),
    HoldEnded: ("outreach",),
    ConsentGiven: ("outreach",),
    ConsentWithdrawn: ("outreach",),
    SchoolReportReceived: ("outreach",),
    events.MessageSkipped: ("outreach",),
    events.YouthAnswered: ("outreach",),
}


def consumers(event: type[Event]) -> tuple[str, ...]:
    """Return the services that act on an event type."""
    return (*_CONSUMERS.get(event, ()), "reporting")

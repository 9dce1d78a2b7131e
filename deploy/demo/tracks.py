"""By how many youths each track of the plan was walked in the year, told by the databases.

A track that nobody walked was not shown: in the whole demonstration that is a fault. With few youths the rare ones
are missing now and then.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from uuid import UUID

from contracts.documentation_events import HoldEnded, HoldPlaced
from contracts.events import YouthChanged
from contracts.messages import MessageKind, MessageState
from contracts.reasons import EndReason, ReachedBy, WatchReason
from contracts.tasks import CallResult, HomeVisitResult, MappingResult, TaskKind, TaskMark, TaskState
from deploy.demo.coordinator import VERSION
from deploy.demo.invariants.databases import Databases
from deploy.demo.invariants.rows import Task

EVERY_TRACK_FROM = 300  # covered youths
SERVICE = "outreach"  # what the service does by itself is done by it
Track = Callable[[Databases], Iterable[UUID]]
ARRIVED = (MessageState.SENT, MessageState.DELIVERED)


def _tasks(kind: TaskKind, *results: str, mark: TaskMark | None = None) -> Track:
    """Youths of whom such a task was completed, with one of these results if any are named."""

    def walked(found: Databases) -> Iterator[UUID]:
        done = (one for one in found.tasks if one.kind == kind and one.state == TaskState.COMPLETED)
        for task in done:
            if (mark is None or mark in task.marks) and (not results or task.result in results):
                yield task.youth_id

    return walked


def _sent(*kinds: MessageKind) -> Track:
    """Youths who were sent such a message."""
    return lambda found: (one.youth_id for one in found.messages if one.kind in kinds and one.state in ARRIVED)


def _reached(*ways: ReachedBy) -> Track:
    return lambda found: (one.youth_id for one in found.transitions if one.reached_by in ways)


def _watched(*reasons: WatchReason) -> Track:
    return lambda found: (one.youth_id for one in found.transitions if one.watch_reason in reasons)


def _ended(*reasons: EndReason) -> Track:
    return lambda found: (one.youth_id for one in found.transitions if one.end_reason in reasons)


def _told(event_type: str) -> Track:
    return lambda found: (one.key for one in found.told_by("registry") if one.type == event_type)


def _number_came_in(found: Databases) -> Iterator[UUID]:
    """The register got a number: the search for one was cancelled, and a call opened in the same moment."""
    calls = {(one.youth_id, one.opened_at) for one in found.tasks if one.kind == TaskKind.CALL}
    for task in found.tasks:
        cancelled = task.kind == TaskKind.FIND_CONTACT_DETAILS and task.state == TaskState.CANCELLED
        if cancelled and (task.youth_id, task.closed_at) in calls:
            yield task.youth_id


def _visit_called_off(found: Databases) -> Iterator[UUID]:
    """By the service, as one of the two is away."""
    visits = {one.task_id for one in found.visits if one.state == "called_off"}
    return (one.youth_id for one in found.tasks if one.task_id in visits and one.completed_by == SERVICE)


def _became_protected(found: Databases) -> Iterator[UUID]:
    return (
        one.key for one in found.told_by("registry") if one.type == YouthChanged.type and one.data["protected"]
    )


def _waited_for_september(found: Databases) -> Iterator[UUID]:
    return (one.youth_id for one in found.journeys if one.intake_from is not None and one.started_at is not None)


def _covered_for(found: Databases) -> Iterator[UUID]:
    """Done by another than it was given to: by the cover, while a colleague was away."""
    return (one.youth_id for one in found.tasks if _by_cover(one))


def _by_cover(task: Task) -> bool:
    """A visit is two people's, and says nothing of it."""
    given = task.assigned_to is not None and task.kind != TaskKind.HOME_VISIT
    return given and task.completed_by not in (None, SERVICE, task.assigned_to)


def _new_policy(found: Databases) -> Iterator[UUID]:
    return (one.youth_id for one in found.journeys if one.policy_version == VERSION)


TRACKS: Mapping[str, Track] = {
    "first letter": _sent(MessageKind.FIRST_LETTER),
    "term mailing": _sent(MessageKind.TERM_LETTER, MessageKind.TERM_SMS),
    "answered by SMS": _reached(ReachedBy.SMS_ANSWER),
    "answered by the code on the letter": _reached(ReachedBy.ANSWER_PAGE),
    "called us, or dropped in": _reached(ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN),
    "reached through a guardian": _reached(ReachedBy.GUARDIAN),
    "reached on the telephone": _tasks(TaskKind.CALL, CallResult.REACHED),
    "call: declined": _tasks(TaskKind.CALL, CallResult.DECLINED),
    "call: call back at a time": _tasks(TaskKind.CALL, CallResult.CALL_BACK),
    "call: wrong number": _tasks(TaskKind.CALL, CallResult.WRONG_NUMBER),
    "call: a third party answered": _tasks(TaskKind.CALL, CallResult.THIRD_PARTY),
    "call: a language is needed": _tasks(TaskKind.CALL, CallResult.LANGUAGE_NEEDED),
    "call: guardians too, under 18": _tasks(TaskKind.CALL, mark=TaskMark.CALL_GUARDIANS),
    "no number: another is found": _tasks(TaskKind.FIND_CONTACT_DETAILS, "found"),
    "no number: none is found": _tasks(TaskKind.FIND_CONTACT_DETAILS, "not_found"),
    "no number: one is entered": _number_came_in,
    "we have tried to reach you": _sent(MessageKind.TRIED_LETTER),
    "door card": _sent(MessageKind.DOOR_CARD),
    "home visit: reached": _tasks(TaskKind.HOME_VISIT, HomeVisitResult.REACHED),
    "home visit: a guardian": _tasks(TaskKind.HOME_VISIT, HomeVisitResult.GUARDIAN_REACHED),
    "home visit: nobody home": _tasks(TaskKind.HOME_VISIT, HomeVisitResult.NOBODY_HOME),
    "home visit: called off as one is ill": _visit_called_off,
    "home visit: unsafe, then the office": _tasks(TaskKind.OFFICE_MEETING),
    "home visit: no check-in, alarm answered": _tasks(TaskKind.VISIT_ALARM),
    "does not live there: to Skatteverket": _tasks(TaskKind.REPORT_ADDRESS, "reported"),
    "conversation": _tasks(TaskKind.MAPPING),
    "conversation that did not come about": _tasks(TaskKind.MAPPING, MappingResult.NO_CONVERSATION),
    "support, followed up": _tasks(TaskKind.FOLLOW_UP),
    "watch": _watched(*WatchReason),
    "contacted again after a watch": _sent(MessageKind.RECONTACT_LETTER),
    "newly arrived: Start Stockholm asked": _tasks(TaskKind.START_STOCKHOLM),
    "newly arrived: has applied": _watched(WatchReason.APPLIED),
    "studiebevis: letter in September": _waited_for_september,
    "studiebevis: contact in June": _tasks(TaskKind.STUDIEBEVIS_CONTACT),
    "enrolled and absent: preventive contact": _tasks(TaskKind.PREVENTION),
    "concern raised and handled": _tasks(TaskKind.CONCERN),
    "hold, with consent": _told(HoldPlaced.type),
    "hold ended before its day": _told(HoldEnded.type),
    "protected identity, by hand": _tasks(TaskKind.PROTECTED),
    "became protected in the year": _became_protected,
    "work covered for a colleague": _covered_for,
    "started with the new policy": _new_policy,
    "letter before twenty": _sent(MessageKind.TURNS_20_LETTER),
    "turned twenty": _ended(EndReason.TURNED_20),
    "handed over at twenty": _tasks(TaskKind.HANDOVER, mark=TaskMark.TURNS_20),
    "handed over to another municipality": _tasks(TaskKind.HANDOVER, mark=TaskMark.MOVED_OUT),
    "ended: started school, or an exam": _ended(EndReason.STARTED_SCHOOL, EndReason.EXAM),
    "ended: moved, emigrated or died": _ended(EndReason.MOVED_OUT, EndReason.EMIGRATED, EndReason.DEAD),
}


def walked(found: Databases) -> dict[str, int]:
    """Return by how many youths each track was walked."""
    return {name: len(set(track(found))) for name, track in TRACKS.items()}


def never_walked(counts: Mapping[str, int], covered: int) -> Iterator[str]:
    """Tell of the tracks that nobody walked, of a demonstration that is large enough for all of them."""
    for name, count in counts.items():
        if not count and covered >= EVERY_TRACK_FROM:
            yield f"nobody walked the track '{name}'"

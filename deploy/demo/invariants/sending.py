"""Rules of letters and SMS: nothing to whom nothing may be sent, and nothing that is not accounted for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.documentation_events import HoldEnded, HoldPlaced
from contracts.events import CoverageEnded, YouthChanged, YouthRegistered
from contracts.messages import MessageState
from deploy.demo.invariants.rows import Event, Message

# Real time that an event may be on its way from the registry to notifications. What began to leave the house
# before it had come is no fault: the same holds in life, where a second is a second.
ON_ITS_WAY = timedelta(seconds=5)
ONE_DAY = timedelta(days=1)
SENT = frozenset({MessageState.SENT, MessageState.DELIVERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """From when to when (real) nothing may be sent to a youth, and why. ``ends`` None: still."""

    youth_id: UUID
    why: str
    begins: datetime
    ends: datetime | None = None

    def includes(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)


def silences(told: Iterable[Event], clock: ClockSpec) -> Iterator[Silence]:
    """Return when nothing may be sent to whom, by what the registry told, in its order.

    After the end until a new episode, while protected, and while a hold lasts: to its end, or its last day.
    """
    by_youth: dict[UUID, list[Event]] = defaultdict(list)
    for event in told:
        by_youth[event.key].append(event)
    for youth_id, events in by_youth.items():
        events.sort(key=lambda event: event.created_at)
        yield from _after_end(youth_id, events)
        yield from _protected(youth_id, events)
        yield from _held(youth_id, events, clock)


def sent_in_silence(messages: Iterable[Message], quiet: Iterable[Silence]) -> Iterator[str]:
    """Nothing leaves the house after the end, while held, or while protected."""
    by_youth: dict[UUID, list[Silence]] = defaultdict(list)
    for one in quiet:
        by_youth[one.youth_id].append(one)
    for message in messages:
        if message.state not in SENT or message.begun_at is None:
            continue
        for one in by_youth[message.youth_id]:
            if one.includes(message.begun_at) and one.includes(message.begun_at - ON_ITS_WAY):
                yield f"message {message.message_id} ({message.kind}) went out although {one.why}"


def late_without_report(messages: Iterable[Message], told: Iterable[Event], own: Iterable[Event]) -> Iterator[str]:
    """What was on its way when the end came is reported: an event of its own."""
    ended = {event.data["episode_id"]: event.time for event in told if event.type == CoverageEnded.type}
    reported = {event.data["message_id"] for event in own if event.name == "message-sent-after-end"}
    for message in messages:
        end = ended.get(str(message.episode_id))
        late = end is not None and message.sent_at is not None and message.sent_at > end
        if late and str(message.message_id) not in reported:
            yield f"message {message.message_id} ({message.kind}) went out after the end, and nobody was told"


def without_events(messages: Iterable[Message], own: Iterable[Event]) -> Iterator[str]:
    """Every message has told that it was queued, and the state that it is in."""
    told: dict[str, set[str]] = defaultdict(set)
    for event in own:
        if "message_id" in event.data and event.data["message_id"] is not None:
            told[event.data["message_id"]].add(event.name)
    for message in messages:
        wanted = {"message-queued", f"message-{message.state}"}
        if missing := wanted - told[str(message.message_id)]:
            yield f"message {message.message_id} ({message.kind}) lacks the events {', '.join(sorted(missing))}"


def not_in_the_house(
    messages: Iterable[Message], files: Mapping[UUID, Sequence[datetime]], read_at: datetime
) -> Iterator[str]:
    """What lies in the print folder and in the SMS sandbox is what was sent: each message once, nothing else.

    ``files``: when each file of a message was written; later than the messages were read, it tells nothing.
    """
    known = {message.message_id: message for message in messages}
    for message_id, written in files.items():
        count = sum(at <= read_at for at in written)
        message = known.get(message_id)
        if count and message is None:
            yield f"a file is of message {message_id}, which nobody asked for"
        elif message and count > 1:
            yield f"message {message_id} ({message.kind}) left the house {count} times"
        elif message and count and message.state == MessageState.SKIPPED:
            yield f"message {message_id} ({message.kind}) left the house, though it was not to be sent"
    for message in known.values():
        if message.state in SENT and message.message_id not in files:
            yield f"message {message.message_id} ({message.kind}) is sent, and no file shows it"


def _after_end(youth_id: UUID, events: list[Event]) -> Iterator[Silence]:
    began: datetime | None = None
    for event in events:
        if event.type == CoverageEnded.type:
            began = began or event.created_at
        elif event.type == YouthRegistered.type and began is not None:
            yield Silence(youth_id=youth_id, why="the duty had ended", begins=began, ends=event.created_at)
            began = None
    if began is not None:
        yield Silence(youth_id=youth_id, why="the duty had ended", begins=began)


def _protected(youth_id: UUID, events: list[Event]) -> Iterator[Silence]:
    began: datetime | None = None
    for event in events:
        if event.type not in (YouthRegistered.type, YouthChanged.type):
            continue
        if event.data["protected"]:
            began = began or event.created_at
        elif began is not None:
            yield Silence(youth_id=youth_id, why="the youth is protected", begins=began, ends=event.created_at)
            began = None
    if began is not None:
        yield Silence(youth_id=youth_id, why="the youth is protected", begins=began)


def _held(youth_id: UUID, events: list[Event], clock: ClockSpec) -> Iterator[Silence]:
    placed: dict[str, datetime] = {}
    until: dict[str, datetime] = {}
    for event in events:
        if event.type not in (HoldPlaced.type, HoldEnded.type):
            continue
        hold = event.data["hold_id"]
        if event.type == HoldPlaced.type:
            placed.setdefault(hold, event.created_at)
            until[hold] = clock.real(_day_after(event.data["until"]))
        elif hold in placed:
            until[hold] = min(until[hold], event.created_at)
    for hold, began in placed.items():
        yield Silence(youth_id=youth_id, why="a hold lasted", begins=began, ends=until[hold])


def _day_after(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + ONE_DAY, time(0), STOCKHOLM)

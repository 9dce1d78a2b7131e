"""Rules of where youths stand: one search each, always a next step, within the month, one first letter."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.messages import MessageKind, MessageState
from contracts.reasons import Step
from contracts.tasks import OPEN_STATES
from deploy.demo.invariants.rows import Episode, Journey, Message, Task, Transition

# What is due waits for staff or for a worker; so much later than due, it was forgotten.
GRACE = timedelta(days=21)
# Where a day takes a real second, a timer that fires that much late is in time.
UNDER_WAY = timedelta(days=3)
KEEPING_UP = "a machine that cannot keep up with the clock shows it so; try --minutes 10"
ONCE = (MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, MessageKind.TURNS_20_LETTER)


def without_next_step(
    journeys: Iterable[Journey], tasks: Iterable[Task], now: datetime, new: Set[UUID] = frozenset()
) -> Iterator[str]:
    """A youth whose duty holds always has something that comes next, with a date, and not long ago.

    ``new``: episodes that have just been told of.
    """
    working = {task.youth_id for task in tasks if task.state in OPEN_STATES}
    going = [one for one in journeys if one.step != Step.ENDED and one.episode_id not in new]
    if lost := [one for one in going if one.due is None and one.youth_id not in working]:
        yield f"{len(lost)} youths have neither a task nor a due date, e.g. {lost[0].youth_id} ({lost[0].step})"
    if late := [one for one in going if one.due is not None and one.due < now - GRACE]:
        yield f"{len(late)} youths are long overdue, e.g. {late[0].youth_id} ({late[0].step}): {KEEPING_UP}"


def ended_without_end(journeys: Iterable[Journey]) -> Iterator[str]:
    """Who is ended has the time of it, and nobody else has."""
    for one in journeys:
        if (one.step == Step.ENDED) != (one.ended_at is not None):
            yield f"episode {one.episode_id}: step {one.step}, ended at {one.ended_at}"


def two_searches(journeys: Iterable[Journey]) -> Iterator[str]:
    """A youth is sought once at a time."""
    going = Counter(journey.youth_id for journey in journeys if journey.step != Step.ENDED)
    for youth_id, count in going.items():
        if count > 1:
            yield f"youth {youth_id} has {count} journeys at once"


def not_sought(
    journeys: Iterable[Journey], covered: Iterable[Episode], new: Set[UUID] = frozenset()
) -> Iterator[str]:
    """Whom the duty holds for, outreach has a journey for; but for ``new`` episodes, just told of."""
    going = {journey.episode_id for journey in journeys} | new
    if missing := [episode for episode in covered if episode.episode_id not in going]:
        yield f"{len(missing)} covered youths have no journey, e.g. {missing[0].youth_id}"


def month_missed(journeys: Iterable[Journey], today: date, held: Set[UUID] = frozenset()) -> Iterator[str]:
    """The search starts within one month of the registration, or the breach is written down (plan 4.2.2).

    ``held``: episodes that had a hold; it moves the month by its length, which the service knows.
    """
    for one in journeys:
        if one.start_by is None or one.episode_id in held:
            continue
        began = one.started_at.date() if one.started_at else None
        ended = one.ended_at.date() if one.ended_at else None
        late = (began or ended or today) > one.start_by
        if late and not one.started_late and one.start_breached_at is None:
            yield f"episode {one.episode_id}: due to start by {one.start_by}, started {began}, and no breach noted"


def breaches(journeys: Iterable[Journey]) -> Iterator[str]:
    """The demonstration has staff enough: that a month is missed by days says that its machine is too slow."""
    if late := sum(_is_late(one) for one in journeys):
        yield f"{late} searches began later than a month after the registration (plan 4.2.2): {KEEPING_UP}"


def _is_late(one: Journey) -> bool:
    if one.start_by is None or not (one.started_late or one.start_breached_at is not None):
        return False
    began = one.started_at or one.ended_at
    return began is None or began.date() > one.start_by + UNDER_WAY


def first_letters(
    messages: Iterable[Message], transitions: Iterable[Transition], until: datetime
) -> Iterator[str]:
    """Exactly one first letter for each episode whose search has begun with one; never two.

    What a hold, the end or a protection recalled was not sent, and may be asked for once more. ``until``: what
    began later is on its way to notifications.
    """
    asked: dict[tuple[UUID, str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.kind in ONCE:
            asked[message.episode_id, message.kind].append(message)
    for (episode_id, kind), found in asked.items():
        count = sum(one.state != MessageState.SKIPPED for one in found)
        if count > 1:
            yield f"episode {episode_id} got {count} messages of kind {kind}"
    begun = {one.episode_id for one in transitions if one.step == Step.FIRST_CONTACT and one.at < until}
    for episode_id in sorted(begun):
        if not asked[episode_id, MessageKind.FIRST_LETTER]:
            yield f"episode {episode_id}: the search has begun without a first letter"

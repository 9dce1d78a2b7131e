"""When two of the staff can visit a youth. Pure.

The rules of time are the workflow's own (`why_no_visit_at`), which has the last word with the policy that the
youth started with; a test holds the two together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chassis.clock import STOCKHOLM
from contracts.policy import OutreachPolicy
from contracts.workdays import ONE_DAY, allows_contact
from services.outreach.domain.staffing import Member


@dataclass(frozen=True, slots=True)
class Busy:
    """A visit, booked or held: who is there, and from when to when."""

    staff: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that fits. ``staff`` are the two proposed; ``free`` all who could go, by id."""

    start: datetime
    end: datetime
    staff: tuple[str, str]
    free: tuple[str, ...]


def free_slots(
    policy: OutreachPolicy,
    now: datetime,
    members: Sequence[Member],
    busy: Sequence[Busy],
    *,
    last_day: date | None = None,
    wanted: frozenset[str] = frozenset(),
    after: datetime | None = None,
) -> Iterator[Slot]:
    """Yield the times at which two of the members can make a visit that is planned at a civil instant, in order.

    ``last_day``: of the duty. ``wanted``: who is to be one of the two (at most two ids). ``after``: only
    what starts later.
    """
    for start, end in starts(policy, now, last_day):
        if after is not None and not _before(after, start):
            continue
        there = [one.staff_id for one in members if one.is_present(start.date())]
        taken = {staff_id for one in busy if _overlap(one, start, end) for staff_id in one.staff}
        free = sorted(set(there) - taken)
        if wanted <= set(free) and (two := _pair(free, wanted, start, busy)):
            yield Slot(start, end, two, tuple(free))


def starts(policy: OutreachPolicy, now: datetime, last_day: date | None) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end of each time at which policy and calendar allow a visit that is planned now.

    Not before the door card has arrived, not on a weekend, holiday or its eve, and all of it in the hours for
    visits, one after another from their start.
    """
    first = now + policy.visit_lead_time
    last = first + policy.visit_latest
    day = first.date()
    while day <= last.date() and (last_day is None or day <= last_day):
        if allows_contact(policy, day):
            for start in _times(policy, day):
                if not _before(start, first) and not _before(last, start):
                    yield start, later(start, policy.visit_length)
        day += ONE_DAY


def _times(policy: OutreachPolicy, day: date) -> Iterator[datetime]:
    hours = policy.visit_hours
    start = datetime.combine(day, hours.start, STOCKHOLM)
    closing = datetime.combine(day + ONE_DAY * (hours.end == time(0)), hours.end, STOCKHOLM)
    while not _before(closing, end := later(start, policy.visit_length)):
        yield start
        start = end


def _pair(
    free: Sequence[str], wanted: frozenset[str], start: datetime, busy: Iterable[Busy]
) -> tuple[str, str] | None:
    """Return two of the free: with a pair that is out that day already, else those with the fewest visits.

    Whoever is out goes on to the next youth of the district: the route of a day is made here, when times are
    promised; afterwards the door cards hold it.
    """
    able = sorted(wanted) if len(wanted) == 2 else free
    visits = dict.fromkeys(able, 0)
    out: list[tuple[float, tuple[str, ...]]] = []
    for one in busy:
        for staff_id in one.staff:
            if staff_id in visits:
                visits[staff_id] += 1
        if one.start.astimezone(STOCKHOLM).date() == start.date():
            out.append((abs((one.start - start).total_seconds()), one.staff))
    for _, staff in sorted(out):
        if len(staff) == 2 and set(staff) <= set(able) and wanted <= set(staff):
            return staff[0], staff[1]
    first = sorted(able, key=lambda staff_id: (staff_id not in wanted, visits[staff_id], staff_id))
    two = sorted(first[:2])
    return (two[0], two[1]) if len(two) == 2 else None


def _overlap(one: Busy, start: datetime, end: datetime) -> bool:
    return _before(one.start, end) and _before(start, one.end)


def _before(one: datetime, other: datetime) -> bool:
    """Compared in UTC: wall clocks repeat an hour each October."""
    return one.astimezone(UTC) < other.astimezone(UTC)


def later(moment: datetime, length: timedelta) -> datetime:
    """Return the civil instant a real length later: a visit is no longer when the clocks are put forward."""
    return (moment.astimezone(UTC) + length).astimezone(STOCKHOLM)

"""When things are due: pure functions of the policy and civil time (Stockholm's).

Adding a duration to a civil instant keeps the clock time: fourteen days after 08:00 is at 08:00, also
across the change to summer time.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from chassis.clock import STOCKHOLM
from contracts.policy import HourSlot, OutreachPolicy
from contracts.reasons import WatchReason
from contracts.tasks import TaskKind
from contracts.workdays import (
    ONE_DAY,
    add_working_days,
    allows_contact,
    at_time,
    is_within,
)
from workflows.youth_outreach.spread import fraction, jitter

# Whoever has less of the duty left than this is sought at once: the whole sequence takes about as long.
SHORT_OF_TIME = timedelta(days=90)
# Calls are looked for this far ahead; only a policy that has no working days finds none.
CALL_HORIZON_DAYS = 400


def is_past(moment: datetime, now: datetime) -> bool:
    """Return whether an instant has come. Compared in UTC: wall clocks repeat an hour each October."""
    return moment.astimezone(UTC) <= now.astimezone(UTC)


def start_due(
    policy: OutreachPolicy, youth_id: UUID, registered_on: date, last_covered_day: date, now: datetime
) -> datetime:
    """Return when the search for a youth starts by itself: within the policy's days of registration (plan 4.2.2).

    Starts are spread by the youth's id; with intake by capacity this is the last day, and the daily intake
    comes before it as a rule. Who is late already, or soon twenty, starts at once.
    """
    if policy.intake == "capacity":
        return _guaranteed_start(policy, youth_id, registered_on, last_covered_day, now)
    offset = int(fraction(youth_id, "start") * (policy.start_spread_days + 1))
    if offset == 0 or last_covered_day - now.date() < SHORT_OF_TIME:
        return now
    start_of_day = at_time(registered_on + offset * ONE_DAY, policy.sending_hours.start)
    return max(now, start_of_day + jitter(youth_id, "start", ONE_DAY))


def _guaranteed_start(
    policy: OutreachPolicy, youth_id: UUID, registered_on: date, last_covered_day: date, now: datetime
) -> datetime:
    if last_covered_day - now.date() < SHORT_OF_TIME:
        return now
    last_day = start_by(policy, registered_on)
    return max(now, at_time(last_day, policy.sending_hours.start) + jitter(youth_id, "start", ONE_DAY))


def start_by(policy: OutreachPolicy, registered_on: date) -> date:
    """Return the last day on which the search starts in time (plan 4.2.2: within one month)."""
    return registered_on + policy.start_within_days * ONE_DAY


def starts_late(policy: OutreachPolicy, registered_on: date, now: datetime) -> bool:
    """Return whether a search that starts now starts too late (plan 4.2.2: within one month)."""
    return now.date() > start_by(policy, registered_on)


def window_end(youth_id: UUID, window: timedelta, now: datetime) -> datetime:
    """Return when a window for answers that opens now has closed."""
    return now + window + jitter(youth_id, "window", window)


def next_call(
    policy: OutreachPolicy, now: datetime, last_attempt: datetime | None, slots_used: Sequence[str]
) -> datetime:
    """Return when the next call may be made at the earliest: the policy's gap after the last attempt, on a
    day when calls may be made, and in another part of the day than the attempts before (plan 4.2.2:
    "on different occasions"). When all parts are used, any but the last one's.
    """
    earliest = now if last_attempt is None else max(now, _after_gap(last_attempt, policy.call_gap))
    slots = _slots_to_use(policy, slots_used)
    for day in (earliest.date() + number * ONE_DAY for number in range(CALL_HORIZON_DAYS)):
        if not allows_contact(policy, day):
            continue
        for slot in slots:
            moment = max(earliest, at_time(day, slot.start))
            if moment.date() == day and is_within(slot, moment.time()):
                return moment
    return earliest  # a policy without working days must not keep a youth waiting for ever


def _after_gap(attempt: datetime, gap: timedelta) -> datetime:
    """A gap of whole days is counted in dates: ``P1D`` is any time of the next day."""
    if gap and gap % ONE_DAY == timedelta(0):
        return at_time(attempt.date() + gap, time(0))
    return attempt + gap


def _slots_to_use(policy: OutreachPolicy, used: Sequence[str]) -> list[HourSlot]:
    slots = sorted(policy.call_slots, key=lambda slot: slot.start)
    if not policy.calls_in_distinct_slots or not used:
        return slots
    fresh = [slot for slot in slots if slot.name not in used]
    return fresh or [slot for slot in slots if slot.name != used[-1]]


def task_due_on(policy: OutreachPolicy, kind: TaskKind, not_before: datetime, last_covered_day: date) -> date:
    """Return the last date for a task that can be done from ``not_before``; never after the duty."""
    day = not_before.astimezone(STOCKHOLM).date()
    return min(add_working_days(policy, day, policy.task_due_working_days[kind]), max(day, last_covered_day))


def why_no_visit_at(
    policy: OutreachPolicy, visit_at: datetime, now: datetime, last_covered_day: date
) -> str | None:
    """Return why a home visit cannot be made at a time, or None when it can."""
    visit = visit_at.astimezone(STOCKHOLM)
    first = now + policy.visit_lead_time
    if not is_past(first, visit):
        return f"the door card must arrive first: not before {first:%Y-%m-%d %H:%M}"
    if not is_past(visit, last := first + policy.visit_latest):
        return f"a visit is booked no later than {last:%Y-%m-%d %H:%M}"
    if visit.date() > last_covered_day:
        return "the duty has ended by then"
    if not allows_contact(policy, visit.date()):
        return "visits are made on working days"
    if not is_within(policy.visit_hours, visit.time()):
        return f"visits are made from {policy.visit_hours.start:%H:%M} to {policy.visit_hours.end:%H:%M}"
    return None


def first_visit_time(policy: OutreachPolicy, now: datetime, last_covered_day: date) -> datetime | None:
    """Return the first time for which a home visit can be booked now; None when the duty ends before."""
    first = now + policy.visit_lead_time
    day = first.date()
    while day <= min(last_covered_day, (first + policy.visit_latest).date()):
        moment = max(first, at_time(day, policy.visit_hours.start))
        if why_no_visit_at(policy, moment, now, last_covered_day) is None:
            return moment
        day += ONE_DAY
    return None


def recontact_due(policy: OutreachPolicy, youth_id: UUID, reason: WatchReason, now: datetime) -> datetime:
    """Return when a youth who comes under watch now is contacted again."""
    interval = policy.watch_intervals[reason]
    if interval < ONE_DAY:  # the local policy's minutes
        return now + interval
    morning = at_time((now + interval).date(), policy.sending_hours.start)
    return morning + jitter(youth_id, "recontact", ONE_DAY)


def end_of_duty(last_covered_day: date) -> datetime:
    """Return the instant from which nothing may be done: the 20th birthday begins (Skollagen 29 kap. 9 §)."""
    return at_time(last_covered_day + ONE_DAY, time(0))


def turns_20_letter_due(policy: OutreachPolicy, youth_id: UUID, last_covered_day: date) -> datetime:
    """Return when the letter on where to turn is sent, while the duty still holds."""
    day = last_covered_day - policy.turns_20_letter_before
    return at_time(day, policy.sending_hours.start) + jitter(youth_id, "turns-20", ONE_DAY)

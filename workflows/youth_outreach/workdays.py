"""Working days and parts of the day. Holidays come from the policy: a library's would change under replay."""

from datetime import date, datetime, time, timedelta

from chassis.clock import STOCKHOLM
from contracts.policy import HourSlot, OutreachPolicy

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def is_working_day(policy: OutreachPolicy, day: date) -> bool:
    """Return whether staff work on a date: Monday to Friday, and no holiday of the policy."""
    return day.weekday() < SATURDAY and day not in policy.holidays


def allows_contact(policy: OutreachPolicy, day: date) -> bool:
    """Return whether calls and visits may be made on a date."""
    return is_working_day(policy, day) or not policy.working_days_only


def add_working_days(policy: OutreachPolicy, day: date, number: int) -> date:
    """Return the date that lies ``number`` working days after a date; 0 is the date itself."""
    while number > 0:
        day += ONE_DAY
        if is_working_day(policy, day):
            number -= 1
    return day


def is_within(slot: HourSlot, moment: time) -> bool:
    """Return whether a clock time lies in a part of the day; a slot's end 00:00 means midnight."""
    return slot.start <= moment and (slot.end == time(0) or moment < slot.end)


def slot_at(policy: OutreachPolicy, moment: datetime) -> str | None:
    """Return the name of the part of the day for calls that a civil instant lies in, if any."""
    clock_time = moment.astimezone(STOCKHOLM).time()
    return next((slot.name for slot in policy.call_slots if is_within(slot, clock_time)), None)


def at_time(day: date, clock_time: time) -> datetime:
    """Return the civil instant of a date and a clock time in Stockholm."""
    return datetime.combine(day, clock_time, STOCKHOLM)

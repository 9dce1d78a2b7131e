"""Working days and parts of the day: the one rule for workflows and services.

Holidays come from the policy: a library's would change under replay.
"""

from datetime import date, datetime, time, timedelta
from typing import Protocol

from chassis.clock import STOCKHOLM
from contracts.policy import HourSlot, OutreachPolicy

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Calendar(Protocol):
    """What says which days are worked: a policy, or what was taken from one."""

    @property
    def holidays(self) -> tuple[date, ...]: ...
    @property
    def working_days_only(self) -> bool: ...


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Return whether staff work on a date: Monday to Friday, and no holiday of the policy."""
    return day.weekday() < SATURDAY and day not in calendar.holidays


def allows_contact(calendar: Calendar, day: date) -> bool:
    """Return whether calls, visits and mailings may be made on a date."""
    return is_working_day(calendar, day) or not calendar.working_days_only


def add_working_days(calendar: Calendar, day: date, number: int) -> date:
    """Return the date that lies ``number`` working days after a date, or before it; 0 is the date itself."""
    step = ONE_DAY if number > 0 else -ONE_DAY
    while number:
        day += step
        if is_working_day(calendar, day):
            number -= 1 if number > 0 else -1
    return day


def working_day_from(calendar: Calendar, day: date) -> date:
    """Return a date, or the first working day after it where it is none."""
    while not is_working_day(calendar, day):
        day += ONE_DAY
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

"""How fast a wave goes: pure functions of where it stands and civil time (Stockholm's).

Each youth gets a letter and an SMS, so the slower of the two limits counts. A batch is a few minutes' worth;
within it notifications spreads the messages evenly, so that neither printer nor SMS provider sees a herd. The
number of youths a day is what phones can take: those who got the letter call back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chassis.clock import STOCKHOLM
from contracts.waves import WaveStart
from contracts.workdays import ONE_DAY, allows_contact, at_time, is_within

# A pause or stop comes through at once for what is not queued yet; this much may be.
BATCH_MINUTES = 5
MOST_IN_A_BATCH = 1_000  # one payload
MINUTE = timedelta(minutes=1)
# A policy with no day for sending must not let the search for one go on for ever.
HORIZON_DAYS = 400


@dataclass(frozen=True, slots=True)
class Send:
    """Hand over so many youths now, spread over a civil duration."""

    size: int
    over: timedelta


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be handed over before a civil instant."""

    until: datetime


def youths_per_minute(wave: WaveStart) -> int:
    return min(wave.pace.letters_per_minute, wave.pace.sms_per_minute)


def turn(wave: WaveStart, now: datetime) -> Send | Wait:
    """Return what a running wave does at a civil instant."""
    now = now.astimezone(STOCKHOLM)
    if wave.next_at is not None and wave.next_at.astimezone(UTC) > now.astimezone(UTC):
        return Wait(wave.next_at)
    opening = _opening(wave, max(now, wave.begins.astimezone(STOCKHOLM)))
    if opening.astimezone(UTC) > now.astimezone(UTC):
        return Wait(opening)
    left_today = wave.pace.youths_per_day - (wave.sent_that_day if wave.day == now.date() else 0)
    minutes_left = (_closing(wave, now).astimezone(UTC) - now.astimezone(UTC)) / MINUTE
    per_minute = youths_per_minute(wave)
    size = min(left_today, int(per_minute * min(float(BATCH_MINUTES), minutes_left)), MOST_IN_A_BATCH)
    if size < 1:
        return Wait(_opening(wave, at_time(now.date() + ONE_DAY, time(0))))
    return Send(size, size / per_minute * MINUTE)


def after(wave: WaveStart, sent: int, over: timedelta, now: datetime) -> WaveStart:
    """Return the wave after a batch of so many youths, handed over at a civil instant."""
    now = now.astimezone(STOCKHOLM)
    before = wave.sent_that_day if wave.day == now.date() else 0
    return wave.model_copy(
        update={
            "batch": wave.batch + 1,
            "day": now.date(),
            "sent_that_day": before + sent,
            # In UTC: the wave may run in the night in which the clocks change.
            "next_at": (now.astimezone(UTC) + over).astimezone(STOCKHOLM),
        }
    )


def is_sending_day(wave: WaveStart, day: date) -> bool:
    """Return whether a wave goes on on a date: a working day, if the policy says so."""
    return allows_contact(wave, day)


def _opening(wave: WaveStart, moment: datetime) -> datetime:
    """Return the first instant from a moment on at which the wave may send."""
    for day in (moment.date() + number * ONE_DAY for number in range(HORIZON_DAYS)):
        start = max(moment, at_time(day, wave.pace.hours.start))
        if is_sending_day(wave, day) and start.date() == day and is_within(wave.pace.hours, start.time()):
            return start
    raise AssertionError("the policy has no day for sending in a year")


def _closing(wave: WaveStart, moment: datetime) -> datetime:
    """Return when the hours end that a moment lies in."""
    end = wave.pace.hours.end
    return at_time(moment.date() + ONE_DAY, time(0)) if end == time(0) else at_time(moment.date(), end)

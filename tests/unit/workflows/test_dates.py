"""The dates of plan 4.2.2, for any youth and any time of the year."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.policy import HourSlot
from contracts.reasons import WatchReason
from contracts.tasks import TaskKind
from contracts.workdays import add_working_days, is_within, is_working_day, slot_at
from tests.workflows.samples import LAST_COVERED_DAY, REGISTERED, STOCKHOLM_POLICY, policy
from workflows.youth_outreach import dates
from workflows.youth_outreach.spread import LONGEST_JITTER, fraction, jitter

DAY = timedelta(days=1)
FAR = date(2031, 1, 1)
ids = st.uuids(version=4)
civil = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2029, 12, 1),  # noqa: DTZ001
    timezones=st.just(STOCKHOLM),
    allow_imaginary=False,
)
MORNING, AFTERNOON, EVENING = STOCKHOLM_POLICY.call_slots


@given(youth_id=ids, now=civil, spread=st.integers(0, 30))
def test_a_search_starts_within_thirty_days_and_after_registration(
    youth_id: UUID, now: datetime, spread: int
) -> None:
    rules = policy(intake="spread", start_spread_days=spread)
    due = dates.start_due(rules, youth_id, now.date(), FAR, now)
    assert now <= due
    assert due.date() <= now.date() + 30 * DAY
    assert not dates.starts_late(rules, now.date(), due)


@given(youth_id=ids, now=civil, days_ago=st.integers(31, 400))
def test_who_was_registered_long_ago_starts_at_once_and_late(youth_id: UUID, now: datetime, days_ago: int) -> None:
    registered = now.date() - days_ago * DAY
    assert dates.start_due(STOCKHOLM_POLICY, youth_id, registered, FAR, now) == now
    assert dates.starts_late(STOCKHOLM_POLICY, registered, now)


@given(youth_id=ids, now=civil)
def test_who_is_soon_twenty_starts_at_once(youth_id: UUID, now: datetime) -> None:
    assert dates.start_due(STOCKHOLM_POLICY, youth_id, now.date(), now.date() + 89 * DAY, now) == now


@given(youth_id=ids, now=civil)
def test_with_intake_by_capacity_the_last_day_of_the_month_starts_by_itself(youth_id: UUID, now: datetime) -> None:
    due = dates.start_due(STOCKHOLM_POLICY, youth_id, now.date(), FAR, now)
    assert due.date() == dates.start_by(STOCKHOLM_POLICY, now.date()) == now.date() + 30 * DAY
    assert time(8) <= due.time() <= time(8, 5), "in the morning: the day is left for repeats"
    assert not dates.starts_late(STOCKHOLM_POLICY, now.date(), due)


def test_starts_are_spread_evenly_over_the_days() -> None:
    rules = policy(intake="spread")
    starts = [
        dates.start_due(rules, UUID(int=number), REGISTERED.date(), LAST_COVERED_DAY, REGISTERED).date()
        for number in range(2_100)
    ]
    per_day = [starts.count(REGISTERED.date() + number * DAY) for number in range(21)]
    assert sum(per_day) == 2_100
    assert 60 < min(per_day) <= max(per_day) < 140


@given(first=civil, minutes=st.lists(st.integers(0, 60 * 24 * 5), min_size=2, max_size=4))
@example(first=datetime(2026, 12, 23, 19, 59, tzinfo=STOCKHOLM), minutes=[0, 0])  # Christmas
def test_calls_are_on_different_working_days_and_in_different_parts_of_the_day(
    first: datetime, minutes: list[int]
) -> None:
    """However late staff make each call, and whatever the time of the year."""
    times: list[datetime] = []
    slots: list[str] = []
    now = first
    for late in [0, *minutes]:
        not_before = dates.next_call(STOCKHOLM_POLICY, now, times[-1] if times else None, slots)
        assert not_before >= now
        assert is_working_day(STOCKHOLM_POLICY, not_before.date())
        planned = slot_at(STOCKHOLM_POLICY, not_before)
        assert planned is not None
        assert planned not in slots[-1:], "never in the same part of the day twice in a row"
        if len(slots) < 3:
            assert planned not in slots
        now = not_before + timedelta(minutes=late)
        times.append(now)
        slots.append(slot_at(STOCKHOLM_POLICY, now) or planned)
    assert len({moment.date() for moment in times}) == len(times)


def test_calls_made_when_they_are_due_take_three_days() -> None:
    friday = datetime(2026, 9, 4, 10, 30, tzinfo=STOCKHOLM)
    first = dates.next_call(STOCKHOLM_POLICY, friday, None, [])
    second = dates.next_call(STOCKHOLM_POLICY, first, first, ["morning"])
    third = dates.next_call(STOCKHOLM_POLICY, second, second, ["morning", "afternoon"])
    assert [first, second, third] == [
        friday,
        datetime(2026, 9, 7, 13, tzinfo=STOCKHOLM),
        datetime(2026, 9, 8, 17, tzinfo=STOCKHOLM),
    ]


@given(now=civil)
def test_a_policy_without_working_days_keeps_nobody_waiting(now: datetime) -> None:
    every_day = tuple(now.date() + number * DAY for number in range(dates.CALL_HORIZON_DAYS + 7))
    assert dates.next_call(policy(holidays=every_day), now, None, []) == now


@given(now=civil)
def test_a_local_policy_calls_again_after_minutes_at_any_hour(now: datetime) -> None:
    any_hour = HourSlot(name="any", start=time(0), end=time(0))
    rules = policy(
        call_gap=timedelta(minutes=1),
        call_slots=[any_hour],
        calls_in_distinct_slots=False,
        working_days_only=False,
    )
    assert dates.next_call(rules, now, now, ["any"]) == now + timedelta(minutes=1)


@given(now=civil, after=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_visit_that_is_accepted_is_announced_in_time_and_on_a_working_day(
    now: datetime, after: timedelta
) -> None:
    visit = (now.astimezone(UTC) + after).astimezone(STOCKHOLM)
    if dates.why_no_visit_at(STOCKHOLM_POLICY, visit, now, FAR) is None:
        assert visit - now >= STOCKHOLM_POLICY.visit_lead_time
        assert visit - now <= STOCKHOLM_POLICY.visit_lead_time + STOCKHOLM_POLICY.visit_latest
        assert is_working_day(STOCKHOLM_POLICY, visit.date())
        assert visit.date() not in STOCKHOLM_POLICY.holidays
        assert time(10) <= visit.time() < time(19)


@given(now=civil, days_left=st.integers(0, 60))
def test_the_first_time_for_a_visit_is_one_that_is_accepted(now: datetime, days_left: int) -> None:
    last = now.date() + days_left * DAY
    first = dates.first_visit_time(STOCKHOLM_POLICY, now, last)
    if first is None:
        assert days_left < 7 + 5, "a working day comes within days, also at Christmas"
    else:
        assert dates.why_no_visit_at(STOCKHOLM_POLICY, first, now, last) is None
        earlier = first - timedelta(minutes=1)
        assert dates.why_no_visit_at(STOCKHOLM_POLICY, earlier, now, last) is not None


@pytest.mark.parametrize(
    ("visit_at", "why"),
    [
        (datetime(2026, 9, 7, 9, 59, tzinfo=STOCKHOLM), "door card"),
        (datetime(2026, 9, 12, 14, tzinfo=STOCKHOLM), "working days"),
        (datetime(2026, 9, 14, 9, 59, tzinfo=STOCKHOLM), "10:00 to 19:00"),
        (datetime(2026, 9, 14, 19, tzinfo=STOCKHOLM), "10:00 to 19:00"),
        (datetime(2026, 9, 28, 10, 1, tzinfo=STOCKHOLM), "no later than"),
        (datetime(2026, 9, 22, 14, tzinfo=STOCKHOLM), "duty has ended"),
    ],
)
def test_why_a_visit_cannot_be_made(visit_at: datetime, why: str) -> None:
    now = datetime(2026, 8, 31, 10, tzinfo=STOCKHOLM)
    refused = dates.why_no_visit_at(STOCKHOLM_POLICY, visit_at, now, date(2026, 9, 21))
    assert refused is not None
    assert why in refused


def test_visits_are_not_made_on_holidays() -> None:
    christmas_eve = datetime(2026, 12, 24, 14, tzinfo=STOCKHOLM)  # a Thursday
    now = datetime(2026, 12, 14, 8, tzinfo=STOCKHOLM)
    assert dates.why_no_visit_at(STOCKHOLM_POLICY, christmas_eve, now, FAR) == "visits are made on working days"
    assert dates.why_no_visit_at(policy(working_days_only=False), christmas_eve, now, FAR) is None


def test_a_visit_time_means_the_same_in_any_zone() -> None:
    now = datetime(2026, 8, 31, 10, tzinfo=STOCKHOLM)
    in_utc = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)  # 10:00 in Stockholm
    assert dates.why_no_visit_at(STOCKHOLM_POLICY, in_utc, now, FAR) is None


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2026, 9, 4), 0, date(2026, 9, 4)),
        (date(2026, 9, 4), 1, date(2026, 9, 7)),
        (date(2026, 9, 5), 1, date(2026, 9, 7)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 2, date(2027, 1, 5)),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(day: date, number: int, expected: date) -> None:
    assert add_working_days(STOCKHOLM_POLICY, day, number) == expected


@given(now=civil, kind=st.sampled_from(TaskKind), days_left=st.integers(0, 30))
def test_no_task_is_due_before_it_can_be_done_or_after_the_duty(
    now: datetime, kind: TaskKind, days_left: int
) -> None:
    last = now.date() + days_left * DAY
    assert now.date() <= dates.task_due_on(STOCKHOLM_POLICY, kind, now, last) <= last


def test_a_window_keeps_its_clock_time_when_summer_time_ends() -> None:
    before = datetime(2026, 10, 20, 8, 0, tzinfo=STOCKHOLM)
    end = dates.window_end(UUID(int=1), 14 * DAY, before)
    assert (end.date(), end.hour) == (date(2026, 11, 3), 8)
    assert end.utcoffset() != before.utcoffset()


@given(youth_id=ids, now=civil, reason=st.sampled_from(WatchReason))
def test_who_is_under_watch_is_contacted_again_in_the_morning_of_the_policys_day(
    youth_id: UUID, now: datetime, reason: WatchReason
) -> None:
    due = dates.recontact_due(STOCKHOLM_POLICY, youth_id, reason, now)
    assert due.date() == (now + STOCKHOLM_POLICY.watch_intervals[reason]).date()
    assert is_within(STOCKHOLM_POLICY.sending_hours, due.time())


@given(youth_id=ids, last=st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_the_letter_at_twenty_comes_while_the_duty_holds(youth_id: UUID, last: date) -> None:
    end = dates.end_of_duty(last)
    assert (end.date(), end.time()) == (last + DAY, time(0))
    letter = dates.turns_20_letter_due(STOCKHOLM_POLICY, youth_id, last)
    assert letter.date() == last - 14 * DAY
    assert dates.turns_20_letter_due(policy(turns_20_letter_before=timedelta(0)), youth_id, last) < end


@given(youth_id=ids, wait=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_jitter_is_minutes_at_most_and_the_same_each_time(youth_id: UUID, wait: timedelta) -> None:
    added = jitter(youth_id, "window", wait)
    assert timedelta(0) <= added < LONGEST_JITTER
    assert added <= wait / 20
    assert added == jitter(youth_id, "window", wait)
    assume(wait > DAY)
    assert fraction(youth_id, "window") != fraction(youth_id, "start")

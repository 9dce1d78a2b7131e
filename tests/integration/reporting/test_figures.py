"""What each figure of the funnel means, by example (plan 7.1)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.events import EVENTS
from contracts.messages import AnswerChannel, MessageKind, SkipReason
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import CallResult, TaskKind
from services.reporting import consumers
from services.reporting.domain.period import Period
from tests.integration.reporting.conftest import FunnelOf
from tests.integration.reporting.lives import Life

pytestmark = pytest.mark.stack

SEPTEMBER = Period(date(2025, 9, 1), date(2025, 9, 30))
AUGUST_20, SEPTEMBER_1, SEPTEMBER_10 = date(2025, 8, 20), date(2025, 9, 1), date(2025, 9, 10)
SEPTEMBER_30, OCTOBER_1 = date(2025, 9, 30), date(2025, 10, 1)


@pytest.mark.parametrize(
    ("life", "counts"),
    [
        (Life().registered(SEPTEMBER_10), True),
        (Life().registered(AUGUST_20), True),
        (Life().registered(SEPTEMBER_30), True),
        (Life().registered(OCTOBER_1), False),
        (Life().registered(AUGUST_20).coverage_ended(SEPTEMBER_1), True),
        (Life().registered(AUGUST_20).coverage_ended(SEPTEMBER_1 - timedelta(days=1)), False),
        (Life().registered(AUGUST_20).outreach_ended(AUGUST_20, EndReason.TURNED_20), False),
        (Life().registered(AUGUST_20).coverage_ended(OCTOBER_1, EndReason.REGISTERED_IN_ERROR), False),
    ],
)
async def test_covered_on_at_least_one_day(funnel_of: FunnelOf, life: Life, counts: bool) -> None:
    assert (await funnel_of(life.happened, SEPTEMBER)).total.covered == int(counts)


async def test_the_20th_birthday_ends_it_though_nobody_has_said_so(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20)  # last covered day 4 March 2027
    spring = Period(date(2027, 3, 4), date(2027, 6, 30))
    assert (await funnel_of(life.happened, spring)).total.covered == 1
    assert (await funnel_of(life.happened, Period(date(2027, 3, 5), spring.last))).total.covered == 0


async def test_a_youth_with_two_periods_of_duty_counts_once_where_they_were_last(funnel_of: FunnelOf) -> None:
    life = Life().registered(SEPTEMBER_1, "farsta").coverage_ended(SEPTEMBER_10)
    life.again().registered(SEPTEMBER_30, "bromma")
    funnel = await funnel_of(life.happened, SEPTEMBER)
    assert funnel.total.covered == 1
    assert funnel.total.ended == 0  # it began anew
    assert [one.district for one in funnel.districts if one.covered] == ["bromma"]
    earlier = Period(SEPTEMBER_1, SEPTEMBER_10)
    assert (await funnel_of(life.happened, earlier)).total.ended_by["started_school"] == 1


async def test_what_was_sent_after_the_end_is_counted(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20).coverage_ended(SEPTEMBER_1 - timedelta(days=1))
    life.message(SEPTEMBER_1, MessageKind.FIRST_LETTER, after_end=True)
    life.message(OCTOBER_1, MessageKind.TRIED_LETTER, after_end=True)
    other = Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_LETTER)
    assert (await funnel_of([*life.happened, *other.happened], SEPTEMBER)).total.sent_after_end == 1


async def test_the_district_is_the_last_in_the_period(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20, "farsta").changed(SEPTEMBER_10, "bromma").changed(OCTOBER_1, "jarva")
    funnel = await funnel_of(life.happened, SEPTEMBER)
    assert [one.district for one in funnel.districts if one.covered] == ["bromma"]
    assert (await funnel_of(life.happened, SEPTEMBER, "bromma")).total.covered == 1
    assert (await funnel_of(life.happened, SEPTEMBER, "farsta")).total.covered == 0


async def test_a_protected_youth_has_no_district_not_even_before(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20, "farsta").changed(OCTOBER_1, None, protected=True)
    funnel = await funnel_of(life.happened, SEPTEMBER)
    assert [(one.district, one.covered) for one in funnel.districts if one.covered] == [(None, 1)]


async def test_a_start_is_late_in_the_period_in_which_its_month_ran_out(funnel_of: FunnelOf) -> None:
    day_before = SEPTEMBER_1 - timedelta(days=1)
    lives = [
        Life()
        .registered(AUGUST_20, "farsta")
        .start_breached(day_before, SEPTEMBER_10)
        .search_started(SEPTEMBER_10),
        Life().registered(AUGUST_20, "farsta").start_breached(day_before - timedelta(days=1), SEPTEMBER_10),
        Life().registered(AUGUST_20, "bromma"),
    ]
    funnel = await funnel_of([event for life in lives for event in life.happened], SEPTEMBER)
    assert {one.district: one.start_breaches for one in funnel.districts if one.start_breaches} == {"farsta": 1}
    assert funnel.total.start_breaches == 1


async def test_sought_when_the_search_began_or_an_effort_was_made(funnel_of: FunnelOf) -> None:
    lives = [
        Life().registered(AUGUST_20).search_started(SEPTEMBER_10),
        Life().registered(AUGUST_20).task(SEPTEMBER_10, TaskKind.CALL, CallResult.NO_ANSWER),
        Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_LETTER),
        Life().registered(AUGUST_20),
        Life().registered(AUGUST_20).search_started(OCTOBER_1),
        Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_SMS, skipped=SkipReason.NO_PHONE),
        Life().registered(AUGUST_20).task(SEPTEMBER_10, TaskKind.CALL, CallResult.WRONG_NUMBER),
    ]
    funnel = await funnel_of([event for life in lives for event in life.happened], SEPTEMBER)
    assert (funnel.total.covered, funnel.total.sought) == (7, 3)


async def test_reached_by_the_first_way_in_the_period(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20)
    life.reached(AUGUST_20, ReachedBy.SMS_ANSWER).reached(SEPTEMBER_10, ReachedBy.CALL)
    life.reached(SEPTEMBER_30, ReachedBy.DROP_IN)
    total = (await funnel_of(life.happened, SEPTEMBER)).total
    assert total.reached == 1
    assert {way: n for way, n in total.reached_by.items() if n} == {"call": 1}


async def test_in_support_and_under_watch_on_at_least_one_day(funnel_of: FunnelOf) -> None:
    supported = Life().registered(AUGUST_20).step(AUGUST_20, Step.SUPPORT)
    then_watched = Life().registered(AUGUST_20).step(AUGUST_20, Step.SUPPORT)
    then_watched.watch(SEPTEMBER_10, WatchReason.MEASURE_ENDED)
    before = Life().registered(AUGUST_20).step(AUGUST_20, Step.SUPPORT).step(AUGUST_20, Step.CALLING)
    after = Life().registered(AUGUST_20).watch(OCTOBER_1, WatchReason.WORKS)
    lives = (supported, then_watched, before, after)
    total = (await funnel_of([event for life in lives for event in life.happened], SEPTEMBER)).total
    assert total.in_support == 2
    assert total.under_watch == 1
    assert {reason: n for reason, n in total.under_watch_by.items() if n} == {"measure_ended": 1}


async def test_ended_by_reason_with_the_registers_word_first(funnel_of: FunnelOf) -> None:
    told_by_outreach = Life().registered(AUGUST_20).outreach_ended(SEPTEMBER_10, EndReason.TURNED_20)
    told_by_both = Life().registered(AUGUST_20).outreach_ended(SEPTEMBER_10, EndReason.TURNED_20)
    told_by_both.coverage_ended(SEPTEMBER_10, EndReason.MOVED_OUT)
    later = Life().registered(AUGUST_20).coverage_ended(OCTOBER_1)
    lives = (told_by_outreach, told_by_both, later)
    total = (await funnel_of([event for life in lives for event in life.happened], SEPTEMBER)).total
    assert (total.covered, total.ended) == (3, 2)
    assert {reason: n for reason, n in total.ended_by.items() if n} == {"turned_20": 1, "moved_out": 1}


async def test_messages_and_their_answers(funnel_of: FunnelOf) -> None:
    page, sms = AnswerChannel.ANSWER_PAGE, AnswerChannel.SMS
    lives = [
        Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_LETTER, answered=page),
        Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_LETTER),
        Life().registered(AUGUST_20).message(SEPTEMBER_10, MessageKind.FIRST_SMS, failed="undelivered"),
        # An SMS without reference answers the latest SMS, never a letter.
        Life()
        .registered(AUGUST_20)
        .message(SEPTEMBER_1, MessageKind.FIRST_SMS)
        .message(SEPTEMBER_10, MessageKind.TRIED_SMS, answered=sms, answer_names_it=False),
        Life()
        .registered(AUGUST_20)
        .message(SEPTEMBER_10, MessageKind.TRIED_LETTER, answered=sms, answer_names_it=False),
    ]
    efforts = (await funnel_of([event for life in lives for event in life.happened], SEPTEMBER)).total.efforts
    assert efforts["first_letter"].model_dump() == {"made": 2, "youths": 2, "answered": 1, "failed": 0}
    assert efforts["first_sms"].model_dump() == {"made": 2, "youths": 2, "answered": 0, "failed": 1}
    assert efforts["tried_sms"].model_dump() == {"made": 1, "youths": 1, "answered": 1, "failed": 0}
    assert efforts["tried_letter"].model_dump() == {"made": 1, "youths": 1, "answered": 0, "failed": 0}


async def test_calls_and_visits_and_who_answered(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20)
    for attempt, call in enumerate(CallResult, 1):
        life.task(SEPTEMBER_10 + timedelta(days=attempt), TaskKind.CALL, call, attempt)
    for visit in ("nobody_home", "called_off", "guardian_reached"):
        life.task(SEPTEMBER_30, TaskKind.HOME_VISIT, visit)
    life.task(SEPTEMBER_30, TaskKind.MAPPING, "wants_support")  # no effort to find anybody
    efforts = (await funnel_of(life.happened, SEPTEMBER)).total.efforts
    # A wrong number is no attempt, and a visit that was called off was not made.
    calls = len(CallResult) - 1
    assert efforts["call"].model_dump() == {"made": calls, "youths": 1, "answered": 2, "failed": 0}
    assert efforts["home_visit"].model_dump() == {"made": 2, "youths": 1, "answered": 1, "failed": 0}
    assert {type: effort.made for type, effort in efforts.items() if effort.made} == {
        "call": calls,
        "home_visit": 2,
    }


async def test_events_of_an_unknown_youth_wait_for_the_register(funnel_of: FunnelOf) -> None:
    life = Life().registered(AUGUST_20).search_started(SEPTEMBER_1).reached(SEPTEMBER_10, ReachedBy.CALL)
    registered, *others = life.happened
    assert (await funnel_of(others, SEPTEMBER)).total.reached == 0
    assert (await funnel_of([*others, registered], SEPTEMBER)).total.reached == 1


async def test_an_event_type_of_a_newer_version_is_left_alone(funnel_of: FunnelOf) -> None:
    registered = Life().registered(AUGUST_20).happened[0]
    newer = replace(registered, type="se.uppsok.registry.youth-registered.v2", data=b'{"unknown": 1}')
    assert (await funnel_of([newer], SEPTEMBER)).total.covered == 0


def test_facts_are_kept_of_every_event_type() -> None:
    """`write` matches on classes: each must be named there."""
    source = consumers.write.__code__.co_names
    assert {event.__name__ for event in EVENTS} <= set(source)

"""Policy documents: the two that we have, and what a coordinator is told about a faulty one."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.policy import LATER_KINDS_DUE, OutreachPolicy
from contracts.reasons import WatchReason
from services.outreach.domain.policy import PolicyInvalid, holidays_missing, load_policy, parse_policy
from services.outreach.settings import POLICIES
from workflows.youth_outreach import dates

STOCKHOLM_TEXT = (POLICIES / "stockholm.json").read_text()
LOCAL = load_policy(POLICIES / "local.json")


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyInvalid) as invalid:
        parse_policy(text)
    return list(invalid.value.problems)


def changed(**fields: Any) -> str:
    """Stockholm's document with fields replaced; None takes the field away."""
    content = {**json.loads(STOCKHOLM_TEXT), **fields}
    return json.dumps({name: value for name, value in content.items() if value is not None})


def test_stockholm_follows_plan_4_2_2() -> None:
    policy = load_policy(POLICIES / "stockholm.json")
    assert policy.start_within_days == 30
    assert policy.answer_window == timedelta(days=14)
    assert policy.call_attempts >= 3
    assert policy.call_gap == timedelta(days=1)
    assert policy.calls_in_distinct_slots
    assert [slot.name for slot in policy.call_slots] == ["morning", "afternoon", "evening"]
    assert policy.visit_lead_time == timedelta(days=7)
    assert policy.watch_intervals[WatchReason.WORKS] > policy.watch_intervals[WatchReason.MEASURE_ENDED]
    assert {day.year for day in policy.holidays} == set(range(2024, 2031))


@given(
    youth=st.uuids(),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - given a zone below
)
def test_locally_letters_and_calls_come_within_two_minutes_at_any_hour_of_any_day(
    youth: UUID, now: datetime
) -> None:
    now = now.replace(tzinfo=STOCKHOLM)
    start = dates.start_due(LOCAL, youth, now.date() - timedelta(days=3), now.date() + timedelta(days=400), now)
    assert start == now
    silent = dates.window_end(youth, LOCAL.answer_window, start)
    call = dates.next_call(LOCAL, silent, None, [])
    assert call - now < timedelta(minutes=2)


@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001
def test_locally_a_visit_can_be_made_minutes_after_it_was_planned(now: datetime) -> None:
    now = now.replace(tzinfo=STOCKHOLM)
    first = dates.first_visit_time(LOCAL, now, now.date() + timedelta(days=400))
    assert first is not None
    assert first - now < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed(answer_window=None), ["answer_window: is missing"]),
        (
            changed(answer_window="two weeks"),
            ["answer_window: must be a length of time, such as P14D (14 days), P1D (a day) or PT30M (30 minutes)"],
        ),
        (changed(answr_window="P1D"), ["answr_window: is not a field of a policy; did you mean answer_window?"]),
        (changed(call_attempts=2), ["call_attempts: must be at least 3"]),
        (changed(start_within_days=31), ["start_within_days: must be at most 30"]),
        (changed(call_attempts="many"), ["call_attempts: must be a whole number"]),
        (changed(call_slots=[]), ["call_slots: must have at least 1"]),
        (changed(municipality="180"), ["municipality: must be the municipality's four digits, such as 0180"]),
        (changed(holidays=["2026-13-01"]), ["holidays › number 1: must be a date, such as 2026-12-24"]),
        (changed(waves={"term_from": "02-29"}), ["waves › term_from: must be a day of every year"]),
        (changed(intake="soon"), ["intake: must be one of 'spread' or 'capacity'"]),
        (changed(holidays=["2026-12-25", "2026-12-24"]), ["holidays: must be in order and without repeats"]),
        (
            changed(call_slots=[{"name": "all", "start": "nine", "end": "12:00"}]),
            ["call_slots › number 1 › start: must be a time of day, such as 08:30"],
        ),
        (
            changed(visit_hours={"name": "visits", "start": "18:00", "end": "10:00"}),
            ["visit_hours: slot 'visits' must end after it starts"],
        ),
        (
            changed(call_slots=[{"name": "all", "start": "09:00", "end": "12:00"}]),
            ["calls_in_distinct_slots needs at least two call_slots"],
        ),
        (
            changed(
                call_slots=[
                    {"name": "early", "start": "09:00", "end": "12:00"},
                    {"name": "early", "start": "11:00", "end": "15:00"},
                ]
            ),
            [
                "call_slots: two slots are named 'early'; give each its own name",
                "call_slots: 'early' and 'early' overlap",
            ],
        ),
        (changed(tried_window="-P1D"), ["tried_window: must not be negative"]),
        (changed(call_back_within="-P1D"), ["call_back_within: must not be negative"]),
        (
            changed(further_letters=["P7D", "PT0S"]),
            ["further_letters: each wait must be longer than nothing, or all letters come at once"],
        ),
        (changed(unsafe_visit="again"), ["unsafe_visit: must be one of 'watch' or 'office_meeting'"]),
        (changed(call_gap="PT0S"), ["call_gap: must be longer than nothing, or all calls come at once"]),
        (STOCKHOLM_TEXT.replace('"P10D",', '"P10D"'), None),
        (STOCKHOLM_TEXT.replace('"call_attempts": 3,', '"call_attempts": 3, "call_attempts": 4,'), None),
    ],
)
def test_a_fault_is_named_by_its_field_in_plain_words(text: str, said: list[str] | None) -> None:
    found = problems(text)
    if said is not None:
        assert found == said


def test_faults_of_the_text_itself_say_where() -> None:
    (syntax,) = problems('{\n  "version": "v"\n  "municipality": "0180"\n}')
    assert syntax.startswith("it is not valid JSON at line 3, column 3")
    assert problems('{"version": "a", "version": "b"}') == ["version: it stands there twice; keep one"]


def test_missing_parts_of_a_list_by_reason_are_named() -> None:
    (said,) = problems(changed(watch_intervals={"works": "P180D"}))
    assert "watch_intervals lacks" in said
    assert "declined" in said


def test_an_unknown_reason_is_answered_with_the_known_ones() -> None:
    intervals = json.loads(STOCKHOLM_TEXT)["watch_intervals"] | {"sleeps": "P1D"}
    (said,) = problems(changed(watch_intervals=intervals))
    assert said.startswith("watch_intervals › sleeps: must be one of 'works'")


def test_all_faults_are_told_at_once() -> None:
    assert len(problems(changed(answer_window=None, call_attempts=1, visit_latest="soon"))) == 3


def test_a_document_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"nowhere\.json.*\n- the file cannot be read"):
        load_policy(tmp_path / "nowhere.json")
    (tmp_path / "latin.json").write_bytes('{"version": "Älvsjö"}'.encode("latin-1"))
    with pytest.raises(PolicyInvalid, match="UTF-8"):
        load_policy(tmp_path / "latin.json")


def test_it_is_known_in_time_that_next_years_holidays_are_lacking() -> None:
    policy = load_policy(POLICIES / "stockholm.json")
    assert holidays_missing(policy, date(2030, 9, 30)) is None
    assert holidays_missing(policy, date(2030, 10, 1)) == 2031
    assert holidays_missing(LOCAL, date(2040, 1, 1)) is None


def test_a_policy_survives_being_sent_to_a_workflow() -> None:
    policy = parse_policy(STOCKHOLM_TEXT)
    assert OutreachPolicy.model_validate_json(policy.model_dump_json()) == policy


def test_a_policy_from_before_a_kind_of_task_has_its_default_and_the_old_ways() -> None:
    """A running youth keeps the policy that it started with, and its course."""
    document = json.loads(STOCKHOLM_TEXT)
    due = document["task_due_working_days"]
    old = {kind: days for kind, days in due.items() if kind not in LATER_KINDS_DUE}
    later = {"contact_searches", "call_guardians_under_18", "further_letters", "unsafe_visit", "call_backs"}
    kept = {field: value for field, value in document.items() if field not in later}
    policy = parse_policy(json.dumps(kept | {"task_due_working_days": old}))
    assert {kind: policy.task_due_working_days[kind] for kind in LATER_KINDS_DUE} == LATER_KINDS_DUE
    assert (policy.contact_searches, policy.call_guardians_under_18, policy.further_letters) == (0, False, ())

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
    return [fault.message for fault in invalid.value.faults]


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


def test_faults_of_the_text_itself_say_where() -> None:
    (syntax,) = problems('{\n  "version": "v"\n  "municipality": "0180"\n}')
    assert syntax.startswith("Dokumentet: är inte giltig JSON på rad 3, tecken 3.")
    assert problems('{"version": "a", "version": "b"}') == [
        'Fältet "version" står två gånger. Behåll bara det ena.'
    ]
    assert problems('{"answer_window": NaN}') == [
        "Dokumentet: NaN och Infinity är inga tal. Skriv tal med siffror."
    ]
    for text in ("[" * 100_000, '{"a": ' + "9" * 5_000 + "}"):
        assert problems(text) == ["Dokumentet: är inte en policy. Utgå från den policy som gäller."]


def test_all_faults_are_told_at_once() -> None:
    assert len(problems(changed(answer_window=None, call_attempts=1, visit_latest="soon"))) == 3


def test_a_bare_number_is_no_length_of_time() -> None:
    """Fourteen would be seconds."""
    (said,) = problems(changed(answer_window=14))
    assert "skriv en tidslängd" in said


def test_a_document_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"nowhere\.json.*\n- Dokumentet: filen går inte att läsa"):
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

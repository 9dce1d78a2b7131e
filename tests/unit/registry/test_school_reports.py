"""What a school may tell, and which enrolment a report ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.registry_activities import Source
from contracts.school_reports import SchoolReportKind
from services.registry.api.school_report_models import SchoolReportIn
from services.registry.domain.facts import Enrolment, EnrolmentKind
from services.registry.domain.school_reports import (
    EndedByReport,
    Reporter,
    SchoolReport,
    Told,
    Withdrawal,
    ended_by_reports,
    faults,
)

SCHOOL = "12345678"
BORN = date(2008, 3, 1)
TODAY = date(2026, 10, 9)
DROPOUT = Told(SCHOOL, SchoolReportKind.DROPOUT, date(2026, 10, 2))
ABSENCE = Told(SCHOOL, SchoolReportKind.INVALID_ABSENCE, date(2026, 9, 30), date(2026, 9, 1), 35)


def found(told: Told, received_on: date = TODAY, born: date = BORN) -> set[tuple[str, str]]:
    return {(one.field, one.reason) for one in faults(told, born, received_on, TODAY)}


def test_good_reports_have_no_faults() -> None:
    assert found(DROPOUT) == found(ABSENCE) == set()
    ahead = replace(DROPOUT, event_date=TODAY + timedelta(days=30))
    assert found(ahead) == set()  # schools are asked to tell before it happens


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (replace(DROPOUT, event_date=TODAY + timedelta(days=121)), ("event_date", "too_far_ahead")),
        (replace(DROPOUT, event_date=date(2014, 12, 31)), ("event_date", "too_long_ago")),
        (replace(DROPOUT, absence_from=date(2026, 9, 1)), ("absence_from", "only_for_absence")),
        (replace(DROPOUT, absence_percent=30), ("absence_percent", "only_for_absence")),
        (replace(ABSENCE, absence_from=None), ("absence_from", "missing")),
        (replace(ABSENCE, absence_percent=None), ("absence_percent", "missing")),
        (replace(ABSENCE, absence_percent=0), ("absence_percent", "not_1_to_100")),
        (replace(ABSENCE, absence_percent=101), ("absence_percent", "not_1_to_100")),
        (replace(ABSENCE, absence_from=date(2026, 10, 1)), ("absence_from", "after_event_date")),
        (replace(ABSENCE, absence_from=date(2025, 9, 1)), ("absence_from", "period_too_long")),
        (replace(ABSENCE, event_date=TODAY + timedelta(days=1)), ("event_date", "not_over")),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_a_code(told: Told, fault: tuple[str, str]) -> None:
    assert fault in found(told)


def test_a_mail_is_read_after_it_came_and_within_a_year() -> None:
    assert found(DROPOUT, TODAY + timedelta(days=1)) == {("received_on", "in_the_future")}
    assert ("received_on", "too_long_ago") in found(DROPOUT, TODAY - timedelta(days=367))


def test_of_who_is_20_nothing_is_taken() -> None:
    birthday = replace(DROPOUT, event_date=date(2026, 10, 2))
    assert found(birthday, born=date(2006, 10, 2)) == {("person_number", "turned_20")}
    assert found(birthday, born=date(2006, 10, 3)) == set()
    assert found(birthday, born=date(2012, 10, 3)) == {("person_number", "too_young")}


def test_the_page_says_what_can_be_told() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources" / "school-reports.md").read_text(encoding="utf-8")
    for word in [*SchoolReportIn.model_fields, *SchoolReportKind, *Reporter, *Withdrawal]:
        assert f"`{word}`" in page or f'"{word}"' in page, word


# --- what a report ends ---------------------------------------------------------------------------


def place(
    school_unit: str = SCHOOL,
    kind: EnrolmentKind = EnrolmentKind.NATIONAL,
    starts_on: date = date(2024, 8, 19),
    ends_on: date | None = None,
    file_date: date = date(2026, 10, 8),
) -> Enrolment:
    return Enrolment(Source.PLACEMENTS, file_date, kind, starts_on, ends_on, None, school_unit=school_unit)


def report(
    kind: SchoolReportKind = SchoolReportKind.DROPOUT,
    event_date: date = date(2026, 10, 2),
    received_on: date = date(2026, 10, 5),
    school_unit: str = SCHOOL,
    which: int = 1,
) -> SchoolReport:
    known_since = datetime(2026, 10, 5, 9, tzinfo=STOCKHOLM)
    return SchoolReport(UUID(int=which), Told(school_unit, kind, event_date), received_on, known_since)


STARTED_AGAIN = report(SchoolReportKind.STARTED, date(2026, 10, 12), date(2026, 10, 12), which=2)


def last_days(places: list[Enrolment], reports: list[SchoolReport]) -> list[date]:
    return [one.last_day for one in ended_by_reports(places, reports)]


def test_a_dropout_ends_what_the_sources_have_going_on() -> None:
    attended, told = place(), report()
    assert ended_by_reports([attended], [told]) == (EndedByReport(attended, date(2026, 10, 2), told),)
    assert last_days([attended], [report(SchoolReportKind.MOVED_SCHOOL)]) == [date(2026, 10, 2)]


def test_it_ends_the_enrolment_in_every_source_that_tells_of_that_school() -> None:
    introduction = place(kind=EnrolmentKind.INTRODUCTION, starts_on=date(2026, 1, 8))
    assert len(last_days([place(), introduction], [report()])) == 2


@pytest.mark.parametrize(
    "attended",
    [
        place(school_unit="87654321"),
        place(kind=EnrolmentKind.COMPULSORY),
        place(starts_on=date(2026, 10, 3)),  # began after the pupil had left: a new enrolment
        place(ends_on=date(2026, 9, 20)),  # had ended already
        place(ends_on=date(2026, 10, 6)),  # the register says when, in a file later than the report
    ],
    ids=["other school", "compulsory", "began later", "ended before", "register says"],
)
def test_what_a_report_does_not_end(attended: Enrolment) -> None:
    assert last_days([attended], [report()]) == []


def test_an_end_that_the_register_told_before_the_report_gives_way_to_it() -> None:
    planned = place(ends_on=date(2027, 6, 10), file_date=date(2026, 10, 1))
    assert last_days([planned], [report()]) == [date(2026, 10, 2)]


def test_neither_absence_nor_a_start_ends_anything() -> None:
    assert last_days([place()], [report(SchoolReportKind.INVALID_ABSENCE), report(SchoolReportKind.STARTED)]) == []


def test_who_started_again_at_the_school_attends_it() -> None:
    assert last_days([place()], [report(), STARTED_AGAIN]) == []
    left_again = report(event_date=date(2026, 10, 30), received_on=date(2026, 11, 2), which=3)
    assert last_days([place()], [report(), STARTED_AGAIN, left_again]) == [date(2026, 10, 30)]


def test_of_two_dates_the_one_received_last_counts() -> None:
    later_word = report(event_date=date(2026, 9, 25), received_on=date(2026, 10, 7), which=4)
    assert last_days([place()], [later_word, report()]) == [date(2026, 9, 25)]


days = st.dates(date(2026, 8, 1), date(2026, 12, 31))
places = st.builds(
    place,
    school_unit=st.sampled_from([SCHOOL, "87654321"]),
    kind=st.sampled_from(EnrolmentKind),
    starts_on=days,
    ends_on=st.none() | days,
    file_date=days,
)
reports = st.builds(
    report,
    kind=st.sampled_from(SchoolReportKind),
    event_date=days,
    received_on=days,
    school_unit=st.sampled_from([SCHOOL, "87654321"]),
    which=st.integers(1, 10_000),
)


@given(st.lists(places, max_size=3), st.lists(reports, max_size=5, unique_by=lambda one: one.report_id), st.data())
def test_the_order_of_reports_does_not_matter_and_an_end_is_within_the_enrolment(
    enrolments: list[Enrolment], told: list[SchoolReport], data: st.DataObject
) -> None:
    ended = ended_by_reports(enrolments, told)
    assert ended == ended_by_reports(enrolments, data.draw(st.permutations(told)))
    for one in ended:
        assert one.enrolment.starts_on <= one.last_day
        assert one.enrolment.ends_on is None or one.last_day < one.enrolment.ends_on
        assert one.report in told

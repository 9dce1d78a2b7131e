"""Where sources contradict one another: each kind at its edge, and what holds for all of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry_activities import Source
from contracts.school_reports import SchoolReportKind
from services.registry.domain.conflicts import (
    Conflict,
    ConflictKind,
    FromFeed,
    Patience,
    Precedence,
    Sourced,
    conflicts,
)
from services.registry.domain.facts import EndKind, Enrolment, EnrolmentKind, Exam, ExamKind, Statement, Status
from services.registry.domain.school_reports import SchoolReport, Told

ON = date(2026, 10, 1)
KNOWN = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = (False, Statement(date(2026, 1, 1), "0180", known_from=KNOWN))
PATIENCE = Patience()


def enrolled(
    feed: str = "placements",
    starts_on: date = date(2024, 8, 19),
    ends_on: date | None = None,
    end_kind: EndKind | None = None,
    kind: EnrolmentKind = EnrolmentKind.NATIONAL,
) -> FromFeed:
    source = Source.SCHOOLS if feed.startswith("ss12000") else Source(feed)
    return FromFeed(feed, Enrolment(source, ON, kind, starts_on, ends_on, end_kind, None, "12345678", KNOWN))


def left(received_on: date, last_day: date = date(2026, 9, 1)) -> SchoolReport:
    return SchoolReport(UUID(int=1), Told("12345678", SchoolReportKind.DROPOUT, last_day), received_on, KNOWN)


def found(*enrolments: FromFeed, on: date = ON, **more: object) -> list[tuple[ConflictKind, Precedence]]:
    one = Sourced(**{"statements": (HERE,), "enrolments": enrolments} | more)  # type: ignore[arg-type]
    return [(item.kind, item.rule) for item in conflicts(one, on, PATIENCE)]


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (None, ON - DAY, Precedence.GOES_ON_COUNTS),
        (ON, ON - DAY, Precedence.GOES_ON_COUNTS),
        (ON - 2 * DAY, ON - DAY, Precedence.LATEST_END_COUNTS),
        (None, ON, None),  # a plan
        (None, None, None),
        (ON - DAY, ON - DAY, None),
    ],
)
def test_ends_differ(one: date | None, other: date | None, rule: Precedence | None) -> None:
    expected = [] if rule is None else [(ConflictKind.ENDS_DIFFER, rule)]
    for feed in ("schools", "ss12000:skola"):
        assert found(enrolled(ends_on=one), enrolled(feed, ends_on=other)) == expected
    assert found(enrolled(ends_on=one), enrolled(ends_on=other)) == []  # a source does not contradict itself


def test_only_the_last_of_each_source_is_compared() -> None:
    earlier = enrolled(starts_on=date(2023, 8, 19), ends_on=date(2023, 12, 1))
    assert found(earlier, enrolled(), enrolled("schools")) == []


def test_a_register_that_has_who_left_is_given_fourteen_days() -> None:
    received = date(2026, 9, 2)
    for days, kinds in ((13, []), (14, [(ConflictKind.LEFT_BUT_ENROLLED, Precedence.SCHOOL_REPORT_COUNTS)])):
        assert found(enrolled(), reports=(left(received),), on=received + days * DAY) == kinds
    followed = enrolled(ends_on=date(2026, 9, 1))
    assert found(followed, reports=(left(received),), on=received + 14 * DAY) == []


def test_an_exam_that_is_not_registered_is_given_sixty_days() -> None:
    end = date(2026, 6, 10)
    told = enrolled(ends_on=end, end_kind=EndKind.EXAM)
    kinds = [(ConflictKind.EXAM_NOT_REGISTERED, Precedence.SCHOOLS_EXAM_COUNTS)]
    assert found(told, on=end + 59 * DAY) == []
    assert found(told, on=end + 60 * DAY) == kinds
    for kind, expected in ((ExamKind.GYMNASIEEXAMEN, []), (ExamKind.STUDIEBEVIS, kinds)):
        assert found(told, on=end + 60 * DAY, exams=(Exam(end, kind, end),)) == expected


@pytest.mark.parametrize("status", [Status.DEAD, Status.MOVED_OUT, Status.EMIGRATED])
def test_a_school_that_begins_after_the_person_is_gone(status: Status) -> None:
    gone = Statement(ON, "0180", status=status, status_date=date(2026, 9, 1), known_from=KNOWN)
    kinds = [(ConflictKind.ENROLLED_AFTER_LEAVING, Precedence.POPULATION_REGISTER_COUNTS)]
    for starts_on, expected in ((date(2026, 9, 1), []), (date(2026, 9, 2), kinds), (ON + DAY, [])):
        assert found(enrolled(starts_on=starts_on), statements=(HERE, (False, gone))) == expected


def test_two_lines_of_one_person() -> None:
    assert found(two_lines=True) == [(ConflictKind.TWO_NUMBERS_IN_FORCE, Precedence.FIRST_LINE_STANDS)]


def test_the_extract_may_lag_behind_navet_and_not_contradict_it() -> None:
    known = datetime(2026, 9, 10, 2, tzinfo=UTC)
    navet = (True, Statement(date(2026, 9, 9), "0184", moved_in_on=date(2026, 9, 8), known_from=known))
    kinds = [(ConflictKind.MUNICIPALITIES_DIFFER, Precedence.LATEST_WORD_COUNTS)]
    assert found(statements=(HERE, navet), on=date(2026, 9, 23)) == []
    assert found(statements=(HERE, navet), on=date(2026, 9, 24)) == kinds
    for moved_in_on, expected in ((None, kinds), (date(2026, 9, 8), kinds), (date(2026, 9, 20), [])):
        back = (False, Statement(date(2026, 9, 21), "0180", moved_in_on=moved_in_on, known_from=known))
        assert found(statements=(HERE, navet, back)) == expected


days = st.dates(date(2024, 1, 1), date(2027, 1, 1))
enrolments = st.builds(
    enrolled,
    st.sampled_from(["placements", "schools", "ss12000:skola"]),
    days,
    st.none() | days,
    st.none() | st.sampled_from(EndKind),
    st.sampled_from(EnrolmentKind),
)


@given(st.lists(enrolments, max_size=6), st.none() | days, days)
def test_the_order_in_which_sources_tell_does_not_matter(
    told: list[FromFeed], received: date | None, on: date
) -> None:
    reports = () if received is None else (left(received),)
    by_start: dict[tuple[str, EnrolmentKind, date], FromFeed] = {
        (one.feed, one.enrolment.kind, one.enrolment.starts_on): one for one in told
    }  # a feed tells once of a school, kind and start
    one = list(by_start.values())

    def noted(items: list[FromFeed]) -> set[Conflict]:
        result = conflicts(Sourced((HERE,), tuple(items), reports), on, PATIENCE)
        assert all(item.sources and item.known_from for item in result)
        return set(result)

    assert noted(one) == noted(one[::-1])

"""What staff enter beside what the registers say: the latest word counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry_activities import Source
from services.registry.domain.conflicts import (
    ConflictKind,
    FromFeed,
    Patience,
    Precedence,
    Sourced,
    conflicts,
)
from services.registry.domain.coverage import decide
from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    SchoolSource,
    Statement,
)
from services.registry.domain.manual import Denial, MovedAway, denied, with_manual
from tests.unit.registry.people import FILE_DATE, STOCKHOLM, compulsory, enrolments, person
from tests.unit.registry.people import enrolment as told

KNOWN = datetime(2026, 10, 5, tzinfo=UTC)
KNOWN_ON = KNOWN.date()
ON = date(2026, 11, 2)
DAY = timedelta(days=1)
UNIT = "12345678"


def entered(ends_on: date | None = date(2027, 6, 11), unit: str = UNIT) -> Enrolment:
    return Enrolment(
        SchoolSource.MANUAL, KNOWN_ON, EnrolmentKind.NATIONAL, date(2026, 8, 24), ends_on, None, None, unit, KNOWN
    )


def register(
    ends_on: date | None = None, file_date: date = FILE_DATE, starts_on: date = date(2025, 8, 18)
) -> Enrolment:
    end_kind = None if ends_on is None else EndKind.DROPOUT
    one = told(starts_on=starts_on, ends_on=ends_on, end_kind=end_kind)
    return replace(one, school_unit=UNIT, file_date=file_date)


def denial(last_day: date | None = None) -> Denial:
    return Denial(UNIT, last_day, KNOWN_ON, KNOWN)


def test_an_entry_and_an_exam_from_abroad_are_evidence() -> None:
    facts = person(enrolments=with_manual([compulsory(), entered(unit="")], ()))
    decided = decide(facts, ON, STOCKHOLM)
    [failed] = decided.failed
    assert (failed.explanation, failed.evidence.source, failed.evidence.known_from) == (
        "attends_school", "manual", KNOWN,
    )  # fmt: skip
    exam = Exam(KNOWN_ON, ExamKind.FOREIGN, date(2026, 6, 1), KNOWN, SchoolSource.MANUAL)
    [failed] = decide(person(exams=(exam,)), ON, STOCKHOLM).failed
    assert (failed.criterion, failed.evidence.source) == ("no_equivalent_education", "manual")


@pytest.mark.parametrize(
    ("ends_on", "file_date", "source"),
    [
        (date(2026, 10, 9), KNOWN_ON + DAY, "placements"),  # told after it: the register's word
        (date(2026, 10, 9), KNOWN_ON, "manual"),  # what the register told by then, staff know better
        (date(2026, 8, 1), KNOWN_ON + DAY, "manual"),  # an earlier time at the school
        (None, KNOWN_ON + DAY, "manual"),
        (date(2028, 6, 9), KNOWN_ON + DAY, "manual"),  # a later plan: either attends
    ],
)
def test_an_entry_yields_to_an_end_that_a_register_tells_after_it(
    ends_on: date | None, file_date: date, source: str
) -> None:
    _, one = with_manual([register(ends_on, file_date), entered()], ())
    assert one.source == source
    assert one.ends_on == (ends_on if source == "placements" else entered().ends_on)


def test_what_is_denied_is_over_or_never_was() -> None:
    one = register()
    assert with_manual([one], [denial()]) == ()
    last = date(2026, 9, 30)
    [ended] = with_manual([one], [denial(last)])
    assert (ended.ends_on, ended.source, ended.file_date, ended.known_from) == (last, "manual", KNOWN_ON, KNOWN)
    kept = [
        register(starts_on=KNOWN_ON + DAY),  # began later
        register(date(2026, 10, 9), KNOWN_ON + DAY),  # an end that is news
        replace(one, school_unit="87654321"),
        replace(one, kind=EnrolmentKind.COMPULSORY),
    ]
    assert with_manual(kept, [denial()]) == tuple(kept)
    assert with_manual([entered()], [denial()]) == (entered(),)
    assert with_manual([register(last)], [denial(last)]) == (register(last),)  # they agree


def test_of_two_entries_the_one_known_later_counts() -> None:
    later = Denial(UNIT, date(2026, 9, 11), KNOWN_ON + DAY, KNOWN + DAY)
    for both in ([denial(), later], [later, denial()]):
        [ended] = with_manual([register()], both)
        assert ended.ends_on == later.last_day


@given(st.lists(enrolments(), max_size=4), st.lists(st.dates(date(2016, 1, 1), date(2031, 1, 1)), max_size=3))
def test_for_any_enrolments(some: list[Enrolment], days: list[date]) -> None:
    denials = [Denial("", None, day, KNOWN) for day in days]
    found = with_manual(some, denials)
    assert with_manual(some, ()) == tuple(some)
    assert sorted(map(repr, with_manual(some[::-1], denials[::-1]))) == sorted(map(repr, found))
    assert len(found) == len(some) - len(denied(some, denials))


def found(*enrolments: FromFeed, on: date = ON, **more: object) -> list[tuple[ConflictKind, Precedence]]:
    here = (False, Statement(date(2026, 1, 1), STOCKHOLM, known_from=KNOWN))
    one = Sourced(**{"statements": (here,), "enrolments": enrolments} | more)  # type: ignore[arg-type]
    return [(item.kind, item.rule) for item in conflicts(one, on, Patience())]


def test_a_register_that_tells_an_end_later_is_a_conflict() -> None:
    manual, ended = FromFeed("manual", entered()), date(2026, 10, 9)
    after, before = (FromFeed("placements", register(ended, day)) for day in (KNOWN_ON + DAY, KNOWN_ON))
    assert found(manual, after) == [(ConflictKind.ENDS_DIFFER, Precedence.LATEST_WORD_COUNTS)]
    assert found(manual, before) == [(ConflictKind.ENDS_DIFFER, Precedence.GOES_ON_COUNTS)]
    goes_on = FromFeed("schools", register())
    assert found(manual, after, goes_on) == [(ConflictKind.ENDS_DIFFER, Precedence.GOES_ON_COUNTS)]
    assert found(manual) == found(manual, goes_on) == []


def test_what_registers_do_not_follow_is_a_conflict_in_time() -> None:
    placed, away = FromFeed("placements", register()), MovedAway(KNOWN_ON, None, KNOWN)
    fourteen, sixty = timedelta(days=14), timedelta(days=60)
    exam = Exam(KNOWN_ON, ExamKind.GYMNASIEEXAMEN, date(2026, 6, 1), KNOWN, SchoolSource.MANUAL)
    kinds = [(ConflictKind.DENIED_BUT_ENROLLED, Precedence.MANUAL_ENTRY_COUNTS)]
    assert found(placed, denials=(denial(),), on=KNOWN_ON + fourteen) == kinds
    assert found(placed, denials=(denial(),), on=KNOWN_ON + fourteen - DAY) == []
    kinds = [(ConflictKind.MOVED_BUT_REGISTERED, Precedence.POPULATION_REGISTER_COUNTS)]
    assert found(moved_away=(away,), on=KNOWN_ON + fourteen) == kinds
    assert found(moved_away=(away,), on=KNOWN_ON + fourteen - DAY) == []
    gone = (False, Statement(ON, STOCKHOLM, absent=True, known_from=KNOWN))
    back = (False, Statement(ON, STOCKHOLM, moved_in_on=KNOWN_ON + DAY, known_from=KNOWN))
    for statement in (gone, back):
        assert found(moved_away=(away,), statements=(statement,), on=KNOWN_ON + fourteen) == []
    kinds = [(ConflictKind.EXAM_NOT_REGISTERED, Precedence.MANUAL_ENTRY_COUNTS)]
    assert found(exams=(exam,), on=KNOWN_ON + sixty) == kinds
    assert found(exams=(exam,), on=KNOWN_ON + sixty - DAY) == []
    for others in ((replace(exam, source=Source.EXAMS),), (replace(exam, kind=ExamKind.FOREIGN),)):
        assert found(exams=others, on=KNOWN_ON + sixty) == []

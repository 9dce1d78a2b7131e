"""Who is covered: Skollagen 29 kap. 9 §, case by case and as laws of all cases."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry_activities import Source
from services.registry.domain.age import last_covered_day
from services.registry.domain.coverage import as_document, decide
from services.registry.domain.criteria import CITATIONS, Criterion
from services.registry.domain.facts import EndKind, EnrolmentKind, ExamKind, PersonFacts, Protection, Status
from tests.unit.registry.people import (
    BORN,
    FILE_DATE,
    STOCKHOLM,
    compulsory,
    days,
    enrolment,
    exam,
    person,
    persons,
)

ON = date(2026, 10, 1)
DROPOUT = enrolment(ends_on=date(2026, 3, 3), end_kind=EndKind.DROPOUT)
IN_SCHOOL = enrolment()

COVERED = [
    ("never started", person(enrolments=(compulsory(),))),
    ("no school tells of them, past school age", person()),
    ("left a national programme", person(enrolments=(compulsory(), DROPOUT))),
    ("three years done without an exam", person(exams=(exam(ExamKind.STUDIEBEVIS),))),
    ("studies SFI", person(enrolments=(enrolment(EnrolmentKind.OTHER),))),
    ("moves out later", person(status=Status.MOVED_OUT, status_date=date(2026, 10, 2))),
    ("immigrated at 17", person(immigrated_on=date(2025, 9, 1))),
    ("starts in the spring term", person(enrolments=(enrolment(starts_on=date(2027, 1, 11)),))),
    ("exam still to come", person(exams=(exam(ExamKind.GYMNASIEEXAMEN, date(2026, 10, 2)),))),
    ("address unknown to all but the tax agency", person(protection=Protection.PROTECTED_REGISTRATION)),
]
NOT_COVERED = [
    ("attends", person(enrolments=(IN_SCHOOL,)), Criterion.NOT_IN_SCHOOL, "attends_school"),
    ("left, and back", person(enrolments=(DROPOUT, enrolment(starts_on=date(2026, 8, 17)))),
     Criterion.NOT_IN_SCHOOL, "attends_school"),
    ("attends IM", person(enrolments=(enrolment(EnrolmentKind.INTRODUCTION),)),
     Criterion.NOT_IN_SCHOOL, "attends_school"),
    ("last day of school", person(enrolments=(enrolment(ends_on=ON, end_kind=EndKind.DROPOUT),)),
     Criterion.NOT_IN_SCHOOL, "attends_school"),
    ("exam", person(exams=(exam(ExamKind.GYMNASIEEXAMEN),)), Criterion.NO_EXAM, "gymnasieexamen"),
    ("school reported the exam", person(enrolments=(enrolment(ends_on=date(2026, 6, 9), end_kind=EndKind.EXAM),)),
     Criterion.NO_EXAM, "school_reported_exam"),
    ("certificate", person(exams=(exam(ExamKind.GYMNASIEBEVIS_ANPASSAD),)),
     Criterion.NO_CERTIFICATE, "gymnasiebevis_anpassad"),
    ("IB", person(exams=(exam(ExamKind.IB),)), Criterion.NO_EQUIVALENT, "ib"),
    ("foreign exam", person(exams=(exam(ExamKind.FOREIGN),)), Criterion.NO_EQUIVALENT, "foreign"),
    ("folkhögskola", person(exams=(exam(ExamKind.FOLKHOGSKOLA),)), Criterion.NO_EQUIVALENT, "folkhogskola"),
    ("dead", person(status=Status.DEAD, status_date=ON), Criterion.REGISTERED, "dead"),
    ("emigrated", person(status=Status.EMIGRATED, status_date=date(2026, 1, 1)),
     Criterion.REGISTERED, "emigrated"),
    ("elsewhere", person(municipality="0126"), Criterion.REGISTERED, "registered_elsewhere"),
    ("gone from the extract", person(absent_since=date(2026, 9, 1)), Criterion.REGISTERED, "not_in_extract"),
    ("still in compulsory school", person(enrolments=(compulsory(None, completed=False),)),
     Criterion.COMPULSORY_OVER, "attends_compulsory_school"),
    ("fifteen", person(birth_date=date(2011, 1, 1)), Criterion.COMPULSORY_OVER, "of_compulsory_school_age"),
    ("twenty today", person(birth_date=date(2006, 10, 1)), Criterion.UNDER_20, "turned_20"),
]  # fmt: skip


@pytest.mark.parametrize("facts", [facts for _, facts in COVERED], ids=[name for name, _ in COVERED])
def test_covered(facts: PersonFacts) -> None:
    coverage = decide(facts, ON, STOCKHOLM)
    assert coverage.failed == ()
    assert coverage.covered


@pytest.mark.parametrize(
    ("facts", "criterion", "explanation"),
    [case[1:] for case in NOT_COVERED],
    ids=[case[0] for case in NOT_COVERED],
)
def test_not_covered_for_one_reason(facts: PersonFacts, criterion: Criterion, explanation: str) -> None:
    (failed,) = decide(facts, ON, STOCKHOLM).failed
    assert (failed.criterion, failed.explanation) == (criterion, explanation)


@given(persons(), days)
def test_every_criterion_is_answered_once_with_a_citation(facts: PersonFacts, on: date) -> None:
    coverage = decide(facts, on, STOCKHOLM)
    assert [result.criterion for result in coverage.results] == list(Criterion)
    assert all(result.citation == CITATIONS[result.criterion] for result in coverage.results)
    assert coverage.covered is all(result.met for result in coverage.results)


@given(persons(), days, st.integers(0, 4000))
def test_once_twenty_never_covered_again(facts: PersonFacts, on: date, later: int) -> None:
    if not decide(facts, on, STOCKHOLM).result(Criterion.UNDER_20).met:
        assert not decide(facts, on + timedelta(days=later), STOCKHOLM).covered


@given(persons())
def test_the_last_covered_day_is_the_last_on_which_age_allows_it(facts: PersonFacts) -> None:
    last = last_covered_day(facts.birth_date)
    assert decide(facts, last, STOCKHOLM).result(Criterion.UNDER_20).met
    assert not decide(facts, last + timedelta(days=1), STOCKHOLM).result(Criterion.UNDER_20).met


@given(persons(), days)
def test_an_answer_never_holds_since_a_day_ahead(facts: PersonFacts, on: date) -> None:
    for result in decide(facts, on, STOCKHOLM).results:
        if result.explanation != "registered_elsewhere":  # as of the file, which may be newer than the day
            assert result.evidence.since is None or result.evidence.since <= on


@given(persons(), days)
def test_what_a_source_says_of_later_days_does_not_matter(facts: PersonFacts, on: date) -> None:
    coming = enrolment(starts_on=on + timedelta(days=200))
    with_more = person(
        **{name: getattr(facts, name) for name in facts.__slots__}
        | {
            "enrolments": (*facts.enrolments, coming),
            "exams": (*facts.exams, exam(ExamKind.GYMNASIEEXAMEN, on + timedelta(days=1))),
        }
    )
    assert decide(with_more, on, STOCKHOLM).covered is decide(facts, on, STOCKHOLM).covered


class TestTheSummerBetweenTwoSchools:
    FROM_GRADE_NINE = person(
        birth_date=date(2010, 5, 5),
        enrolments=(compulsory(date(2026, 6, 10)), enrolment(starts_on=date(2026, 8, 17))),
    )
    FROM_DROPOUT = person(enrolments=(DROPOUT, enrolment(starts_on=date(2026, 8, 17))))

    def test_a_pupil_on_the_way_to_the_next_school_is_not_covered(self) -> None:
        result = decide(self.FROM_GRADE_NINE, date(2026, 7, 15), STOCKHOLM).result(Criterion.NOT_IN_SCHOOL)
        assert (result.met, result.explanation) == (False, "starts_after_summer")

    def test_who_left_in_the_winter_is_covered_until_the_new_school_begins(self) -> None:
        assert decide(self.FROM_DROPOUT, date(2026, 8, 16), STOCKHOLM).covered
        assert not decide(self.FROM_DROPOUT, date(2026, 8, 17), STOCKHOLM).covered

    def test_a_year_group_is_never_registered_for_a_summer(self) -> None:
        summer = [date(2026, 6, 1) + timedelta(days=day) for day in range(120)]
        assert not any(decide(self.FROM_GRADE_NINE, day, STOCKHOLM).covered for day in summer)


class TestOlderRules:
    ON_IM = person(
        birth_date=date(2000, 2, 2), enrolments=(enrolment(EnrolmentKind.INTRODUCTION, date(2016, 8, 20)),)
    )
    LATE = person(birth_date=date(2000, 2, 2), immigrated_on=date(2017, 3, 1))

    def test_students_on_introduction_programmes_were_covered_until_june_2018(self) -> None:
        assert decide(self.ON_IM, date(2018, 6, 30), STOCKHOLM).covered
        assert not decide(self.ON_IM, date(2018, 7, 1), STOCKHOLM).covered

    def test_late_arrivals_are_covered_since_july_2018(self) -> None:
        assert not decide(self.LATE, date(2018, 6, 30), STOCKHOLM).covered
        assert decide(self.LATE, date(2018, 7, 1), STOCKHOLM).covered


def test_the_grounds_name_act_source_and_dates() -> None:
    document = as_document(decide(person(enrolments=(DROPOUT,)), ON, STOCKHOLM))
    assert document["act"] == "SFS 2022:1315"
    assert document["criteria"][3] == {
        "criterion": "not_in_upper_secondary",
        "met": True,
        "explanation": "ended_dropout",
        "source": Source.PLACEMENTS,
        "file_date": FILE_DATE.isoformat(),
        "since": "2026-03-04",
    }
    assert document["criteria"][1]["since"] == BORN.isoformat()

"""Why a youth is registered and why the duty ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import EndReason, RegistrationReason, SpecialTrack
from services.registry.domain.coverage import decide
from services.registry.domain.facts import EndKind, EnrolmentKind, ExamKind, PersonFacts, Status
from services.registry.domain.reasons import end_of, registration_reason, tracks
from tests.unit.registry.people import STOCKHOLM, compulsory, days, enrolment, exam, person, persons

ON = date(2026, 10, 1)
SCHOOL_DONE = compulsory()
LEFT = enrolment(ends_on=date(2026, 3, 3), end_kind=EndKind.DROPOUT)
LEFT_IM = enrolment(EnrolmentKind.INTRODUCTION, ends_on=date(2026, 6, 9), end_kind=EndKind.COMPLETED)
THREE_YEARS = enrolment(ends_on=date(2026, 6, 9), end_kind=EndKind.STUDIEBEVIS)

REASONS = [
    (person(enrolments=(SCHOOL_DONE,)), RegistrationReason.NEVER_STARTED),
    (person(enrolments=(SCHOOL_DONE, LEFT)), RegistrationReason.LEFT_SCHOOL),
    (person(enrolments=(SCHOOL_DONE, LEFT_IM)), RegistrationReason.LEFT_INTRODUCTION),
    (person(enrolments=(SCHOOL_DONE, LEFT, LEFT_IM)), RegistrationReason.LEFT_INTRODUCTION),
    (person(enrolments=(SCHOOL_DONE, THREE_YEARS)), RegistrationReason.STUDIEBEVIS),
    (person(exams=(exam(ExamKind.STUDIEBEVIS),)), RegistrationReason.STUDIEBEVIS),
    (person(enrolments=(LEFT,), moved_in_on=date(2026, 9, 1)), RegistrationReason.MOVED_IN),
    (person(enrolments=(SCHOOL_DONE,), moved_in_on=date(2012, 9, 1)), RegistrationReason.NEVER_STARTED),
    (
        person(immigrated_on=date(2026, 2, 1), moved_in_on=date(2026, 2, 1)),
        RegistrationReason.NEWLY_ARRIVED,
    ),
    (person(immigrated_on=date(2025, 2, 1), moved_in_on=date(2026, 2, 1)), RegistrationReason.MOVED_IN),
    (person(), RegistrationReason.UNKNOWN),
]


@pytest.mark.parametrize(("facts", "reason"), REASONS)
def test_the_reason_is_what_came_last(facts: PersonFacts, reason: RegistrationReason) -> None:
    coverage = decide(facts, ON, STOCKHOLM)
    assert coverage.covered
    assert registration_reason(facts, coverage) is reason


def test_tracks_name_the_groups_that_the_plan_treats_differently() -> None:
    facts = person(immigrated_on=date(2026, 2, 1), exams=(exam(ExamKind.STUDIEBEVIS),))
    assert tracks(facts, decide(facts, ON, STOCKHOLM)) == (SpecialTrack.NEWLY_ARRIVED, SpecialTrack.STUDIEBEVIS)
    assert tracks(person(), decide(person(), ON, STOCKHOLM)) == ()


REGISTERED = date(2026, 9, 1)
ENDS = [
    (person(status=Status.DEAD, status_date=date(2026, 9, 20)), EndReason.DEAD, date(2026, 9, 20)),
    (person(status=Status.EMIGRATED, status_date=date(2026, 9, 20)), EndReason.EMIGRATED, date(2026, 9, 20)),
    (person(status=Status.MOVED_OUT, status_date=date(2026, 9, 20)), EndReason.MOVED_OUT, date(2026, 9, 20)),
    (person(absent_since=date(2026, 9, 25)), EndReason.MOVED_OUT, date(2026, 9, 25)),
    (person(birth_date=date(2006, 9, 30)), EndReason.TURNED_20, date(2026, 9, 30)),
    (person(enrolments=(enrolment(starts_on=date(2026, 9, 14)),)), EndReason.STARTED_SCHOOL, date(2026, 9, 14)),
    (person(exams=(exam(ExamKind.GYMNASIEEXAMEN, ON),)), EndReason.EXAM, ON),
    (person(exams=(exam(ExamKind.GYMNASIEBEVIS_ANPASSAD, ON),)), EndReason.EXAM, ON),
    (person(exams=(exam(ExamKind.IB, ON),)), EndReason.EQUIVALENT_EDUCATION, ON),
    (person(enrolments=(compulsory(None, completed=False),)), EndReason.REGISTERED_IN_ERROR, REGISTERED),
    (person(merged=True), EndReason.REGISTERED_IN_ERROR, ON),
    # The school told late: it began before the youth was registered.
    (person(enrolments=(enrolment(starts_on=date(2026, 8, 17)),)), EndReason.STARTED_SCHOOL, REGISTERED),
    # What came first ended the duty.
    (
        person(birth_date=date(2006, 9, 30), exams=(exam(ExamKind.GYMNASIEEXAMEN, date(2026, 9, 29)),)),
        EndReason.EXAM,
        date(2026, 9, 29),
    ),
]


@pytest.mark.parametrize(("facts", "reason", "day"), ENDS)
def test_the_duty_ends_by_what_came_first(facts: PersonFacts, reason: EndReason, day: date) -> None:
    end = end_of(decide(facts, ON, STOCKHOLM), REGISTERED)
    assert (end.reason, end.on) == (reason, day)


@given(persons(), days, st.integers(0, 400))
def test_an_end_lies_between_registration_and_decision(facts: PersonFacts, on: date, before: int) -> None:
    registered_on, coverage = on - timedelta(days=before), decide(facts, on, STOCKHOLM)
    if coverage.covered:
        assert registration_reason(facts, coverage) in RegistrationReason
        with pytest.raises(ValueError, match="still holds"):
            end_of(coverage, registered_on)
    else:
        assert registered_on <= end_of(coverage, registered_on).on <= on

"""Facts of made-up persons, and a hypothesis strategy for all kinds of them."""

from dataclasses import fields, replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import strategies as st

from contracts.registry_activities import Source
from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    PersonFacts,
    Protection,
    Statement,
    Status,
)

STOCKHOLM = "0180"
FILE_DATE = date(2026, 9, 1)
TOLD = frozenset(one.name for one in fields(Statement))
BORN = date(2008, 3, 1)  # turns 16 in 2024, 20 on 2028-03-01


def person(**changes: object) -> PersonFacts:
    """A resident born in 2008 of whom no school tells."""
    told = {name: changes.pop(name) for name in TOLD if name in changes}
    absent_since = changes.pop("absent_since", None)
    first = Statement(**{"file_date": FILE_DATE, "municipality": STOCKHOLM, **told})  # type: ignore[arg-type]
    statements = [first]
    if absent_since is not None:
        statements.append(replace(first, file_date=absent_since, absent=True))  # type: ignore[arg-type]
    facts = {"person_id": UUID(int=1), "birth_date": BORN, "statements": tuple(statements)}
    return PersonFacts(**{**facts, **changes})  # type: ignore[arg-type]


def moves(*statements: Statement, **changes: object) -> PersonFacts:
    """A person of whom the population register has said several things, oldest first."""
    return replace(person(**changes), statements=statements)


def enrolment(
    kind: EnrolmentKind = EnrolmentKind.NATIONAL,
    starts_on: date = date(2024, 8, 19),
    ends_on: date | None = None,
    end_kind: EndKind | None = None,
    *,
    completed_on: date | None = None,
    source: Source = Source.PLACEMENTS,
) -> Enrolment:
    return Enrolment(source, FILE_DATE, kind, starts_on, ends_on, end_kind, completed_on)


def compulsory(ends_on: date | None = date(2024, 6, 11), *, completed: bool = True) -> Enrolment:
    return enrolment(
        EnrolmentKind.COMPULSORY,
        date(2015, 8, 17),
        ends_on,
        completed_on=ends_on if completed else None,
        source=Source.SCHOOLS,
    )


def exam(kind: ExamKind, issued_on: date = date(2026, 6, 10)) -> Exam:
    return Exam(FILE_DATE, kind, issued_on)


days = st.dates(date(2015, 1, 1), date(2032, 12, 31))


@st.composite
def enrolments(draw: st.DrawFn) -> Enrolment:
    starts_on = draw(days)
    length = draw(st.none() | st.integers(0, 1200))
    ends_on = None if length is None else starts_on + timedelta(days=length)
    end_kind = None if ends_on is None else draw(st.none() | st.sampled_from(EndKind))
    kind = draw(st.sampled_from(EnrolmentKind))
    completed_on = ends_on if kind is EnrolmentKind.COMPULSORY and draw(st.booleans()) else None
    return enrolment(kind, starts_on, ends_on, end_kind, completed_on=completed_on)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    status = draw(st.sampled_from(Status) | st.just(Status.ACTIVE))
    return Statement(
        file_date=draw(days),
        municipality=draw(st.just(STOCKHOLM) | st.just("0126")),
        district=draw(st.none() | st.sampled_from(["farsta", "jarva"])),
        status=status,
        status_date=None if status is Status.ACTIVE else draw(days),
        immigrated_on=draw(st.none() | days),
        moved_in_on=draw(st.none() | days),
        absent=draw(st.just(False) | st.booleans()),
    )


@st.composite
def persons(draw: st.DrawFn) -> PersonFacts:
    told = draw(st.lists(statements(), min_size=1, max_size=4, unique_by=lambda one: one.file_date))
    return PersonFacts(
        person_id=UUID(int=1),
        birth_date=draw(st.dates(date(2000, 1, 1), date(2012, 12, 31))),
        statements=tuple(sorted(told, key=lambda one: one.file_date)),
        protection=draw(st.sampled_from(Protection)),
        enrolments=tuple(draw(st.lists(enrolments(), max_size=4))),
        exams=tuple(draw(st.lists(st.builds(exam, st.sampled_from(ExamKind), days), max_size=2))),
    )


def histories() -> st.SearchStrategy[PersonFacts]:
    """Persons of whom only the population register tells."""
    return persons().map(lambda facts: replace(facts, enrolments=(), exams=(), protection=Protection.NONE))

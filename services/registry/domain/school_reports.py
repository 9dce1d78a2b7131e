"""What schools tell (Skollagen 15 kap. 15 §, 18 kap. 15 §), and what it says of enrolments. Pure.

A school that another body runs must tell the home municipality as soon as possible when a pupil starts
or leaves, and when a pupil under 20 is absent to a considerable extent without a valid reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.school_reports import SchoolReportKind
from services.registry.domain.age import ADULT_AT, birthday
from services.registry.domain.facts import EndKind, Enrolment, EnrolmentKind, SchoolSource

YOUNGEST = 14  # years on the day of the event; who is younger has a mistyped number
EARLIEST = date(2015, 1, 1)  # the duty of today begins (Lag 2014:1382)
LONGEST_AHEAD = timedelta(days=120)  # schools are asked to tell before a dropout happens
LONGEST_PERIOD = timedelta(days=366)
LONGEST_UNREAD = timedelta(days=366)  # a mail older than that has a mistyped date
LEAVING = frozenset({SchoolReportKind.DROPOUT, SchoolReportKind.MOVED_SCHOOL})


class Reporter(StrEnum):
    """Who at the school told us: a function, never a name."""

    PRINCIPAL = "principal"  # rektor
    STUDY_COUNSELLOR = "study_counsellor"  # studie- och yrkesvägledare
    TEACHER = "teacher"  # mentor, lärare
    ADMINISTRATOR = "administrator"  # skoladministratör
    SYSTEM = "system"  # the school's register
    OTHER = "other"


class Channel(StrEnum):
    API = "api"  # by the school itself
    MAILBOX = "mailbox"  # by mail, typed in by staff


class Withdrawal(StrEnum):
    """Why a report counts for nothing any more."""

    WRONG_PERSON = "wrong_person"
    WRONG_SCHOOL = "wrong_school"
    NOT_TRUE = "not_true"


@dataclass(frozen=True, slots=True)
class Pupil:
    """Whom a report is about. ``district`` as the register has it; ``episode_id`` while the duty holds."""

    youth_id: UUID
    district: str | None
    protected: bool
    episode_id: UUID | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one pupil. The same told again says nothing new.

    ``event_date`` is the first day of who started, the last day of who left, the last day of a period of
    absence. ``absence_percent`` is the share of the offered time that was missed without a valid reason.
    """

    school_unit: str
    kind: SchoolReportKind
    event_date: date
    absence_from: date | None = None
    absence_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not fit: which field, and why (codes)."""

    field: str
    reason: str


def faults(told: Told, birth_date: date, received_on: date, today: date) -> tuple[Fault, ...]:
    """Return what is wrong with a report about somebody born on ``birth_date``, received on a day until today."""
    found = [*_faults_of_dates(told, received_on, today), *_faults_of_absence(told)]
    # Of who is 20 nothing may be kept (förordning 2006:39, 3 §).
    if birthday(birth_date, ADULT_AT) <= told.event_date:
        found.append(Fault("person_number", "turned_20"))
    elif told.event_date < birthday(birth_date, YOUNGEST):
        found.append(Fault("person_number", "too_young"))
    return tuple(found)


def _faults_of_dates(told: Told, received_on: date, today: date) -> Iterable[Fault]:
    if received_on > today:
        yield Fault("received_on", "in_the_future")
    elif today - received_on > LONGEST_UNREAD:
        yield Fault("received_on", "too_long_ago")
    if told.event_date < EARLIEST:
        yield Fault("event_date", "too_long_ago")
    elif told.kind is SchoolReportKind.INVALID_ABSENCE:
        if told.event_date > received_on:
            yield Fault("event_date", "not_over")
    elif told.event_date - received_on > LONGEST_AHEAD:
        yield Fault("event_date", "too_far_ahead")


def _faults_of_absence(told: Told) -> Iterable[Fault]:
    values = {"absence_from": told.absence_from, "absence_percent": told.absence_percent}
    if told.kind is not SchoolReportKind.INVALID_ABSENCE:
        yield from (Fault(field, "only_for_absence") for field, value in values.items() if value is not None)
        return
    yield from (Fault(field, "missing") for field, value in values.items() if value is None)
    if told.absence_percent is not None and not 1 <= told.absence_percent <= 100:
        yield Fault("absence_percent", "not_1_to_100")
    if told.absence_from is not None:
        if told.absence_from > told.event_date:
            yield Fault("absence_from", "after_event_date")
        elif told.event_date - told.absence_from > LONGEST_PERIOD:
            yield Fault("absence_from", "period_too_long")


# --- what a report says of enrolments -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SchoolReport:
    """A report that stands, about a known person. ``known_since`` is when we could first have acted on it."""

    report_id: UUID
    told: Told
    received_on: date
    known_since: datetime


@dataclass(frozen=True, slots=True)
class EndedByReport:
    """An enrolment that a source says goes on, and the report by which it ended: ``last_day`` was its last."""

    enrolment: Enrolment
    last_day: date
    report: SchoolReport


def ended_by_reports(
    enrolments: Iterable[Enrolment], reports: Sequence[SchoolReport]
) -> tuple[EndedByReport, ...]:
    """Return which of one person's enrolments ended by what the schools told, though a source has them going on.

    - A report ends what its school has: every enrolment there that had begun and went on beyond the last day
      told, whichever source tells of it (the county's register and the school's own may both have it).
    - The school's own register has the last word on *when*: an end in a file of the day of the report or later
      stands. That a register merely still has the pupil is no such word; it lags, which is why schools report.
    - A later start at the same school takes the leaving back. Of two leavings the one received last counts.

    Compulsory schooling is not what these reports are about. The answer does not depend on any order.
    """
    return tuple(
        EndedByReport(one, leaving.told.event_date, leaving)
        for one in enrolments
        if (leaving := _leaving(one, reports)) is not None
    )


def _leaving(enrolment: Enrolment, reports: Sequence[SchoolReport]) -> SchoolReport | None:
    if enrolment.kind is EnrolmentKind.COMPULSORY:
        return None
    here = [one for one in reports if one.told.school_unit == enrolment.school_unit]
    leavings = [
        one
        for one in here
        if one.told.kind in LEAVING and enrolment.starts_on <= one.told.event_date and _is_news(enrolment, one)
    ]
    if not leavings:
        return None
    last = max(leavings, key=lambda one: (one.received_on, one.told.event_date, one.report_id))
    back = any(
        one.told.kind is SchoolReportKind.STARTED and one.told.event_date > last.told.event_date for one in here
    )
    return None if back else last


def _is_news(enrolment: Enrolment, report: SchoolReport) -> bool:
    if enrolment.ends_on is None:
        return True
    return enrolment.ends_on > report.told.event_date and enrolment.file_date < report.received_on


def with_reports(enrolments: Sequence[Enrolment], reports: Sequence[SchoolReport]) -> tuple[Enrolment, ...]:
    """Return one person's enrolments with the ends that schools told and their registers do not have yet."""
    ends = {id(one.enrolment): one for one in ended_by_reports(enrolments, reports)}
    return tuple(_ended(one, ends[id(one)]) if id(one) in ends else one for one in enrolments)


def _ended(enrolment: Enrolment, end: EndedByReport) -> Enrolment:
    left = end.report.told.kind is SchoolReportKind.DROPOUT
    return replace(
        enrolment,
        source=SchoolSource.REPORTS,
        file_date=end.report.received_on,
        known_from=end.report.known_since,
        ends_on=end.last_day,
        end_kind=EndKind.DROPOUT if left else None,
    )

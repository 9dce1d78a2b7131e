"""Where sources contradict one another about one person, and which of them the register followed. Pure.

The register always decides (docs/sources/precedence.md); this only says of what a person should look at.
What a conflict tells is codes and days, so that the same facts give the same conflict, and others another.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    SchoolSource,
    Statement,
    Status,
)
from services.registry.domain.manual import Denial, MovedAway, denied, ended_by_register
from services.registry.domain.school_reports import SchoolReport, ended_by_reports

Said = tuple[tuple[str, str], ...]


class ConflictKind(StrEnum):
    ENDS_DIFFER = "ends_differ"
    LEFT_BUT_ENROLLED = "left_but_enrolled"
    EXAM_NOT_REGISTERED = "exam_not_registered"
    ENROLLED_AFTER_LEAVING = "enrolled_after_leaving"
    TWO_NUMBERS_IN_FORCE = "two_numbers_in_force"
    MUNICIPALITIES_DIFFER = "municipalities_differ"
    DENIED_BUT_ENROLLED = "denied_but_enrolled"
    MOVED_BUT_REGISTERED = "moved_but_registered"


class Precedence(StrEnum):
    """The rule by which the register decided all the same."""

    GOES_ON_COUNTS = "goes_on_counts"  # a pupil whom one source still has attends
    LATEST_END_COUNTS = "latest_end_counts"
    SCHOOL_REPORT_COUNTS = "school_report_counts"
    SCHOOLS_EXAM_COUNTS = "schools_exam_counts"
    POPULATION_REGISTER_COUNTS = "population_register_counts"
    FIRST_LINE_STANDS = "first_line_stands"
    LATEST_WORD_COUNTS = "latest_word_counts"
    MANUAL_ENTRY_COUNTS = "manual_entry_counts"


class SettleReason(StrEnum):
    """Why a person let a conflict be. It comes back when the facts change."""

    RULE_IS_RIGHT = "rule_is_right"  # what the register follows is true
    SOURCE_TOLD = "source_told"  # whoever keeps the source has been asked to put it right
    OF_NO_CONSEQUENCE = "of_no_consequence"


EXAMS = {
    EnrolmentKind.NATIONAL: frozenset({ExamKind.GYMNASIEEXAMEN}),
    EnrolmentKind.ANPASSAD: frozenset({ExamKind.GYMNASIEBEVIS_ANPASSAD}),
    EnrolmentKind.EQUIVALENT: frozenset({ExamKind.IB, ExamKind.FOREIGN, ExamKind.FOLKHOGSKOLA}),
}


# What the exams register has of everybody; of an exam from abroad nobody but staff tells.
IN_THE_REGISTER = frozenset({ExamKind.GYMNASIEEXAMEN, ExamKind.GYMNASIEBEVIS_ANPASSAD})
MANUAL = str(SchoolSource.MANUAL)


@dataclass(frozen=True, slots=True)
class Patience:
    """Days for which a source may lag behind another before that is a conflict."""

    register: int = 14
    exams: int = 60


@dataclass(frozen=True, slots=True)
class FromFeed:
    """An enrolment with the feed that told it: a source's file, or one server of it."""

    feed: str
    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Sourced:
    """What each source says of one person. ``statements``: oldest first, with whether Navet told it.

    What staff entered is of the feed `manual`, and ``denials`` and ``moved_away``.
    """

    statements: tuple[tuple[bool, Statement], ...]
    enrolments: tuple[FromFeed, ...] = ()
    reports: tuple[SchoolReport, ...] = ()
    exams: tuple[Exam, ...] = ()
    denials: tuple[Denial, ...] = ()
    moved_away: tuple[MovedAway, ...] = ()
    two_lines: bool = False  # the extract has two lines of them, under different numbers


@dataclass(frozen=True, slots=True)
class Conflict:
    """``said`` is what tells this conflict from others of the kind; ``known_from``: since when we know of it."""

    kind: ConflictKind
    sources: tuple[str, ...]
    said: Said
    rule: Precedence
    known_from: datetime | None = field(default=None, compare=False)


def conflicts(one: Sourced, on: date, patience: Patience) -> tuple[Conflict, ...]:
    """Return where the sources contradict one another about a person, as of a day."""
    return (
        *_ends_differ(one.enrolments, on),
        *_left_but_enrolled(one, on - timedelta(days=patience.register)),
        *_exam_not_registered(one, on - timedelta(days=patience.exams)),
        *_denied_but_enrolled(one, on - timedelta(days=patience.register)),
        *_moved_but_registered(one, on - timedelta(days=patience.register)),
        *_enrolled_after_leaving(one, on),
        *_two_numbers(one),
        *_municipalities_differ(one.statements, on - timedelta(days=patience.register)),
    )


def _ends_differ(enrolments: Iterable[FromFeed], on: date) -> Iterator[Conflict]:
    """Of what each feed has of a school and kind last. Ends that both lie ahead are plans, and may differ."""
    last: defaultdict[tuple[str, EnrolmentKind], dict[str, FromFeed]] = defaultdict(dict)
    for told in sorted(enrolments, key=lambda told: told.enrolment.starts_on):
        last[told.enrolment.school_unit, told.enrolment.kind][told.feed] = told
    for (unit, kind), by_feed in sorted(last.items()):
        ends = {feed: told.enrolment.ends_on for feed, told in sorted(by_feed.items())}
        over = [end is not None and end < on for end in ends.values()]
        if len(set(ends.values())) > 1 and any(over):
            said: Said = (("school_unit", unit), ("kind", str(kind)))
            said += tuple((feed, "goes_on" if end is None else str(end)) for feed, end in ends.items())
            rule = Precedence.LATEST_END_COUNTS if all(over) else Precedence.GOES_ON_COUNTS
            if (manual := by_feed.get(MANUAL)) is not None:
                said += (("known_on", str(manual.enrolment.file_date)),)  # which word is the latest hangs on it
                registers = [told.enrolment for feed, told in by_feed.items() if feed != MANUAL]
                goes_on = any(one.ends_on is None or one.ends_on >= on for one in registers)
                if not goes_on and ended_by_register(manual.enrolment, registers) is not None:
                    rule = Precedence.LATEST_WORD_COUNTS
            known = _latest(told.enrolment.known_from for told in by_feed.values())
            yield Conflict(ConflictKind.ENDS_DIFFER, tuple(ends), said, rule, known)


def _left_but_enrolled(one: Sourced, told_by: date) -> Iterator[Conflict]:
    """A school told of a leaving, and a register has the pupil long after."""
    feeds = {id(told.enrolment): told.feed for told in one.enrolments}
    for found in ended_by_reports([told.enrolment for told in one.enrolments], one.reports):
        if found.report.received_on <= told_by:
            end, feed = found.enrolment.ends_on, feeds[id(found.enrolment)]
            yield Conflict(
                ConflictKind.LEFT_BUT_ENROLLED,
                ("reports", feed),
                (
                    ("school_unit", found.enrolment.school_unit),
                    ("kind", str(found.enrolment.kind)),
                    ("reports", str(found.last_day)),
                    (feed, "goes_on" if end is None else str(end)),
                ),
                Precedence.SCHOOL_REPORT_COUNTS,
                found.report.known_since,
            )


def _exam_not_registered(one: Sourced, told_by: date) -> Iterator[Conflict]:
    """A school or staff told of an exam that the exams register does not have."""
    registered = {exam.kind for exam in one.exams if exam.source is not SchoolSource.MANUAL}
    for told in one.enrolments:
        end, kind = told.enrolment.ends_on, told.enrolment.kind
        if told.enrolment.end_kind is not EndKind.EXAM or end is None or end > told_by:
            continue
        if kind in EXAMS and not EXAMS[kind] & registered:
            said = (("school_unit", told.enrolment.school_unit), ("kind", str(kind)), (told.feed, str(end)))
            yield Conflict(
                ConflictKind.EXAM_NOT_REGISTERED,
                (told.feed, "exams"),
                said,
                Precedence.SCHOOLS_EXAM_COUNTS,
                told.enrolment.known_from,
            )

    for exam in one.exams:
        entered = exam.source is SchoolSource.MANUAL and exam.kind in IN_THE_REGISTER - registered
        if entered and max(exam.issued_on, exam.file_date) <= told_by:
            yield Conflict(
                ConflictKind.EXAM_NOT_REGISTERED,
                (MANUAL, "exams"),
                (("kind", str(exam.kind)), (MANUAL, str(exam.issued_on))),
                Precedence.MANUAL_ENTRY_COUNTS,
                exam.known_from,
            )


def _denied_but_enrolled(one: Sourced, told_by: date) -> Iterator[Conflict]:
    """Staff know that an enrolment is wrong or over, and a register has the pupil long after."""
    feeds = {id(told.enrolment): told.feed for told in one.enrolments}
    for found in denied([told.enrolment for told in one.enrolments], one.denials):
        if found.denial.told_on <= told_by:
            end, feed, last = found.enrolment.ends_on, feeds[id(found.enrolment)], found.denial.last_day
            yield Conflict(
                ConflictKind.DENIED_BUT_ENROLLED,
                (MANUAL, feed),
                (
                    ("school_unit", found.enrolment.school_unit),
                    ("kind", str(found.enrolment.kind)),
                    (MANUAL, "never_attended" if last is None else str(last)),
                    (feed, "goes_on" if end is None else str(end)),
                ),
                Precedence.MANUAL_ENTRY_COUNTS,
                _latest((found.denial.known_from, found.enrolment.known_from)),
            )


def _moved_but_registered(one: Sourced, moved_by: date) -> Iterator[Conflict]:
    """Staff know that somebody moved away, and the population register has them here long after."""
    _, newest = one.statements[-1]
    for moved in one.moved_away:
        back = newest.since is not None and newest.since > moved.moved_on
        if newest.gone_from is None and not back and moved.moved_on <= moved_by:
            yield Conflict(
                ConflictKind.MOVED_BUT_REGISTERED,
                (MANUAL, "population"),
                ((MANUAL, str(moved.moved_on)), ("population", newest.municipality)),
                Precedence.POPULATION_REGISTER_COUNTS,
                _latest((moved.known_from, newest.known_from)),
            )


def _enrolled_after_leaving(one: Sourced, on: date) -> Iterator[Conflict]:
    """Dead or moved away, and in a school that began after that."""
    _, newest = one.statements[-1]
    gone = None if newest.absent or newest.status is Status.ACTIVE else newest.gone_from
    for told in one.enrolments:
        if gone is not None and gone < told.enrolment.starts_on <= on:
            yield Conflict(
                ConflictKind.ENROLLED_AFTER_LEAVING,
                ("population", told.feed),
                (
                    ("population", str(newest.status)),
                    ("gone_from", str(gone)),
                    ("school_unit", told.enrolment.school_unit),
                    ("kind", str(told.enrolment.kind)),
                    (told.feed, str(told.enrolment.starts_on)),
                ),
                Precedence.POPULATION_REGISTER_COUNTS,
                _latest((newest.known_from, told.enrolment.known_from)),
            )


def _two_numbers(one: Sourced) -> Iterator[Conflict]:
    if one.two_lines:
        yield Conflict(
            ConflictKind.TWO_NUMBERS_IN_FORCE,
            ("population",),
            (("population", "two_lines"),),
            Precedence.FIRST_LINE_STANDS,
        )


def _municipalities_differ(statements: tuple[tuple[bool, Statement], ...], known_by: date) -> Iterator[Conflict]:
    """Navet and the extract tell of different municipalities.

    The extract may lag behind Navet. An extract that tells something else after Navet does so by a later move,
    or contradicts it.
    """
    navet = next((one for by_navet, one in reversed(statements) if by_navet), None)
    extract = next((one for by_navet, one in reversed(statements) if not by_navet), None)
    if navet is None or extract is None or extract.absent or _lives_in(navet) == _lives_in(extract):
        return
    if statements[-1][0]:
        contradicts = navet.known_from is not None and navet.known_from.date() <= known_by
    else:
        moved = extract.gone_from if extract.status is not Status.ACTIVE else extract.since
        contradicts = moved is None or moved <= navet.file_date
    if contradicts:
        yield Conflict(
            ConflictKind.MUNICIPALITIES_DIFFER,
            ("navet", "population"),
            (("navet", _lives_in(navet)), ("population", _lives_in(extract))),
            Precedence.LATEST_WORD_COUNTS,
            statements[-1][1].known_from,
        )


def _lives_in(one: Statement) -> str:
    """Return the code of the municipality; a death or an emigration as its code."""
    return str(one.status) if one.status in (Status.DEAD, Status.EMIGRATED) else one.municipality


def _latest(known: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in known if one is not None), default=None)

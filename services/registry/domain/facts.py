"""What the sources say about one person, as the rule reads it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from contracts.registry_activities import Source


class SchoolSource(StrEnum):
    """A source besides those of files."""

    REPORTS = "reports"  # a school told of a leaving (15 kap. 15 §), its register does not yet
    MANUAL = "manual"  # staff know, and entered it with a reason


EvidenceSource: TypeAlias = Source | SchoolSource
EVIDENCE_SOURCES: dict[str, EvidenceSource] = {
    **{one: one for one in Source},
    **{one: one for one in SchoolSource},
}


class Status(StrEnum):
    ACTIVE = "active"
    MOVED_OUT = "moved_out"
    EMIGRATED = "emigrated"
    DEAD = "dead"


class Protection(StrEnum):
    """Protected identity. Either kind means: nothing automatic, nothing shown."""

    NONE = "none"
    MARKED = "sekretessmarkering"
    PROTECTED_REGISTRATION = "skyddad_folkbokforing"


class EnrolmentKind(StrEnum):
    COMPULSORY = "compulsory"
    NATIONAL = "national"
    INTRODUCTION = "introduction"  # introduktionsprogram (IM)
    ANPASSAD = "anpassad"  # anpassad gymnasieskola (gymnasiesärskola until July 2023)
    EQUIVALENT = "equivalent"  # IB, international school and the like
    OTHER = "other"  # SFI, Komvux, folkhögskola: the youth stays covered


class EndKind(StrEnum):
    DROPOUT = "dropout"
    COMPLETED = "completed"
    EXAM = "exam"
    STUDIEBEVIS = "studiebevis"


class ExamKind(StrEnum):
    GYMNASIEEXAMEN = "gymnasieexamen"
    GYMNASIEBEVIS_ANPASSAD = "gymnasiebevis_anpassad"
    STUDIEBEVIS = "studiebevis"
    IB = "ib"
    FOREIGN = "foreign"
    FOLKHOGSKOLA = "folkhogskola"  # certificate of basic eligibility


@dataclass(frozen=True, slots=True)
class Statement:
    """What the population register says of where a person lives, from one file until another says otherwise.

    ``absent``: a whole file lacked the person; the rest then repeats what was said before.
    ``known_from`` is when we learned it.
    """

    file_date: date
    municipality: str
    district: str | None = None
    status: Status = Status.ACTIVE
    status_date: date | None = None  # of the move, emigration or death
    immigrated_on: date | None = None
    moved_in_on: date | None = None
    absent: bool = False
    known_from: datetime | None = None

    @property
    def gone_from(self) -> date | None:
        """The first day on which the person is registered here no more, if the statement says so."""
        if self.absent:
            return self.file_date
        if self.status is Status.ACTIVE:
            return None
        return self.status_date or self.file_date

    @property
    def since(self) -> date | None:
        """The day from which it tells of a person registered here; None when it does not say."""
        return max((day for day in (self.moved_in_on, self.immigrated_on) if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class Enrolment:
    source: EvidenceSource
    file_date: date  # of the file that brought it in this version
    kind: EnrolmentKind
    starts_on: date
    ends_on: date | None  # the last day
    end_kind: EndKind | None
    compulsory_completed_on: date | None = None
    school_unit: str = ""
    known_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exam:
    file_date: date
    kind: ExamKind
    issued_on: date
    known_from: datetime | None = None
    source: EvidenceSource = Source.EXAMS


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that is known of one person at some time. ``statements``: oldest first, at least one."""

    person_id: UUID
    birth_date: date
    statements: tuple[Statement, ...]
    protection: Protection = Protection.NONE
    merged: bool = False  # turned out to be a person that we have already
    enrolments: tuple[Enrolment, ...] = ()
    exams: tuple[Exam, ...] = ()

    @property
    def immigrated_on(self) -> date | None:
        """The day of immigration, as the newest statement that knows of one has it."""
        return next((one.immigrated_on for one in reversed(self.statements) if one.immigrated_on), None)

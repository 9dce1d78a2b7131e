"""What the sources say about one person, as the rule reads it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.registry_activities import Source


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
class Enrolment:
    source: Source
    file_date: date
    kind: EnrolmentKind
    starts_on: date
    ends_on: date | None  # the last day
    end_kind: EndKind | None
    compulsory_completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Exam:
    file_date: date
    kind: ExamKind
    issued_on: date


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """``absent_since`` is the date of the first healthy population file that lacked the person."""

    person_id: UUID
    birth_date: date
    file_date: date
    municipality: str
    status: Status = Status.ACTIVE
    status_date: date | None = None
    protection: Protection = Protection.NONE
    immigrated_on: date | None = None
    moved_in_on: date | None = None
    absent_since: date | None = None
    merged: bool = False  # turned out to be a person that we have already
    enrolments: tuple[Enrolment, ...] = ()
    exams: tuple[Exam, ...] = ()

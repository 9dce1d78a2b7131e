"""What staff know and no source tells, and how it stands beside what the registers say. Pure.

The latest word counts (docs/sources/precedence.md): an entry stands against what the registers had told by the
day on which staff got to know, and yields to an end that a register tells of the same school after that day.
That a register merely still has the pupil is no such word: it lags, which is why somebody made the entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.registry.domain.facts import Enrolment, EnrolmentKind, SchoolSource

# Of a school that no register knows nobody would ever tell the end: it is asked again each school year.
LONGEST_AHEAD = timedelta(days=370)


class ManualFact(StrEnum):
    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"  # what a register has is wrong, or over
    EXAM = "exam"
    MOVED_AWAY = "moved_away"  # decides nothing: where somebody is registered does (29 kap. 6 §)


class ManualReason(StrEnum):
    """Why a person enters it."""

    SCHOOL_NOT_IN_REGISTERS = "school_not_in_registers"
    REGISTER_IS_LATE = "register_is_late"
    REGISTER_IS_WRONG = "register_is_wrong"
    DOCUMENT_SHOWN = "document_shown"


class ManualWithdrawal(StrEnum):
    """Why an entry counts for nothing any more. What merely is over gets an end instead."""

    WRONG_PERSON = "wrong_person"
    NOT_TRUE = "not_true"
    REGISTER_TELLS = "register_tells"  # the register has followed


@dataclass(frozen=True, slots=True)
class Denial:
    """That an enrolment at a school is wrong: it ended on ``last_day``; None: never attended.

    ``told_on`` is the day on which staff got to know, ``known_from`` when it was entered.
    """

    school_unit: str
    last_day: date | None
    told_on: date
    known_from: datetime


@dataclass(frozen=True, slots=True)
class MovedAway:
    """That somebody does not live here any more, whatever the population register says."""

    moved_on: date
    municipality: str | None
    known_from: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """An enrolment of a register, and the entry by which it is over."""

    enrolment: Enrolment
    denial: Denial


def with_manual(enrolments: Sequence[Enrolment], denials: Sequence[Denial]) -> tuple[Enrolment, ...]:
    """Return one person's enrolments by the latest word of registers and staff. The order does not matter."""
    over = {id(one.enrolment): one.denial for one in denied(enrolments, denials)}
    return tuple(_settled(enrolments, over))


def denied(enrolments: Iterable[Enrolment], denials: Sequence[Denial]) -> tuple[Denied, ...]:
    """Return which enrolments of registers are over by what staff know.

    An entry speaks of every enrolment at that school which had begun, whichever register has it; of one that
    begins later it says nothing. Compulsory schooling is not what these entries are about.
    """
    found = []
    for one in enrolments:
        if against := [denial for denial in denials if _speaks_of(denial, one)]:
            found.append(Denied(one, max(against, key=lambda denial: (denial.told_on, denial.known_from))))
    return tuple(found)


def ended_by_register(manual: Enrolment, registers: Iterable[Enrolment]) -> Enrolment | None:
    """Return the enrolment by which a register ends one that staff entered: told after it, of the same school."""
    ends = [
        one
        for one in registers
        if one.source is not SchoolSource.MANUAL
        and (one.school_unit, one.kind) == (manual.school_unit, manual.kind)
        and one.file_date > manual.file_date
        and one.ends_on is not None
        and manual.starts_on <= one.ends_on
        and (manual.ends_on is None or one.ends_on < manual.ends_on)
    ]
    return max(ends, key=lambda one: (one.ends_on, one.file_date), default=None)


def _settled(enrolments: Sequence[Enrolment], over: dict[int, Denial]) -> Iterator[Enrolment]:
    for one in enrolments:
        denial = over.get(id(one))
        if denial is not None:
            if denial.last_day is not None:
                yield replace(
                    one,
                    source=SchoolSource.MANUAL,
                    file_date=denial.told_on,
                    known_from=denial.known_from,
                    ends_on=denial.last_day,
                    end_kind=None,
                )
            continue
        end = ended_by_register(one, enrolments) if one.source is SchoolSource.MANUAL else None
        if end is None:
            yield one
        else:
            yield replace(
                one,
                source=end.source,
                file_date=end.file_date,
                known_from=end.known_from,
                ends_on=end.ends_on,
                end_kind=end.end_kind,
            )


def _speaks_of(denial: Denial, one: Enrolment) -> bool:
    if one.source is SchoolSource.MANUAL or one.kind is EnrolmentKind.COMPULSORY:
        return False
    if one.school_unit != denial.school_unit or one.starts_on > (denial.last_day or denial.told_on):
        return False
    if one.ends_on is None:
        return True
    beyond = denial.last_day is None or one.ends_on > denial.last_day
    return beyond and one.file_date <= denial.told_on

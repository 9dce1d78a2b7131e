"""One enrolment to one record of the `schools` layout. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.registry.domain.facts import EndKind, EnrolmentKind
from services.registry.sources.ss12000 import dates, references, school_types
from services.registry.sources.ss12000.references import References
from services.registry.sources.values import BadValue

LAST_YEAR = {"SP": 10}  # specialskola has ten years (Skollagen 12 kap. 3 §)
LAST_YEAR_ELSE = 9
COMPLETES_IN = (6, 7)  # months in which the last year's enrolment ends; at other times a pupil changes schools


@dataclass(slots=True)
class Enrolled:
    """An enrolment as read. ``kind`` None: nothing of the duty, or not usable (then ``rejected`` says why)."""

    school_unit: str = ""
    kind: EnrolmentKind | None = None
    programme: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    end_kind: EndKind | None = None
    last_year: bool = False  # of compulsory school
    rejected: tuple[str, str] | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)  # (field, reason): went on without the value
    never_started: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return (self.school_unit, self.kind, self.starts_on)


def read(raw: Any, refs: References, read_on: date, modified_on: date | None) -> Enrolled:
    """Return what an element of ``enrolments`` tells.

    ``read_on`` is the day of reading, ``modified_on`` the day on which the server last changed the person.
    """
    one = Enrolled()
    if not isinstance(raw, Mapping):
        one.rejected = ("enrolments", "format")
        return one
    school_type = school_types.normalised(raw.get("schoolType"))
    if school_type in school_types.LEISURE:
        return one
    try:
        if school_type is None:
            raise _Rejected("enrolments.schoolType", "empty")
        kind = _kind(one, raw, school_type, refs)
        _school_unit(one, raw, refs)
        _period(one, raw, read_on, modified_on)
    except _Rejected as rejected:
        one.rejected = (rejected.field, rejected.reason)
        return one
    one.last_year = str(raw.get("schoolYear")) == str(LAST_YEAR.get(school_type, LAST_YEAR_ELSE))
    one.kind = None if one.never_started else kind
    return one


def completed_on(one: Enrolled, others: list[Enrolled], read_on: date) -> date | None:
    """Return the day on which compulsory school was completed, as far as this enrolment shows it.

    The standard has no word for it: the last year's enrolment has run to its end in June, and no other compulsory
    school has the pupil after that. Else the calendar decides (`domain.age.presumed_school_age_end`).
    """
    if one.kind is not EnrolmentKind.COMPULSORY or not one.last_year or one.end_kind is EndKind.DROPOUT:
        return None
    ends_on = one.ends_on
    if ends_on is None or ends_on > read_on or ends_on.month not in COMPLETES_IN:
        return None
    goes_on = any(
        other.kind is EnrolmentKind.COMPULSORY and (other.ends_on is None or other.ends_on > ends_on)
        for other in others
    )
    return None if goes_on else ends_on


class _Rejected(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def _kind(one: Enrolled, raw: Mapping[str, Any], school_type: str, refs: References) -> EnrolmentKind:
    programme = refs.programme(references.reference(raw.get("programme")))
    education_code = references.text(raw.get("educationCode"))
    one.programme = (programme.code if programme is not None else None) or education_code
    found = school_types.classify(school_type, programme.type if programme is not None else None, one.programme)
    if found.kind is None:
        raise _Rejected(*(found.doubt or ("enrolments.schoolType", "unknown_code")))
    if found.doubt is not None:
        one.notes.append(found.doubt)
    return found.kind


def _school_unit(one: Enrolled, raw: Mapping[str, Any], refs: References) -> None:
    # The standard spells it with one l; who corrects that is understood too.
    organisation = references.reference(raw.get("enroledAt", raw.get("enrolledAt")))
    code = refs.school_unit(organisation)
    if code is None:
        raise _Rejected("enrolments.enroledAt", "empty" if organisation is None else "unknown_school_unit")
    one.school_unit = code


def _period(one: Enrolled, raw: Mapping[str, Any], read_on: date, modified_on: date | None) -> None:
    starts_on = _day("startDate", raw, dates.start)
    ends_on = _day("endDate", raw, dates.end)
    if raw.get("cancelled") in (True, "true"):
        # Broken off early. Where the planned end is left standing, it was at the latest when the server said so.
        known = min(modified_on or read_on, read_on)
        if ends_on is None or ends_on > known:
            one.notes.append(("enrolments.endDate", "empty" if ends_on is None else "after_cancelled"))
            ends_on = known
        one.end_kind = EndKind.DROPOUT
    if starts_on is None:
        # It is there now, so it holds for this school year; more is not claimed.
        starts_on = dates.school_year_start(min(read_on, ends_on or read_on))
        one.notes.append(("enrolments.startDate", "empty"))
    if ends_on is not None and ends_on < starts_on:
        if one.end_kind is not EndKind.DROPOUT:
            raise _Rejected("enrolments.endDate", "before_start")
        one.never_started = True
    one.starts_on, one.ends_on = starts_on, ends_on


def _day(name: str, raw: Mapping[str, Any], take: Any) -> date | None:
    try:
        found: date | None = take(raw.get(name))
    except BadValue as bad:
        raise _Rejected(f"enrolments.{name}", bad.reason) from None
    return found

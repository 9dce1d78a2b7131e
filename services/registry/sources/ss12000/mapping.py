"""One person of a server to rows of the `schools` layout. Pure: no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.registry_activities import Source
from services.registry.domain.age import birthday
from services.registry.domain.facts import EnrolmentKind
from services.registry.domain.person_number import PersonNumber
from services.registry.sources import values
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.ss12000 import contact, dates, enrolments, references
from services.registry.sources.ss12000.delivery import Row, Told
from services.registry.sources.ss12000.enrolments import Enrolled
from services.registry.sources.ss12000.references import References
from services.registry.sources.values import BadValue

LAYOUT = LAYOUTS[Source.SCHOOLS]
# The population extract holds everybody aged 15-20; of others nothing is needed, nor taken (2006:39, 3 §).
TURNS_AT_LEAST, YOUNGER_THAN = 15, 21
SWEDISH = frozenset({"", "SE", "SWE"})


@dataclass(frozen=True, slots=True)
class Problem:
    field: str
    reason: str
    kept: bool = False


@dataclass(slots=True)
class Mapped:
    """``told`` is None for an entity without an id that can be used."""

    entity_id: UUID | None = None
    told: Told | None = None
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    never_started: int = 0
    out_of_age: bool = False
    unsure: str | None = None  # the person number, when something of an identified person could not be used

    @property
    def rejected(self) -> bool:
        return any(not problem.kept for problem in self.problems)

    def keep(self, *problems: Problem) -> "Mapped":
        """What was known of the person stays."""
        self.problems += problems
        self.told = None if self.entity_id is None else Told.KEPT
        return self


def map_person(person: Any, refs: References, read_on: date) -> Mapped:
    """Return the rows of an element of /persons, as of the Stockholm day ``read_on``.

    Who has no enrolment (staff, guardians) is looked at no further: neither number nor name.
    """
    mapped = Mapped(references.identifier(person))
    if mapped.entity_id is None:
        return mapped.keep(Problem("id", "format"))
    listed = person.get("enrolments")
    if listed is not None and not isinstance(listed, list):
        return mapped.keep(Problem("enrolments", "format"))
    read = [enrolments.read(one, refs, read_on, _modified_on(person)) for one in listed or ()]
    concerned = [one for one in read if one.kind is not None or one.rejected is not None or one.never_started]
    mapped.told = Told.REPLACED
    if not concerned:
        return mapped
    try:
        number = _number(person)
    except BadValue as bad:
        born = _presumed_birth_date(person)
        mapped.out_of_age = born is not None and not _is_of_age(born, read_on)
        return mapped.keep(*(() if mapped.out_of_age else (Problem("civicNo.value", bad.reason),)))
    if not _is_of_age(number.birth_date, read_on):
        mapped.out_of_age = True
        return mapped.keep()
    mapped.never_started = sum(one.never_started for one in concerned)
    _add_rows(mapped, person, number, concerned, read_on)
    if mapped.rejected:
        mapped.told, mapped.unsure = Told.KEPT, number.digits
    return mapped


def _add_rows(
    mapped: Mapped, person: Mapping[str, Any], number: PersonNumber, read: list[Enrolled], read_on: date
) -> None:
    assert mapped.entity_id is not None
    phone, email = _contact(mapped, person)
    for one in read:
        mapped.problems += [Problem(*note, kept=True) for note in one.notes if one.kind is not None]
        if one.rejected is not None:
            mapped.problems.append(Problem(*one.rejected))
    usable = [one for one in read if one.kind is not None]
    for one in _once_each(mapped, usable):
        row = {
            "person_number": number,
            "school_unit": one.school_unit,
            "kind": str(one.kind),
            "programme": one.programme if one.kind is not EnrolmentKind.COMPULSORY else None,
            "starts_on": one.starts_on,
            "ends_on": one.ends_on,
            "end_kind": None if one.end_kind is None else str(one.end_kind),
            "compulsory_completed_on": enrolments.completed_on(one, usable, read_on),
            "phone": phone,
            "email": email,
        }
        if (misfit := LAYOUT.check(row)) is not None:  # the layout has the last word
            mapped.problems.append(Problem(f"enrolments.{misfit[0]}", misfit[1]))
            continue
        mapped.rows.append(Row(mapped.entity_id, LAYOUT.record(row)))


def _once_each(mapped: Mapped, usable: list[Enrolled]) -> list[Enrolled]:
    """Of enrolments that the layout cannot tell apart, the one that goes on longest."""
    found: dict[tuple[object, ...], Enrolled] = {}
    for one in usable:
        other = found.setdefault(one.key, one)
        if other is not one:
            mapped.problems.append(Problem("enrolments", LAYOUT.duplicate, kept=True))
            found[one.key] = max(other, one, key=lambda each: each.ends_on or date.max)
    return list(found.values())


def _contact(mapped: Mapped, person: Mapping[str, Any]) -> tuple[str | None, str | None]:
    if contact.is_protected(person):
        return None, None
    phone, phone_reason = contact.phone(person)
    email, email_reason = contact.email(person)
    for name, reason in (("phoneNumbers", phone_reason), ("emails", email_reason)):
        if reason is not None:
            mapped.problems.append(Problem(name, reason, kept=True))
    return phone, email


def _number(person: Mapping[str, Any]) -> PersonNumber:
    """Raises BadValue. An interim number of the school's leads to nobody, and waits for a real one."""
    civic = person.get("civicNo")
    nationality = civic.get("nationality") if isinstance(civic, Mapping) else None
    if isinstance(nationality, str) and nationality.strip().upper() not in SWEDISH:
        raise BadValue("foreign_number")
    raw = _civic_value(person)
    if not raw:
        raise BadValue("empty")
    return values.person(raw)


def _civic_value(person: Mapping[str, Any]) -> str:
    civic = person.get("civicNo")
    raw = civic.get("value") if isinstance(civic, Mapping) else civic
    return raw.strip().upper() if isinstance(raw, str) else ""


def _presumed_birth_date(person: Mapping[str, Any]) -> date | None:
    """The birth date of somebody without a usable number, so that small children are not reported."""
    digits = _civic_value(person)[:8]
    for raw in (person.get("birthDate"), f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"):
        try:
            if (found := dates.day(raw)) is not None:
                return found
        except BadValue:
            continue
    return None


def _is_of_age(born: date, read_on: date) -> bool:
    return born.year + TURNS_AT_LEAST <= read_on.year and read_on < birthday(born, YOUNGER_THAN)


def _modified_on(person: Mapping[str, Any]) -> date | None:
    meta = person.get("meta")
    try:
        return dates.day(meta.get("modified")) if isinstance(meta, Mapping) else None
    except BadValue:
        return None

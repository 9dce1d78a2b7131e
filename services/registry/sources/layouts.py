"""The layouts of docs/sources/files.md as data: columns, what each may hold, and what a record becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.districts import DISTRICT_BY_CODE
from contracts.reasons import Sex
from contracts.registry_activities import Source
from services.registry.domain.facts import EndKind, EnrolmentKind, ExamKind, Protection, Status
from services.registry.domain.person_number import PersonNumber
from services.registry.sources import values
from services.registry.sources.values import BadValue

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """``required``: the header must have it. ``filled``: each record must. ``lenient``: a record goes on
    without a value that does not fit, and the report says so."""

    name: str
    read: Callable[[str], Any]
    required: bool = False
    filled: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """``check`` refuses values that do not fit each other, as (field, reason). ``key`` may occur once per file;
    ``stored`` are the fields of the staging table, which ``record`` makes from the values."""

    source: Source
    columns: tuple[Column, ...]
    key: Callable[[Values], object]
    stored: tuple[str, ...]
    record: Callable[[Values], tuple[Any, ...]]
    check: Callable[[Values], tuple[str, str] | None]
    duplicate: str

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _district(raw: str) -> str:
    if raw not in DISTRICT_BY_CODE:
        raise BadValue("unknown_district")
    return raw


_PERSON = Column("person_number", values.person, required=True, filled=True)
_PHONE = Column("phone", values.phone, lenient=True)
_EMAIL = Column("email", values.email, lenient=True)
_ADDRESS = ("care_of", "street", "postal_code", "city")

_POPULATION_COLUMNS = (
    _PERSON,
    Column("previous_person_number", values.person),
    Column("first_name", values.text, required=True, filled=True),
    Column("last_name", values.text, required=True, filled=True),
    Column("sex", values.code(Sex)),
    Column("care_of", values.text),
    Column("street", values.text),
    Column("postal_code", values.postal_code, lenient=True),
    Column("city", values.text),
    Column("district", _district, lenient=True),
    Column("municipality", values.digits(4), required=True, filled=True),
    Column("status", values.code(Status), required=True, filled=True),
    Column("status_date", values.day),
    Column("protection", values.code(Protection)),
    Column("immigrated_on", values.day),
    Column("moved_in_on", values.day),
    _PHONE,
    _EMAIL,
)
_POPULATION_AS_READ = tuple(
    column.name
    for column in _POPULATION_COLUMNS
    if column.name not in ("person_number", "previous_person_number", "sex", "protection")
)


def _population_record(row: Values) -> tuple[Any, ...]:
    number: PersonNumber = row["person_number"]
    previous: PersonNumber | None = row["previous_person_number"]
    protection = row["protection"] or Protection.NONE
    # With skyddad folkbokföring no address may exist anywhere, whatever the file holds.
    hidden = _ADDRESS if protection == Protection.PROTECTED_REGISTRATION else ()
    return (
        number.digits,
        None if previous is None else previous.digits,
        number.birth_date,
        row["sex"] or str(number.sex),
        str(protection),
        *(None if name in hidden else row[name] for name in _POPULATION_AS_READ),
    )


def _check_population(row: Values) -> tuple[str, str] | None:
    if row["status"] != Status.ACTIVE and row["status_date"] is None:
        return "status_date", "empty"
    return None


def _enrolment_columns(kinds: Callable[[str], str]) -> tuple[Column, ...]:
    return (
        _PERSON,
        Column("school_unit", values.digits(8), required=True, filled=True),
        Column("kind", kinds, required=True, filled=True),
        Column("programme", values.text),
        Column("starts_on", values.day, required=True, filled=True),
        Column("ends_on", values.day),
        Column("end_kind", values.code(EndKind)),
    )


def _not_compulsory(raw: str) -> str:
    if raw == EnrolmentKind.COMPULSORY:
        raise BadValue("unknown_code")
    return values.code(EnrolmentKind)(raw)


_SCHOOLS_ONLY = (Column("compulsory_completed_on", values.day), _PHONE, _EMAIL)
_ENROLMENT_STORED = (
    "person_number",
    "school_unit",
    "kind",
    "programme",
    "starts_on",
    "ends_on",
    "end_kind",
    *(column.name for column in _SCHOOLS_ONLY),
)


def _enrolment_record(row: Values) -> tuple[Any, ...]:
    number: PersonNumber = row["person_number"]
    return (number.digits, *(row.get(name) for name in _ENROLMENT_STORED[1:]))


def _enrolment_key(row: Values) -> object:
    return (row["person_number"].digits, row["school_unit"], row["kind"], row["starts_on"])


def _check_enrolment(row: Values) -> tuple[str, str] | None:
    ends_on: date | None = row["ends_on"]
    if ends_on is not None and ends_on < row["starts_on"]:
        return "ends_on", "before_start"
    if row["end_kind"] is not None and ends_on is None:
        return "ends_on", "empty"
    return None


def _enrolments(source: Source, columns: tuple[Column, ...]) -> Layout:
    return Layout(
        source=source,
        columns=columns,
        key=_enrolment_key,
        stored=_ENROLMENT_STORED,
        record=_enrolment_record,
        check=_check_enrolment,
        duplicate="duplicate_row",
    )


LAYOUTS: dict[Source, Layout] = {
    Source.POPULATION: Layout(
        source=Source.POPULATION,
        columns=_POPULATION_COLUMNS,
        key=lambda row: row["person_number"].digits,
        stored=(
            "person_number",
            "previous_person_number",
            "birth_date",
            "sex",
            "protection",
            *_POPULATION_AS_READ,
        ),
        record=_population_record,
        check=_check_population,
        duplicate="duplicate_person",
    ),
    Source.PLACEMENTS: _enrolments(Source.PLACEMENTS, _enrolment_columns(_not_compulsory)),
    Source.SCHOOLS: _enrolments(Source.SCHOOLS, (*_enrolment_columns(values.code(EnrolmentKind)), *_SCHOOLS_ONLY)),
    Source.EXAMS: Layout(
        source=Source.EXAMS,
        columns=(
            _PERSON,
            Column("kind", values.code(ExamKind), required=True, filled=True),
            Column("issued_on", values.day, required=True, filled=True),
        ),
        key=lambda row: (row["person_number"].digits, row["kind"], row["issued_on"]),
        stored=("person_number", "kind", "issued_on"),
        record=lambda row: (row["person_number"].digits, row["kind"], row["issued_on"]),
        check=lambda row: None,
        duplicate="duplicate_row",
    ),
}

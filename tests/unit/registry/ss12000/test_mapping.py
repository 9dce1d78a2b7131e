"""A person of a server to rows: the cases that the standard and real servers know."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.registry.sources.ss12000.delivery import Told
from services.registry.sources.ss12000.mapping import LAYOUT, map_person
from services.registry.sources.ss12000.references import Programme, References
from tests.unit.registry.files import made_up_number
from tests.unit.registry.ss12000.entities import READ_ON, REFS, SCHOOL, Entity, enrolled, pupil


def rows(person: Any, read_on: date = READ_ON) -> list[Entity]:
    return [dict(zip(LAYOUT.stored, row.values, strict=True)) for row in map_person(person, REFS, read_on).rows]


def row(person: Any, read_on: date = READ_ON) -> Entity:
    (only,) = rows(person, read_on)
    return only


def notes(person: Any) -> list[tuple[str, str, bool]]:
    return [(one.field, one.reason, one.kept) for one in map_person(person, REFS, READ_ON).problems]


@pytest.mark.parametrize(
    ("school_type", "kind"),
    [
        ("GR", "compulsory"),
        ("GRS", "compulsory"),
        ("SP", "compulsory"),
        ("GY", "national"),
        (" gy ", "national"),
        ("GYS", "anpassad"),
        ("VUXSFI", "other"),
        ("VUXGY", "other"),
        ("SFI", "other"),
        ("FHS", "other"),
        ("KKU", "other"),
    ],
)
def test_the_kind_follows_the_school_type(school_type: str, kind: str) -> None:
    assert row(pupil(enrolled(school_type)))["kind"] == kind


@pytest.mark.parametrize("school_type", ["FTH", "KU", "FS"])
def test_leisure_is_not_taken_in(school_type: str) -> None:
    mapped = map_person(pupil(enrolled(school_type), civicNo=None), REFS, READ_ON)
    assert (mapped.rows, mapped.problems, mapped.told) == ([], [], Told.REPLACED)


def test_an_open_enrolment() -> None:
    found = row(pupil(enrolled()))
    assert (found["starts_on"], found["ends_on"], found["end_kind"]) == (date(2024, 8, 19), None, None)


def test_an_enrolment_that_ran_to_its_end_does_not_tell_how() -> None:
    """Whether an exam came of it is not in the standard: the exams register knows."""
    found = row(pupil(enrolled(endDate="2025-06-12", cancelled=False)))
    assert (found["ends_on"], found["end_kind"]) == (date(2025, 6, 12), None)


@pytest.mark.parametrize("cancelled", [True, "true"])
def test_a_cancelled_enrolment_is_a_dropout(cancelled: object) -> None:
    found = row(pupil(enrolled(endDate="2025-11-04", cancelled=cancelled)))
    assert (found["ends_on"], found["end_kind"]) == (date(2025, 11, 4), "dropout")


@pytest.mark.parametrize(
    ("modified", "ends_on"), [("2026-01-20T23:30:00Z", date(2026, 1, 21)), (None, READ_ON), ("soon", READ_ON)]
)
@pytest.mark.parametrize(("end", "reason"), [(None, "empty"), ("2027-06-11", "after_cancelled")])
def test_a_dropout_with_the_planned_end_or_none_ended_when_the_server_said_so(
    modified: str | None, ends_on: date, end: str | None, reason: str
) -> None:
    person = pupil(enrolled(endDate=end, cancelled=True), meta={"modified": modified})
    assert (row(person)["ends_on"], row(person)["end_kind"]) == (ends_on, "dropout")
    assert notes(person) == [("enrolments.endDate", reason, True)]


def test_an_enrolment_broken_off_before_it_began_never_was() -> None:
    mapped = map_person(pupil(enrolled(startDate="2026-08-17", cancelled=True)), REFS, READ_ON)
    assert (mapped.rows, mapped.told, mapped.never_started, mapped.rejected) == ([], Told.REPLACED, 1, False)


@pytest.mark.parametrize(
    ("read_on", "starts_on"),
    [
        (date(2026, 2, 3), date(2025, 7, 1)),
        (date(2026, 6, 30), date(2025, 7, 1)),
        (date(2026, 7, 1), date(2026, 7, 1)),
    ],
)
def test_an_enrolment_without_a_first_day_holds_for_the_school_year(read_on: date, starts_on: date) -> None:
    """The reference API has no dates at all: what it lists is now."""
    person = pupil(enrolled(startDate=None), enrolled("FHS", startDate="0001-01-01T00:00:00"))
    assert [found["starts_on"] for found in rows(person, read_on)] == [starts_on, starts_on]
    assert notes(person)[0] == ("enrolments.startDate", "empty", True)


@pytest.mark.parametrize("end", ["9999-12-31", "9999-12-31T23:59:59", "", None])
def test_an_end_that_stands_for_none(end: str | None) -> None:
    assert row(pupil(enrolled(endDate=end)))["ends_on"] is None


def test_days_are_stockholms() -> None:
    person = pupil(enrolled(startDate="2024-08-18T22:00:00Z", endDate="2025-06-12T00:00:00+02:00"))
    assert (row(person)["starts_on"], row(person)["ends_on"]) == (date(2024, 8, 19), date(2025, 6, 12))


@pytest.mark.parametrize("spelling", ["enroledAt", "enrolledAt"])
def test_the_school_is_found_under_either_spelling(spelling: str) -> None:
    enrolment = enrolled()
    del enrolment["enroledAt"]
    assert row(pupil(enrolment | {spelling: {"id": str(SCHOOL).upper()}}))["school_unit"] == "12345678"


def test_a_programme_leads_to_the_one_above_it_and_never_round() -> None:
    below, above, top = UUID(int=10), UUID(int=11), UUID(int=12)
    refs = References(
        {SCHOOL: "12345678"},
        None,
        {
            below: Programme("Yrkesutgång", "EEELE", above),
            above: Programme("Programinriktning", None, top),
            top: Programme("Yrkesprogram", "EE", None),
        },
    )
    assert refs.programme(below) == Programme("Yrkesprogram", "EE", None)
    refs.programmes[top] = Programme("Yrkesprogram", "EE", below)
    assert refs.programme(below) is not None
    assert refs.programme(UUID(int=99)) is None


@pytest.mark.parametrize(
    ("school_type", "year", "end", "completed"),
    [
        ("GR", 9, "2024-06-11", date(2024, 6, 11)),
        ("GR", "9", "2024-07-31", date(2024, 7, 31)),
        ("SP", 10, "2024-06-11", date(2024, 6, 11)),
        ("SP", 9, "2024-06-11", None),
        ("GR", 8, "2024-06-11", None),
        ("GR", None, "2024-06-11", None),
        ("GR", 9, "2023-11-03", None),  # moved to another school
        ("GR", 9, "2026-06-11", None),  # not yet
        ("GR", 9, None, None),
        ("GY", 9, "2024-06-11", None),
    ],
)
def test_compulsory_school_is_completed_when_its_last_year_has_run_out(
    school_type: str, year: object, end: str | None, completed: date | None
) -> None:
    person = pupil(enrolled(school_type, startDate="2020-08-17", schoolYear=year, endDate=end))
    assert row(person)["compulsory_completed_on"] == completed


def test_compulsory_school_is_not_completed_while_it_goes_on_elsewhere_or_was_broken_off() -> None:
    last = enrolled("GR", startDate="2020-08-17", schoolYear=9, endDate="2024-06-11")
    again = enrolled("GR", startDate="2024-08-19", schoolYear=9)
    assert [one["compulsory_completed_on"] for one in rows(pupil(last, again))] == [None, None]
    assert row(pupil(last | {"cancelled": True}))["compulsory_completed_on"] is None


def test_of_enrolments_that_cannot_be_told_apart_the_longer_counts() -> None:
    person = pupil(enrolled(endDate="2025-01-10"), enrolled(), enrolled(endDate="2025-06-12"))
    assert row(person)["ends_on"] is None
    assert notes(person) == [("enrolments", "duplicate_row", True)] * 2


@pytest.mark.parametrize(
    ("civic", "reason"),
    [
        ({"value": made_up_number(0)[:-1] + "x"}, "interim_number"),
        ({"value": "20080301-TF01"}, "interim_number"),
        ({"value": "0803011234"}, "format"),
        ({"value": made_up_number(0), "nationality": "FI"}, "foreign_number"),
        ({"value": None}, "empty"),
        ({}, "empty"),
        (None, "empty"),
        (200803010000, "empty"),
    ],
)
def test_a_person_without_a_number_is_told_and_what_was_known_stays(civic: object, reason: str) -> None:
    mapped = map_person(pupil(enrolled(), civicNo=civic), REFS, READ_ON)
    assert ([one.reason for one in mapped.problems], mapped.told, mapped.unsure) == ([reason], Told.KEPT, None)


@pytest.mark.parametrize("write", [lambda digits: digits, lambda digits: f" {digits[:8]}-{digits[8:]} "])
def test_a_number_may_be_the_bare_text_or_have_a_hyphen(write: Any) -> None:
    number = made_up_number(3)
    for civic in ({"value": write(number), "nationality": "se"}, write(number)):
        assert row(pupil(enrolled(), civicNo=civic))["person_number"] == number

"""Properties of the mapping over all that a server may send."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.facts import EndKind, EnrolmentKind
from services.registry.domain.person_number import parse
from services.registry.sources.ss12000.delivery import Told
from services.registry.sources.ss12000.mapping import LAYOUT, Mapped, map_person
from services.registry.sources.ss12000.school_types import LEISURE
from tests.unit.registry.ss12000.entities import (
    REFS,
    Entity,
    anything,
    mostly,
    near_persons,
    pupil,
    reading_days,
    right_enrolments,
)


def assert_fits_the_layout(mapped: Mapped, read_on: date) -> None:
    """Each row is one that the file reader would have let through."""
    keys = set()
    for made in mapped.rows:
        values = dict(zip(LAYOUT.stored, made.values, strict=True))
        assert parse(values["person_number"]).digits == values["person_number"]
        assert len(values["school_unit"]) == 8
        assert values["kind"] in set(EnrolmentKind)
        assert values["end_kind"] in {None, *EndKind}
        assert LAYOUT.check(values) is None
        assert values["end_kind"] is None or values["ends_on"] <= read_on  # a dropout lies behind us
        assert values["compulsory_completed_on"] in (None, values["ends_on"])
        keys.add((values["school_unit"], values["kind"], values["starts_on"]))
    assert len(keys) == len(mapped.rows)


@given(mostly(near_persons) | anything, reading_days)
def test_nothing_that_a_server_sends_is_more_than_it_can_bear(person: Any, read_on: date) -> None:
    mapped = map_person(person, REFS, read_on)
    assert_fits_the_layout(mapped, read_on)
    assert (mapped.told is None) is (mapped.entity_id is None)
    assert (mapped.told is Told.KEPT) is (mapped.rejected or mapped.out_of_age) or mapped.told is None
    if not mapped.rows and mapped.told is Told.REPLACED:  # no word of an enrolment gets lost silently
        listed = person.get("enrolments") or []
        assert mapped.never_started or all(str(one["schoolType"]).strip().upper() in LEISURE for one in listed)


@given(st.lists(right_enrolments, max_size=5), reading_days)
def test_a_person_as_the_standard_has_it_is_read_without_rejects(enrolments: list[Entity], read_on: date) -> None:
    mapped = map_person(pupil(*enrolments), REFS, read_on)
    assert_fits_the_layout(mapped, read_on)
    assert not mapped.rejected
    concerned = [one for one in enrolments if one["schoolType"] not in LEISURE]
    duplicates = sum(one.reason == "duplicate_row" for one in mapped.problems)
    if not mapped.out_of_age:
        assert len(mapped.rows) + duplicates + mapped.never_started == len(concerned)
    # Leisure changes nothing, and neither does the order of what can be told apart.
    assert map_person(pupil(*concerned), REFS, read_on).rows == mapped.rows


@given(near_persons, reading_days)
def test_a_report_holds_fields_and_reasons_of_ours_only(person: Entity, read_on: date) -> None:
    for problem in map_person(person, REFS, read_on).problems:
        assert problem.field in {
            "id",
            "civicNo.value",
            "enrolments",
            "enrolments.enroledAt",
            "enrolments.schoolType",
            "enrolments.startDate",
            "enrolments.endDate",
            "enrolments.programme",
            "programme.type",
            "phoneNumbers",
            "emails",
        }
        assert problem.reason.replace("_", "").isalpha()

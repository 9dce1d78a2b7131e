"""Reading a whole server: what is asked, and what rows come of it."""

from contextlib import aclosing
from datetime import date, datetime
from typing import Any

import pytest

from services.registry.sources.ss12000.config import FeedConfig
from services.registry.sources.ss12000.delivery import Batch, Kind, Told
from services.registry.sources.ss12000.failures import FeedFailed, NotOffered
from services.registry.sources.ss12000.feed import fetch, open_feed
from services.registry.sources.ss12000.mapping import LAYOUT
from tests.integration.registry.ss12000.conftest import READ_AT, FixedClock, MakeSchool
from tests.integration.registry.ss12000.openapi import descriptions
from tests.integration.registry.ss12000.school import enrolment, id_of, organisation, programme, pupil
from tests.unit.registry.files import made_up_number


def rows_of(batches: list[Batch]) -> list[dict[str, Any]]:
    return [dict(zip(LAYOUT.stored, row.values, strict=True)) for batch in batches for row in batch.rows]


def rejects_of(batches: list[Batch]) -> list[tuple[str, str, str, bool]]:
    return [(one.entity, one.field, one.reason, one.kept) for batch in batches for one in batch.rejects]


async def test_a_pupil_becomes_a_row_of_the_layout(make_school: MakeSchool) -> None:
    phones = [{"value": "08-508 00 000", "mobile": False}, {"value": "070-174 06 05", "mobile": True}]
    emails = [{"value": "p0@skola.example", "type": "Skola elev"}, {"value": "alva@example.org", "type": "Privat"}]
    served = await make_school(
        persons=[pupil(0, enrolment(programme="NANAT"), phoneNumbers=phones, emails=emails, sex="Kvinna")]
    )
    delivery, batches = await served.read()
    assert (delivery.server, delivery.kind, delivery.read_at) == ("skolan", Kind.WHOLE, READ_AT)
    assert delivery.next_since == datetime.fromisoformat("2026-02-03T03:00:00+01:00")  # an hour's overlap
    assert rows_of(batches) == [
        {
            "person_number": made_up_number(0),
            "school_unit": "12345678",
            "kind": "national",
            "programme": "NA",  # of the inriktning
            "starts_on": date(2024, 8, 19),
            "ends_on": None,
            "end_kind": None,
            "compulsory_completed_on": None,
            "phone": "+46701740605",
            "email": "alva@example.org",
        }
    ]
    assert [told for batch in batches for told in batch.told] == [(id_of("person", 0), Told.REPLACED)]


async def test_lists_are_read_page_by_page_with_the_token_alone(make_school: MakeSchool) -> None:
    served = await make_school(persons=[pupil(which) for which in range(25)])
    delivery, batches = await served.read(page_size=10, pupils_only=True)
    assert [row["person_number"] for row in rows_of(batches)] == [made_up_number(which) for which in range(25)]
    asked = [set(query) for path, query in served.school.asked if path == "/persons"]
    assert asked == [{"relationship.entity.type", "limit"}, {"pageToken", "limit"}, {"pageToken", "limit"}]
    assert (delivery.counts.persons, delivery.counts.rows, delivery.counts.pages) == (25, 25, 5)
    assert len(served.school.tokens) == 1


async def test_the_next_page_is_asked_for_when_the_last_one_is_done_with(make_school: MakeSchool) -> None:
    served = await make_school(persons=[pupil(which) for which in range(6)])
    server = served.config(page_size=2)
    async with open_feed(FeedConfig(servers=(server,)), server, FixedClock()) as feed:
        delivery = await fetch(feed, None)
        async with aclosing(delivery.batches) as batches:
            for page in (1, 2, 3):
                await anext(batches)
                assert served.school.paths().count("/persons") == page


@pytest.mark.parametrize("shape", ["organisations", "data"])
async def test_organisations_come_in_either_shape(make_school: MakeSchool, shape: str) -> None:
    """The reference API names the list after itself; the standard pages it under ``data``."""
    served = await make_school(
        persons=[pupil(0, enrolment(at="other"))],
        organisations=[organisation("office", None), organisation(), organisation("other", "87654321")],
        organisations_as=shape,
        strays=shape == "data",
    )
    _, batches = await served.read(page_size=2)
    assert [row["school_unit"] for row in rows_of(batches)] == ["87654321"]


async def test_a_server_without_programmes_is_read_by_education_codes(make_school: MakeSchool) -> None:
    served = await make_school(
        persons=[
            pupil(0, enrolment(programme=None, educationCode="NANAT0")),
            pupil(1, enrolment(programme=None, educationCode="IMSPR")),
            pupil(2, enrolment(programme=None)),
        ],
        not_offered={"/programmes"},
    )
    delivery, batches = await served.read()
    assert [(row["kind"], row["programme"]) for row in rows_of(batches)] == [
        ("national", "NANAT0"),
        ("introduction", "IMSPR"),
        ("national", None),
    ]
    assert delivery.counts.not_read == {"/programmes": "http_404"}
    assert rejects_of(batches) == [("person", "enrolments.programme", "not_told", True)]


@pytest.mark.parametrize("spelling", ["Intruduktionsprogram", "Introduktionsprogram"])
async def test_the_introduction_programme_is_known_in_either_spelling(
    make_school: MakeSchool, spelling: str
) -> None:
    served = await make_school(
        persons=[pupil(0, enrolment(programme="X1"))],
        programmes=[programme("X1", spelling)],
        strays=spelling == "Introduktionsprogram",
    )
    _, batches = await served.read()
    assert [row["kind"] for row in rows_of(batches)] == ["introduction"]


async def test_a_server_that_knows_no_school_units_needs_them_from_us(make_school: MakeSchool) -> None:
    served = await make_school(persons=[pupil()], not_offered={"/organisations"})
    with pytest.raises(NotOffered, match="/organisations: http_404"):
        await served.read()
    for told in (
        {"default_school_unit": "11112222"},
        {"school_units": {id_of("organisation", "school"): "11112222"}},
    ):
        _, batches = await served.read(**told)
        assert [row["school_unit"] for row in rows_of(batches)] == ["11112222"]


async def test_who_comes_again_on_a_later_page_counts_once(make_school: MakeSchool) -> None:
    """Somebody was added in front while the list was paged: the last of the first page comes again."""
    served = await make_school(persons=[pupil(0), pupil(1), pupil(1, enrolment("FHS", programme=None)), pupil(2)])
    delivery, batches = await served.read(page_size=2)
    assert [row["person_number"] for row in rows_of(batches)] == [made_up_number(which) for which in range(3)]
    assert (delivery.counts.duplicates, [row["kind"] for row in rows_of(batches)]) == (1, ["national"] * 3)


async def test_what_is_not_understood_is_told_and_the_rest_goes_on(make_school: MakeSchool) -> None:
    at = {"id": str(id_of("organisation", "unheard of"))}
    strange: list[Any] = [
        pupil(0, enrolment("GYX")),
        pupil(1, enrolment(startDate="19 augusti")),
        pupil(2, enrolment(enroledAt=at)),
        pupil(3, enrolment(), enrolment("VUXGY", programme=None, endDate="2023-01-01")),
        pupil(4, civicNo={"value": "20080301TF01"}),
        pupil(5, civicNo=None),
        pupil(6, phoneNumbers=[{"value": "ring mamma"}], emails="none"),
        pupil(7, id="20080301-1234"),
        pupil(8, enrolments={"enroledAt": at}),
        "a text",
        pupil(9, enrolment(startDate=None), enrolments=None),
        pupil(10),
    ]
    del strange[6]["meta"], strange[6]["givenName"]
    served = await make_school(persons=strange, strays=True)
    delivery, batches = await served.read()
    assert [row["person_number"] for row in rows_of(batches)] == [made_up_number(which) for which in (3, 6, 10)]
    assert rejects_of(batches) == [
        ("person", "enrolments.schoolType", "unknown_code", False),
        ("person", "enrolments.startDate", "date_format", False),
        ("person", "enrolments.enroledAt", "unknown_school_unit", False),
        ("person", "enrolments.endDate", "before_start", False),
        ("person", "civicNo.value", "interim_number", False),
        ("person", "civicNo.value", "empty", False),
        ("person", "phoneNumbers", "phone", True),
        ("person", "id", "format", False),
        ("person", "enrolments", "format", False),
        ("person", "id", "format", False),
    ]
    assert [one.row for batch in batches for one in batch.rejects] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    # Of whom something was not understood nothing is taken away, and nobody is registered on the strength of it.
    kept = {entity_id for batch in batches for entity_id, told in batch.told if told is Told.KEPT}
    assert kept == {id_of("person", which) for which in (0, 1, 2, 3, 4, 5, 8)}
    assert [number for batch in batches for number in batch.unsure] == [
        made_up_number(which) for which in range(4)
    ]
    assert (delivery.counts.rejected, delivery.counts.interim_numbers) == (9, 1)


async def test_a_report_repeats_no_value(make_school: MakeSchool) -> None:
    secret = pupil(0, enrolment("hemligt", startDate="hemligt"), civicNo={"value": "hemligt"}, id="hemligt")
    served = await make_school(
        persons=[secret, pupil(1, enrolment("hemligt"), phoneNumbers=[{"value": "hemligt"}])]
    )
    served.school.strays = True
    _, batches = await served.read()
    assert len(rejects_of(batches)) == 3
    assert "hemligt" not in repr([batch.rejects for batch in batches])


async def test_staff_guardians_and_small_children_are_looked_at_no_further(make_school: MakeSchool) -> None:
    served = await make_school(
        persons=[
            pupil(0, enrolments=[], civicNo={"value": "no number"}),
            pupil(1, enrolment("GR", programme=None), born=date(2016, 3, 1)),
            pupil(2, enrolment("FTH", programme=None), born=date(2016, 3, 1)),
            pupil(3, enrolment("GR", programme=None), civicNo={"value": "20160301TF01"}),
            pupil(4, born=date(2005, 2, 3)),  # 21 today
            pupil(5, born=date(2005, 2, 4)),
        ]
    )
    delivery, batches = await served.read()
    assert [row["person_number"] for row in rows_of(batches)] == [made_up_number(5, date(2005, 2, 4))]
    assert rejects_of(batches) == []
    counts = delivery.counts
    assert (counts.out_of_age, counts.without_enrolment, counts.rejected) == (3, 2, 0)


async def test_a_marked_identity_brings_no_way_to_reach_it(make_school: MakeSchool) -> None:
    ways: dict[str, Any] = {"phoneNumbers": [{"value": "0701740605", "mobile": True}]}
    marked = [
        pupil(which, securityMarking=marking, **ways)
        for which, marking in enumerate(["Ingen", "Sekretessmarkering", "Skyddad folkbokföring", "Okänd", True])
    ]
    served = await make_school(persons=marked, strays=True)
    _, batches = await served.read()
    assert [row["phone"] for row in rows_of(batches)] == ["+46701740605", None, None, None, None]


async def test_an_answer_of_another_shape_is_refused(make_school: MakeSchool) -> None:
    served = await make_school()
    for body in ('{"persons": 1}', '"text"', '{"data": {"persons": []}}', '{"data": [], "pageToken": {}}'):
        served.school.trouble["/persons"] = [f"body {body}"]
        with pytest.raises(FeedFailed, match="/persons: unexpected_shape"):
            await served.read()
    served.school.trouble["/persons"] = ["body []"]  # a server without paging
    assert (await served.read())[0].counts.persons == 0


def test_the_judge_finds_what_is_wrong() -> None:
    """Of the test server itself: the files are read, and a fault in a request or an answer is found."""
    judge = descriptions()
    assert (
        judge.request_faults("/persons", [("limit", "10"), ("meta.modified.after", "2026-01-01T00:00:00Z")]) == []
    )
    assert judge.request_faults("/placements", []) != []
    assert judge.request_faults("/persons", [("modified", "2026-01-01")]) != []
    assert judge.request_faults("/persons", [("meta.modified.after", "2026-01-01")]) != []
    assert judge.request_faults("/persons", [("limit", "0")]) != []
    assert judge.request_faults("/persons", [("limit", "1"), ("limit", "2")]) != []
    assert judge.request_faults("/persons", [("pageToken", "x"), ("relationship.entity.type", "enrolment")]) != []
    assert judge.request_faults("/deletedEntities", [("entities", "Person"), ("entities", "Enrolment")]) != []
    assert judge.request_faults("/aggregatedAttendance", [("startDate", "2026-01-01")]) != []
    assert judge.answer_faults("/persons", {"data": [pupil()], "pageToken": None}) == []
    without_number = pupil()
    del without_number["civicNo"]
    assert judge.answer_faults("/persons", {"data": [without_number]}) != []
    assert judge.answer_faults("/persons", {"data": [pupil(0, enrolment("GYX"))]}) != []
    assert judge.answer_faults("/persons", {"data": [pupil(id="1")]}) != []

"""Handing in school reports: dedupe, corrections, batches, refusals, and who may."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests.integration.registry.city import City
from tests.integration.registry.reports import (
    BROMMA,
    COVERED,
    ENROLLED,
    OTHER_SCHOOL,
    PROTECTED,
    SCHOOL,
    STRANGER,
    As,
    SchoolOf,
    absence,
    ago,
    dropout,
    hand_in,
    populate,
)
from tests.unit.registry.files import made_up_number

pytestmark = pytest.mark.stack


@pytest.fixture
async def register(city: City) -> City:
    await populate(city)
    return city


async def audited(pool: asyncpg.Pool) -> list[tuple[Any, ...]]:
    rows = await pool.fetch(
        "select actor, role, action, youth_id, subject from audit where action like 'school-report.%' order by id"
    )
    return [tuple(row) for row in rows]


async def test_told_again_it_is_the_first_one_counted_and_on_record(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As, school: SchoolOf
) -> None:
    first = await hand_in(api, school(SCHOOL), dropout())
    assert (first["outcome"], first["times_told"], first["matched"]) == ("recorded", 1, None)
    from_mail = dropout(person_number=f"{made_up_number(COVERED)[:8]}-{made_up_number(COVERED)[8:]}")
    again = await hand_in(api, as_("register_superuser"), {**from_mail, "received_on": ago(3)}, 200)
    assert again == {**first, "outcome": "repeat", "times_told": 2, "matched": True}
    youth_id = await register.youth(COVERED)
    assert await audited(pool) == [
        ("skola", "school", "school-report.record", youth_id, first["report_id"]),
        ("anna", "register_superuser", "school-report.repeat", youth_id, first["report_id"]),
    ]
    row = await pool.fetchrow("select * from school_reports")
    assert row is not None
    assert (row["channel"], row["received_on"].isoformat()) == ("api", ago(0))
    assert row["first_told_on"].isoformat() == ago(3)  # the mail had come first


async def test_a_correction_is_kept_with_what_it_puts_right(
    api: httpx.AsyncClient, register: City, as_: As, school: SchoolOf
) -> None:
    first = await hand_in(api, school(SCHOOL), dropout())
    right = dropout(event_date=ago(12), corrects=first["report_id"])
    corrected = await hand_in(api, school(SCHOOL), right)
    assert corrected["outcome"] == "correction"
    assert (await hand_in(api, school(SCHOOL), right, 200))["report_id"] == corrected["report_id"]
    other = await hand_in(api, school(SCHOOL), dropout(event_date=ago(14), corrects=first["report_id"]), 409)
    assert (other["type"].rpartition(":")[2], other["report_id"]) == ("already-corrected", corrected["report_id"])
    wrong = dropout(BROMMA, event_date=ago(12), corrects=first["report_id"])
    refused = await hand_in(api, school(SCHOOL), wrong, 422)
    assert refused["errors"] == [{"field": "body.corrects", "reason": "not_of_this_pupil_school_and_kind"}]
    url = f"/youths/{await register.youth(COVERED)}/school-reports"
    items = (await api.get(url, headers=as_("local_coordinator", "farsta"))).json()["items"]
    assert [(one["event_date"], one["corrected_by"]) for one in items] == [
        (ago(10), corrected["report_id"]),
        (ago(12), None),
    ]


async def test_other_figures_for_the_same_days_are_no_repeat(
    api: httpx.AsyncClient, register: City, school: SchoolOf
) -> None:
    first = await hand_in(api, school(SCHOOL), absence())
    clash = await hand_in(api, school(SCHOOL), absence(absence_percent=60), 409)
    assert (clash["type"].rpartition(":")[2], clash["report_id"]) == ("differs-from-first", first["report_id"])
    await hand_in(api, school(SCHOOL), absence(absence_percent=60, corrects=first["report_id"]))


async def test_the_same_request_with_a_key_is_answered_the_same(
    api: httpx.AsyncClient, register: City, school: SchoolOf
) -> None:
    headers = {**school(SCHOOL), "Idempotency-Key": str(uuid4())}
    first = await hand_in(api, headers, dropout())
    assert await hand_in(api, headers, dropout()) == first
    for other in (dropout(event_date=ago(11)), dropout(BROMMA), dropout(STRANGER)):
        refused = await hand_in(api, headers, other, 422)
        assert refused["type"].rpartition(":")[2] == "key-reused"
    assert (await hand_in(api, school(SCHOOL), dropout(), 200))["times_told"] == 2


REFUSED: list[tuple[dict[str, Any], str]] = [
    (dropout(person_number="200803019999"), "body.person_number"),
    (dropout(person_number="20080301TF01"), "body.person_number"),
    (dropout(school_unit="123"), "body.school_unit"),
    (dropout(kind="expelled"), "body.kind"),
    (dropout(event_date=ago(-200)), "body.event_date"),
    (dropout(event_date="2026-13-01"), "body.event_date"),
    (dropout(absence_percent=20), "body.absence_percent"),
    (absence(absence_percent=None), "body.absence_percent"),
    (dropout(reported_by="Rektor Rut Exempel"), "body.reported_by"),
    (dropout(received_on=ago(-1)), "body.received_on"),
    (dropout(note="she is ill"), "body.note"),
]


async def test_what_is_wrong_is_named_and_never_repeated(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As
) -> None:
    for report, field in REFUSED:
        refused = await hand_in(api, as_("kaa_coordinator"), report, 422)
        assert [one["field"] for one in refused["errors"]] == [field]
        assert "Exempel" not in str(refused)
        assert "200803019999" not in str(refused)
    assert await pool.fetchval("select count(*) from school_reports") == 0


async def test_who_may_hand_in_and_who_may_read(
    api: httpx.AsyncClient, register: City, as_: As, school: SchoolOf
) -> None:
    for role in ("statistician", "operator", "service", "special_handler"):
        await hand_in(api, as_(role), dropout(), 403)
    assert (await api.post("/school-reports", json=dropout())).status_code == 401
    await hand_in(api, school(OTHER_SCHOOL), dropout(), 403)
    await hand_in(api, school(), dropout(), 403)  # no units is none, not all
    await hand_in(api, school(SCHOOL), dropout(received_on=ago(3)), 422)  # a school's report comes now
    for role in ("register_superuser", "kaa_coordinator", "local_coordinator"):
        await hand_in(api, as_(role), dropout(received_on=ago(3)), 201 if role == "register_superuser" else 200)
    youth = f"/youths/{await register.youth(COVERED)}/school-reports"
    for url in ("/school-reports", "/school-reports/lateness", youth):
        assert (await api.get(url, headers=school(SCHOOL))).status_code == 403
        assert (await api.get(url)).status_code == 401
        assert (await api.get(url, headers=as_("kaa_coordinator"))).status_code == 200
    assert (await api.get("/school-reports/lateness", headers=as_("statistician"))).status_code == 200
    assert (await api.get("/school-reports", headers=as_("statistician"))).status_code == 403


async def test_staff_without_the_city_do_not_learn_who_is_in_the_register(
    api: httpx.AsyncClient, register: City, as_: As
) -> None:
    local = as_("local_coordinator", "bromma")
    answers = [await hand_in(api, local, dropout(which)) for which in (COVERED, PROTECTED, STRANGER)]
    assert {one["matched"] for one in answers} == {None}
    assert (await hand_in(api, as_("kaa_coordinator"), dropout(STRANGER), 200))["matched"] is False


async def test_in_a_batch_each_row_stands_for_itself(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    rows: list[dict[str, Any]] = [
        dropout(),
        {**dropout(), "person_number": "200803019999"},
        dropout(),  # again, within the batch
        dropout(BROMMA, school_unit=OTHER_SCHOOL),
        {**dropout(), "Alva Exempelsson": "200703012393"},
        absence(absence_percent=10),
        absence(absence_percent=20),  # contradicts the row before
        {"kind": "dropout"},
    ]
    response = await api.post("/school-reports/batch", headers=school(SCHOOL), json={"reports": rows})
    body = response.json()
    assert response.status_code == 200
    assert (body["recorded"], body["repeated"], body["corrected"], body["refused"]) == (2, 1, 0, 5)
    assert [one["row"] for one in body["rows"]] == list(range(1, 9))
    faults = {one["row"]: {(fault["field"], fault["reason"]) for fault in one["faults"]} for one in body["rows"]}
    assert faults[2] == {("person_number", "check_digit")}
    assert faults[4] == {("school_unit", "not_your_school")}
    assert faults[5] == {("unknown_field", "extra_forbidden")}
    assert faults[7] == {("absence_percent", "differs_from_first")}
    assert {field for field, _ in faults[8]} == {"person_number", "school_unit", "event_date", "reported_by"}
    assert faults[1] == faults[3] == faults[6] == set()
    assert "Exempelsson" not in response.text
    assert "200803019999" not in response.text
    assert await pool.fetchval("select count(*) from school_reports") == 2
    assert len(await audited(pool)) == 3


async def test_a_batch_has_five_hundred_rows_at_most(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    rows = [dropout(which) for which in range(200, 701)]
    url = "/school-reports/batch"
    too_many = await api.post(url, headers=school(SCHOOL), json={"reports": rows})
    assert too_many.status_code == 422
    full = await api.post(url, headers=school(SCHOOL), json={"reports": rows[:500]})
    assert full.json()["recorded"] == 500
    again = await api.post(url, headers=school(SCHOOL), json={"reports": rows[:500]})
    assert again.json()["repeated"] == 500
    assert await pool.fetchval("select count(*) from waiting_school_reports") == 500


async def test_two_at_once_are_one(api: httpx.AsyncClient, register: City, school: SchoolOf) -> None:
    answers = await asyncio.gather(
        *(api.post("/school-reports", headers=school(SCHOOL), json=dropout()) for _ in range(5))
    )
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 200, 201]
    assert len({one.json()["report_id"] for one in answers}) == 1


async def test_absence_of_who_is_enrolled_is_told_without_a_word_about_the_person(
    api: httpx.AsyncClient, register: City, school: SchoolOf
) -> None:
    before = len(await register.events())
    told = await hand_in(api, school(SCHOOL), absence())
    await hand_in(api, school(SCHOOL), absence(), 200)
    await hand_in(api, school(SCHOOL), absence(COVERED))  # not enrolled: the outreach is under way
    await hand_in(api, school(SCHOOL), dropout(ENROLLED))  # takes effect through coverage
    right = await hand_in(api, school(SCHOOL), absence(absence_percent=50, corrects=told["report_id"]))
    (kind, first), (_, second) = (await register.events())[before:]
    assert kind == "school-report-received"
    assert first == {
        "youth_id": str(await register.youth(ENROLLED)),
        "episode_id": None,
        "report_id": told["report_id"],
        "corrects": None,
        "kind": "invalid_absence",
        "event_date": ago(10),
        "received_on": ago(0),
        "protected": False,
        "district": "farsta",
    }
    assert (second["report_id"], second["corrects"]) == (right["report_id"], told["report_id"])


async def test_a_withdrawn_report_is_kept_and_counts_for_nothing(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As, school: SchoolOf
) -> None:
    told = await hand_in(api, school(SCHOOL), dropout())
    wrong = await hand_in(api, school(SCHOOL), dropout(STRANGER, event_date=ago(15)))
    stranger = await hand_in(api, school(SCHOOL), dropout(STRANGER, corrects=wrong["report_id"]))
    url, why = f"/school-reports/{told['report_id']}/withdraw", {"why": "wrong_person"}
    for headers, status in (
        (as_("local_coordinator"), 403),
        (school(OTHER_SCHOOL), 404),
        (school(SCHOOL), 204),
        (as_("kaa_coordinator"), 204),  # as it was withdrawn first
    ):
        assert (await api.post(url, headers=headers, json=why)).status_code == status
    row = await pool.fetchrow("select * from school_reports where id = $1", UUID(told["report_id"]))
    assert row is not None
    assert (row["withdrawn_by"], row["withdrawn_why"]) == ("skola", "wrong_person")
    assert (await audited(pool))[-1][2] == "school-report.withdraw"
    assert (await hand_in(api, school(SCHOOL), dropout(), 200))["report_id"] == told["report_id"]
    lateness = (await api.get("/school-reports/lateness", headers=as_("kaa_coordinator"))).json()["items"]
    assert [one["reports"] for one in lateness] == [1]
    # A number that needs not be matched any more is not kept, nor with what was put right before.
    gone = f"/school-reports/{stranger['report_id']}/withdraw"
    assert (await api.post(gone, headers=school(SCHOOL), json=why)).status_code == 204
    assert await pool.fetchval("select count(*) from waiting_school_reports") == 0


async def test_what_was_put_right_is_not_withdrawn(
    api: httpx.AsyncClient, register: City, as_: As, school: SchoolOf
) -> None:
    first = await hand_in(api, school(SCHOOL), dropout())
    right = await hand_in(api, school(SCHOOL), dropout(event_date=ago(12), corrects=first["report_id"]))
    url = f"/school-reports/{first['report_id']}/withdraw"
    refused = await api.post(url, headers=as_("register_superuser"), json={"why": "not_true"})
    assert (refused.status_code, refused.json()["report_id"]) == (409, right["report_id"])


async def test_every_route_shows_an_example(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        if "school-reports" not in path:
            continue
        for method, operation in methods.items():
            if method == "post":
                content = operation["requestBody"]["content"]["application/json"]
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                assert content.get("examples") or schemas[name].get("examples"), path
            for status, response in operation["responses"].items():
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                if status.startswith("2") and schema:
                    name = schema["$ref"].rpartition("/")[2]
                    one = schemas[name].get("properties", {}).get("items", {}).get("items", {}).get("$ref", "")
                    assert schemas[name].get("examples") or schemas[one.rpartition("/")[2]]["examples"], path

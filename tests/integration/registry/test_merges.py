"""Two persons made one by the superuser, and two again: what the register answers of any of these times."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.auth import Principal
from chassis.postgres import transaction
from contracts.access import decide
from contracts.actions import Action
from services.registry.api.parts import Reader
from services.registry.db import evidence
from services.registry.domain.merging import MergeReason
from services.registry.domain.visibility import Viewer
from services.registry.merging import merge
from tests.integration.registry.city import City, counts, exam
from tests.integration.registry.reports import TODAY, dropout
from tests.unit.registry.files import made_up_number, placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
OLD, TWIN = 1, 2  # OLD has an enrolment that ended, TWIN another and an exam


@pytest.fixture
async def twins(city: City) -> tuple[UUID, UUID]:
    """Two persons of the register who are one: the one who stays, and the other."""
    city.residents += [resident(OLD), resident(TWIN)]
    city.placements += [
        placement(OLD, ends_on="2026-05-29", end_kind="dropout"),
        placement(TWIN, school_unit="87654321", ends_on="2026-06-05", end_kind="dropout"),
    ]
    city.exams.append(exam(TWIN, "studiebevis"))
    city.drop_all()
    assert counts(await city.sync())[0] == 2
    return await city.youth(OLD), await city.youth(TWIN)


async def post(
    api: httpx.AsyncClient, headers: dict[str, str], what: str, one: UUID, body: Mapping[str, Any]
) -> httpx.Response:
    return await api.post(f"/youths/{one}/{what}", headers=headers, json=dict(body))


def merging(into: UUID) -> dict[str, str]:
    return {"into": str(into), "reason_code": "registered_twice"}


SPLIT = {"reason_code": "two_persons"}


async def known(pool: asyncpg.Pool, one: UUID, at: datetime) -> tuple[bool, int, int]:
    """Whether the person counted as merged, and with how many enrolments and exams, as known then."""
    async with transaction(pool) as conn:
        gathered = await evidence.of_person(conn, one, at)
    assert gathered is not None
    facts = gathered.person.facts
    return facts.merged, len(facts.enrolments), len(facts.exams)


async def test_answers_of_before_between_and_after(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool, twins: tuple[UUID, UUID]
) -> None:
    old, twin = twins
    superuser = as_("register_superuser")
    merged = await post(api, superuser, "merge", twin, merging(old))
    assert merged.status_code == 200, merged.text
    merged_at = datetime.fromisoformat(merged.json()["merged_at"])
    # Told at once: the other's episode was one in error.
    assert [name for name, data in await city.events() if data["youth_id"] == str(twin)][1:] == ["coverage-ended"]
    reasons = await pool.fetch("select end_reason from episodes where person_id = $1", twin)
    assert [row[0] for row in reasons] == ["registered_in_error"]
    report = await city.next_day()
    assert (report.registered, report.ended) == (0, 0)
    split = await post(api, superuser, "split", twin, SPLIT)
    split_at = datetime.fromisoformat(split.json()["split_at"])
    report = await city.next_day()
    assert (report.registered, report.ended) == (1, 0)
    moment = timedelta(microseconds=1)
    expected = {
        merged_at - moment: ((False, 1, 0), (False, 1, 1)),
        merged_at: ((False, 2, 1), (True, 0, 0)),
        split_at - moment: ((False, 2, 1), (True, 0, 0)),
        split_at: ((False, 1, 0), (False, 1, 1)),
        evidence.NOW: ((False, 1, 0), (False, 1, 1)),
    }
    assert {at: (await known(pool, old, at), await known(pool, twin, at)) for at in expected} == expected
    audited = await pool.fetch(
        "select action, youth_id, subject, why from audit where action like 'youth.%' order by id"
    )
    assert [tuple(row) for row in audited] == [
        ("youth.merge", twin, str(old), "registered_twice"),
        ("youth.merge", old, str(twin), "registered_twice"),
        ("youth.split", twin, str(old), "two_persons"),
        ("youth.split", old, str(twin), "two_persons"),
    ]


async def test_a_chain_of_merges_is_known_link_by_link(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool, twins: tuple[UUID, UUID]
) -> None:
    old, twin = twins
    third = await city.youth(100)  # a bystander, with one enrolment
    superuser = as_("register_superuser")
    first = datetime.fromisoformat((await post(api, superuser, "merge", twin, merging(old))).json()["merged_at"])
    second = datetime.fromisoformat((await post(api, superuser, "merge", old, merging(third))).json()["merged_at"])
    early = await post(api, superuser, "split", twin, SPLIT)
    assert (early.status_code, early.json()["merged_into"]) == (409, str(third))
    back = datetime.fromisoformat((await post(api, superuser, "split", old, SPLIT)).json()["split_at"])
    moment = timedelta(microseconds=1)
    for at, enrolments in (
        (first - moment, (1, 1, 1)),
        (first, (0, 2, 1)),
        (second, (0, 0, 3)),
        (back, (0, 2, 1)),
    ):
        found = [(await known(pool, one, at))[1] for one in (twin, old, third)]
        assert tuple(found) == enrolments
    assert (await post(api, superuser, "split", twin, SPLIT)).status_code == 200
    assert [(await known(pool, one, evidence.NOW))[1] for one in (twin, old, third)] == [1, 1, 1]
    rows = await pool.fetch("select person_id, current from person_numbers where person_id = any($1)", [old, twin])
    assert sorted(map(tuple, rows)) == sorted([(old, True), (twin, True)])


async def test_a_run_does_not_make_one_of_whom_a_person_found_to_be_two(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool, twins: tuple[UUID, UUID]
) -> None:
    """The extract says of the younger one that their number replaced the other's."""
    old, twin = twins
    city.residents[-2:] = [resident(TWIN, previous_person_number=made_up_number(OLD))]
    await city.next_day()
    assert await pool.fetchval("select merged_into from persons where id = $1", twin) == old
    assert (await post(api, as_("register_superuser"), "split", twin, SPLIT)).status_code == 200
    city.residents.append(resident(OLD))
    for _ in range(2):
        await city.next_day()
        assert (await city.youth(OLD), await city.youth(TWIN)) == (old, twin)
    absent = await pool.fetchval("select count(*) from persons where absent_since is not null")
    assert absent == 0


async def test_what_is_kept_goes_with_the_merge_and_stays(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, twins: tuple[UUID, UUID]
) -> None:
    old, twin = twins
    body = {"code": "work", "knowledge_source": "youth", "known_on": "2026-11-01"}
    put = await api.put(f"/youths/{twin}/occupations/{uuid4()}", headers=as_("kaa_coordinator"), json=body)
    assert put.status_code == 201, put.text
    superuser = as_("register_superuser")
    for _ in range(2):  # asked again, the same
        merged = (await post(api, superuser, "merge", twin, merging(old))).json()
        assert (merged["into"], merged["kept_rows"], merged["split_at"]) == (str(old), 1, None)
    split = [(await post(api, superuser, "split", twin, SPLIT)).json() for _ in range(2)]
    assert split[0] == split[1]
    assert split[0]["kept_rows"] == 1
    assert await pool.fetchval("select person_id from occupations") == old
    assert await pool.fetchval("select count(*) from person_merges") == 1


async def test_a_marking_is_carried_over_and_leaves_no_address(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool, twins: tuple[UUID, UUID]
) -> None:
    old, twin = twins
    await pool.execute("update persons set protection = 'skyddad_folkbokforing' where id = $1", twin)
    refused = await post(api, as_("register_superuser"), "merge", twin, merging(old))
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:uppsok:problem:protected-identity")
    roles = frozenset({"register_superuser", "special_handler"})
    caller = Principal("siv", roles, frozenset(), grants=decide(Action.PERSONS_MERGE, roles))
    both = Reader("siv", caller.role, Viewer(caller.scopes, reason="Samma person", may_open=True), caller)
    await merge(pool, city.settings.clock, "0180", both, twin, old, MergeReason.REGISTERED_TWICE)
    row = await pool.fetchrow("select protection, street, district from persons where id = $1", old)
    assert row is not None
    assert tuple(row) == ("skyddad_folkbokforing", None, None)


async def test_what_cannot_be_merged(
    api: httpx.AsyncClient, as_: As, city: City, twins: tuple[UUID, UUID]
) -> None:
    old, twin = twins
    superuser, third = as_("register_superuser"), await city.youth(101)
    for role in ("kaa_coordinator", "local_coordinator", "special_handler", "operator"):
        assert (await post(api, as_(role), "merge", twin, merging(old))).status_code == 403
    assert (await post(api, superuser, "merge", twin, merging(twin))).status_code == 422
    assert (await post(api, superuser, "merge", twin, merging(uuid4()))).status_code == 404
    assert (await post(api, superuser, "split", twin, SPLIT)).status_code == 409
    assert (await post(api, superuser, "merge", twin, merging(old))).status_code == 200
    for one, into in ((twin, third), (third, twin)):
        taken = await post(api, superuser, "merge", one, merging(into))
        assert (taken.status_code, taken.json()["merged_into"]) == (409, str(old))


async def test_what_a_school_reported_goes_along_and_nobody_ends_by_its_absence(
    api: httpx.AsyncClient, as_: As, city: City, twins: tuple[UUID, UUID]
) -> None:
    """The other one left a school whose register has them still: with the enrolment comes the report of it."""
    old, twin = twins
    city.placements[-1] = placement(TWIN)
    report = dropout(TWIN)
    assert (await api.post("/school-reports", headers=as_("kaa_coordinator"), json=report)).status_code == 201
    city.day = TODAY - timedelta(days=1)
    assert counts(await city.next_day()) == (0, 0, 0)
    merged = await post(api, as_("register_superuser"), "merge", twin, merging(old))
    assert merged.status_code == 200, merged.text
    told = [(name, data["youth_id"]) for name, data in await city.events()]
    assert [one for one in told if one[0] == "coverage-ended"] == [("coverage-ended", str(twin))]
    assert counts(await city.next_day()) == (0, 0, 0)

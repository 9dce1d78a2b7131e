"""Who may read whom: lists, one youth, coverage; and that every read is on record."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from tests.integration.registry.city import City, exam, schooling
from tests.integration.registry.conftest import make_settings, serving
from tests.stack.tokens import AuthEnv
from tests.unit.registry.files import made_up_number, placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]

FARSTA, BROMMA, PROTECTED, ENDED = 1, 2, 3, 4
BORN = "2008-03-01"


@dataclass(frozen=True)
class Registered:
    """A register that all tests of this file read, and its API."""

    api: httpx.AsyncClient
    pool: asyncpg.Pool
    ids: dict[int, UUID]


@pytest.fixture(scope="module")
async def shared(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Registered]:
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with (
        await create_pool(database.app_url, application_name="test") as pool,
        serving(make_settings(database, folder, temporal_address, auth_env)) as api,
    ):
        yield Registered(api, pool, await four_youths(City.of(pool, database, folder)))


async def four_youths(city: City) -> dict[int, UUID]:
    """One in Farsta, one in Bromma, one protected, one whose duty has ended."""
    city.day = date(2026, 10, 1)
    city.residents += [
        resident(FARSTA, first_name="Alva", last_name="af Exempel"),
        resident(BROMMA, first_name="Åke", last_name="Provsson", district="bromma"),
        resident(PROTECTED, first_name="Hemlig", protection="sekretessmarkering"),
        resident(ENDED),
    ]
    city.drop_all()
    await city.sync()
    city.placements.append(placement(ENDED, starts_on="2026-10-02"))
    await city.next_day()
    return {which: await city.youth(which) for which in (FARSTA, BROMMA, PROTECTED, ENDED)}


@pytest.fixture
def register(shared: Registered) -> dict[int, UUID]:
    return shared.ids


@pytest.fixture
def reading(shared: Registered) -> httpx.AsyncClient:
    return shared.api


async def listed(
    reading: httpx.AsyncClient, headers: dict[str, str], register: dict[int, UUID], **query: str
) -> dict[int, dict[str, Any]]:
    response = await reading.get("/youths", headers=headers, params=query)
    assert response.status_code == 200, response.text
    names = {str(youth_id): which for which, youth_id in register.items()}
    return {names[item["youth_id"]]: item for item in response.json()["items"]}


async def test_a_local_coordinator_lists_their_own_districts(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]
) -> None:
    found = await listed(reading, as_("local_coordinator", "farsta"), register)
    assert set(found) == {FARSTA, ENDED}
    assert found[FARSTA]["name"] == {"first": "Alva", "last": "af Exempel"}
    assert found[FARSTA]["covered"] is True
    assert (found[ENDED]["covered"], found[ENDED]["end_reason"]) == (False, "started_school")


FILTERS: list[tuple[dict[str, str], set[int]]] = [
    ({}, {FARSTA, BROMMA, PROTECTED, ENDED}),
    ({"covered": "true"}, {FARSTA, BROMMA, PROTECTED}),
    ({"covered": "false"}, {ENDED}),
    ({"district": "farsta"}, {FARSTA, ENDED}),
    ({"q": "alv exe"}, set()),
    ({"q": "alv af"}, {FARSTA}),
    ({"q": "ÅKE"}, {BROMMA}),
    ({"q": "heml"}, set()),
    ({"q": "%"}, set()),
    ({"end_reason": "started_school"}, {ENDED}),
    ({"reason": "unknown"}, {FARSTA, BROMMA, ENDED}),
    ({"reason": "unknown", "district": "bromma"}, {BROMMA}),
    ({"track": "studiebevis"}, set()),
]


async def test_filters(reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]) -> None:
    for query, expected in FILTERS:
        assert set(await listed(reading, as_("kaa_coordinator"), register, **query)) == expected, query


async def test_a_protected_youth_is_a_row_without_a_name(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]
) -> None:
    found = await listed(reading, as_("register_superuser"), register)
    empty = {key for key, value in found[PROTECTED].items() if value in (None, [])}
    assert {"name", "birth_date", "district", "reason", "last_covered_day", "registered_on"} <= empty
    response = await reading.get(f"/youths/{register[PROTECTED]}", headers=as_("register_superuser"))
    for secret in ("Hemlig", made_up_number(PROTECTED), "Provgatan", "farsta", "+4670", BORN):
        assert secret not in response.text
    coverage = await reading.get(f"/youths/{register[PROTECTED]}/coverage", headers=as_("register_superuser"))
    assert {one["evidence"] for one in coverage.json()["criteria"]} == {None}


async def test_the_special_handler_opens_a_protected_youth_with_a_reason(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID], shared: Registered
) -> None:
    special, url = as_("special_handler", subject="siv"), f"/youths/{register[PROTECTED]}"
    assert (await reading.get(url, headers=special)).json()["name"] is None
    opened = await reading.get(url, headers=special, params={"reason": "first contact by hand"})
    assert opened.json()["name"]["first"] == "Hemlig"
    assert opened.json()["person_number"] == made_up_number(PROTECTED)
    assert (await reading.get(url, headers=special, params={"reason": "x"})).status_code == 422
    rows = await shared.pool.fetch(
        "select actor, role, action, why from audit where youth_id = $1 and actor = 'siv' order by id",
        register[PROTECTED],
    )
    assert [tuple(row) for row in rows] == [
        ("siv", "special_handler", "youth.read", None),
        ("siv", "special_handler", "youth.read", "first contact by hand"),
    ]
    # The special handler is not a second coordinator.
    assert (await reading.get(f"/youths/{register[FARSTA]}", headers=special)).status_code == 404


async def test_out_of_ones_own_district_there_is_nobody(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]
) -> None:
    local = as_("local_coordinator", "farsta")
    for path in ("", "/coverage"):
        for youth_id in (register[BROMMA], register[PROTECTED], uuid4()):
            response = await reading.get(f"/youths/{youth_id}{path}", headers=local)
            assert response.status_code == 404
            assert response.headers["content-type"] == "application/problem+json"
        assert (await reading.get(f"/youths/{register[FARSTA]}{path}", headers=local)).status_code == 200


async def test_other_roles_read_nobody(reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]) -> None:
    youth = f"/youths/{register[FARSTA]}"
    for url in ("/youths", youth, f"{youth}/coverage"):
        for role in ("statistician", "operator", "service"):
            assert (await reading.get(url, headers=as_(role))).status_code == 403
        assert (await reading.get(url)).status_code == 401


async def test_one_youth_with_contact_and_episodes(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]
) -> None:
    body = (await reading.get(f"/youths/{register[ENDED]}", headers=as_("kaa_coordinator"))).json()
    assert body["person_number"] == made_up_number(ENDED)
    assert body["address"] == {
        "care_of": None, "street": "Provgatan 4", "postal_code": "12345", "city": "Stockholm",
    }  # fmt: skip
    assert body["phone"] == "+46701740605"
    (episode,) = body["episodes"]
    assert (episode["registered_on"], episode["ended_on"]) == ("2026-10-01", "2026-10-02")
    local = (await reading.get(f"/youths/{register[ENDED]}", headers=as_("local_coordinator", "farsta"))).json()
    assert local["person_number"] is None


async def test_coverage_says_why_with_source_and_date(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID], shared: Registered
) -> None:
    url, headers = f"/youths/{register[ENDED]}/coverage", as_("local_coordinator", "farsta", subject="lo")
    body = (await reading.get(url, headers=headers, params={"on": "2026-10-02"})).json()
    assert (body["covered"], body["act"]) == (False, "SFS 2022:1315")
    (failed,) = [one for one in body["criteria"] if not one["met"]]
    assert failed["criterion"] == "not_in_upper_secondary"
    known_from = failed["evidence"].pop("known_from")
    assert datetime.fromisoformat(known_from) <= datetime.fromisoformat(body["known_on"] + "T23:59:59+01:00")
    assert failed["evidence"] == {"source": "placements", "file_date": "2026-10-02", "since": "2026-10-02"}
    assert "29 kap. 9 §" in failed["citation"]
    assert (await reading.get(url, headers=headers, params={"on": "2026-10-01"})).json()["covered"] is True
    early = await reading.get(url, headers=headers, params={"on": "2014-12-31"})
    assert (early.status_code, early.json()["type"].rpartition(":")[2]) == (422, "no-rule-for-date")
    reads = "select count(*) from audit where actor = 'lo' and action = 'youth.read_coverage' and youth_id = $1"
    assert await shared.pool.fetchval(reads, register[ENDED]) >= 2


def lookup(number: str) -> dict[str, str]:
    return {"person_number": number, "reason": "youth_in_touch"}


async def test_a_number_is_looked_up_in_the_body_and_refused_in_a_url(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]
) -> None:
    headers = as_("kaa_coordinator")
    number = made_up_number(FARSTA)
    found = await reading.post("/youths/lookup", headers=headers, json=lookup(number))
    assert found.json()["youth_id"] == str(register[FARSTA])
    unknown = await reading.post("/youths/lookup", headers=headers, json=lookup(made_up_number(800)))
    assert unknown.status_code == 404
    bad = await reading.post("/youths/lookup", headers=headers, json=lookup(number[:-1] + "x"))
    assert bad.status_code == 422
    in_url = await reading.get("/youths", headers=headers, params={"q": number})
    assert in_url.status_code == 422
    for response in (unknown, bad, in_url):
        assert number[:8] not in response.text


async def test_every_listed_youth_is_on_record(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID], shared: Registered
) -> None:
    await listed(reading, as_("kaa_coordinator", subject="kim"), register)
    rows = await shared.pool.fetch("select youth_id from audit where actor = 'kim' and action = 'youth.list'")
    assert {row["youth_id"] for row in rows} == set(register.values())
    await listed(reading, as_("kaa_coordinator", subject="kai"), register, q="nobody")
    assert await shared.pool.fetchval("select count(*) from audit where actor = 'kai'") == 1


async def test_pages_hold_each_youth_once(reading: httpx.AsyncClient, as_: As, register: dict[int, UUID]) -> None:
    headers, seen, cursor = as_("kaa_coordinator"), [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await reading.get("/youths", headers=headers, params=params)).json()
        seen += [UUID(item["youth_id"]) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(register.values())
    assert (await reading.get("/youths", headers=headers, params={"cursor": "WyJhIl0"})).status_code == 400


async def test_recipients_hold_no_more_than_may_be_sent(
    reading: httpx.AsyncClient, as_: As, register: dict[int, UUID], shared: Registered
) -> None:
    # The registry's clock is the real one here: everybody born in 2008 is under 20 until 2028.
    asked = {"youth_ids": [str(one) for one in [*register.values(), uuid4()]], "purpose": "first_letter"}
    response = await reading.post("/recipients", headers=as_("service", subject="notifications"), json=asked)
    items = {UUID(item.pop("youth_id")): item for item in response.json()["items"]}
    nothing = {"name": None, "address": None, "phone": None, "birth_year": 2008}
    assert set(items) == set(register.values())
    assert items[register[PROTECTED]] == {"covered": True, "protected": True, "on_hold": False, **nothing}
    assert items[register[ENDED]] == {"covered": False, "protected": False, "on_hold": False, **nothing}
    assert items[register[FARSTA]] == {
        "covered": True, "protected": False, "on_hold": False, "name": "Alva af Exempel", "phone": "+46701740605",
        "address": {"care_of": None, "street": "Provgatan 1", "postal_code": "12345", "city": "Stockholm"},
        "birth_year": 2008,
    }  # fmt: skip
    rows = await shared.pool.fetch("select youth_id, why from audit where action = 'youth.read_recipient'")
    assert {tuple(row) for row in rows} == {(one, "first_letter") for one in register.values()}


async def test_only_services_ask_for_recipients(reading: httpx.AsyncClient, as_: As) -> None:
    asked = {"youth_ids": [str(uuid4())], "purpose": "first_letter"}
    for role in ("local_coordinator", "kaa_coordinator", "special_handler", "operator"):
        assert (await reading.post("/recipients", headers=as_(role), json=asked)).status_code == 403


async def test_an_address_that_post_cannot_reach_is_none(api: httpx.AsyncClient, as_: As, city: City) -> None:
    city.residents += [resident(1, street="", phone="")]
    city.schools += [schooling(1, phone="070-174 06 10")]
    city.exams += [exam(1, "studiebevis")]
    city.drop_all()
    await city.sync()
    asked = {"youth_ids": [str(await city.youth(1))], "purpose": "first_sms"}
    (item,) = (await api.post("/recipients", headers=as_("service"), json=asked)).json()["items"]
    assert (item["address"], item["phone"]) == (None, "+46701740610")  # the school's number

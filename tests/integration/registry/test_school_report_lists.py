"""School reports as staff read them, and how late each school tells."""

import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from tests.integration.registry.city import City
from tests.integration.registry.conftest import make_settings, serving
from tests.integration.registry.reports import (
    BROMMA,
    COVERED,
    ENROLLED,
    OTHER_SCHOOL,
    PROTECTED,
    SCHOOL,
    STRANGER,
    As,
    absence,
    ago,
    dropout,
    hand_in,
    populate,
)
from tests.stack.tokens import AuthEnv
from tests.unit.registry.files import made_up_number

pytestmark = pytest.mark.stack
# Reports of OTHER_SCHOOL by days from event to mail; handed in by staff, about youths in school.
DAYS_LATE = (0, 3, 3, 9, 14, 15, 40)


@dataclass(frozen=True)
class Told:
    """A register with reports that all tests of this file read."""

    api: httpx.AsyncClient
    pool: asyncpg.Pool
    city: City
    ids: dict[int, str]


@pytest.fixture(scope="module")
async def told(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    as_: As,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Told]:
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with (
        await create_pool(database.app_url, application_name="test") as pool,
        serving(make_settings(database, folder, temporal_address, auth_env)) as api,
    ):
        city, ids = City.of(pool, database, folder), {}
        await populate(city)
        for which in (COVERED, BROMMA, PROTECTED, STRANGER):
            ids[which] = (await hand_in(api, as_("register_superuser"), dropout(which)))["report_id"]
        for place, days in enumerate(DAYS_LATE):
            mail = dropout(
                ENROLLED + place, school_unit=OTHER_SCHOOL, event_date=ago(60), received_on=ago(60 - days)
            )
            await hand_in(api, as_("kaa_coordinator"), mail)
        yield Told(api, pool, city, ids)


async def listed(told: Told, headers: dict[str, str], **query: Any) -> dict[int, dict[str, Any]]:
    """The reports of the four by person."""
    response = await told.api.get("/school-reports", headers=headers, params={"limit": 500, **query})
    assert response.status_code == 200, response.text
    names = {report_id: which for which, report_id in told.ids.items()}
    return {names[item["report_id"]]: item for item in response.json()["items"] if item["report_id"] in names}


async def test_a_report_as_it_is_listed(told: Told, as_: As) -> None:
    found = await listed(told, as_("local_coordinator", "farsta"))
    assert set(found) == {COVERED}  # neither another district's, nor a protected one, nor who waits
    one = found[COVERED]
    assert one["youth_id"] == str(await told.city.youth(COVERED))
    assert (one["school_unit"], one["kind"], one["event_date"]) == (SCHOOL, "dropout", ago(10))
    assert (one["days_late"], one["channel"], one["times_told"], one["person_number"]) == (10, "mailbox", 1, None)


async def test_of_a_protected_identity_there_is_a_row_and_nothing_more(told: Told, as_: As) -> None:
    found = await listed(told, as_("kaa_coordinator"))
    kept = {key: value for key, value in found[PROTECTED].items() if value is not None}
    youth_id = str(await told.city.youth(PROTECTED))
    assert kept == {"report_id": told.ids[PROTECTED], "youth_id": youth_id, "protected": True}
    for query in ({"school_unit": SCHOOL}, {"kind": "dropout"}):
        assert PROTECTED not in await listed(told, as_("kaa_coordinator"), **query)
    special = as_("special_handler", subject="siv")
    assert (await listed(told, special))[PROTECTED]["school_unit"] is None
    opened = await listed(told, special, reason="asked by the school")
    assert set(opened) == {PROTECTED}
    assert opened[PROTECTED]["school_unit"] == SCHOOL
    why = await told.pool.fetchval(
        "select why from audit where actor = 'siv' and action = 'school-report.list' order by id desc limit 1"
    )
    assert why == "asked by the school"


async def test_who_waits_is_listed_for_the_city_and_by_number_for_the_superuser(told: Told, as_: As) -> None:
    superuser = await listed(told, as_("register_superuser"), matched="false")
    assert set(superuser) == {STRANGER}
    assert superuser[STRANGER]["person_number"] == made_up_number(STRANGER)
    coordinator = await listed(told, as_("kaa_coordinator"), matched="false")
    assert coordinator[STRANGER]["person_number"] is None
    assert STRANGER not in await listed(told, as_("kaa_coordinator"), matched="true")


async def test_reports_of_one_youth(told: Told, as_: As) -> None:
    async def get(which: int, headers: dict[str, str], **query: str) -> httpx.Response:
        url = f"/youths/{await told.city.youth(which)}/school-reports"
        return await told.api.get(url, headers=headers, params=query)

    local = as_("local_coordinator", "farsta", subject="lo")
    assert [one["report_id"] for one in (await get(COVERED, local)).json()["items"]] == [told.ids[COVERED]]
    assert (await get(BROMMA, local)).status_code == (await get(PROTECTED, local)).status_code == 404
    (masked,) = (await get(PROTECTED, as_("kaa_coordinator"))).json()["items"]
    assert masked["school_unit"] is None
    (opened,) = (await get(PROTECTED, as_("special_handler"), reason="asked by the school")).json()["items"]
    assert opened["school_unit"] == SCHOOL
    reads = await told.pool.fetchval("select count(*) from audit where action = 'youth.read_school_reports'")
    assert reads == 3


async def test_pages_hold_each_report_once(told: Told, as_: As) -> None:
    headers, seen, cursor = as_("kaa_coordinator"), [], None
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await told.api.get("/school-reports", headers=headers, params=params)).json()
        seen += [item["report_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(DAYS_LATE) + 4
    bad = await told.api.get("/school-reports", headers=headers, params={"cursor": "WyJhIl0"})
    assert bad.status_code == 400


async def test_lateness_per_school(told: Told, as_: As) -> None:
    response = await told.api.get("/school-reports/lateness", headers=as_("statistician"))
    body = response.json()
    first, last = date.fromisoformat(body["from"]), date.fromisoformat(body["to"])
    assert (first.day, (last + timedelta(days=1)).day, body["late_after_days"]) == (1, 1, 14)
    assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == 11, "twelve whole months"
    assert body["to"][:7] == ago(0)[:7]
    by_school = {one.pop("school_unit"): one for one in body["items"]}
    # Of the dropouts at SCHOOL the protected youth's is not counted: in small figures it would tell.
    assert by_school[SCHOOL]["reports"] == 3
    assert by_school[OTHER_SCHOOL] == {
        "reports": len(DAYS_LATE),
        "median_days": statistics.median_low(DAYS_LATE),
        "p90_days": 40,
        "max_days": 40,
        "late": 2,
    }


async def test_lateness_is_of_what_was_first_told_in_whole_months(told: Told, as_: As) -> None:
    mails = [ago(60 - days)[:7] for days in DAYS_LATE]

    async def reports(**query: str) -> dict[str, int]:
        response = await told.api.get("/school-reports/lateness", headers=as_("kaa_coordinator"), params=query)
        assert response.status_code == 200
        return {one["school_unit"]: one["reports"] for one in response.json()["items"]}

    assert await reports(**{"from": ago(60), "to": ago(60)}) == {OTHER_SCHOOL: mails.count(ago(60)[:7])}
    late = [month for month in mails if month >= ago(5)[:7]]
    assert await reports(**{"from": ago(5)}) == {SCHOOL: 3} | ({OTHER_SCHOOL: len(late)} if late else {})
    assert await reports(kind="started") == {}
    far = await told.api.get(
        "/school-reports/lateness", headers=as_("kaa_coordinator"), params={"to": "9999-12-31"}
    )
    assert far.status_code == 422
    backwards = {"from": ago(0), "to": ago(1)}
    refused = await told.api.get("/school-reports/lateness", headers=as_("kaa_coordinator"), params=backwards)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "query.from")


async def test_lateness_counts_from_the_first_word_with_the_right_date(
    api: httpx.AsyncClient, city: City, as_: As
) -> None:
    await populate(city)
    headers = as_("kaa_coordinator")
    first = await hand_in(api, headers, absence(event_date=ago(25), received_on=ago(20)))
    await hand_in(api, headers, absence(event_date=ago(22), corrects=first["report_id"]))
    await hand_in(api, headers, absence(ENROLLED + 1, event_date=ago(10), received_on=ago(8)))
    await hand_in(api, headers, absence(ENROLLED + 1, event_date=ago(10)), 200)
    await hand_in(api, headers, dropout(ENROLLED + 2, event_date=ago(-10)))  # told ahead
    (school,) = (await api.get("/school-reports/lateness", headers=headers)).json()["items"]
    assert (school["reports"], school["median_days"], school["max_days"], school["late"]) == (3, 2, 2, 0)

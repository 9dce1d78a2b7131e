"""Two times in one question: whether the duty held on a day, by what was known on another."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from uuid import UUID

import httpx
import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from tests.integration.registry.city import City
from tests.integration.registry.conftest import make_settings, serving
from tests.stack.tokens import AuthEnv
from tests.unit.registry.files import placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
DROPOUT, MOVER = 1, 2


@pytest.fixture(scope="module")
async def told_late(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[httpx.AsyncClient, dict[int, UUID]]]:
    """One left school on 5 October, which is told on the 20th; one moves from Farsta to Bromma on the 20th."""
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with (
        await create_pool(database.app_url, application_name="test") as pool,
        serving(make_settings(database, folder, temporal_address, auth_env)) as api,
    ):
        city = City.of(pool, database, folder)
        city.residents += [resident(DROPOUT), resident(MOVER)]
        city.placements.append(placement(DROPOUT))
        city.night_of(date(2026, 10, 1))
        city.drop_all()
        await city.sync()
        city.placements[-1] = placement(DROPOUT, ends_on="2026-10-05", end_kind="dropout")
        city.residents[-1] = resident(MOVER, district="bromma")
        city.night_of(date(2026, 10, 20))
        city.drop_all()
        await city.sync()
        yield api, {which: await city.youth(which) for which in (DROPOUT, MOVER)}


@pytest.mark.parametrize(
    ("on", "known_on", "covered", "known_since"),
    [
        ("2026-10-05", None, False, None),  # the last day of school
        ("2026-10-06", None, True, "2026-10-20"),
        ("2026-10-06", "2026-10-20", True, "2026-10-20"),
        ("2026-10-06", "2026-10-19", False, None),
        ("2026-10-25", "2026-10-19", False, None),
    ],
)
async def test_late_facts_change_the_past_in_what_holds_not_in_what_was_known(
    told_late: tuple[httpx.AsyncClient, dict[int, UUID]],
    as_: As,
    on: str,
    known_on: str | None,
    covered: bool,
    known_since: str | None,
) -> None:
    api, ids = told_late
    query = {"on": on} if known_on is None else {"on": on, "known_on": known_on}
    body = (await api.get(f"/youths/{ids[DROPOUT]}/coverage", headers=as_("kaa_coordinator"), params=query)).json()
    assert body["covered"] is covered
    assert (body["known_since"] or "")[:10] == (known_since or "")


async def test_nothing_was_known_before_the_first_run(
    told_late: tuple[httpx.AsyncClient, dict[int, UUID]], as_: As
) -> None:
    api, ids = told_late
    url = f"/youths/{ids[MOVER]}/coverage"
    assert (
        await api.get(url, headers=as_("kaa_coordinator"), params={"known_on": "2026-09-30"})
    ).status_code == 404
    tomorrow = await api.get(url, headers=as_("kaa_coordinator"), params={"known_on": "2199-01-01"})
    assert (tomorrow.status_code, tomorrow.json()["type"].rpartition(":")[2]) == (422, "day-not-over")


@pytest.mark.parametrize(
    ("known_on", "youths", "districts"),
    [
        ("2026-10-19", 1, {"farsta": 1}),
        ("2026-10-20", 2, {"bromma": 1, "farsta": 2}),
    ],
)
async def test_unique_youths_of_a_period_by_district(
    told_late: tuple[httpx.AsyncClient, dict[int, UUID]],
    as_: As,
    known_on: str,
    youths: int,
    districts: dict[str, int],
) -> None:
    api, _ = told_late
    query = {"first": "2026-10-01", "last": "2026-10-31", "known_on": known_on}
    body = (await api.get("/coverage-totals", headers=as_("statistician"), params=query)).json()
    assert body["youths"] == youths
    assert {one["district"]: one["youths"] for one in body["districts"]} == districts


async def test_who_counts_must_be_allowed_to(
    told_late: tuple[httpx.AsyncClient, dict[int, UUID]], as_: As
) -> None:
    api, _ = told_late
    period = {"first": "2026-10-01", "last": "2026-10-31"}
    refused = await api.get("/coverage-totals", headers=as_("local_coordinator", "farsta"), params=period)
    assert refused.status_code == 403
    turned = {"first": "2026-10-31", "last": "2026-10-01"}
    assert (await api.get("/coverage-totals", headers=as_("statistician"), params=turned)).status_code == 422

"""Sources that the superuser must look at: opened and closed by runs, released by hand, and how each source is."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis import temporal
from contracts.registry_activities import Source
from services.registry.activities import RegistryActivities
from services.registry.settings import Settings
from tests.integration.registry.city import City
from tests.unit.registry.files import resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
async def settled(city: City) -> City:
    city.residents += [resident(which) for which in range(10)]
    city.drop_all()
    await city.sync()
    return city


async def listed(api: httpx.AsyncClient, headers: dict[str, str], is_open: bool) -> list[dict[str, Any]]:
    answer = await api.get("/attentions", headers=headers, params={"open": is_open})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_loss_is_released_by_hand(
    api: httpx.AsyncClient, as_: As, settled: City, pool: asyncpg.Pool, settings: Settings
) -> None:
    superuser = as_("register_superuser", subject="siv")
    assert await listed(api, superuser, True) == []
    settled.residents = settled.residents[:40]
    for _ in range(2):  # the same in each run is one
        assert (await settled.next_day()).ended == 0
    [found] = await listed(api, superuser, True)
    assert (found["source"], found["reason"], found["seen_at"] > found["opened_at"]) == (
        "population",
        "shrunk",
        True,
    )

    url = f"/attentions/{found['attention_id']}/release"
    assert (await api.post(url, headers=as_("operator"))).status_code == 403
    started = [await api.post(url, headers=superuser) for _ in range(2)]
    assert [one.status_code for one in started] == [202, 202]
    run_id = started[0].json()["run_id"]
    assert started[1].json()["run_id"] == run_id
    client = await temporal.connect(settings)
    await client.get_workflow_handle(f"register-sync/{run_id}").terminate()  # the test is the workflow
    report = await settled.sync(UUID(run_id))
    assert report.ended == 10
    # It was made for today, on which the test's files are old.
    assert {one["reason"] for one in await listed(api, superuser, True)} == {"stale"}
    [closed] = await listed(api, superuser, False)
    assert (closed["released_run"], closed["open"], closed["closed_at"] is not None) == (run_id, False, True)
    audited = await pool.fetchrow("select actor, why from audit where action = 'attention.release'")
    assert audited is not None
    assert tuple(audited) == ("siv", run_id)


async def test_what_is_missing_or_stale_closes_when_it_comes(
    api: httpx.AsyncClient, as_: As, settled: City
) -> None:
    superuser = as_("register_superuser")
    settled.remove(Source.EXAMS)
    settled.day += timedelta(days=8)
    for source, records in ((Source.POPULATION, settled.residents), (Source.SCHOOLS, settled.schools)):
        settled.drop(source, records)
    assert (await settled.sync()).ended == 0
    found = {(one["source"], one["reason"]): one for one in await listed(api, superuser, True)}
    assert set(found) == {("exams", "missing"), ("placements", "stale")}
    for one in found.values():
        refused = await api.post(f"/attentions/{one['attention_id']}/release", headers=superuser)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:uppsok:problem:nothing-to-accept")
    await settled.next_day()
    assert await listed(api, superuser, True) == []
    gone = await api.post(f"/attentions/{found['exams', 'missing']['attention_id']}/release", headers=superuser)
    assert (gone.status_code, gone.json()["type"]) == (409, "urn:uppsok:problem:attention-closed")


async def test_a_server_that_fails(
    api: httpx.AsyncClient, as_: As, settled: City, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hemligt")
    server = {
        "name": "friskolan", "base_url": NOBODY, "token_url": f"{NOBODY}/token", "client_id": "uppsok",
        "secret_file": "secret", "patience": {"attempts": 1},
    }  # fmt: skip
    file = tmp_path / "servers.json"
    file.write_text(json.dumps({"servers": [server]}))
    plain = settled.activities
    with_server = settled.settings.model_copy(update={"registry_ss12000_file": file})
    settled.activities = RegistryActivities(pool, with_server.clock, with_server)
    await settled.next_day()
    [found] = await listed(api, as_("operator"), True)
    assert (found["source"], found["reason"]) == ("ss12000:friskolan", "failed")
    health = {one["source"]: one for one in (await api.get("/sources", headers=as_("operator"))).json()["items"]}
    assert health["ss12000:friskolan"]["attentions"] == ["failed"]
    settled.activities = plain  # the server is read no more
    await settled.next_day()
    assert await listed(api, as_("operator"), True) == []


async def test_how_each_source_is(api: httpx.AsyncClient, as_: As, settled: City) -> None:
    settled.residents.append(resident(11, status="gone"))
    good = await settled.next_day()
    settled.remove(Source.EXAMS)
    last = await settled.sync()
    answer = await api.get("/sources", headers=as_("kaa_coordinator"))
    assert answer.status_code == 200, answer.text
    health = {one["source"]: one for one in answer.json()["items"]}
    assert list(health) == [*Source, "navet", "reports", "manual"]
    population, exams = health["population"], health["exams"]
    assert (population["read"], population["rejected"], population["accepted"]) == (51, 1, 50)
    assert (population["newest"], population["last_good"]["run_id"]) == ("2026-10-02", str(last.run_id))
    assert (exams["last_good"]["run_id"], exams["attentions"]) == (str(good.run_id), ["missing"])
    assert exams["held"].startswith("There is no file")
    assert (health["reports"]["accepted"], health["navet"]["read_at"]) == (0, None)


async def test_who_may_not(api: httpx.AsyncClient, as_: As) -> None:
    for role in ("local_coordinator", "statistician", "service", "special_handler", "school"):
        for url in ("/attentions", "/sources"):
            assert (await api.get(url, headers=as_(role))).status_code == 403
    superuser = as_("register_superuser")
    assert (await api.post(f"/attentions/{uuid4()}/release", headers=superuser)).status_code == 404
    assert (await api.get("/attentions?cursor=WyJhIl0", headers=superuser)).status_code == 400

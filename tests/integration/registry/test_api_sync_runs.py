"""Sync runs over HTTP: one at a time, what each source gave, which rows were rejected."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from chassis import temporal
from contracts.registry_activities import Source
from services.registry.settings import Settings
from tests.integration.registry.city import City
from tests.unit.registry.files import resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


async def test_one_run_at_a_time(
    api: httpx.AsyncClient, as_: As, settings: Settings, temporal_address: str, city: City
) -> None:
    client = await temporal.connect(settings.model_copy(update={"temporal_address": temporal_address}))
    started = await api.post("/sync-runs", headers=as_("operator", subject="olle"), json={"as_of": None})
    assert started.status_code == 202, started.text
    run_id = started.json()["run_id"]
    workflow = client.get_workflow_handle(f"register-sync/{run_id}")
    assert (await workflow.describe()).workflow_type == "RegisterSync"

    refused = await api.post("/sync-runs", headers=as_("register_superuser"), json={})
    assert (refused.status_code, refused.json()["run_id"]) == (409, run_id)
    # A run whose workflow is over without having finished is in nobody's way.
    await workflow.terminate()
    again = await api.post("/sync-runs", headers=as_("register_superuser"), json={})
    assert again.status_code == 202
    await client.get_workflow_handle(f"register-sync/{again.json()['run_id']}").terminate()

    seen = (await api.get("/sync-runs", headers=as_("operator"))).json()["items"]
    assert [(one["run_id"], one["state"]) for one in seen] == [
        (again.json()["run_id"], "requested"),
        (run_id, "abandoned"),
    ]
    row = await city.pool.fetchrow("select actor, role, subject from audit where action = 'sync-run.request'")
    assert row is not None
    assert tuple(row) == ("olle", "operator", run_id)


async def test_a_run_whose_workflow_was_never_started_is_in_the_way_for_seconds_only(
    api: httpx.AsyncClient, as_: As, settings: Settings, temporal_address: str, city: City
) -> None:
    """A registry API that dies between opening a run and starting its workflow."""
    started = await api.post("/sync-runs", headers=as_("operator"), json={})
    client = await temporal.connect(settings.model_copy(update={"temporal_address": temporal_address}))
    await client.get_workflow_handle(f"register-sync/{started.json()['run_id']}").terminate()
    never = "update sync_runs set workflow_id = 'register-sync/never', touched_at = now() - $1::interval"
    await city.pool.execute(never, timedelta(0))
    assert (await api.post("/sync-runs", headers=as_("operator"), json={})).status_code == 409
    await city.pool.execute(never, timedelta(minutes=1))
    again = await api.post("/sync-runs", headers=as_("operator"), json={})
    assert again.status_code == 202
    await client.get_workflow_handle(f"register-sync/{again.json()['run_id']}").terminate()


async def test_tomorrow_cannot_be_decided(api: httpx.AsyncClient, as_: As) -> None:
    response = await api.post("/sync-runs", headers=as_("operator"), json={"as_of": "2999-01-01"})
    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (422, "as-of-in-the-future")


async def test_a_run_shows_what_each_source_gave(api: httpx.AsyncClient, as_: As, city: City) -> None:
    city.residents += [resident(1), resident(2, status="gone"), resident(3, phone="1")]
    city.drop_all()
    city.remove(Source.EXAMS)
    run_id = (await city.sync()).run_id
    run = (await api.get(f"/sync-runs/{run_id}", headers=as_("kaa_coordinator"))).json()
    assert (run["state"], run["as_of"], run["registered"], run["registrations_held"]) == (
        "done", "2026-10-01", 0, 2,
    )  # fmt: skip
    population, exams = run["sources"][0], run["sources"][3]
    assert (population["file_name"], population["encoding"]) == ("population_20261001.csv", "utf-8")
    assert (population["read"], population["rejected"], population["held"]) == (43, 1, None)
    assert "no file" in exams["held"]

    rejects, cursor = [], None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"/sync-runs/{run_id}/rejects", headers=as_("operator"), params=params)).json()
        rejects += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert rejects == [
        {"source": "population", "row": 43, "field": "status", "reason": "unknown_code", "kept": False},
        {"source": "population", "row": 44, "field": "phone", "reason": "phone", "kept": True},
    ]


async def test_what_is_not_there_is_a_problem(api: httpx.AsyncClient, as_: As) -> None:
    for path in ("", "/rejects"):
        response = await api.get(f"/sync-runs/{uuid4()}{path}", headers=as_("operator"))
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    for url in ("/sync-runs?cursor=WyJhIl0", "/sync-runs?cursor=x"):
        assert (await api.get(url, headers=as_("operator"))).status_code == 400


async def test_who_may_not(api: httpx.AsyncClient, as_: As) -> None:
    for role in ("local_coordinator", "statistician", "service", "special_handler"):
        assert (await api.post("/sync-runs", headers=as_(role), json={})).status_code == 403
        assert (await api.get("/sync-runs", headers=as_(role))).status_code == 403
    assert (await api.post("/sync-runs", headers=as_("kaa_coordinator"), json={})).status_code == 403


async def test_districts_of_a_day(api: httpx.AsyncClient, as_: As) -> None:
    now = (await api.get("/districts", headers=as_("statistician"), params={"on": "2026-01-01"})).json()["items"]
    assert len(now) == 11
    assert [one["code"] for one in now][:2] == ["bromma", "enskede-arsta-vantor"]
    ever = (await api.get("/districts", headers=as_("statistician"))).json()["items"]
    assert {"code": "norrmalm", "name": "Norrmalm", "valid_from": None, "valid_until": "2023-06-30",
            "merged_into": "norra-innerstaden"} in ever  # fmt: skip
    assert (await api.get("/districts")).status_code == 401


async def test_ready_says_what_it_stands_on(api: httpx.AsyncClient) -> None:
    ready = await api.get("/readyz")
    assert (ready.status_code, set(ready.json()["checks"])) == (200, {"database", "temporal"})

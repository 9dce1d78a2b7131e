"""Gallring that waits for people is among what must be looked at: for who decides on it, as long as it waits."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import CivilClock, ClockSpec
from services.registry.gallring import daily
from services.registry.gallring.deciding import Clocks
from tests.integration.gallring.conftest import World

pytestmark = pytest.mark.stack
CLOCK = CivilClock(ClockSpec())
AFTER_TWO_YEARS = Clocks(730, 730, 90)
Who = dict[str, dict[str, str]]


@pytest.fixture
def who(token: Callable[..., str]) -> Who:
    roles = {
        "rut": "register_superuser",
        "kim": "jurist",
        "ove": "operator",
        "lo": "local_coordinator",
    }
    return {name: {"Authorization": f"Bearer {token(role, subject=name)}"} for name, role in roles.items()}


async def waiting(world: World, headers: dict[str, str], **asked: Any) -> list[dict[str, Any]]:
    answer = await world.api.get("/attentions", headers=headers, params=asked)
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["items"] if one["source"] == "gallring"]


async def test_what_the_workflow_proposes_waits_for_a_review_and_then_for_an_approval(
    world: World, who: Who
) -> None:
    run_id = (await daily.propose(world.registry, CLOCK, AFTER_TWO_YEARS, uuid4(), "w")).run_id
    for name in ("rut", "kim", "ove"):
        (found,) = await waiting(world, who[name], open=True)
        assert (found["attention_id"], found["reason"], found["open"]) == (str(run_id), "review", True)
        assert found["detail"].startswith("2 persons would be deleted. It was proposed by itself")
    assert await waiting(world, who["rut"], open=False) == []
    assert (await world.api.get("/attentions", headers=who["lo"])).status_code == 403

    await world.api.post(f"/gallring/{run_id}/review", headers=who["rut"])
    (found,) = await waiting(world, who["kim"])
    assert (found["reason"], found["detail"]) == (
        "approval",
        "2 persons would be deleted. rut stands for it: another person approves.",
    )
    release = await world.api.post(f"/attentions/{run_id}/release", headers=who["rut"])
    assert release.status_code == 404, "it is no source"

    await world.api.post(f"/gallring/{run_id}/approve", headers=who["kim"])
    assert await waiting(world, who["rut"]) == []


async def test_what_a_person_proposes_waits_for_an_approval_until_it_is_withdrawn(world: World, who: Who) -> None:
    run_id = uuid4()
    await world.api.post("/gallring", headers=who["rut"], json={"id": str(run_id)})
    (found,) = await waiting(world, who["kim"])
    assert found["reason"] == "approval"
    assert found["detail"].endswith("rut proposed it: another person approves.")
    await world.api.post(f"/gallring/{run_id}/withdraw", headers=who["rut"])
    assert await waiting(world, who["kim"]) == []


async def test_the_jurist_sees_nothing_of_sources(world: World, who: Who) -> None:
    await daily.propose(world.registry, CLOCK, AFTER_TWO_YEARS, uuid4(), "w")
    await world.registry.execute(
        "insert into attentions (source, reason, detail, opened_at, opened_by, seen_at) "
        "select 'population', 'shrunk', 'x', now(), run_id, now() from sync_runs limit 1"
    )
    seen = {
        name: {one["source"] for one in (await world.api.get("/attentions", headers=who[name])).json()["items"]}
        for name in ("rut", "kim")
    }
    assert seen["kim"] == {"gallring"}
    assert seen["rut"] >= {"gallring", "population"}


async def test_both_kinds_are_paged_together(world: World, who: Who) -> None:
    await daily.propose(world.registry, CLOCK, AFTER_TWO_YEARS, uuid4(), "w")
    await world.registry.execute(
        "insert into attentions (source, reason, detail, opened_at, opened_by, seen_at) "
        "select 'population', 'shrunk', 'x', now() - interval '1 day', run_id, now() from sync_runs limit 1"
    )
    everything = (await world.api.get("/attentions", headers=who["rut"])).json()["items"]
    paged: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await world.api.get("/attentions", headers=who["rut"], params=params)).json()
        paged += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == everything
    assert len(paged) >= 2

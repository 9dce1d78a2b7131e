"""A youth's plan: made, followed up, ended; texts are looked at before they are saved."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.registry.db.merges import move_kept
from tests.integration.registry.kept_youths import MINOR, OF_AGE, PROTECTED, SCHOOLED, TODAY, Kept
from tests.integration.registry.measuring import Desk, code
from tests.unit.registry.files import made_up_number

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


@pytest.fixture
def desk(kept: Kept, as_: As) -> Desk:
    return Desk(kept.api, kept.pool, as_("local_coordinator", "farsta", subject="lo"))


def effort(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "answers_for": "youth", "party": None, "content": "Läser om kurserna",
        "planned_start": str(TODAY), "planned_end": None, "ended_on": None, "result": None, **changes,
    }  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    return {"goal": "Börja på folkhögskola", "made_on": str(TODAY), "efforts": [], "follow_ups": [], **changes}


async def made(desk: Desk, kept: Kept, who: str, **changes: Any) -> str:
    """Make a plan and return its URL; the one that went on before is ended."""
    for old in (await desk.get(kept.url(who, "plans")))["items"]:
        if old["ended_on"] is None:
            await desk.post(
                f"{kept.url(who, 'plans', old['id'])}/end", {"on": str(TODAY), "result": "goal_changed"}
            )
    url = kept.url(who, "plans", uuid4())
    response = await desk.put(url, plan(**changes))
    assert response.status_code == 201, response.text
    return url


async def test_made_followed_up_and_ended(desk: Desk, kept: Kept) -> None:
    own = effort()
    guidance = effort(answers_for="other_party", party="ubf", content="Vägledning inför ansökan")
    look = {"id": str(uuid4()), "due_on": str(TODAY + timedelta(days=30)), "done_on": None}
    url = await made(desk, kept, OF_AGE, efforts=[own, guidance], follow_ups=[look])
    body = plan(efforts=[own, guidance], follow_ups=[look])
    expected = {**body, "id": url.rpartition("/")[2], "ended_on": None, "result": None, "etag": '"1"'}
    assert await desk.get(url) == expected
    again = await desk.put(url, body)
    assert (again.status_code, again.json()) == (200, expected)
    done = own | {"ended_on": str(TODAY), "result": "done"}
    more = effort(answers_for="municipality", content="Ringer i november")
    changed = plan(efforts=[more, done, guidance], follow_ups=[look | {"done_on": str(TODAY)}])
    assert code(await desk.put(url, changed)) == (428, "if-match-required")
    answer = await desk.put(url, changed, seen='"1"')
    assert (answer.json()["efforts"], answer.headers["etag"]) == ([more, done, guidance], '"2"')
    assert answer.json()["follow_ups"][0]["done_on"] == str(TODAY)
    left_out = await desk.put(url, plan(efforts=[more], follow_ups=[look]), seen='"2"')
    assert (code(left_out), left_out.json()["field"]) == ((409, "part-left-out"), "efforts")
    end = {"on": str(TODAY), "result": "goal_reached"}
    ended = await desk.post(f"{url}/end", end)
    assert (ended.json()["ended_on"], ended.json()["result"]) == (str(TODAY), "goal_reached")
    assert (await desk.post(f"{url}/end", end)).json() == ended.json()
    assert code(await desk.post(f"{url}/end", end | {"result": "broken_off"})) == (409, "ended-already")
    assert code(await desk.put(url, plan(goal="Ett annat mål"), seen='"3"')) == (409, "ended-already")
    assert await desk.audit_of(url) == [
        "plan.make", "plan.read", "plan.read", "plan.change", "plan.end", "plan.read",
    ]  # fmt: skip
    told = "select count(*) from outbox where data::text like '%' || $1 || '%'"
    assert await kept.pool.fetchval(told, url.rpartition("/")[2]) == 0  # nobody is told of a plan


async def test_one_plan_goes_on_at_a_time(desk: Desk, kept: Kept) -> None:
    url = await made(desk, kept, MINOR)
    other = kept.url(MINOR, "plans", uuid4())
    assert code(await desk.put(other, plan())) == (409, "plan-open")
    await desk.post(f"{url}/end", {"on": str(TODAY), "result": "broken_off"})
    assert (await desk.put(other, plan())).status_code == 201
    taken = kept.url(OF_AGE, "plans", other.rpartition("/")[2])
    assert code(await desk.put(taken, plan(), seen='"1"')) == (409, "id-taken")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"goal": "x" * 201}, "body.goal"),
        ({"goal": "  "}, "body.goal"),
        ({"efforts": [effort(answers_for="other_party")]}, "body.efforts.0"),
        ({"efforts": [effort(party="region")]}, "body.efforts.0"),
        ({"efforts": [effort(result="done")]}, "body.efforts.0"),
        ({"efforts": [effort(planned_end="2020-01-01")]}, "body.efforts.0"),
        ({"efforts": [effort()] * 2}, "body"),
    ],
)
async def test_what_does_not_fit_is_refused(desk: Desk, kept: Kept, changes: dict[str, Any], field: str) -> None:
    refused = await desk.put(kept.url(MINOR, "plans", uuid4()), plan(**changes))
    assert refused.status_code == 422
    assert {one["field"] for one in refused.json()["errors"]} == {field}


async def test_texts_are_looked_at_when_they_are_new(desk: Desk, kept: Kept) -> None:
    number = made_up_number(7)
    url = await made(desk, kept, OF_AGE)
    with_number = plan(goal=f"Ring {number[:8]}-{number[8:]}", confirmed=True)
    refused = await desk.put(url, with_number, seen='"1"')
    assert code(refused) == (422, "person-number-in-text")
    assert number[8:] not in refused.text
    sensitive = plan(efforts=[effort(content="Kontakt om depression och missbruk")])
    warned = await desk.put(url, sensitive, seen='"1"')
    assert code(warned) == (409, "free-text-warning")
    assert {one["field"] for one in warned.json()["warnings"]} == {"efforts.0.content"}
    assert "missbruk" not in warned.text
    assert (await desk.get(url))["efforts"] == []
    kept_anyway = await desk.put(url, sensitive | {"confirmed": True}, seen='"1"')
    assert kept_anyway.status_code == 200
    # Who read it again and meant it is not asked again when something else is changed.
    look = {"id": str(uuid4()), "due_on": str(TODAY)}
    assert (await desk.put(url, sensitive | {"follow_ups": [look]}, seen='"2"')).status_code == 200


async def test_who_may_see_and_write(desk: Desk, kept: Kept, as_: As) -> None:
    url = await made(desk, kept, OF_AGE)
    elsewhere = Desk(kept.api, kept.pool, as_("local_coordinator", "bromma"))
    for path in (url, kept.url(OF_AGE, "plans")):
        assert (await kept.api.get(path, headers=elsewhere.headers)).status_code == 404
    assert (await elsewhere.put(url, plan(), seen='"1"')).status_code == 404
    assert code(await desk.put(kept.url(SCHOOLED, "plans", uuid4()), plan())) == (409, "not-covered")
    coordinator = Desk(kept.api, kept.pool, as_("kaa_coordinator"))
    protected = kept.url(PROTECTED, "plans", uuid4())
    assert code(await coordinator.put(protected, plan())) == (403, "protected-identity")
    assert (await kept.api.put(url, headers=as_("register_superuser"), json=plan())).status_code == 403
    assert (await kept.api.get(kept.url(OF_AGE, "plans", uuid4()), headers=desk.headers)).status_code == 404


async def test_what_is_kept_of_two_who_turn_out_to_be_one_is_the_ones(desk: Desk, kept: Kept, as_: As) -> None:
    """Each has a plan, a hold and the same measure: no rule of ours stops the register's run."""
    coordinator = Desk(kept.api, kept.pool, as_("kaa_coordinator"))
    catalogue_id = await coordinator.adds()
    until = str(TODAY + timedelta(days=7))
    given = {"party": "socialtjanst", "purpose": "hold", "given_by": "youth", "given_on": str(TODAY)}
    for who in (MINOR, OF_AGE):
        await made(desk, kept, who)
        await desk.offers(kept.ids[who], catalogue_id)
        consent_id = uuid4()
        assert (await desk.put(kept.url(who, "consents", consent_id), given)).status_code == 201
        hold = {"consent_id": str(consent_id), "until": until}
        assert (await desk.put(kept.url(who, "holds", uuid4()), hold)).status_code == 201
    async with kept.pool.acquire() as conn, conn.transaction():
        merge = "update persons set merged_into = $2 where id = $1"
        await conn.execute(merge, kept.ids[MINOR], kept.ids[OF_AGE])
        assert await move_kept(conn, [kept.ids[MINOR]]) >= 4
        await conn.execute(merge, kept.ids[MINOR], None)  # for the tests that follow: a person without anything
    going_on = {
        what: [one for one in (await desk.get(kept.url(OF_AGE, what)))["items"] if one.get("ended_on") is None]
        for what in ("plans", "holds", "consents", "measures")
    }
    assert len(going_on["plans"]) == 2
    assert sum(one["state"] == "active" for one in going_on["holds"]) == 2
    assert sum(one["catalogue_id"] == catalogue_id for one in going_on["measures"]) == 2
    for one in going_on["holds"]:
        if one["state"] == "active":
            ended = await desk.post(f"{kept.url(OF_AGE, 'holds', one['id'])}/end", {"reason": "not_needed"})
            assert ended.status_code == 200

"""A measure of a youth, step by step; what others are told; and who may see and do it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.integration.registry.kept_youths import MINOR, OF_AGE, PROTECTED, SCHOOLED, TODAY, Kept
from tests.integration.registry.measuring import SCHOOL_YEAR, Desk, code, offer

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
YESTERDAY = TODAY - timedelta(days=1)
WHAT = {"owner": "ubn", "measure_type": "school_place", "sub_type": "slussplats", "on": str(TODAY)}


@pytest.fixture
def desk(kept: Kept, as_: As) -> Desk:
    return Desk(kept.api, kept.pool, as_("kaa_coordinator", subject="kim"))


async def test_the_whole_way_with_its_events_and_audit(desk: Desk, kept: Kept, as_: As) -> None:
    catalogue_id = await desk.adds()
    local = Desk(kept.api, kept.pool, as_("local_coordinator", "farsta", subject="lo"))
    url = await local.offers(kept.ids[OF_AGE], catalogue_id)
    await local.takes(url, "accept")
    await local.takes(url, "start")
    ended = await local.takes(url, "end", reason="to_upper_secondary", occupation_after="upper_secondary")
    assert ended == {
        "id": url.rpartition("/")[2], "catalogue_id": catalogue_id, "school_year": SCHOOL_YEAR, "owner": "ubn",
        "type": "school_place", "sub_type": "slussplats", "name": "Slussplats", "state": "ended",
        "line_position": None, "offered_on": str(TODAY), "accepted_on": str(TODAY), "place_offered_on": None,
        "place_taken_on": None, "started_on": str(TODAY), "ended_on": str(TODAY), "declined_on": None,
        "withdrawn_on": None, "end_reason": "to_upper_secondary", "withdrawal_reason": None,
        "occupation_before": "none", "occupation_after": "upper_secondary", "follows_up": "anna", "etag": '"4"',
    }  # fmt: skip
    assert await local.get(url) == ended
    assert ended in (await local.get(url.rpartition("/")[0]))["items"]
    assert await local.events_of(url) == [
        ("measure-offered", {**WHAT, "from_waiting_list": False}),
        ("measure-accepted", {**WHAT, "waiting": False}),
        ("measure-started", {**WHAT, "occupation_before": "none"}),
        (
            "measure-ended",
            {
                **WHAT, "reason": "to_upper_secondary", "occupation_before": "none",
                "occupation_after": "upper_secondary",
            },
        ),
    ]  # fmt: skip
    assert await local.audit_of(url) == [
        "measure.offer", "measure.accept", "measure.start", "measure.end", "measure.read",
    ]  # fmt: skip
    rows = await kept.pool.fetch(
        "select distinct actor, role, youth_id from audit where subject = $1", url.rpartition("/")[2]
    )
    assert [tuple(row) for row in rows] == [("lo", "local_coordinator", kept.ids[OF_AGE])]


async def test_a_step_taken_again_is_one(desk: Desk, kept: Kept) -> None:
    url = await desk.starts(kept.ids[OF_AGE], await desk.adds())
    now = await desk.get(url)
    for step in ("accept", "start"):
        assert await desk.takes(url, step) == now
        other_day = await desk.post(f"{url}/{step}", {"on": str(YESTERDAY)})
        assert code(other_day) == (409, "made-already")
    assert len(await desk.events_of(url)) == 3


async def test_steps_that_do_not_follow(desk: Desk, kept: Kept) -> None:
    url = await desk.offers(kept.ids[OF_AGE], await desk.adds())
    body = {"on": str(TODAY)}
    for step in ("start", "take-place"):
        assert code(await desk.post(f"{url}/{step}", body)) == (409, "not-from-this-state")
    tomorrow = {"on": str(TODAY + timedelta(days=1))}
    assert code(await desk.post(f"{url}/accept", tomorrow)) == (422, "in-the-future")
    assert code(await desk.post(f"{url}/accept", {"on": str(YESTERDAY)})) == (422, "before-the-last-step")
    assert (
        await desk.post(f"{url}/end", {**body, "reason": "bored", "occupation_after": "work"})
    ).status_code == 422
    declined = await desk.takes(url, "decline")
    assert (declined["state"], declined["declined_on"]) == ("declined", str(TODAY))
    assert code(await desk.post(f"{url}/accept", body)) == (409, "not-from-this-state")
    assert [kind for kind, _ in await desk.events_of(url)] == ["measure-offered", "measure-declined"]


async def test_withdrawn_before_it_started(desk: Desk, kept: Kept) -> None:
    url = await desk.offers(kept.ids[OF_AGE], await desk.adds())
    withdrawn = await desk.takes(url, "withdraw", reason="recorded_in_error")
    assert (withdrawn["state"], withdrawn["withdrawal_reason"]) == ("withdrawn", "recorded_in_error")
    assert (await desk.events_of(url))[-1] == ("measure-withdrawn", {**WHAT, "reason": "recorded_in_error"})


async def test_who_waits_sees_the_place_in_the_line_and_is_offered_what_becomes_free(
    desk: Desk, kept: Kept
) -> None:
    catalogue_id = await desk.adds(places=1)
    first = await desk.starts(kept.ids[OF_AGE], catalogue_id)
    second = await desk.offers(kept.ids[MINOR], catalogue_id)
    accepted = await desk.takes(second, "accept")
    assert (accepted["state"], accepted["line_position"]) == ("waiting", 1)
    assert code(await desk.post(f"{second}/start", {"on": str(TODAY)})) == (409, "not-from-this-state")
    await desk.ends(first)
    offered = await desk.get(second)
    assert (offered["state"], offered["line_position"]) == ("place_offered", None)
    assert offered["place_offered_on"] == str(TODAY)
    assert await desk.takes(second, "accept") == offered  # the first answer sent again is no second one
    assert (await desk.takes(second, "take-place"))["state"] == "accepted"
    assert (await desk.takes(second, "start"))["state"] == "started"
    told = await desk.events_of(second)
    assert [(kind, data.get("waiting"), data.get("from_waiting_list")) for kind, data in told] == [
        ("measure-offered", None, False),
        ("measure-accepted", True, None),
        ("measure-offered", None, True),
        ("measure-accepted", False, None),
        ("measure-started", None, None),
    ]  # fmt: skip
    row = await kept.pool.fetchrow(
        "select actor, role, youth_id from audit where action = 'measure.offer_place' and subject = $1",
        second.rpartition("/")[2],
    )
    assert row is not None
    assert tuple(row) == ("registry", "service", kept.ids[MINOR])


async def test_what_was_recorded_of_an_offer_can_be_corrected_in_part(desk: Desk, kept: Kept) -> None:
    catalogue_id = await desk.adds()
    url = f"/youths/{kept.ids[OF_AGE]}/measures/{uuid4()}"
    offered = await desk.put(url, offer(catalogue_id))
    assert (offered.status_code, offered.headers["etag"]) == (201, '"1"')
    again = await desk.put(url, offer(catalogue_id))
    assert (again.status_code, again.json()) == (200, offered.json())
    other = offer(catalogue_id, follows_up="bo", occupation_before="sfi")
    assert code(await desk.put(url, other)) == (428, "if-match-required")
    corrected = await desk.put(url, other, seen='"1"')
    assert (corrected.json()["follows_up"], corrected.json()["occupation_before"]) == ("bo", "sfi")
    assert code(await desk.put(url, offer(catalogue_id), seen='"1"')) == (412, "changed-since")
    moved = offer(catalogue_id, follows_up="bo", occupation_before="sfi", offered_on=str(YESTERDAY))
    assert code(await desk.put(url, moved, seen='"2"')) == (409, "measure-fixed")
    assert (await desk.put(url, offer(catalogue_id, follows_up="Anna på Jobbtorg"))).status_code == 422
    taken = f"/youths/{kept.ids[MINOR]}/measures/{url.rpartition('/')[2]}"
    assert code(await desk.put(taken, offer(catalogue_id))) == (409, "id-taken")


async def test_one_measure_of_an_entry_at_a_time(desk: Desk, kept: Kept) -> None:
    catalogue_id = await desk.adds()
    first = await desk.offers(kept.ids[OF_AGE], catalogue_id)
    second = f"/youths/{kept.ids[OF_AGE]}/measures/{uuid4()}"
    assert code(await desk.put(second, offer(catalogue_id))) == (409, "measure-open")
    await desk.takes(first, "decline")
    assert (await desk.put(second, offer(catalogue_id))).status_code == 201


async def test_who_may_see_and_write(desk: Desk, kept: Kept, as_: As) -> None:
    catalogue_id = await desk.adds()
    url = await desk.offers(kept.ids[OF_AGE], catalogue_id)
    of_bromma = as_("local_coordinator", "bromma")
    for method, path in (("get", url), ("get", url.rpartition("/")[0])):
        assert (await kept.api.request(method, path, headers=of_bromma)).status_code == 404
    elsewhere = Desk(kept.api, kept.pool, of_bromma)
    assert (await elsewhere.post(f"{url}/accept", {"on": str(TODAY)})).status_code == 404
    assert (await elsewhere.put(url, offer(catalogue_id))).status_code == 404
    superuser = Desk(kept.api, kept.pool, as_("register_superuser"))
    assert (await superuser.get(url))["state"] == "offered"
    assert (await superuser.post(f"{url}/accept", {"on": str(TODAY)})).status_code == 403
    for role in ("statistician", "operator", "service"):
        assert (await kept.api.get(url, headers=as_(role))).status_code == 403
    not_theirs = f"/youths/{kept.ids[MINOR]}/measures/{url.rpartition('/')[2]}"
    assert (await kept.api.get(not_theirs, headers=desk.headers)).status_code == 404
    assert (await desk.post(f"{not_theirs}/accept", {"on": str(TODAY)})).status_code == 404


async def test_a_protected_identity_is_opened_by_its_handler_with_a_reason(
    desk: Desk, kept: Kept, as_: As
) -> None:
    catalogue_id = await desk.adds()
    url = f"/youths/{kept.ids[PROTECTED]}/measures/{uuid4()}"
    assert code(await desk.put(url, offer(catalogue_id))) == (403, "protected-identity")
    handler = Desk(kept.api, kept.pool, as_("special_handler", subject="siv"))
    assert code(await handler.put(url, offer(catalogue_id))) == (403, "protected-identity")
    why = {"reason": "agreed in a meeting"}
    made = await kept.api.put(url, headers=handler.headers, params=why, json=offer(catalogue_id))
    assert made.status_code == 201
    row = await kept.pool.fetchrow("select role, why from audit where subject = $1", url.rpartition("/")[2])
    assert row is not None
    assert tuple(row) == ("special_handler", "agreed in a meeting")


async def test_nothing_is_offered_to_who_is_not_covered(desk: Desk, kept: Kept) -> None:
    url = f"/youths/{kept.ids[SCHOOLED]}/measures/{uuid4()}"
    assert code(await desk.put(url, offer(await desk.adds()))) == (409, "not-covered")

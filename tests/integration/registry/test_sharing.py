"""Secrecy between boards: what another board sees of a youth is what a valid consent covers, and only now."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.registry.kept_youths import MINOR, OF_AGE, OF_AGE_BORN, PROTECTED, TODAY, Kept
from tests.integration.registry.measuring import Desk, code
from tests.unit.registry.files import made_up_number

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
IN_A_WEEK, IN_A_MONTH = str(TODAY + timedelta(days=7)), str(TODAY + timedelta(days=30))
YESTERDAY, LAST_WEEK = str(TODAY - timedelta(days=1)), str(TODAY - timedelta(days=7))
COLLECTIONS = ("occupations", "measures", "plans", "consents", "holds")
NEVER = ("contact-points", "guardians", "manual-entries", "school-reports", "timeline", "coverage")


@pytest.fixture
def local(kept: Kept, as_: As) -> Desk:
    return Desk(kept.api, kept.pool, as_("local_coordinator", "farsta", subject="lo"))


@pytest.fixture
def social(as_: As) -> dict[str, str]:
    return as_("social_worker", "farsta", subject="soc")


@pytest.fixture
def slussen(as_: As) -> dict[str, str]:
    return as_("slussen_counsellor", subject="syv")


@pytest.fixture(autouse=True)
async def no_consent_is_left(kept: Kept) -> AsyncIterator[None]:
    yield
    await kept.pool.execute("update documentation.consents set withdrawn_at = now(), withdrawn_by = 'test', "
                            "version = version + 1 where withdrawn_at is null")  # fmt: skip


async def given(local: Desk, kept: Kept, who: str, party: str, purpose: str, **changes: Any) -> str:
    """Record a consent; return its id."""
    url = kept.url(who, "consents", uuid4())
    body = {"party": party, "purpose": purpose, "given_by": "youth", "given_on": str(TODAY), "until": IN_A_MONTH}
    response = await local.put(url, body | changes)
    assert response.status_code == 201, response.text
    return url.rpartition("/")[2]


async def listed(kept: Kept, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    response = await kept.api.get("/youths", headers=headers, params=query)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def looked_up(kept: Kept, headers: dict[str, str], which: int) -> httpx.Response:
    body = {"person_number": made_up_number(which, OF_AGE_BORN), "reason": "own_case"}
    return await kept.api.post("/youths/lookup", headers=headers, json=body)


async def opens(kept: Kept, headers: dict[str, str], who: str) -> set[str]:
    """Return which collections of a youth are answered; the rest must be as of nobody."""
    nobody = (await kept.api.get(f"/youths/{uuid4()}/plans", headers=headers)).json()
    found = set()
    for what in COLLECTIONS:
        answer = await kept.api.get(kept.url(who, what), headers=headers)
        if answer.status_code == 200:
            found.add(what)
        else:
            assert (answer.status_code, answer.json()) == (404, nobody)
    return found


async def test_without_a_consent_there_is_no_such_youth(
    kept: Kept, social: dict[str, str], slussen: dict[str, str]
) -> None:
    for headers in (social, slussen):
        unknown = await kept.api.get(f"/youths/{uuid4()}", headers=headers)
        youth = await kept.api.get(f"/youths/{kept.ids[OF_AGE]}", headers=headers)
        assert (youth.status_code, youth.json()) == (unknown.status_code, unknown.json())
        assert await listed(kept, headers) == []
        found, not_there = await looked_up(kept, headers, 2), await looked_up(kept, headers, 700)
        assert (found.status_code, found.json()) == (404, not_there.json())
        assert await opens(kept, headers, OF_AGE) == set()


async def test_by_consent_who_it_is_and_nothing_of_the_register_besides(
    kept: Kept, local: Desk, social: dict[str, str]
) -> None:
    await given(local, kept, OF_AGE, "socialtjanst", "measure")
    whole = await local.get(f"/youths/{kept.ids[OF_AGE]}")
    shown = (await kept.api.get(f"/youths/{kept.ids[OF_AGE]}", headers=social)).json()
    told = {"youth_id", "protected", "covered", "name", "birth_date", "district"}
    assert {key: shown[key] for key in told} == {key: whole[key] for key in told}
    assert {key for key, value in shown.items() if value not in (None, [])} == told
    assert (await looked_up(kept, social, 2)).json() == shown
    (item,) = await listed(kept, social)
    assert {key for key, value in item.items() if value not in (None, [])} == told
    for what in NEVER:
        assert (await kept.api.get(kept.url(OF_AGE, what), headers=social)).status_code == 403


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("planning", {"occupations", "measures", "plans", "consents"}),
        ("measure", {"measures", "consents"}),
        ("hold", {"holds", "consents"}),
        ("sip", {"occupations", "measures", "plans", "consents"}),
        ("handover", {"occupations", "measures", "plans", "consents"}),
    ],
)
async def test_a_purpose_opens_what_it_covers(
    kept: Kept, local: Desk, slussen: dict[str, str], purpose: str, expected: set[str]
) -> None:
    await given(local, kept, OF_AGE, "ubf", purpose)
    assert await opens(kept, slussen, OF_AGE) == expected
    assert await opens(kept, slussen, MINOR) == set()


async def test_one_boards_consent_is_not_anothers(
    kept: Kept, local: Desk, social: dict[str, str], slussen: dict[str, str]
) -> None:
    await given(local, kept, OF_AGE, "ubf", "planning")
    assert len(await listed(kept, slussen)) == 1
    assert await listed(kept, social) == []
    assert await opens(kept, social, OF_AGE) == set()


@pytest.mark.parametrize(
    "when", [{"given_on": LAST_WEEK, "until": YESTERDAY}, {"given_on": LAST_WEEK, "until": LAST_WEEK}]
)
async def test_a_consent_that_is_over_opens_nothing(
    kept: Kept, local: Desk, slussen: dict[str, str], when: dict[str, str]
) -> None:
    await given(local, kept, OF_AGE, "ubf", "planning", **when)
    assert await listed(kept, slussen) == []
    assert await opens(kept, slussen, OF_AGE) == set()


async def test_a_withdrawal_holds_at_once(kept: Kept, local: Desk, slussen: dict[str, str]) -> None:
    consent_id = await given(local, kept, OF_AGE, "ubf", "planning", until=None)
    assert len(await opens(kept, slussen, OF_AGE)) == 4
    withdrawn = await local.post(f"{kept.url(OF_AGE, 'consents', consent_id)}/withdraw")
    assert withdrawn.status_code == 200
    assert await opens(kept, slussen, OF_AGE) == set()
    assert await listed(kept, slussen) == []
    assert (await looked_up(kept, slussen, 2)).status_code == 404


async def test_a_social_worker_sees_those_of_the_own_districts(kept: Kept, local: Desk, as_: As) -> None:
    await given(local, kept, OF_AGE, "socialtjanst", "planning")
    elsewhere = as_("social_worker", "bromma", subject="soc")
    assert await listed(kept, elsewhere) == []
    assert await opens(kept, elsewhere, OF_AGE) == set()
    assert len(await opens(kept, as_("social_worker", "farsta"), OF_AGE)) == 4


async def test_a_protected_identity_is_shared_with_nobody(kept: Kept, as_: As, social: dict[str, str]) -> None:
    special = Desk(kept.api, kept.pool, as_("special_handler", subject="sara"))
    url = f"{kept.url(PROTECTED, 'consents', uuid4())}?reason=samtycke"
    body = {"party": "socialtjanst", "purpose": "planning", "given_by": "youth", "given_on": str(TODAY)}
    assert (await special.put(url, body)).status_code == 201
    assert await listed(kept, social) == []
    assert await opens(kept, social, PROTECTED) == set()
    assert (await kept.api.get(f"/youths/{kept.ids[PROTECTED]}", headers=social)).status_code == 404
    assert (await looked_up(kept, social, 3)).status_code == 404


async def test_a_search_tells_nothing_that_the_consent_does_not_cover(
    kept: Kept, local: Desk, slussen: dict[str, str]
) -> None:
    await given(local, kept, OF_AGE, "ubf", "planning")
    youth = await local.get(f"/youths/{kept.ids[OF_AGE]}")
    reason = youth["episodes"][0]["reason"]
    assert reason is not None
    assert len(await listed(kept, slussen, covered="true")) == 1
    assert len(await listed(kept, slussen, district="farsta")) == 1
    assert await listed(kept, slussen, district="bromma") == []
    assert await listed(kept, slussen, reason=reason) == []
    assert len(await listed(kept, slussen, q=youth["name"]["last"])) == 1  # and none of the others of that name
    assert len(await listed(kept, local.headers, q=youth["name"]["last"])) > 1


async def test_the_audit_says_by_which_consent(kept: Kept, local: Desk, slussen: dict[str, str]) -> None:
    consent_id = await given(local, kept, OF_AGE, "ubf", "planning")
    since = await kept.pool.fetchval("select max(id) from audit")
    await listed(kept, slussen)
    await looked_up(kept, slussen, 2)
    await kept.api.get(kept.url(OF_AGE, "plans"), headers=slussen)
    rows = await kept.pool.fetch("select role, action, youth_id, why from audit where id > $1 order by id", since)
    ground = f"osl-10-1:{consent_id}"
    assert {(row["role"], row["youth_id"]) for row in rows} == {("slussen_counsellor", kept.ids[OF_AGE])}
    assert [(row["action"], row["why"]) for row in rows] == [
        ("youth.list", ground), ("youth.look_up", "own_case"), ("youth.read", ground), ("plan.list", ground),
    ]  # fmt: skip


async def test_a_social_worker_places_a_hold_and_extends_it(
    kept: Kept, local: Desk, social: dict[str, str]
) -> None:
    consent_id = await given(local, kept, OF_AGE, "socialtjanst", "hold")
    url, body = kept.url(OF_AGE, "holds", uuid4()), {"consent_id": consent_id, "until": IN_A_WEEK}
    placed = await kept.api.put(url, headers=social, json=body)
    assert (placed.status_code, placed.json()["state"]) == (201, "active")
    assert (await kept.api.put(url, headers=social, json=body)).json() == placed.json()
    extended = await kept.api.post(f"{url}/extend", headers=social, json={"until": IN_A_MONTH})
    assert extended.json()["until"] == IN_A_MONTH
    # To end it early is for who works with the youth.
    ending = await kept.api.post(f"{url}/end", headers=social, json={"reason": "not_needed"})
    assert ending.status_code == 403
    audited = await kept.pool.fetch("select role, action, why from audit where subject = $1", url[-36:])
    assert {row["action"] for row in audited} == {"hold.place", "hold.read", "hold.extend"}
    assert {(row["role"], row["why"]) for row in audited} == {("social_worker", f"osl-10-1:{consent_id}")}
    assert (await local.post(f"{kept.url(OF_AGE, 'consents', consent_id)}/withdraw")).status_code == 200
    assert (await local.get(url))["end_reason"] == "consent_withdrawn"
    assert (await kept.api.get(url, headers=social)).status_code == 404


async def test_no_hold_rests_on_what_was_allowed_to_others_or_for_something_else(
    kept: Kept, local: Desk, social: dict[str, str], slussen: dict[str, str]
) -> None:
    theirs = await given(local, kept, OF_AGE, "ubf", "hold")
    url = kept.url(OF_AGE, "holds", uuid4())
    on_theirs = {"consent_id": theirs, "until": IN_A_WEEK}
    assert (await kept.api.put(url, headers=social, json=on_theirs)).status_code == 404, "no consent of theirs"
    planning = await given(local, kept, OF_AGE, "socialtjanst", "planning")
    assert (
        await kept.api.put(url, headers=social, json={"consent_id": planning, "until": IN_A_WEEK})
    ).status_code == 404, "one that is for something else"
    await given(local, kept, OF_AGE, "socialtjanst", "hold")
    for consent_id in (theirs, planning):
        refused = await kept.api.put(url, headers=social, json={"consent_id": consent_id, "until": IN_A_WEEK})
        assert code(refused) == (409, "no-valid-consent")
    assert (await kept.api.put(url, headers=slussen, json=on_theirs)).status_code == 403


async def test_another_boards_consents_and_holds_are_not_seen(
    kept: Kept, local: Desk, social: dict[str, str], slussen: dict[str, str]
) -> None:
    own = await given(local, kept, OF_AGE, "socialtjanst", "hold")
    theirs = await given(local, kept, OF_AGE, "ubf", "hold")
    hold_id = uuid4()
    url = kept.url(OF_AGE, "holds", hold_id)
    assert (await local.put(url, {"consent_id": theirs, "until": IN_A_WEEK})).status_code == 201
    listed_consents = (await kept.api.get(kept.url(OF_AGE, "consents"), headers=social)).json()["items"]
    assert own in {one["id"] for one in listed_consents}
    assert {one["party"] for one in listed_consents} == {"socialtjanst"}
    assert (await kept.api.get(kept.url(OF_AGE, "consents", theirs), headers=social)).status_code == 404
    held = (await kept.api.get(kept.url(OF_AGE, "holds"), headers=social)).json()["items"]
    assert str(hold_id) not in {one["id"] for one in held}
    assert (await kept.api.get(url, headers=social)).status_code == 404
    assert (await kept.api.post(f"{url}/extend", headers=social, json={"until": IN_A_MONTH})).status_code == 404
    again = await kept.api.put(url, headers=social, json={"consent_id": theirs, "until": IN_A_WEEK})
    assert code(again)[0] == 409
    assert UUID((await kept.api.get(url, headers=slussen)).json()["id"]) == hold_id
    assert (await local.post(f"{url}/end", {"reason": "not_needed"})).status_code == 200


async def test_a_search_by_number_wants_a_reason(kept: Kept, local: Desk) -> None:
    body = {"person_number": made_up_number(2, OF_AGE_BORN)}
    refused = await local.post("/youths/lookup", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.reason")
    refused = await local.post("/youths/lookup", body | {"reason": "curious"})
    assert refused.status_code == 422
    for which in (2, 3, 701):  # theirs to see, protected, unknown
        await looked_up(kept, local.headers, which)
    rows = await kept.pool.fetch(
        "select youth_id, why from audit where actor = 'lo' and action = 'youth.look_up' order by id desc limit 3"
    )
    assert [row["youth_id"] for row in rows] == [None, kept.ids[PROTECTED], kept.ids[OF_AGE]]
    assert {row["why"] for row in rows} == {"own_case"}

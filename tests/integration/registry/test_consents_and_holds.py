"""Consents, and the holds that rest on them: outreach waits only while the youth allows it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.registry.kept_youths import MINOR, MINOR_BORN, OF_AGE, PROTECTED, SCHOOLED, TODAY, Kept
from tests.integration.registry.measuring import Desk, code

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
IN_A_WEEK, IN_A_MONTH = str(TODAY + timedelta(days=7)), str(TODAY + timedelta(days=30))
SIXTEENTH_BIRTHDAY = date(MINOR_BORN.year + 16, MINOR_BORN.month, MINOR_BORN.day)


@pytest.fixture
def desk(kept: Kept, as_: As) -> Desk:
    return Desk(kept.api, kept.pool, as_("local_coordinator", "farsta", subject="lo"))


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "party": "socialtjanst", "purpose": "hold", "given_by": "youth", "given_on": str(TODAY),
        "until": IN_A_MONTH, **changes,
    }  # fmt: skip


async def given(desk: Desk, kept: Kept, who: str, **changes: Any) -> str:
    """Record a consent; return its URL."""
    url = kept.url(who, "consents", uuid4())
    response = await desk.put(url, consent(**changes))
    assert response.status_code == 201, response.text
    return url


async def placed(desk: Desk, kept: Kept, who: str, consent_url: str, until: str = IN_A_WEEK) -> str:
    """Place a hold; return its URL. One that there is is ended."""
    for old in (await desk.get(kept.url(who, "holds")))["items"]:
        if old["state"] == "active":
            await desk.post(f"{kept.url(who, 'holds', old['id'])}/end", {"reason": "not_needed"})
    url = kept.url(who, "holds", uuid4())
    response = await desk.put(url, hold(consent_url, until))
    assert response.status_code == 201, response.text
    return url


def hold(consent_url: str, until: str = IN_A_WEEK) -> dict[str, Any]:
    return {"consent_id": consent_url.rpartition("/")[2], "until": until}


async def test_a_consent_is_given_and_withdrawn_at_once(desk: Desk, kept: Kept) -> None:
    url = await given(desk, kept, OF_AGE)
    recorded = await desk.get(url)
    assert recorded == {
        **consent(), "id": url.rpartition("/")[2], "withdrawn_at": None, "valid": True, "etag": '"1"',
    }  # fmt: skip
    again = await desk.put(url, consent())
    assert (again.status_code, again.json()) == (200, recorded)
    assert code(await desk.put(url, consent(party="region"))) == (409, "consent-fixed")
    withdrawn = (await desk.post(f"{url}/withdraw")).json()
    assert withdrawn["withdrawn_at"] is not None
    assert withdrawn["valid"] is False
    assert (await desk.post(f"{url}/withdraw")).json() == withdrawn
    what = {"party": "socialtjanst", "purpose": "hold"}
    assert await desk.events_of(url) == [("consent-given", what), ("consent-withdrawn", what)]
    assert withdrawn in (await desk.get(kept.url(OF_AGE, "consents")))["items"]
    assert await desk.audit_of(url) == [
        "consent.give", "consent.read", "consent.read", "consent.withdraw", "consent.read",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given_by", "before_birthday", "expected"),
    [
        ("youth", False, (201, None)),
        ("guardian", False, (422, "youth-speaks-for-themselves")),
        ("youth_and_guardian", False, (201, None)),
        ("youth", True, (422, "guardian-needed")),
        ("guardian", True, (201, None)),
    ],
)
async def test_from_16_the_youth_consents_and_before_a_guardian(
    desk: Desk, kept: Kept, given_by: str, before_birthday: bool, expected: tuple[int, str | None]
) -> None:
    given_on = SIXTEENTH_BIRTHDAY - timedelta(days=1) if before_birthday else TODAY
    body = consent(given_by=given_by, given_on=str(given_on), purpose="planning")
    response = await desk.put(kept.url(MINOR, "consents", uuid4()), body)
    assert (response.status_code, code(response)[1] if response.status_code != 201 else None) == expected


async def test_a_hold_is_placed_extended_and_ended(desk: Desk, kept: Kept) -> None:
    allowed = await given(desk, kept, OF_AGE)
    url = await placed(desk, kept, OF_AGE, allowed)
    active = await desk.get(url)
    assert active == {
        "id": url.rpartition("/")[2], "consent_id": allowed.rpartition("/")[2], "party": "socialtjanst",
        "placed_on": str(TODAY), "until": IN_A_WEEK, "state": "active", "ended_at": None, "end_reason": None,
        "etag": '"1"',
    }  # fmt: skip
    later = str(TODAY + timedelta(days=14))
    extended = await desk.post(f"{url}/extend", {"until": later})
    assert (extended.json()["until"], extended.headers["etag"]) == (later, '"2"')
    assert (await desk.post(f"{url}/extend", {"until": later})).json() == extended.json()
    assert (await desk.put(url, hold(allowed))).json() == extended.json()  # what was asked at first, sent again
    assert code(await desk.put(url, hold(allowed, later))) == (409, "hold-fixed")
    assert code(await desk.post(f"{url}/extend", {"until": IN_A_WEEK})) == (422, "not-later")
    too_late = str(TODAY + timedelta(days=31))
    assert code(await desk.post(f"{url}/extend", {"until": too_late})) == (422, "hold-outlives-consent")
    ended = await desk.post(f"{url}/end", {"reason": "asked_by_youth"})
    assert (ended.json()["state"], ended.json()["end_reason"]) == ("ended", "asked_by_youth")
    assert (await desk.post(f"{url}/end", {"reason": "asked_by_youth"})).json() == ended.json()
    assert code(await desk.post(f"{url}/end", {"reason": "not_needed"})) == (409, "hold-not-active")
    assert code(await desk.post(f"{url}/extend", {"until": IN_A_MONTH})) == (409, "hold-not-active")
    assert await desk.events_of(url) == [
        ("hold-placed", {"until": IN_A_WEEK}),
        ("hold-placed", {"until": later}),
        ("hold-ended", {"until": later}),
    ]
    assert ended.json() in (await desk.get(kept.url(OF_AGE, "holds")))["items"]


async def test_nothing_is_sent_while_a_hold_lasts(desk: Desk, kept: Kept, as_: As) -> None:
    url = await placed(desk, kept, OF_AGE, await given(desk, kept, OF_AGE))
    asked = {"youth_ids": [str(kept.ids[OF_AGE])], "purpose": "first_letter"}

    async def recipient() -> dict[str, Any]:
        response = await kept.api.post("/recipients", headers=as_("service"), json=asked)
        item: dict[str, Any] = response.json()["items"][0]
        return item

    assert (await recipient())["on_hold"] is True
    assert {(await recipient())[part] for part in ("name", "address", "phone")} == {None}
    await desk.post(f"{url}/end", {"reason": "not_needed"})
    assert ((await recipient())["on_hold"], (await recipient())["name"] is None) == (False, False)


async def test_no_hold_without_a_valid_consent_to_it(desk: Desk, kept: Kept) -> None:
    url = kept.url(OF_AGE, "holds", uuid4())
    refused = 409, "no-valid-consent"
    assert code(await desk.put(url, hold(str(uuid4())))) == refused
    assert code(await desk.put(url, hold(await given(desk, kept, OF_AGE, purpose="sip")))) == refused
    assert code(await desk.put(url, hold(await given(desk, kept, MINOR)))) == refused
    withdrawn = await given(desk, kept, OF_AGE)
    await desk.post(f"{withdrawn}/withdraw")
    assert code(await desk.put(url, hold(withdrawn))) == refused
    over = await given(desk, kept, OF_AGE, given_on="2025-01-01", until="2025-02-01")
    assert code(await desk.put(url, hold(over))) == refused
    valid = await given(desk, kept, OF_AGE, until=IN_A_WEEK)
    assert code(await desk.put(url, hold(valid, IN_A_MONTH))) == (422, "hold-outlives-consent")
    unlimited = await given(desk, kept, OF_AGE, until=None)
    assert code(await desk.put(url, hold(unlimited, "2099-01-01"))) == (422, "hold-outlives-duty")
    assert code(await desk.put(url, hold(valid, str(TODAY - timedelta(days=1))))) == (422, "in-the-past")
    assert await desk.events_of(url) == []


async def test_a_hold_ends_with_its_consent(desk: Desk, kept: Kept) -> None:
    allowed, other = await given(desk, kept, OF_AGE), await given(desk, kept, OF_AGE, party="region")
    url = await placed(desk, kept, OF_AGE, allowed)
    await desk.post(f"{other}/withdraw")
    assert (await desk.get(url))["state"] == "active"
    await desk.post(f"{allowed}/withdraw")
    ended = await desk.get(url)
    assert (ended["state"], ended["end_reason"]) == ("ended", "consent_withdrawn")
    assert (await desk.events_of(url))[-1] == ("hold-ended", {"until": IN_A_WEEK})
    assert await desk.audit_of(url) == ["hold.place", "hold.read", "hold.end", "hold.read"]


async def test_one_hold_at_a_time(desk: Desk, kept: Kept) -> None:
    allowed, other = await given(desk, kept, OF_AGE), await given(desk, kept, OF_AGE, party="region")
    await placed(desk, kept, OF_AGE, allowed)
    assert code(await desk.put(kept.url(OF_AGE, "holds", uuid4()), hold(other))) == (409, "hold-active")


async def test_at_the_same_moment(desk: Desk, kept: Kept) -> None:
    """Of many holds one is placed; and none comes about beside the withdrawal of its consent."""
    first = await given(desk, kept, MINOR)
    urls = [kept.url(MINOR, "holds", uuid4()) for _ in range(6)]
    answers = await asyncio.gather(*(desk.put(url, hold(first)) for url in urls))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 5}
    await desk.post(f"{first}/withdraw")
    for _ in range(5):
        allowed = await given(desk, kept, MINOR)
        urls = [kept.url(MINOR, "holds", uuid4()) for _ in range(3)]
        await asyncio.gather(
            desk.put(urls[0], hold(allowed)),
            desk.post(f"{allowed}/withdraw"),
            *(desk.put(url, hold(allowed)) for url in urls[1:]),
        )
        states = {one["state"] for one in (await desk.get(kept.url(MINOR, "holds")))["items"]}
        assert states == {"ended"}


async def test_who_may_see_and_write(desk: Desk, kept: Kept, as_: As) -> None:
    allowed = await given(desk, kept, OF_AGE)
    url = await placed(desk, kept, OF_AGE, allowed)
    elsewhere = as_("local_coordinator", "bromma")
    for path in (allowed, url, kept.url(OF_AGE, "consents"), kept.url(OF_AGE, "holds")):
        assert (await kept.api.get(path, headers=elsewhere)).status_code == 404
        assert (await kept.api.get(path, headers=as_("statistician"))).status_code == 403
    for path in (f"{allowed}/withdraw", f"{url}/end"):
        body = {"reason": "not_needed"}
        assert (await kept.api.post(path, headers=elsewhere, json=body)).status_code == 404
        assert (await kept.api.post(path, headers=as_("register_superuser"), json=body)).status_code == 403
    assert code(await desk.put(kept.url(SCHOOLED, "consents", uuid4()), consent())) == (409, "not-covered")
    coordinator = Desk(kept.api, kept.pool, as_("kaa_coordinator"))
    protected = kept.url(PROTECTED, "consents", uuid4())
    assert code(await coordinator.put(protected, consent())) == (403, "protected-identity")
    for what in ("consents", "holds"):
        assert (await kept.api.get(kept.url(OF_AGE, what, uuid4()), headers=desk.headers)).status_code == 404


async def test_all_of_it_is_in_the_timeline(desk: Desk, kept: Kept, as_: As) -> None:
    coordinator = Desk(kept.api, kept.pool, as_("kaa_coordinator", subject="kim"))
    measure = await coordinator.starts(kept.ids[MINOR], await coordinator.adds())
    await coordinator.ends(measure)
    allowed = await given(desk, kept, MINOR)
    url = await placed(desk, kept, MINOR, allowed)
    await desk.post(f"{url}/extend", {"until": IN_A_MONTH})
    await desk.post(f"{allowed}/withdraw")
    entries = (await desk.get(kept.url(MINOR, "timeline"), limit="500"))["items"]
    mine = {row_id.rpartition("/")[2] for row_id in (measure, allowed, url)}
    told = [(one["kind"], one["actor"]) for one in reversed(entries) if one["id"].partition("/")[0] in mine]
    assert Counter(told) == Counter(
        [
            ("measure_offered", "kim"), ("measure_accepted", "kim"), ("measure_started", "kim"),
            ("measure_ended", "kim"), ("consent_given", "lo"), ("hold_placed", "lo"), ("hold_extended", "lo"),
            ("consent_withdrawn", "lo"), ("hold_ended", "lo"),
        ]
    )  # fmt: skip
    ended = next(one for one in entries if one["kind"] == "measure_ended")
    assert (ended["held_on"], ended["details"]["reason"]) == (str(TODAY), "to_work")

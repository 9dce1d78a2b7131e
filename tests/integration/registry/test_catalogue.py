"""The catalogue of measures: who keeps it, and what may become of an entry that youths have been offered."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.integration.registry.kept_youths import MINOR, OF_AGE, Kept
from tests.integration.registry.measuring import SCHOOL_YEAR, Desk, code, entry, offer

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


@pytest.fixture
def desk(kept: Kept, as_: As) -> Desk:
    return Desk(kept.api, kept.pool, as_("kaa_coordinator", subject="kim"))


async def test_added_once_changed_by_who_has_seen_it(desk: Desk) -> None:
    url = f"/catalogue/{uuid4()}"
    added = await desk.put(url, entry())
    assert (added.status_code, added.headers["etag"]) == (201, '"1"')
    again = await desk.put(url, entry())
    assert (again.status_code, again.json()) == (200, added.json())
    assert code(await desk.put(url, entry(places=3))) == (428, "if-match-required")
    changed = await desk.put(url, entry(places=3), seen='"1"')
    assert (changed.json()["places"], changed.json()["free"], changed.headers["etag"]) == (3, 3, '"2"')
    assert code(await desk.put(url, entry(places=4), seen='"1"')) == (412, "changed-since")
    assert await desk.audit_of(url) == ["catalogue.add", "catalogue.change"]


async def test_other_is_never_unexplained(desk: Desk) -> None:
    url = f"/catalogue/{uuid4()}"
    refused = await desk.put(url, entry(type="other", sub_type=None))
    assert code(refused) == (422, "invalid-request")
    assert "sub_type" in refused.text
    assert (await desk.put(url, entry(type="other", sub_type="body_repair"))).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"school_year": "2026"},
        {"school_year": "2026/28"},
        {"places": 0},
        {"owner": "sdn"},
        {"type": "unheard_of"},
        {"sub_type": "two words"},
        {"name": " "},
        {"nmae": "misspelt"},
    ],
)
async def test_what_does_not_fit_is_refused(desk: Desk, wrong: dict[str, object]) -> None:
    assert (await desk.put(f"/catalogue/{uuid4()}", entry(**wrong))).status_code == 422


async def test_a_school_year_is_listed_with_the_use_of_its_places(desk: Desk, kept: Kept, as_: As) -> None:
    sluss = await desk.adds(places=170)
    aim = await desk.adds(owner="amn", type="motivation", sub_type="aim", name="Aim", places=None)
    other_year = await desk.adds(school_year="2031/32")
    await desk.starts(kept.ids[OF_AGE], sluss)
    await desk.offers(kept.ids[MINOR], sluss)
    statistician = Desk(kept.api, kept.pool, as_("statistician"))
    listed = {one["id"]: one for one in (await statistician.get("/catalogue", limit="500"))["items"]}
    assert {sluss, aim} <= set(listed)
    assert other_year not in listed
    assert {key: listed[sluss][key] for key in ("kept", "started", "waiting", "free")} == {
        "kept": 1, "started": 1, "waiting": 0, "free": 169,
    }  # fmt: skip
    assert (listed[aim]["places"], listed[aim]["free"]) == (None, None)
    (later,) = (await desk.get("/catalogue", school_year="2031/32"))["items"]
    assert later["id"] == other_year
    assert (await desk.get(f"/catalogue/{aim}"))["name"] == "Aim"


async def test_pages_hold_each_entry_once(desk: Desk) -> None:
    added = {await desk.adds(school_year="2032/33") for _ in range(5)}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.get("/catalogue", school_year="2032/33", limit="2", **cursor)
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sorted(added)


async def test_a_measure_that_was_offered_stays_what_it_is(desk: Desk, kept: Kept) -> None:
    catalogue_id = await desk.adds()
    url = f"/catalogue/{catalogue_id}"
    assert (await desk.put(url, entry(owner="amn"), seen='"1"')).status_code == 200
    await desk.offers(kept.ids[OF_AGE], catalogue_id)
    for change in ({"type": "studies"}, {"sub_type": "komvux"}, {"owner": "other"}, {"school_year": "2030/31"}):
        refused = await desk.put(url, entry(**{"owner": "amn", **change}), seen='"2"')
        assert code(refused) == (409, "catalogue-entry-in-use")
    renamed = await desk.put(url, entry(owner="amn", name="Sluss", places=None), seen='"2"')
    assert (renamed.json()["name"], renamed.json()["places"]) == ("Sluss", None)


async def test_there_are_never_fewer_places_than_are_kept(desk: Desk, kept: Kept) -> None:
    catalogue_id = await desk.adds(places=3)
    for who in (OF_AGE, MINOR):
        await desk.starts(kept.ids[who], catalogue_id)
    refused = await desk.put(f"/catalogue/{catalogue_id}", entry(places=1), seen='"1"')
    assert code(refused) == (409, "places-kept")
    assert refused.json()["kept"] == 2
    assert (await desk.put(f"/catalogue/{catalogue_id}", entry(places=2), seen='"1"')).json()["free"] == 0


async def test_more_places_are_offered_to_those_who_wait(desk: Desk, kept: Kept) -> None:
    catalogue_id = await desk.adds(places=1)
    await desk.starts(kept.ids[OF_AGE], catalogue_id)
    waiting = await desk.offers(kept.ids[MINOR], catalogue_id)
    assert (await desk.takes(waiting, "accept"))["state"] == "waiting"
    grown = await desk.put(f"/catalogue/{catalogue_id}", entry(places=2), seen='"1"')
    assert (grown.json()["kept"], grown.json()["waiting"], grown.json()["free"]) == (2, 0, 0)
    assert (await desk.get(waiting))["state"] == "place_offered"


async def test_only_the_kaa_coordinator_keeps_it(desk: Desk, kept: Kept, as_: As) -> None:
    catalogue_id = await desk.adds()
    for role in ("local_coordinator", "register_superuser", "special_handler", "statistician", "operator"):
        other = Desk(kept.api, kept.pool, as_(role))
        assert (await other.put(f"/catalogue/{uuid4()}", entry())).status_code == 403
        readable = await kept.api.get(f"/catalogue/{catalogue_id}", headers=other.headers)
        assert readable.status_code == (403 if role == "operator" else 200)
    assert (await kept.api.get(f"/catalogue/{uuid4()}", headers=desk.headers)).status_code == 404


async def test_an_entry_that_is_not_there_cannot_be_offered(desk: Desk, kept: Kept) -> None:
    url = f"/youths/{kept.ids[MINOR]}/measures/{uuid4()}"
    assert code(await desk.put(url, offer(str(uuid4())))) == (422, "no-such-catalogue-entry")
    over = await desk.adds(school_year="2019/20")
    assert code(await desk.put(url, offer(over))) == (422, "outside-the-school-year")
    assert SCHOOL_YEAR > "2019/20"

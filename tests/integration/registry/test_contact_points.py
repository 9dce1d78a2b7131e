"""Contact points and guardians, through the API; and the number that messages go to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.registry.kept_youths import (
    MINOR,
    OF_AGE,
    OF_AGE_BORN,
    PROTECTED,
    REGISTER_PHONE,
    SCHOOLED,
    TODAY,
    Kept,
    guardian,
    phone,
)

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
OTHER = "+46701740610"


@pytest.fixture
def staff(as_: As) -> dict[str, str]:
    return as_("local_coordinator", "farsta", subject="lo")


async def put(
    kept: Kept, staff: dict[str, str], who: str, body: dict[str, Any], row_id: UUID, seen: str | None = None
) -> httpx.Response:
    what = "guardians" if "relation" in body else "contact-points"
    headers = staff | ({"If-Match": seen} if seen else {})
    return await kept.api.put(kept.url(who, what, row_id), headers=headers, json=body)


async def items(kept: Kept, staff: dict[str, str], who: str, what: str = "contact-points") -> list[dict[str, Any]]:
    response = await kept.api.get(kept.url(who, what), headers=staff)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


async def sent_to(kept: Kept, as_: As, who: str) -> str | None:
    """The number to which an SMS would go."""
    asked = {"youth_ids": [str(kept.ids[who])], "purpose": "first_sms"}
    response = await kept.api.post("/recipients", headers=as_("service", subject="notifications"), json=asked)
    number: str | None = response.json()["items"][0]["phone"]
    return number


async def test_it_is_created_once_and_changed_by_whoever_has_seen_it(kept: Kept, staff: dict[str, str]) -> None:
    row_id = uuid4()
    created = await put(kept, staff, OF_AGE, phone(), row_id)
    assert (created.status_code, created.headers["etag"], created.json()["value"]) == (201, '"1"', OTHER)
    again = await put(kept, staff, OF_AGE, phone("+46701740610"), row_id)  # the same number, spelled otherwise
    assert (again.status_code, again.headers["etag"], again.json()) == (200, '"1"', created.json())

    changes = phone(valid_until=str(TODAY))
    assert (await put(kept, staff, OF_AGE, changes, row_id)).status_code == 428
    assert (await put(kept, staff, OF_AGE, changes, row_id, '"9"')).status_code == 412
    changed = await put(kept, staff, OF_AGE, changes, row_id, '"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    repeated = await put(kept, staff, OF_AGE, changes, row_id, '"1"')  # its answer was lost
    assert (repeated.status_code, repeated.headers["etag"], repeated.json()) == (200, '"2"', changed.json())
    stale = await put(kept, staff, OF_AGE, phone(), row_id, '"1"')
    assert stale.status_code == 412
    assert OTHER not in stale.text

    read = await kept.api.get(kept.url(OF_AGE, "contact-points", row_id), headers=staff)
    assert (read.headers["etag"], read.json()) == ('"2"', changed.json())
    actions = ["contact_point.create", "contact_point.change", "contact_point.read"]
    assert await kept.audited(row_id) == actions


async def test_an_id_stays_with_its_youth(kept: Kept, staff: dict[str, str]) -> None:
    row_id = uuid4()
    absent = await put(kept, staff, OF_AGE, phone(), row_id, '"1"')
    assert absent.status_code == 412  # whoever has seen it would find it
    assert (await put(kept, staff, OF_AGE, phone(valid_until=str(TODAY)), row_id)).status_code == 201
    taken = await put(kept, staff, MINOR, phone(), row_id)
    assert (taken.status_code, taken.json()["type"].rpartition(":")[2]) == (409, "id-taken")
    assert (await kept.api.get(kept.url(MINOR, "contact-points", row_id), headers=staff)).status_code == 404


async def test_what_the_register_has_is_in_the_list_to_be_read(kept: Kept, staff: dict[str, str]) -> None:
    of_register = [one for one in await items(kept, staff, MINOR) if one["read_only"]]
    assert [(one["id"], one["kind"], one["value"], one["source"]) for one in of_register] == [
        (None, "email", "mim@example.org", "population_register"),
        (None, "phone", REGISTER_PHONE, "population_register"),
    ]


async def test_messages_go_where_the_youth_answers_and_never_to_a_wrong_number(
    kept: Kept, staff: dict[str, str], as_: As
) -> None:
    async def tried_first() -> list[str]:
        return [one["value"] for one in await items(kept, staff, MINOR) if one["tried_first"]]

    assert (await sent_to(kept, as_, MINOR), await tried_first()) == (REGISTER_PHONE, [REGISTER_PHONE])
    newer, wrong = uuid4(), uuid4()
    await put(kept, staff, MINOR, phone(valid_from=str(TODAY - timedelta(days=2))), newer)
    assert (await sent_to(kept, as_, MINOR), await tried_first()) == (OTHER, [OTHER])
    # Somebody else answers there; the register's number is left.
    marked = phone(valid_from=str(TODAY - timedelta(days=2)), wrong_number_on=str(TODAY))
    assert (await put(kept, staff, MINOR, marked, newer, '"1"')).status_code == 200
    assert (await sent_to(kept, as_, MINOR), await tried_first()) == (REGISTER_PHONE, [REGISTER_PHONE])
    # That is wrong too: it is marked by keeping the same number.
    of_register = phone(REGISTER_PHONE, source="population_register", wrong_number_on=str(TODAY))
    await put(kept, staff, MINOR, of_register, wrong)
    assert (await sent_to(kept, as_, MINOR), await tried_first()) == (None, [])
    # The youth calls from a number, and answers when called back.
    answered = phone("0701740615", answered_at=f"{TODAY}T00:00:00+02:00")
    assert (await put(kept, staff, MINOR, answered, uuid4())).status_code == 201
    assert (await sent_to(kept, as_, MINOR), await tried_first()) == ("+46701740615", ["+46701740615"])


async def test_guardians_and_their_numbers_are_of_those_under_18(
    kept: Kept, staff: dict[str, str], as_: As
) -> None:
    parent, point = uuid4(), uuid4()
    created = await put(kept, staff, MINOR, guardian(), parent)
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    before = await sent_to(kept, as_, MINOR)
    body = phone("08-123 456 78", guardian_id=str(parent), answered_at=f"{TODAY}T00:00:00+02:00")
    assert (await put(kept, staff, MINOR, body, point)).json()["owner"] == "guardian"
    assert await sent_to(kept, as_, MINOR) == before  # what is for the youth goes to the youth
    (listed,) = await items(kept, staff, MINOR, "guardians")
    assert (listed["name"]["first"], listed["contact_points"][0]["value"]) == ("Robin", "+46812345678")
    stranger = phone(guardian_id=str(uuid4()))
    assert (await put(kept, staff, MINOR, stranger, uuid4())).json()["type"].endswith("no-such-guardian")

    # Years go by in one statement: nothing has to be done at 18 for it to end.
    await kept.pool.execute("update persons set birth_date = $2 where id = $1", kept.ids[MINOR], OF_AGE_BORN)
    try:
        assert await items(kept, staff, MINOR, "guardians") == []
        assert str(point) not in str(await items(kept, staff, MINOR))
        for what, row_id in (("guardians", parent), ("contact-points", point)):
            assert (await kept.api.get(kept.url(MINOR, what, row_id), headers=staff)).status_code == 404
        timeline = (await kept.api.get(kept.url(MINOR, "timeline"), headers=staff)).text
        assert str(parent) not in timeline
        assert str(point) not in timeline
        for late in (guardian(), phone(guardian_id=str(parent))):
            refused = await put(kept, staff, MINOR, late, uuid4())
            assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "of-age")
    finally:
        await kept.pool.execute(
            "update persons set birth_date = make_date($2, 12, 31) where id = $1", kept.ids[MINOR], TODAY.year - 17
        )
    assert len(await items(kept, staff, MINOR, "guardians")) == 1


REFUSED: list[dict[str, Any]] = [
    phone("ring mig"),
    phone(answered_at=f"{TODAY + timedelta(days=2)}T12:00:00+01:00"),
    phone(wrong_number_on=str(TODAY + timedelta(days=1))),
    phone(valid_until=str(TODAY - timedelta(days=1))),
    phone(kind="fax"),
    phone(owner="youth"),  # no such field
    phone("070301-2393@example.org", kind="email"),
]


@pytest.mark.parametrize("body", REFUSED, ids=range(len(REFUSED)))
async def test_what_cannot_be_is_refused(kept: Kept, staff: dict[str, str], body: dict[str, Any]) -> None:
    row_id = uuid4()
    response = await put(kept, staff, OF_AGE, body, row_id)
    assert response.status_code == 422
    assert body["value"] not in response.text
    assert await kept.audited(row_id) == []


async def test_nothing_is_kept_about_whoever_was_never_covered(kept: Kept, staff: dict[str, str]) -> None:
    refused = await put(kept, staff, SCHOOLED, phone(), uuid4())
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "never-covered")


COLLECTIONS = [("contact-points", phone()), ("guardians", guardian())]


@pytest.mark.parametrize(("what", "body"), COLLECTIONS, ids=[what for what, _ in COLLECTIONS])
async def test_only_whoever_sees_the_youth_in_full_reads_and_writes(
    kept: Kept, as_: As, what: str, body: dict[str, Any]
) -> None:
    async def tried(headers: dict[str, str], who: str, **query: str) -> set[int]:
        url, put_url = kept.url(who, what), kept.url(who, what, uuid4())
        got = await kept.api.get(url, headers=headers, params=query)
        written = await kept.api.put(put_url, headers=headers, params=query, json=body)
        return {got.status_code, written.status_code}

    assert await tried({}, OF_AGE) == {401}
    for role in ("statistician", "operator", "service"):
        assert await tried(as_(role), OF_AGE) == {403}
    assert await tried(as_("local_coordinator", "bromma"), OF_AGE) == {404}
    assert await tried(as_("special_handler"), OF_AGE) == {404}
    assert await tried(as_("local_coordinator", "farsta"), PROTECTED) == {404}
    for knows in ("kaa_coordinator", "register_superuser", "special_handler"):
        assert await tried(as_(knows), PROTECTED) == {403}
    of_age = 409 if what == "guardians" else 201
    assert await tried(as_("special_handler"), PROTECTED, reason="called the youth") == {200, of_age}
    reasons = await kept.pool.fetch(
        "select distinct why from audit where youth_id = $1 and action = any($2::text[])",
        kept.ids[PROTECTED],
        ["contact_point.list", "guardian.list"],
    )
    assert [row["why"] for row in reasons] == ["called the youth"]

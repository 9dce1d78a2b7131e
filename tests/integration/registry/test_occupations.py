"""Occupation history: what each source says, what counts, and what others are told."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.occupation import OccupationRecorded
from services.registry.db.merges import move_kept
from tests.integration.registry.kept_youths import MINOR, OF_AGE, PROTECTED, SCHOOLED, TODAY, Kept, occupation

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
YESTERDAY = str(TODAY - timedelta(days=1))


@pytest.fixture
def staff(as_: As) -> dict[str, str]:
    return as_("local_coordinator", "farsta", subject="lo")


async def told(kept: Kept, who: str) -> list[OccupationRecorded]:
    rows = await kept.pool.fetch(
        "select data from outbox where key = $1 and type = $2 order by id", kept.ids[who], OccupationRecorded.type
    )
    return [OccupationRecorded.model_validate(row["data"]) for row in rows]


async def test_sources_may_differ_and_one_counts(kept: Kept, staff: dict[str, str]) -> None:
    by_school, by_youth = uuid4(), uuid4()
    first = occupation("komvux", knowledge_source="school", known_on=YESTERDAY, starts_on="2026-01-15")
    created = await kept.api.put(kept.url(OF_AGE, "occupations", by_school), headers=staff, json=first)
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    assert (created.json()["category"], created.json()["code"]) == ("studies", "komvux")
    await kept.api.put(kept.url(OF_AGE, "occupations", by_youth), headers=staff, json=occupation("work"))

    async def current(**query: str) -> str | None:
        body = (await kept.api.get(kept.url(OF_AGE, "occupations"), headers=staff, params=query)).json()
        assert {one["id"] for one in body["items"]} == {str(by_school), str(by_youth)}
        counts: str | None = body["current"]
        return counts

    assert await current() == str(by_youth)
    assert await current(on=YESTERDAY) == str(by_school)
    assert await current(on="2026-01-14") is None

    # The youth's word was put down in error: it stays, and counts for nothing.
    withdrawn = occupation("work", withdrawn_on=str(TODAY))
    url, seen = kept.url(OF_AGE, "occupations", by_youth), staff | {"If-Match": '"1"'}
    assert (await kept.api.put(url, headers=seen, json=withdrawn)).headers["etag"] == '"2"'
    assert (await kept.api.put(url, headers=seen, json=withdrawn)).headers["etag"] == '"2"'
    assert (await kept.api.put(url, headers=seen, json=occupation("none"))).status_code == 412
    assert await current() == str(by_school)

    events = await told(kept, OF_AGE)
    assert [(one.occupation_id, one.occupation, one.withdrawn) for one in events] == [
        (by_school, "komvux", False),
        (by_youth, "work", False),
        (by_youth, "work", True),
    ]
    episode = await kept.pool.fetchval("select id from episodes where person_id = $1", kept.ids[OF_AGE])
    assert {(one.episode_id, one.district) for one in events} == {(episode, "farsta")}
    assert await kept.audited(by_youth) == ["occupation.create", "occupation.change"]


async def test_the_same_request_at_once_is_one_entry(kept: Kept, staff: dict[str, str]) -> None:
    row_id, before = uuid4(), len(await told(kept, MINOR))
    url = kept.url(MINOR, "occupations", row_id)
    answers = await asyncio.gather(*(kept.api.put(url, headers=staff, json=occupation("sfi")) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
    assert {one.headers["etag"] for one in answers} == {'"1"'}
    assert len(await told(kept, MINOR)) == before + 1
    assert await kept.audited(row_id) == ["occupation.create"]
    got = await kept.api.get(url, headers=staff)
    assert (got.headers["etag"], got.json()) == ('"1"', answers[0].json())


async def test_of_a_protected_youth_no_district_is_told(kept: Kept, as_: As) -> None:
    url, headers = kept.url(PROTECTED, "occupations", uuid4()), as_("special_handler")
    assert (await kept.api.put(url, headers=headers, json=occupation())).status_code == 403
    opened = await kept.api.put(url, headers=headers, json=occupation(), params={"reason": "called the youth"})
    assert opened.status_code == 201
    assert [one.district for one in await told(kept, PROTECTED)] == [None]


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (OF_AGE, occupation(known_on=str(TODAY + timedelta(days=1))), 422),
        (OF_AGE, occupation(withdrawn_on=str(TODAY + timedelta(days=1))), 422),
        (OF_AGE, occupation(starts_on="2026-09-02", ends_on="2026-09-01"), 422),
        (OF_AGE, occupation("sick_leave"), 422),
        (OF_AGE, occupation(note="mår dåligt"), 422),
        (SCHOOLED, occupation(), 409),
    ],
)
async def test_what_cannot_be_is_refused(
    kept: Kept, staff: dict[str, str], who: str, body: dict[str, str], status: int
) -> None:
    row_id = uuid4()
    assert (
        await kept.api.put(kept.url(who, "occupations", row_id), headers=staff, json=body)
    ).status_code == status
    assert await kept.audited(row_id) == []


async def test_access(kept: Kept, as_: As) -> None:
    for headers, status in ((as_("local_coordinator", "bromma"), 404), (as_("statistician"), 403), ({}, 401)):
        for what in ("occupations", "timeline"):
            assert (await kept.api.get(kept.url(OF_AGE, what), headers=headers)).status_code == status


async def test_what_is_kept_goes_with_a_merged_person(kept: Kept, staff: dict[str, str]) -> None:
    row_id, double, stays = uuid4(), kept.ids[PROTECTED], kept.ids[OF_AGE]
    await kept.api.put(kept.url(MINOR, "occupations", row_id), headers=staff, json=occupation("practice"))
    async with kept.pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        assert await move_kept(conn, [double, stays]) == 0  # nobody is merged
        await conn.execute("update persons set merged_into = $2 where id = $1", double, stays)
        before = await conn.fetchval("select count(*) from occupations where person_id = $1", double)
        assert await move_kept(conn, [double]) >= before > 0
        owners = await conn.fetch("select person_id from occupations where person_id = any($1)", [double, stays])
        assert {row["person_id"] for row in owners} == {stays}
        await transaction.rollback()

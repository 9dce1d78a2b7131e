"""What staff know and no source tells: it decides at once, is withdrawn, and may be contradicted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.postgres import transaction
from chassis.problems import Problem
from deploy.local.databases import Database
from services.registry.activities import RegistryActivities
from services.registry.db import evidence
from services.registry.domain.coverage import decide
from services.registry.register_lock import LOCK, register_locked
from tests.integration.registry.city import City, counts, schooling
from tests.integration.registry.kept_youths import TODAY
from tests.unit.registry.files import Record, made_up_number, placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
ONE = 1  # left school in May
PLACED = 100  # a bystander, placed at 12345678
UNIT = "23456789"  # a school that no register knows
DAYS = [str(TODAY - timedelta(days=days)) for days in range(60)]  # [0] is today
NEXT_SUMMER = str(TODAY + timedelta(days=200))
MOMENT = timedelta(microseconds=1)


def entry(known_on: str = DAYS[1], reason: str = "school_not_in_registers", **fact: Any) -> dict[str, Any]:
    return {"fact": fact, "reason": reason, "told_by": "school", "known_on": known_on}


def enrolled(known_on: str = DAYS[1], **changes: Any) -> dict[str, Any]:
    fact = {"school_unit": UNIT, "kind": "national", "starts_on": DAYS[50], "ends_on": NEXT_SUMMER} | changes
    return entry(known_on, fact="enrolled", **fact)


@pytest.fixture
async def youth(city: City) -> UUID:
    """A youth whom the duty has held for since three nights ago."""
    city.night_of(TODAY - timedelta(days=3))
    city.residents.append(resident(ONE))
    city.placements.append(placement(ONE, ends_on="2026-05-29", end_kind="dropout"))
    city.drop_all()
    assert counts(await city.sync()) == (1, 0, 0)
    return await city.youth(ONE)


@pytest.fixture
def staff(as_: As) -> dict[str, str]:
    return as_("local_coordinator", "farsta", subject="lo")


async def tonight(city: City) -> tuple[int, int, int]:
    """A run of today, after what the API was told."""
    city.day = TODAY
    city.activities = RegistryActivities(city.pool, city.settings.clock, city.settings)
    city.drop_all()
    return counts(await city.sync())


async def conflicts(api: httpx.AsyncClient, as_: As) -> list[tuple[str, list[str], str]]:
    answer = await api.get("/conflicts?open=true", headers=as_("register_superuser"))
    return [(one["kind"], one["sources"], one["rule"]) for one in answer.json()["items"]]


async def coverage(api: httpx.AsyncClient, headers: dict[str, str], one: UUID, **when: str) -> dict[str, Any]:
    answer = await api.get(f"/youths/{one}/coverage", headers=headers, params=when)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_enrolment_ends_the_duty_at_once_and_withdrawn_it_begins_again(
    api: httpx.AsyncClient, staff: dict[str, str], city: City, pool: asyncpg.Pool, youth: UUID
) -> None:
    url = f"/youths/{youth}/manual-entries/{uuid4()}"
    put = await api.put(url, headers=staff, json=enrolled())
    assert (put.status_code, put.headers["etag"]) == (201, '"1"'), put.text
    assert put.json()["decided"] == {"covered": False, "begins_in_next_run": False}
    again = await api.put(url, headers=staff, json=enrolled())
    assert (again.status_code, again.json()) == (200, put.json())

    now = await coverage(api, staff, youth)
    [school] = [one for one in now["criteria"] if not one["met"]]
    assert (now["covered"], school["explanation"]) == (False, "attends_school")
    assert (school["evidence"]["source"], school["evidence"]["file_date"]) == ("manual", DAYS[1])
    assert (await coverage(api, staff, youth, known_on=DAYS[1]))["covered"]  # as it was known then
    entered_at = await pool.fetchval("select recorded_at from manual_entries")

    withdrawn = await api.post(f"{url}/withdraw", headers=staff, json={"reason": "not_true"})
    assert withdrawn.json()["decided"] == {"covered": True, "begins_in_next_run": True}
    assert (await api.post(f"{url}/withdraw", headers=staff, json={"reason": "not_true"})).status_code == 200
    other = await api.post(f"{url}/withdraw", headers=staff, json={"reason": "wrong_person"})
    assert (other.status_code, (await api.put(url, headers=staff, json=enrolled())).status_code) == (409, 200)
    assert (await coverage(api, staff, youth))["covered"]
    withdrawn_at = await pool.fetchval("select withdrawn_at from manual_entries")
    async with transaction(pool) as conn:
        for at, covered in (
            (entered_at - MOMENT, True),
            (entered_at, False),
            (withdrawn_at - MOMENT, False),
            (withdrawn_at, True),
        ):
            known = await evidence.of_person(conn, youth, at)
            assert known is not None
            assert decide(known.person.facts, TODAY, "0180").covered is covered

    assert await tonight(city) == (1, 0, 0)
    told = [(name, data["episode_id"]) for name, data in await city.events() if data["youth_id"] == str(youth)]
    assert [name for name, _ in told] == ["youth-registered", "coverage-ended", "youth-registered"]
    assert told[0][1] == told[1][1] != told[2][1]
    reasons = await pool.fetch(
        "select end_reason from episodes where person_id = $1 and ended_on is not null", youth
    )
    assert [row[0] for row in reasons] == ["started_school"]

    timeline = (await api.get(f"/youths/{youth}/timeline", headers=staff)).json()["items"]
    assert [(one["kind"], one["actor"]) for one in timeline] == [
        ("registered", None),
        ("manual_entry_withdrawn", "lo"),
        ("manual_entry_recorded", "lo"),
        ("duty_ended", None),
        ("registered", None),
    ]
    audited = await pool.fetch(
        "select action from audit where actor = 'lo' and action not like 'youth.%' order by id"
    )
    assert [row[0] for row in audited] == [
        "manual_entry.create", "episode.end", "manual_entry.read", "manual_entry.withdraw", "manual_entry.read",
        "manual_entry.read",
    ]  # fmt: skip


async def test_a_register_that_tells_otherwise_later_counts_and_is_a_conflict(
    api: httpx.AsyncClient, as_: As, staff: dict[str, str], city: City, youth: UUID
) -> None:
    url = f"/youths/{youth}/manual-entries/{uuid4()}"
    await api.put(url, headers=staff, json=enrolled(DAYS[2]))
    city.schools.append(of_school(ends_on=DAYS[4]))
    assert await tonight(city) == (1, 0, 0)
    assert await conflicts(api, as_) == [("ends_differ", ["manual", "schools"], "latest_word_counts")]
    [school] = [
        one
        for one in (await coverage(api, staff, youth))["criteria"]
        if one["criterion"] == "not_in_upper_secondary"
    ]
    assert (school["met"], school["evidence"]["source"], school["explanation"]) == (
        True,
        "schools",
        "ended_dropout",
    )
    # Staff ask the school again: it was the register's mistake.
    seen = staff | {"If-Match": '"1"'}
    changed = await api.put(url, headers=seen, json=enrolled(DAYS[0]))
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["decided"] == {"covered": False, "begins_in_next_run": False}
    assert await tonight(city) == (0, 0, 0)
    assert await conflicts(api, as_) == [("ends_differ", ["manual", "schools"], "goes_on_counts")]
    await api.post(f"{url}/withdraw", headers=staff, json={"reason": "register_tells"})
    assert await tonight(city) == (1, 0, 0)
    assert await conflicts(api, as_) == []


def of_school(**changes: str) -> Record:
    return schooling(
        ONE, school_unit=UNIT, kind="national", starts_on=DAYS[50], end_kind="dropout", compulsory_completed_on="",
        **changes,
    )  # fmt: skip


async def test_a_wrong_enrolment_is_denied(
    api: httpx.AsyncClient, as_: As, staff: dict[str, str], city: City, youth: UUID
) -> None:
    placed = await city.youth(PLACED)
    url = f"/youths/{placed}/manual-entries/{uuid4()}"
    nowhere = entry(fact="not_enrolled", school_unit="99999999")
    assert (await api.put(url, headers=staff, json=nowhere)).json()["type"].endswith("nothing-to-deny")
    body = entry(DAYS[20], "register_is_wrong", fact="not_enrolled", school_unit="12345678", ends_on=DAYS[30])
    put = await api.put(url, headers=staff, json=body)
    assert put.json()["decided"] == {"covered": True, "begins_in_next_run": True}, put.text
    assert await tonight(city) == (1, 0, 0)
    assert await conflicts(api, as_) == [("denied_but_enrolled", ["manual", "placements"], "manual_entry_counts")]
    assert [data["reason"] for _, data in await city.events() if data["youth_id"] == str(placed)] == [
        "left_school"
    ]
    withdrawn = await api.post(f"{url}/withdraw", headers=staff, json={"reason": "wrong_person"})
    assert withdrawn.json()["decided"] == {"covered": False, "begins_in_next_run": False}
    assert [name for name, data in await city.events() if data["youth_id"] == str(placed)][1:] == [
        "coverage-ended"
    ]


async def test_an_exam_ends_the_duty_and_a_move_does_not(
    api: httpx.AsyncClient, as_: As, staff: dict[str, str], city: City, youth: UUID
) -> None:
    urls = [f"/youths/{youth}/manual-entries/{uuid4()}" for _ in range(2)]
    moved = entry(DAYS[20], "register_is_late", fact="moved_away", on_day=DAYS[30], municipality="0180")
    put = await api.put(urls[0], headers=staff, json=moved)
    assert put.json()["decided"] == {"covered": True, "begins_in_next_run": False}, put.text
    assert await tonight(city) == (0, 0, 0)
    assert await conflicts(api, as_) == [
        ("moved_but_registered", ["manual", "population"], "population_register_counts")
    ]
    shown = entry(DAYS[0], "document_shown", fact="exam", kind="foreign", on_day="2026-06-10")
    put = await api.put(urls[1], headers=staff, json=shown)
    assert put.json()["decided"]["covered"] is False
    [_, (name, ended)] = [one for one in await city.events() if one[1]["youth_id"] == str(youth)]
    assert (name, ended["reason"]) == ("coverage-ended", "equivalent_education")
    listed = (await api.get(f"/youths/{youth}/manual-entries", headers=staff)).json()["items"]
    assert [one["fact"]["fact"] for one in listed] == ["exam", "moved_away"]
    one = await api.get(urls[1], headers=staff)
    assert (one.headers["etag"], one.json()) == (put.headers["etag"], put.json())
    sources = (await api.get("/sources", headers=as_("register_superuser"))).json()["items"]
    [manual] = [source for source in sources if source["source"] == "manual"]
    assert (manual["comes_as"], manual["accepted"], manual["newest"], manual["stale"]) == (
        "entries",
        2,
        DAYS[0],
        False,
    )


async def test_an_entry_goes_where_the_number_goes(
    api: httpx.AsyncClient, as_: As, staff: dict[str, str], city: City, youth: UUID
) -> None:
    into = await city.youth(PLACED)
    entry_id, superuser = uuid4(), as_("register_superuser")
    await api.put(f"/youths/{youth}/manual-entries/{entry_id}", headers=staff, json=enrolled())
    body = {"into": str(into), "reason_code": "registered_twice"}
    assert (await api.post(f"/youths/{youth}/merge", headers=superuser, json=body)).status_code == 200
    assert (await api.get(f"/youths/{into}/manual-entries/{entry_id}", headers=staff)).status_code == 200
    split = await api.post(f"/youths/{youth}/split", headers=superuser, json={"reason_code": "two_persons"})
    assert split.status_code == 200
    assert (await api.get(f"/youths/{into}/manual-entries/{entry_id}", headers=staff)).status_code == 404
    back = (await api.get(f"/youths/{youth}/manual-entries/{entry_id}", headers=staff)).json()
    assert back["decided"] == {"covered": False, "begins_in_next_run": False}


async def test_what_is_refused(
    api: httpx.AsyncClient, as_: As, staff: dict[str, str], city: City, pool: asyncpg.Pool, youth: UUID
) -> None:
    entry_id = uuid4()
    url = f"/youths/{youth}/manual-entries/{entry_id}"
    tomorrow = str(TODAY + timedelta(days=1))
    for bad in (
        enrolled(tomorrow),
        enrolled(ends_on=DAYS[55]),
        enrolled(ends_on=str(TODAY + timedelta(days=400))),
        enrolled(kind="other"),
        enrolled(programme="en hel mening"),
        entry(fact="exam", kind="foreign", on_day=DAYS[0]),
        enrolled() | {"note": f"Syskon till {made_up_number(2)}"},
        {key: value for key, value in enrolled().items() if key != "reason"},
    ):
        assert (await api.put(url, headers=staff, json=bad)).status_code == 422, bad
    warned = enrolled() | {"note": "Skolan har en psykolog"}
    assert (await api.put(url, headers=staff, json=warned)).json()["type"].endswith("free-text-warning")
    assert await pool.fetchval("select count(*) from manual_entries") == 0
    assert (await api.put(url, headers=staff, json=warned | {"confirmed": True})).status_code == 201
    assert (await api.put(url, headers=staff, json=enrolled())).status_code == 428
    assert (await api.put(url, headers=staff | {"If-Match": '"2"'}, json=enrolled())).status_code == 412
    exam = entry(fact="exam", kind="foreign", on_day=DAYS[9])
    assert (
        (await api.put(url, headers=staff | {"If-Match": '"1"'}, json=exam)).json()["type"].endswith("fact-fixed")
    )
    other = await city.youth(PLACED)
    taken = await api.put(f"/youths/{other}/manual-entries/{entry_id}", headers=staff, json=enrolled())
    assert taken.json()["type"].endswith("id-taken")
    assert (await api.get(f"/youths/{other}/manual-entries/{entry_id}", headers=staff)).status_code == 404
    for headers, status in (
        (as_("local_coordinator", "bromma"), 404),
        (as_("statistician"), 403),
        (as_("operator"), 403),
        (as_("register_superuser"), 200),
    ):
        assert (await api.get(url, headers=headers)).status_code == status
    await pool.execute("update persons set protection = 'sekretessmarkering' where id = $1", youth)
    handler = as_("special_handler")
    assert (await api.get(url, headers=handler)).status_code == 403
    assert (await api.get(url, headers=handler, params={"reason": "Ringde skolan"})).status_code == 200


async def test_while_a_run_is_applied_nobody_decides(database: Database) -> None:
    async with asyncpg.create_pool(database.app_url, server_settings={"lock_timeout": "100ms"}) as pool:
        async with transaction(pool) as run:
            await run.execute(LOCK)
            with pytest.raises(Problem) as busy:
                async with register_locked(pool):
                    pass
        assert (busy.value.status, busy.value.headers) == (503, {"Retry-After": "60"})
        async with register_locked(pool) as conn:
            assert await conn.fetchval("select count(*) from manual_entries") == 0

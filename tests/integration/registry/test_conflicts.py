"""What a run finds that sources disagree on, for the superuser to look at."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.integration.registry.city import City, schooling
from tests.unit.registry.files import Record, made_up_number, placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
ONE = 100  # a bystander, placed at 12345678 since 2024


async def listed(api: httpx.AsyncClient, headers: dict[str, str], **params: str) -> list[dict[str, Any]]:
    answer = await api.get("/conflicts", headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def left(which: int = ONE, ends_on: str = "2026-09-11") -> Record:
    """The school's own register: the pupil has left."""
    return schooling(
        which, school_unit="12345678", kind="national", starts_on="2024-08-19", ends_on=ends_on,
        end_kind="dropout", compulsory_completed_on="",
    )  # fmt: skip


async def test_a_conflict_opens_is_settled_and_comes_back_when_the_facts_change(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool
) -> None:
    superuser = as_("register_superuser", subject="siv")
    city.schools.append(left())
    city.drop_all()
    assert (await city.sync()).conflicts == 1
    [found] = await listed(api, superuser, open="true")
    assert (found["youth_id"], found["kind"], found["rule"], found["open"]) == (
        str(await city.youth(ONE)), "ends_differ", "goes_on_counts", True,
    )  # fmt: skip
    assert found["said"][2:] == [
        {"about": "placements", "value": "goes_on"},
        {"about": "schools", "value": "2026-09-11"},
    ]
    url, body = f"/conflicts/{found['conflict_id']}/settle", {"reason_code": "source_told"}
    settled = [(await api.post(url, headers=superuser, json=body)).json() for _ in range(2)]
    assert settled[0] == settled[1]
    assert (settled[0]["open"], settled[0]["settled_reason"]) == (False, "source_told")
    other = await api.post(url, headers=superuser, json={"reason_code": "rule_is_right"})
    assert other.status_code == 409
    assert (await city.next_day()).conflicts == 0
    city.schools[-1] = left(ends_on="2026-09-18")
    assert (await city.next_day()).conflicts == 1
    [again] = await listed(api, superuser, open="true", kind="ends_differ")
    assert again["conflict_id"] != found["conflict_id"]
    city.placements[0] = placement(ONE, ends_on="2026-09-18", end_kind="dropout")
    assert (await city.next_day()).conflicts == 0  # they agree
    rows = await listed(api, superuser, open="false")
    assert [one["closed_at"] is not None for one in rows] == [True, True]
    audited = await pool.fetch(
        "select action, count(*) from audit where actor = 'siv' group by action order by action"
    )
    assert [tuple(row) for row in audited] == [("conflict.list", 4), ("conflict.settle", 1)]


async def test_pages_and_protected_identities(api: httpx.AsyncClient, as_: As, city: City) -> None:
    superuser = as_("register_superuser")
    city.residents[0] = resident(ONE, protection="sekretessmarkering")
    city.schools += [left(which) for which in (100, 101, 102)]
    city.drop_all()
    assert (await city.sync()).conflicts == 3
    seen, cursor = [], ""
    while True:
        page = await api.get("/conflicts", headers=superuser, params={"limit": "1"} | cursor_of(cursor))
        seen += page.json()["items"]
        if (cursor := page.json()["next"]) is None:
            break
    assert len({one["conflict_id"] for one in seen}) == 3
    [masked] = [one for one in seen if one["protected"]]
    told = {"conflict_id", "youth_id", "protected", "open", "opened_at"}
    assert {key for key, value in masked.items() if value} == told
    assert len(await listed(api, superuser, kind="ends_differ")) == 2
    body = {"reason_code": "rule_is_right"}
    refused = await api.post(f"/conflicts/{masked['conflict_id']}/settle", headers=superuser, json=body)
    assert refused.status_code == 403
    assert (await api.post(f"/conflicts/{uuid4()}/settle", headers=superuser, json=body)).status_code == 404
    assert (await api.get("/conflicts?cursor=x", headers=superuser)).status_code == 400
    for role in ("kaa_coordinator", "special_handler", "operator", "statistician"):
        assert (await api.get("/conflicts", headers=as_(role))).status_code == 403


def cursor_of(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


async def test_time_alone_makes_conflicts(api: httpx.AsyncClient, as_: As, city: City) -> None:
    """An exam that does not come to the exams register; a death after which a school begins."""
    exam = {"ends_on": "2026-08-01", "end_kind": "exam"}
    city.placements[1] = placement(101, **exam)
    city.placements[2] = placement(102, starts_on="2026-09-28")
    city.drop_all()
    assert (await city.sync()).conflicts == 1
    city.residents[2] = resident(102, status="dead", status_date="2026-09-20")
    await city.next_day()
    found = await listed(api, as_("register_superuser"))
    assert [one["kind"] for one in found] == ["enrolled_after_leaving", "exam_not_registered"]
    city.exams.append({"person_number": made_up_number(101), "kind": "gymnasieexamen", "issued_on": "2026-08-01"})
    assert (await city.next_day()).conflicts == 1


async def test_two_lines_of_one_person(api: httpx.AsyncClient, as_: As, city: City) -> None:
    city.residents[0] = resident(70, previous_person_number=made_up_number(ONE))
    city.residents.append(resident(ONE))
    city.drop_all()
    await city.sync()
    report = await city.next_day()
    assert report.conflicts == 1
    [found] = await listed(api, as_("register_superuser"))
    assert (found["kind"], found["youth_id"]) == ("two_numbers_in_force", str(await city.youth(70)))
    city.residents.pop()
    assert (await city.next_day()).conflicts == 0


async def test_navet_and_the_extract_tell_different_municipalities(
    api: httpx.AsyncClient, as_: As, city: City, pool: asyncpg.Pool
) -> None:
    city.night_of(date(2026, 10, 1))
    city.drop_all()
    await city.sync()
    lines = [
        "#INFO_START", "#INFO_SLUT", "#DATA_START", "#POST_START", f"#UP 01001 {made_up_number(ONE)}",
        "#UP 01021 20261001", "#UP 01022 01", "#UP 01023 84", "#POST_SLUT", "#DATA_SLUT", "#AVST_START",
        "#ANTAL_POSTER 00000001", "#AVST_SLUT", "#FIL_SLUT",
    ]  # fmt: skip
    (city.folder / "navet_20261002.txt").write_text("\r\n".join(lines) + "\r\n")
    for day, conflicts in ((date(2026, 10, 2), 0), (date(2026, 10, 15), 0), (date(2026, 10, 16), 1)):
        city.night_of(day)
        city.drop_all()
        assert (await city.sync()).conflicts == conflicts
    [found] = await listed(api, as_("register_superuser"))
    assert (found["kind"], found["rule"]) == ("municipalities_differ", "latest_word_counts")
    assert found["said"] == [
        {"about": "navet", "value": "0184"},
        {"about": "population", "value": "0180"},
    ]
    city.night_of(date(2026, 10, 19))
    city.residents[0] = resident(ONE, status="moved_out", status_date="2026-10-01", municipality="0184")
    city.drop_all()
    assert (await city.sync()).conflicts == 0

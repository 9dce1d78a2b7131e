"""What happened in the registry about one youth, in order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.registry.city import City
from tests.integration.registry.kept_youths import (
    MINOR,
    OF_AGE,
    TODAY,
    Kept,
    guardian,
    occupation,
    phone,
)
from tests.unit.registry.files import made_up_number, placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


async def read(
    api: httpx.AsyncClient, url: str, headers: dict[str, str], limit: int = 500
) -> list[dict[str, Any]]:
    """All entries, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        response = await api.get(url, headers=headers, params=params)
        assert response.status_code == 200, response.text
        page = response.json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


async def test_everything_in_order_the_newest_first(kept: Kept, as_: As) -> None:
    staff = as_("local_coordinator", "farsta", subject="lo")
    parent, own, job = uuid4(), uuid4(), uuid4()
    answered = f"{TODAY - timedelta(days=1)}T12:00:00+01:00"
    for what, row_id, body, seen in (
        ("guardians", parent, guardian(), None),
        ("contact-points", own, phone(), None),
        ("contact-points", own, phone(answered_at=answered, wrong_number_on="2026-01-15"), '"1"'),
        ("occupations", job, occupation("work", starts_on="2026-08-01"), None),
    ):
        headers = staff | ({"If-Match": seen} if seen else {})
        response = await kept.api.put(kept.url(MINOR, what, row_id), headers=headers, json=body)
        assert response.status_code in (200, 201), response.text

    url = kept.url(MINOR, "timeline")
    entries = await read(kept.api, url, staff)
    assert [one["at"] for one in entries] == sorted((one["at"] for one in entries), reverse=True)
    kinds = [one["kind"] for one in entries]
    recent = ["occupation_recorded", "contact_point_changed", "contact_point_recorded", "guardian_recorded"]
    assert [kind for kind in kinds if kind in recent] == recent
    assert kinds[-1] == "contact_point_wrong"
    assert {"registered", "contact_point_answered"} <= set(kinds)
    by_kind = {one["kind"]: one for one in entries}
    assert by_kind["occupation_recorded"] == {
        "at": by_kind["occupation_recorded"]["at"],
        "kind": "occupation_recorded",
        "id": str(job),
        "held_on": str(TODAY),
        "actor": "lo",
        "details": {
            "code": "work", "starts_on": "2026-08-01", "ends_on": None, "knowledge_source": "youth",
            "withdrawn_on": None,
        },
    }  # fmt: skip
    assert by_kind["contact_point_changed"]["details"] == {"subject": str(own)}
    for secret in ("+4670", "Robin", "Exempelsson", made_up_number(1)[:8]):
        assert secret not in str(entries)

    for limit in (1, 2, 3):
        assert await read(kept.api, url, staff, limit) == entries
    reads = "select count(*) from audit where youth_id = $1 and action = 'youth.read_timeline' and actor = 'lo'"
    assert await kept.pool.fetchval(reads, kept.ids[MINOR]) >= 4


async def test_each_youth_has_a_timeline_of_its_own(kept: Kept, as_: As) -> None:
    other = await read(kept.api, kept.url(OF_AGE, "timeline"), as_("kaa_coordinator"))
    assert [one["kind"] for one in other] == ["registered"]


async def test_a_cursor_of_another_list_is_refused(kept: Kept, as_: As) -> None:
    for cursor in ("WyJhIl0", "WyJhIiwiYiIsImMiXQ", "WyIyMDI2LTAxLTAxIiwiYiIsImMiXQ"):
        response = await kept.api.get(
            kept.url(MINOR, "timeline"), headers=as_("kaa_coordinator"), params={"cursor": cursor}
        )
        assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (400, "bad-cursor")


async def test_the_duty_that_ended_and_a_marking_that_was_lifted(
    api: httpx.AsyncClient, as_: As, city: City
) -> None:
    city.residents.append(resident(1, protection="sekretessmarkering"))
    city.drop_all()
    await city.sync()
    youth_id = await city.youth(1)
    city.residents[-1] = resident(1)
    await city.next_day()
    lifted = await api.post(
        f"/youths/{youth_id}/lift-protection",
        headers=as_("special_handler"),
        json={"reason": "the threat is over"},
    )
    assert lifted.status_code == 204
    city.placements.append(placement(1, starts_on="2026-10-03"))
    await city.next_day()
    entries = await read(api, f"/youths/{youth_id}/timeline", as_("kaa_coordinator"))
    assert {one["kind"] for one in entries} == {"registered", "duty_ended", "protection_lifted"}
    ended = next(one for one in entries if one["kind"] == "duty_ended")
    assert (ended["held_on"], ended["details"]) == ("2026-10-03", {"reason": "started_school"})

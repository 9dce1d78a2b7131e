"""What is told of youths' telephones: whether there is one, when that changes, and nothing else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.registry.city import City, schooling
from tests.integration.registry.kept_youths import MINOR, OF_AGE, TODAY, Kept, guardian, phone
from tests.unit.registry.files import resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
NUMBER = "+46701740610"


async def told(city: City) -> list[tuple[str, bool]]:
    """The youths and whether they have a telephone, as told."""
    return [
        (data["youth_id"], data["has_phone"]) for kind, data in await city.events() if kind == "telephone-changed"
    ]


@pytest.fixture
def staff(as_: As) -> dict[str, str]:
    return as_("local_coordinator", "farsta", subject="lo")


async def keep(
    kept: Kept, staff: dict[str, str], who: str, body: dict[str, Any], row_id: UUID, seen: str | None = None
) -> None:
    what = "guardians" if "relation" in body else "contact-points"
    headers = staff | ({"If-Match": seen} if seen else {})
    response = await kept.api.put(kept.url(who, what, row_id), headers=headers, json=body)
    assert response.status_code in (200, 201), response.text


async def test_a_run_tells_of_those_without_a_number_and_when_the_register_gets_one(city: City) -> None:
    city.residents += [resident(1, phone=""), resident(2), resident(3, phone="", protection="sekretessmarkering")]
    city.schools += [schooling(which) for which in (1, 2, 3)]
    city.drop_all()
    await city.sync()
    youth_id = str(await city.youth(1))
    assert await told(city) == [(youth_id, False)]  # after the registration, and of no protected youth
    kinds = [kind for kind, data in await city.events() if data["youth_id"] == youth_id]
    assert kinds == ["youth-registered", "telephone-changed"]
    await city.next_day()
    assert len(await told(city)) == 1
    city.residents = [one for one in city.residents if one is not city.residents[-3]] + [resident(1)]
    await city.next_day()
    assert await told(city) == [(youth_id, False), (youth_id, True)]
    actions = "select count(*) from audit where action = 'telephone.tell' and youth_id = $1"
    assert await city.pool.fetchval(actions, await city.youth(1)) == 2


async def test_a_number_that_staff_keep_is_told_at_once_and_so_is_that_it_was_wrong(
    kept: Kept, staff: dict[str, str]
) -> None:
    youth_id, row_id = str(kept.ids[OF_AGE]), uuid4()
    assert await told(kept.city) == [(youth_id, False)]
    await keep(kept, staff, OF_AGE, phone(), row_id)
    await keep(kept, staff, OF_AGE, phone(), row_id)  # again: nothing new
    assert await told(kept.city) == [(youth_id, False), (youth_id, True)]
    await keep(kept, staff, OF_AGE, phone(wrong_number_on=str(TODAY)), row_id, '"1"')
    assert (await told(kept.city))[2:] == [(youth_id, False)]
    events = [data for kind, data in await kept.city.events() if kind == "telephone-changed"]
    assert {frozenset(data) for data in events} == {frozenset({"youth_id", "episode_id", "has_phone"})}
    actor = await kept.pool.fetch(
        "select distinct actor from audit where action = 'telephone.tell' order by actor"
    )
    assert [row["actor"] for row in actor] == ["lo", "registry"]


async def test_another_number_and_a_guardians_number_tell_nothing(kept: Kept, staff: dict[str, str]) -> None:
    before = await told(kept.city)
    guardian_id = uuid4()
    await keep(kept, staff, MINOR, guardian(), guardian_id)
    await keep(kept, staff, MINOR, phone(NUMBER, guardian_id=str(guardian_id), source="guardian"), uuid4())
    await keep(kept, staff, MINOR, phone(), uuid4())
    assert await told(kept.city) == before

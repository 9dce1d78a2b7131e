"""A marking that the population register no longer has is lifted by a person."""

from collections.abc import Callable

import httpx
import pytest

from tests.integration.registry.city import City
from tests.unit.registry.files import resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


async def test_a_marking_is_lifted_by_the_special_handler_when_the_feed_has_none(
    api: httpx.AsyncClient, as_: As, city: City
) -> None:
    city.residents.append(resident(1, protection="sekretessmarkering"))
    city.drop_all()
    await city.sync()
    url, why = f"/youths/{await city.youth(1)}/lift-protection", {"reason": "the threat is over"}
    special = as_("special_handler", subject="siv")
    assert (await api.post(url, headers=as_("kaa_coordinator"), json=why)).status_code == 403
    assert (await api.post(url, headers=special, json=why)).status_code == 409
    city.residents[-1] = resident(1)
    await city.next_day()
    assert (await api.post(url, headers=special, json=why)).status_code == 204
    kind, data = (await city.events())[-1]
    assert (kind, data["protected"], data["district"]) == ("youth-changed", False, "farsta")
    assert (await api.post(url, headers=special, json=why)).status_code == 404
    assert (await city.next_day()).changed == 0

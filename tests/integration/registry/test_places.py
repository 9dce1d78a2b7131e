"""Places are never oversold, whoever asks at the same moment, and go in order of acceptance."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from tests.integration.registry.city import City
from tests.integration.registry.conftest import make_settings, serving
from tests.integration.registry.kept_youths import TODAY
from tests.integration.registry.measuring import Crowd, Desk, crowd_of, entry, offer
from tests.stack.tokens import AuthEnv

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
YOUTHS, PLACES = 18, 4
KEPT = (
    "select count(*) from measures where catalogue_id = $1 and state in ('accepted', 'place_offered', 'started')"
)


@pytest.fixture(scope="module")
async def crowd(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Crowd]:
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with (
        await create_pool(database.app_url, application_name="test") as pool,
        serving(make_settings(database, folder, temporal_address, auth_env)) as api,
    ):
        yield await crowd_of(City.of(pool, database, folder), api, YOUTHS)


@pytest.fixture
def desk(crowd: Crowd, as_: As) -> Desk:
    return crowd.desk(as_("kaa_coordinator"))


async def states(desk: Desk, urls: list[str]) -> Counter[str]:
    return Counter([(await desk.get(url))["state"] for url in urls])


async def line(desk: Desk, urls: list[str]) -> list[str]:
    """Those who wait, by the place in the line that each is shown."""
    shown = {url: (await desk.get(url))["line_position"] for url in urls}
    waiting = {position: url for url, position in shown.items() if position is not None}
    assert sorted(waiting) == list(range(1, len(waiting) + 1))
    return [waiting[position] for position in sorted(waiting)]


async def test_many_at_the_same_moment(crowd: Crowd, desk: Desk) -> None:
    catalogue_id = await desk.adds(places=PLACES)
    urls = [await desk.offers(youth_id, catalogue_id) for youth_id in crowd.youths]

    async def accept_and_start(url: str) -> int:
        await desk.takes(url, "accept")
        return (await desk.post(f"{url}/start", {"on": str(TODAY)})).status_code

    statuses = Counter(await asyncio.gather(*(accept_and_start(url) for url in urls)))
    assert statuses == {200: PLACES, 409: YOUTHS - PLACES}
    assert await states(desk, urls) == {"started": PLACES, "waiting": YOUTHS - PLACES}
    waiting = await line(desk, urls)

    # All who have started end at once; each place is offered to one, the first in line.
    started = [url for url in urls if url not in waiting]
    await asyncio.gather(*(desk.ends(url) for url in started))
    assert await states(desk, waiting[:PLACES]) == {"place_offered": PLACES}
    assert await line(desk, urls) == waiting[PLACES:]

    # Of those some start, some decline, some withdraw, all at once, while others try to get in.
    one, two, three, four = waiting[:PLACES]
    leaver = waiting[PLACES + 1]
    await asyncio.gather(
        desk.takes(one, "start"),
        desk.takes(two, "decline"),
        desk.takes(three, "withdraw", reason="another_measure"),
        desk.takes(four, "take-place"),
        desk.takes(leaver, "withdraw", reason="youth_changed_mind"),
        *(desk.post(f"{url}/start", {"on": str(TODAY)}) for url in waiting[PLACES + 2 :]),
    )
    assert await crowd.pool.fetchval(KEPT, UUID(catalogue_id)) == PLACES
    seen = (await desk.get(f"/catalogue/{catalogue_id}"))["kept"]
    assert seen == PLACES
    still = await line(desk, urls)
    assert still == [url for url in waiting[PLACES:] if url in still]  # nobody overtook anybody
    history = await desk.pool.fetch(
        "select type, data from outbox where topic = 'registry.documentation.v1' "
        "and data->>'measure_id' = any($1) order by id",
        [url.rpartition("/")[2] for url in urls],
    )
    assert most_kept([(row["type"].split(".")[3], row["data"]) for row in history]) == PLACES


def most_kept(events: list[tuple[str, dict[str, object]]]) -> int:
    """How many places were kept at most, as the events tell."""
    kept: set[object] = set()
    most = 0
    for kind, data in events:
        if (kind == "measure-accepted" and not data["waiting"]) or data.get("from_waiting_list"):
            kept.add(data["measure_id"])
        elif kind in ("measure-ended", "measure-declined", "measure-withdrawn"):
            kept.discard(data["measure_id"])
        most = max(most, len(kept))
    return most


async def test_more_places_while_others_accept(crowd: Crowd, desk: Desk) -> None:
    catalogue_id = await desk.adds(places=1)
    urls = [await desk.offers(youth_id, catalogue_id) for youth_id in crowd.youths[:8]]
    grows = desk.put(f"/catalogue/{catalogue_id}", entry(places=3), seen='"1"')
    answers = await asyncio.gather(*(desk.takes(url, "accept") for url in urls), grows)
    assert len(answers) == 9
    assert await crowd.pool.fetchval(KEPT, UUID(catalogue_id)) == 3
    assert len(await line(desk, urls)) == 5


async def test_the_same_offer_at_the_same_moment_is_one(crowd: Crowd, desk: Desk) -> None:
    catalogue_id, youth_id = await desk.adds(), crowd.youths[0]
    url = f"/youths/{youth_id}/measures/{uuid4()}"
    answers = await asyncio.gather(*(desk.put(url, offer(catalogue_id)) for _ in range(6)))
    assert Counter(one.status_code for one in answers) == {201: 1, 200: 5}
    assert len(await desk.events_of(url)) == 1
    others = [f"/youths/{crowd.youths[1]}/measures/{uuid4()}" for _ in range(4)]
    answers = await asyncio.gather(*(desk.put(other, offer(catalogue_id)) for other in others))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 3}


async def test_who_is_not_covered_any_more_is_passed_by(crowd: Crowd, desk: Desk) -> None:
    catalogue_id = await desk.adds(places=1)
    first = await desk.starts(crowd.youths[0], catalogue_id)
    gone, second = [
        await desk.offers(youth_id, catalogue_id) for youth_id in crowd.youths[-1:] + crowd.youths[1:2]
    ]
    for url in (gone, second):
        await desk.takes(url, "accept")
    await crowd.duty_ends(crowd.youths[-1])
    await desk.ends(first)
    assert (await desk.get(second))["state"] == "place_offered"
    assert (await desk.get(gone))["state"] == "waiting"
    # What has begun is brought to its end also after the duty.
    assert (await desk.takes(gone, "withdraw", reason="duty_ended"))["state"] == "withdrawn"

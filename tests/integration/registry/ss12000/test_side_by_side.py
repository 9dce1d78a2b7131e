"""Several servers at the same time."""

from collections import defaultdict

import pytest

from services.registry.sources.ss12000.config import FeedConfig
from services.registry.sources.ss12000.delivery import Batch, Row
from services.registry.sources.ss12000.plan import Due
from services.registry.sources.ss12000.side_by_side import ReadServer, read_all
from tests.integration.registry.ss12000.conftest import FixedClock, MakeSchool, Served
from tests.integration.registry.ss12000.school import pupil
from tests.integration.registry.ss12000.school_server import SchoolServer

WHOLE = Due(None, None)


class Taker:
    """Keeps what it is given; takes one batch at a time."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.fails = False

    async def __call__(self, server: str, batch: Batch) -> None:
        if self.fails:
            raise ConnectionError("the database is away")
        self.rows[server] += batch.rows


async def read(served: list[Served], take: Taker, at_once: int = 2) -> list[ReadServer]:
    servers = tuple(one.config(name=f"school-{which}", page_size=2) for which, one in enumerate(served))
    config = FeedConfig(servers=servers, at_once=at_once)
    return await read_all(config, [(one, WHOLE) for one in servers], FixedClock(), take, sleep=served[0].sleep)


@pytest.fixture
async def five(make_school: MakeSchool) -> list[Served]:
    return [await make_school(persons=[pupil(10 * which + n) for n in range(5)]) for which in range(5)]


async def test_one_that_fails_stops_no_other(five: list[Served]) -> None:
    five[1].school.trouble["/persons"] = ["ok", "ok"] + ["status 503"] * 9  # in the middle
    five[3].school.secret = "changed"
    take = Taker()
    outcomes = await read(five, take)
    assert [(one.server, one.failed) for one in outcomes] == [
        ("school-0", None),
        ("school-1", "/persons: http_503"),
        ("school-2", None),
        ("school-3", "token: token_refused"),
        ("school-4", None),
    ]
    assert [one.delivery.counts.rows for one in outcomes if one.delivery is not None] == [5, 5, 5]
    assert {server: len(rows) for server, rows in take.rows.items()} == {
        "school-0": 5,
        "school-1": 4,  # taken, and not to count: the caller discards it
        "school-2": 5,
        "school-4": 5,
    }


async def test_no_more_than_so_many_are_read_at_once(five: list[Served]) -> None:
    together: set[int] = set()

    class Watched(Taker):
        async def __call__(self, server: str, batch: Batch) -> None:
            together.add(sum(len(one.school.asked) > 0 and not finished(one.school) for one in five))
            await super().__call__(server, batch)

    def finished(school: SchoolServer) -> bool:
        return school.paths().count("/persons") == 3

    outcomes = await read(five, Watched(), at_once=2)
    assert all(one.failed is None for one in outcomes)
    assert max(together) <= 2


async def test_what_is_no_servers_fault_stops_everything(five: list[Served]) -> None:
    take = Taker()
    take.fails = True
    with pytest.raises(ConnectionError, match="the database is away"):
        await read(five, take)


async def test_no_server_is_no_trouble() -> None:
    assert await read_all(FeedConfig(servers=()), [], FixedClock(), Taker()) == []

"""School servers, each on a port of its own, that must have found no fault when a test ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from services.registry.sources.ss12000.config import FeedConfig, ServerConfig
from services.registry.sources.ss12000.delivery import Batch, Delivery
from services.registry.sources.ss12000.feed import fetch, open_feed
from tests.integration.notifications.servers import serving
from tests.integration.registry.ss12000 import school
from tests.integration.registry.ss12000.school_server import BASE, CLIENT_ID, SECRET, TOKEN_PATH, SchoolServer

READ_AT = datetime(2026, 2, 3, 4, 0, tzinfo=STOCKHOLM)  # a Tuesday


class FixedClock(CivilClock):
    def __init__(self, at: datetime = READ_AT) -> None:
        super().__init__(ClockSpec())
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class Served:
    """A running school server, and what one needs to read it."""

    school: SchoolServer
    url: str
    secret_file: Path
    waited: list[float] = field(default_factory=list)

    def config(self, **changes: Any) -> ServerConfig:
        known = {
            "name": "skolan",
            "base_url": f"{self.url}{BASE}",
            "token_url": f"{self.url}{TOKEN_PATH}",
            "client_id": CLIENT_ID,
            "secret_file": self.secret_file,
            "patience": {"timeout_seconds": 5, "attempts": 4},
        }
        return ServerConfig.model_validate(known | changes)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def read(
        self, since: datetime | None = None, *, absences: Any = None, **changes: Any
    ) -> tuple[Delivery, list[Batch]]:
        """Read the server to its end."""
        server = self.config(**changes)
        async with open_feed(FeedConfig(servers=(server,)), server, FixedClock(), sleep=self.sleep) as feed:
            delivery = await fetch(feed, since, absences)
            return delivery, [batch async for batch in delivery.batches]


MakeSchool = Callable[..., Awaitable[Served]]


@pytest.fixture
async def make_school(tmp_path: Path) -> AsyncIterator[MakeSchool]:
    """`await make_school(persons=[...])`: a server that runs until the test ends."""
    made: list[SchoolServer] = []

    async with AsyncExitStack() as stack:

        async def make(**data: Any) -> Served:
            server = SchoolServer(**{"organisations": [school.organisation()], "programmes": PROGRAMMES, **data})
            made.append(server)
            secret_file = tmp_path / f"secret-{len(made)}"
            secret_file.write_text(f"{SECRET}\n", encoding="utf-8")
            return Served(server, await stack.enter_async_context(serving(server.app())), secret_file)

        yield make
    assert [fault for server in made for fault in server.faults] == []


PROGRAMMES = [
    school.programme("NA", "Högskoleförberedande"),
    school.programme("NANAT", "Programinriktning", parent="NA"),
    school.programme("IMV", "Intruduktionsprogram"),
]

"""Staff at work: tasks are completed over the HTTP API at an even rate, and how long each decision takes.

Each of some youths in support has a follow-up, which is completed as 'continues' and opens the next: the same work
for the workflow, the database and the server each time.
"""

import asyncio
import statistics
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

PER_SECOND = 5.0
FOLLOW_UP = {"kind": "follow_up", "result": "continues"}
MAPPING = {"kind": "mapping", "result": "wants_support"}


@dataclass
class Measured:
    """Seconds of decisions that were answered, and how many were not (503)."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0

    def p(self, percent: int) -> float:
        """Return a percentile in milliseconds."""
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1000

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} decisions, p50 {self.p(50):.0f} ms, p95 {self.p(95):.0f} ms, "
            f"max {max(self.seconds) * 1000:.0f} ms, {self.unanswered} unanswered"
        )


class Staff:
    """Completes follow-ups of its youths in turn."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._tasks: list[UUID] = []

    async def take_on(self, youths: list[UUID]) -> None:
        """Bring youths into support: they get in touch, are talked with, and want support."""
        for youth_id in youths:
            decided = await self._post(f"/youths/{youth_id}/contacts", {"way": "drop_in"})
            decided = await self._post(f"/tasks/{decided['next_task']['task_id']}/complete", MAPPING)
            self._tasks.append(UUID(decided["next_task"]["task_id"]))

    async def one(self) -> None:
        """Complete the follow-up whose turn it is. Raises httpx.HTTPStatusError when it was not answered."""
        task_id = self._tasks.pop(0)
        try:
            decided = await self._post(f"/tasks/{task_id}/complete", FOLLOW_UP)
        except httpx.HTTPStatusError:
            self._tasks.append(task_id)
            raise
        self._tasks.append(UUID(decided["next_task"]["task_id"]))

    async def work(self, until: asyncio.Event, *, at_least: int = 0) -> Measured:
        """Decide at an even rate, whether or not earlier ones are answered, until an event; measure each."""
        measured = Measured()
        loop = asyncio.get_running_loop()
        begun: set[asyncio.Task[None]] = set()
        due, number = loop.time(), 0
        while not until.is_set() or number < at_least:
            begun.add(asyncio.create_task(self._timed(measured)))
            number += 1
            due += 1 / PER_SECOND
            await asyncio.sleep(max(0.0, due - loop.time()))
        await asyncio.gather(*begun)
        return measured

    async def _timed(self, measured: Measured) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self.one()
        except httpx.HTTPStatusError:
            measured.unanswered += 1
        else:
            measured.seconds.append(loop.time() - began)

    async def _post(self, path: str, body: dict[str, str]) -> dict[str, dict[str, str]]:
        answer = await self._http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        answer.raise_for_status()
        decided: dict[str, dict[str, str]] = answer.json()
        return decided

"""The queries of docs/operations.md, taken out of the document and run on a real server.

No worker: what a query finds is a matter of type, state and search attributes, which are set as the workflow sets
them (`tests/unit/workflows/test_summary.py`). Other tests' workflows on the same server do not count.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from chassis.clock import STOCKHOLM
from contracts.gallring import REGISTER_GALLRING
from contracts.ids import youth_workflow_id
from contracts.outreach_workflow import YOUTH_OUTREACH
from contracts.registry_activities import REGISTER_SYNC
from contracts.waves import TERM_MAILING
from tests.integration.outreach.running import eventually
from workflows.youth_outreach.summary import DISTRICT, DUE, NO_DISTRICT, STEP, UNIT

pytestmark = pytest.mark.stack

DOCUMENT = Path("docs/operations.md").read_text(encoding="utf-8")
QUERIES = dict(re.findall(r"\*\*(.+?)\*\*.*\n\n```visibility\n(.+)\n```", DOCUMENT))
# Nobody polls it: the workflows stay as they were started.
NOBODYS_QUEUE = "saved-queries"
ONE_YOUTH = UUID(int=0)

# What each query finds of the workflows below.
FOUND = {
    "Who is being called in a district": {"called"},
    "Whose next step is overdue": {"called"},
    "Home visits of a week": {"visited"},
    "Who is on hold": {"held"},
    "Whose watch is over this autumn": {"watched"},
    "Whose district is not known": {"nowhere"},
    "One youth": {"one"},
    "Runs that began before a release": set(),
    "Runs whose workflow task keeps failing": {"stuck"},
    "Runs that ended otherwise than with the duty": {"terminated"},
    "The mailing under way": {"wave"},
    "Register syncs that failed": {"sync"},
    "Gallring that waits for people": {"gallring"},
}


@workflow.defn(name="Failing")
class Failing:
    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("a bug")


class There:
    """Workflows on the server, by a name of the test's own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.names: dict[str, str] = {}

    async def start(self, name: str, type: str, workflow_id: str | None = None, **more: Any) -> None:
        workflow_id = workflow_id or f"{name}-{uuid4()}"
        self.names[workflow_id] = name
        await self.client.start_workflow(type, id=workflow_id, **{"task_queue": NOBODYS_QUEUE, **more})

    async def youth(
        self, name: str, step: str, due: datetime, district: str = "farsta", youth_id: UUID | None = None
    ) -> None:
        shown = TypedSearchAttributes(
            [
                SearchAttributePair(STEP, step),
                SearchAttributePair(DISTRICT, district),
                SearchAttributePair(DUE, due),
                SearchAttributePair(UNIT, "0180"),
            ]
        )
        await self.start(name, YOUTH_OUTREACH, youth_workflow_id(youth_id or uuid4()), search_attributes=shown)

    async def found(self, query: str) -> set[str]:
        return {self.names[run.id] async for run in self.client.list_workflows(query) if run.id in self.names}


def on(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, tzinfo=STOCKHOLM)


@pytest.fixture(scope="module")
async def there(temporal_address: str) -> AsyncIterator[There]:
    client = await Client.connect(temporal_address)
    there = There(client)
    later = on(3, 1, 2027)
    await there.youth("called", "calling", on(9, 25))
    await there.youth("elsewhere", "calling", later, district="bromma")
    await there.youth("visited", "door_card", on(10, 7))
    await there.youth("visited later", "home_visit", on(10, 20))
    await there.youth("held", "on_hold", later)
    await there.youth("watched", "watch", on(11, 3))
    await there.youth("watched longer", "watch", later)
    await there.youth("nowhere", "calling", later, district=NO_DISTRICT)
    await there.youth("protected", "manual", later, district=NO_DISTRICT)
    await there.youth("one", "mapping", later, youth_id=ONE_YOUTH)
    await there.youth("terminated", "calling", on(9, 25))
    await there.start("wave", TERM_MAILING)
    await there.start("gallring", REGISTER_GALLRING)
    await there.start("good sync", REGISTER_SYNC)
    await there.start("sync", REGISTER_SYNC, execution_timeout=timedelta(seconds=1))
    queue = f"failing-{uuid4()}"
    await there.start("stuck", "Failing", task_queue=queue)
    ids = {name: workflow_id for workflow_id, name in there.names.items()}
    await client.get_workflow_handle(ids["terminated"]).terminate()
    worker = Worker(client, task_queue=queue, workflows=[Failing], workflow_runner=UnsandboxedWorkflowRunner())
    async with worker:
        for name in ("Runs whose workflow task keeps failing", "Register syncs that failed"):

            async def is_there(name: str = name) -> bool:
                return await there.found(QUERIES[name]) == FOUND[name]

            await eventually(is_there, name)
    yield there
    for workflow_id in there.names:
        with suppress(RPCError):
            await client.get_workflow_handle(workflow_id).terminate()


def test_the_document_has_these_queries() -> None:
    assert set(QUERIES) == set(FOUND)
    assert DOCUMENT.count("```visibility") == len(QUERIES), "each query is under a title"


@pytest.mark.parametrize("title", FOUND)
async def test_each_query_finds_what_its_title_says(there: There, title: str) -> None:
    async def is_right() -> bool:  # the server's index follows a moment later
        return await there.found(QUERIES[title]) == FOUND[title]

    try:
        await asyncio.wait_for(eventually(is_right, title), 10)
    except TimeoutError:
        assert await there.found(QUERIES[title]) == FOUND[title]

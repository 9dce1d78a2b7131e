"""A workflow worker and the services' activities on a real Temporal server that skips time when asked to."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.workflows.records import Records
from tests.workflows.stage import NewYouth, connect, registering_youths, running_workers


@pytest.fixture(scope="module")
async def temporal(temporal_address: str) -> Client:
    return await connect(temporal_address)


@pytest.fixture(scope="module")
async def records(temporal: Client) -> AsyncIterator[Records]:
    """What the services' activities were asked, by workflows that run meanwhile."""
    async with running_workers(temporal) as records:
        yield records


@pytest.fixture
async def new_youth(temporal: Client, records: Records) -> AsyncIterator[NewYouth]:
    """`await new_youth(protected=True)`: a registered youth; `samples.start` has the fields."""
    async with registering_youths(temporal, records) as new:
        yield new

"""The workflow `DailyIntake`, with outreach as its contract describes it."""

import pytest
from temporalio.client import Client

from contracts.intake import IntakeReport
from tests.workflows.intake import TODAY, running_intake, start
from workflows.daily_intake import BATCH


@pytest.mark.parametrize("many", [0, BATCH + 3])
async def test_the_youths_are_told_in_their_order_in_batches(temporal: Client, many: int) -> None:
    async with running_intake(temporal, many) as outreach:
        report = await (await start(temporal)).result()
    assert [pick for batch in outreach.told for pick in batch] == list(outreach.plan.picks)
    assert [len(batch) for batch in outreach.told] == ([BATCH, 3] if many else [])
    assert report == IntakeReport(
        day=TODAY,
        waiting=many,
        urgent=2,
        started=max(0, many - len(outreach.told)),
        without_workflow=len(outreach.told),
        breached=1,
    )

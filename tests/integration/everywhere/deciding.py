"""A run of gallring as the schedule starts it and people decide it; the opaque ids of a youth; the figures."""

from typing import Any
from uuid import uuid4

from contracts.gallring import REGISTER_GALLRING, GallringRun
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from tests.integration.everywhere.whole import Whole, eventually
from tests.integration.gallring.filling import Youth

IDS = {
    "registry": "select id from persons where id = $1 or merged_into = $1"
    " union select id from episodes where person_id = $1",
    "outreach": "select task_id from tasks where youth_id = $1 union select progress_id from transitions"
    " where youth_id = $1",
    "notifications": "select message_id from message where youth_id = $1",
}
MADE = ("known_on", "made_at")  # when the figures were asked for
PERIODS = [("2023-07-01", "2023-12-31"), ("2023-10-02", "2023-10-02")]


async def opaque(town: Whole, youth: Youth) -> list[object]:
    """Every id under which some service knows the youth, and what was done about them."""
    found: list[object] = []
    for service, query in IDS.items():
        found += [row[0] for row in await town.pools[service].fetch(query, youth.youth_id)]
    return found


async def gallring(town: Whole) -> GallringRun:
    """One person stands for what the workflow proposes, another approves; all services have done their part."""
    handle: Any = await town.temporal.start_workflow(
        REGISTER_GALLRING, id=f"register-gallring-{uuid4()}", task_queue=WORKFLOWS_QUEUE, result_type=GallringRun
    )
    query = "select id from gallring_runs where state = 'proposed' and workflow_id = $1"
    run_id = await eventually(lambda: town.registry.fetchval(query, handle.id), "a proposal")
    await town.call("registry", "POST", f"/gallring/{run_id}/review", "register_superuser", "rut")
    await town.call("registry", "POST", f"/gallring/{run_id}/approve", "jurist", "kim")
    done: GallringRun = await handle.result()
    await town.published()
    events = await town.registry.fetch("select event_id from outbox where type like '%youth-deleted.v1'")
    await town.handled([row["event_id"] for row in events])
    return done


async def figures(town: Whole) -> list[Any]:
    """Covered youths, the funnel and the lateness of schools."""
    asked = [("registry", "/coverage-totals"), ("reporting", "/funnel"), ("registry", "/school-reports/lateness")]
    answers = []
    for service, path in asked:
        for first, last in PERIODS:
            period = {"from": first, "to": last, "first": first, "last": last}
            answers.append((await town.call(service, "GET", path, "statistician", params=period)).json())
    return [{key: value for key, value in answer.items() if key not in MADE} for answer in answers]

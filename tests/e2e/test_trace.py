"""One trace crosses HTTP, Temporal's update or signal, the workflow, its activity, outbox, Kafka and consumers."""

from uuid import uuid4

import pytest

from contracts.events import TaskCompleted, YouthChanged
from contracts.outreach_activities import RECORD_PROGRESS
from contracts.outreach_workflow import SIGNAL_CHANGED, UPDATE_COMPLETE_TASK
from contracts.registry_activities import APPLY_SYNC, REGISTER_SYNC, Source
from contracts.roles import Role
from contracts.tasks import CallOutcome, CallResult, TaskKind
from deploy.sample.extract import COLUMNS
from tests.e2e.collector import Collector, Span
from tests.e2e.town import BEGIN, Town
from tests.e2e.waiting import until, workable

pytestmark = [pytest.mark.e2e, pytest.mark.stack, pytest.mark.usefixtures("first_sync")]


class Trace:
    """A trace that a client of ours has begun."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._trace_id, self._span_id = uuid4().hex, uuid4().hex[:16]
        self.traceparent = f"00-{self._trace_id}-{self._span_id}-01"

    async def holds(self, *expected: tuple[str, str]) -> None:
        """Wait until a span of each (process, name) was told, and no span of the trace lacks its parent."""

        async def complete() -> bool:
            spans = self._collector.spans(self._trace_id)
            told = {(span.service, span.name) for span in spans}
            return told.issuperset(expected) and not self._orphans(spans)

        try:
            await until(complete, "the whole trace")
        except AssertionError as late:
            spans = self._collector.spans(self._trace_id)
            told = sorted({f"{span.service}: {span.name}" for span in spans})
            raise AssertionError("\n".join([str(late), *told, "without parent:", *self._orphans(spans)])) from None

    def _orphans(self, spans: list[Span]) -> list[str]:
        known = {self._span_id, *(span.span_id for span in spans)}
        return [f"{span.service}: {span.name}" for span in spans if span.parent_id not in known]


async def test_a_decision_is_one_trace_from_the_request_to_the_funnel(town: Town, collector: Collector) -> None:
    youth_id = await town.youth_id(town.somebody(phone=True))
    call = await workable(town, town.caller(Role.KAA_COORDINATOR), youth_id, TaskKind.CALL)
    trace = Trace(collector)
    staff = town.api.caller(Role.KAA_COORDINATOR, traceparent=trace.traceparent)
    await staff.complete(call.task_id, CallOutcome(result=CallResult.REACHED), str(uuid4()))
    await trace.holds(
        ("outreach-api", "POST /tasks/{task_id}/complete"),
        ("workflows-worker", f"HandleUpdate:{UPDATE_COMPLETE_TASK}"),
        ("outreach-worker", f"RunActivity:{RECORD_PROGRESS}"),
        ("reporting-worker", f"reporting {TaskCompleted.type}"),
    )


async def test_a_sync_is_one_trace_from_the_request_to_the_youths_workflow(
    town: Town, collector: Collector
) -> None:
    person = town.somebody()
    await town.youth_id(person)
    _move_house(town, person.number_on(BEGIN.date()))
    trace = Trace(collector)
    superuser = town.api.caller(Role.REGISTER_SUPERUSER, traceparent=trace.traceparent)
    run = await superuser.sync(await town.deliver())
    assert run.changed >= 1
    await trace.holds(
        ("registry-api", "POST /sync-runs"),
        ("workflows-worker", f"RunWorkflow:{REGISTER_SYNC}"),
        ("registry-worker", f"RunActivity:{APPLY_SYNC}"),
        ("outreach-worker", f"outreach-registry {YouthChanged.type}"),
        ("workflows-worker", f"HandleSignal:{SIGNAL_CHANGED}"),
        ("reporting-worker", f"reporting {YouthChanged.type}"),
    )


def _move_house(town: Town, number: str) -> None:
    """The population register tells of another district."""
    district = COLUMNS[Source.POPULATION].index("district")
    rows = town.rows[Source.POPULATION]
    at = next(index for index, row in enumerate(rows) if row[0] == number)
    moved_to = "farsta" if rows[at][district] != "farsta" else "bromma"
    rows[at] = (*rows[at][:district], moved_to, *rows[at][district + 1 :])

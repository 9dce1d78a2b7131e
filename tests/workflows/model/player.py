"""Playing a course against a real workflow, and telling what came of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from chassis.clock import ClockSpec
from contracts.notifications_activities import QUEUE_MESSAGES
from contracts.outreach_activities import RECORD_PROGRESS, Progress
from contracts.outreach_workflow import (
    WORKFLOWS_QUEUE,
    YOUTH_OUTREACH,
)
from contracts.tasks import TaskSpec
from tests.workflows.model.asked import Run, all_asked
from tests.workflows.model.happenings import Course, How, Moment, Thing, What
from tests.workflows.model.places import POLICY, Arrived
from tests.workflows.model.rules import (
    Broken,
    Rule,
    judge_asked,
    judge_decisions,
    judge_done,
    judge_runs,
    standing,
)
from tests.workflows.model.services import Gate, SlowServices
from tests.workflows.model.surroundings import Surroundings
from tests.workflows.stage import ALMOST_ONE
from workflows.youth_outreach.state import Begin, State

LONGEST = 120.0  # seconds that one course may take; usually it is a few, on a busy machine too
STUCK = 4  # attempts of one workflow task
FIRST_LOOK, LAST_LOOK = 0.02, 0.5  # seconds between looks: longer and longer, for looking costs


class Player(Surroundings):
    """Plays one course."""

    def __init__(self, skipper: TimeSkipper, services: SlowServices, course: Course, arrived: Arrived) -> None:
        super().__init__(skipper, services, arrived)
        self._course, self._services, self._arrived = course, services, arrived
        services.progress[self.youth.id] = [*arrived.recorded]
        services.messages[self.youth.id] = []
        self._report: list[str] = []

    async def play(self) -> None:
        """Let everything happen, and judge it. Raises Broken, with the course and what came of it."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._begun()
                for moment in self._course.moments:
                    await self._moment(moment)
                await self._judge()
        except TimeoutError as error:
            raise self._told_of(Broken(Rule.NEVER_STUCK, f"did not come to an end in {LONGEST} s")) from error
        except Broken as broken:
            raise self._told_of(broken) from None

    async def is_over(self) -> None:
        """End what still runs."""
        try:
            await self.youth.handle.terminate("the course is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    # --- a course, moment by moment ---

    async def _begun(self) -> None:
        clock = ClockSpec(
            speed=ALMOST_ONE,
            real_anchor=datetime.now(UTC),  # noqa: TID251 - the anchor
            civil_anchor=self.now,
        )
        begin, self.youth.start = self._arrived.begin, self.youth.start.model_copy(update={"clock": clock})
        if isinstance(begin, State):  # what happens first may come before the workflow has run
            handle = await self.youth.client.start_workflow(
                YOUTH_OUTREACH,
                Begin(replace(begin, clock=clock)),
                id=self.youth.handle.id,
                task_queue=WORKFLOWS_QUEUE,
            )
            self.runs.append(handle.result_run_id or "")
        else:
            await self.registered(self.youth.start)
            await self._settled()

    async def _moment(self, moment: Moment) -> None:
        before = len(self.youth.progress)
        first, *others = moment.things
        if moment.how is How.AT_ONCE:
            if first.what in (What.TIME, What.HOURS):
                await self.happens(first)
            else:
                others = [first, *others]
            await self._at_once(others)
        else:
            await self._amid(moment, first, others)
        await self._settled()
        self._note(moment, before)

    async def _at_once(self, things: Sequence[Thing]) -> None:
        results = await asyncio.gather(*map(self.happens, things))
        await asyncio.gather(*(result for result in results if result is not None))

    async def _amid(self, moment: Moment, first: Thing, others: Sequence[Thing]) -> None:
        """Let the first happen until a service is asked; then let the others come, and the service go on."""
        activity = RECORD_PROGRESS if moment.how is How.AMID_RECORDING else QUEUE_MESSAGES
        gate = Gate(fails=moment.fails)
        self._services.gates[activity, self.youth.id] = gate
        beginning = asyncio.create_task(self._at_once([first]))
        try:
            await self._settled(gate, beginning)
            results = await asyncio.gather(*map(self.happens, others))
        except BaseException:
            beginning.cancel()
            raise
        finally:
            self._services.gates.pop((activity, self.youth.id), None)
            gate.open.set()
            await asyncio.gather(beginning, return_exceptions=True)
        await asyncio.gather(beginning, *(result for result in results if result is not None))

    async def _settled(self, gate: Gate | None = None, beginning: asyncio.Task[None] | None = None) -> None:
        """Wait until nothing is under way; or until a gate is reached."""
        look = FIRST_LOOK
        while not (gate and gate.reached.is_set()):
            if (beginning is None or beginning.done()) and await self._quiet():
                return
            await asyncio.sleep(look)
            look = min(look * 1.5, LAST_LOOK)

    async def _quiet(self) -> bool:
        """Look whether nothing is under way, and what time it is for the youth."""
        described = (await self.youth.handle.describe()).raw_description
        if described.pending_workflow_task.attempt >= STUCK:
            raise Broken(Rule.NEVER_STUCK, "a workflow task fails again and again")
        if described.workflow_extended_info.HasField("time_skipping_info"):
            real = described.workflow_extended_info.time_skipping_info.current_time.ToDatetime(UTC)
            self.now = self.youth.start.clock.civil(real)
        return not described.pending_activities and not described.HasField("pending_workflow_task")

    # --- what came of it ---

    async def _judge(self) -> None:
        while not (runs := [run async for run in self._all_runs()])[-1].rests:
            await asyncio.sleep(LAST_LOOK)
        asked, recorded, led = all_asked(runs), self.youth.progress, self._arrived.recorded
        judge_runs(runs, recorded)
        judge_asked(standing(POLICY, led), asked)
        judge_done(self.youth.id, asked, led, self._services)
        judge_decisions(self.results, recorded[len(led) :])

    async def _all_runs(self) -> AsyncIterator[Run]:
        seen: set[str] = set()
        for begun in self.runs:
            run_id = begun
            while run_id and run_id not in seen:
                seen.add(run_id)
                handle = self.youth.client.get_workflow_handle(self.youth.handle.id, run_id=run_id)
                history = await handle.fetch_history()
                yield Run.of(history)
                last = history.events[-1]
                run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id

    def _note(self, moment: Moment, before: int) -> None:
        things = ", ".join(f"{thing.what.value} ({thing.choice})" for thing in moment.things)
        how = f"{moment.how.value}{', which then fails once' if moment.fails else ''}: " * (len(moment.things) > 1)
        self._report.append(f"- {how}{things}")
        self._report += [f"    {_text(one)}" for one in self.youth.progress[before:]]

    def _told_of(self, broken: Broken) -> Broken:
        """Return it with the course, and what came of it."""
        led = [f"    {_text(one)}" for one in self._arrived.recorded[-3:]]
        happened = [f"{self._course.place.value}:", *led, *self._report]
        return Broken(broken.rule, "\n".join([broken.what, "", *happened, "", f"{self._course!r}"]))


def _text(one: Progress) -> str:
    closed = ", ".join(f"{getattr(closure.outcome, 'result', closure.state)}" for closure in one.closed)
    opened = ", ".join(f"{task.kind}{_from(task)}" for task in one.opened)
    due = f"due {one.due:%Y-%m-%d %H:%M}" if one.due else ""
    parts = [f"closed: {closed}" * bool(closed), f"opens {opened}" * bool(opened), due]
    return f"{one.at:%Y-%m-%d %H:%M} {one.step}; " + "; ".join(part for part in parts if part)


def _from(task: TaskSpec) -> str:
    return f" from {task.not_before:%Y-%m-%d %H:%M}" if task.not_before else ""

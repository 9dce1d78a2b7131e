"""Workers of several versions take up the same open workflows, as in a deploy that replaces one at a time.

The versions are the last release, the newest commit whose workflow code is another than the work tree's, and that.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHistory

from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from contracts.tasks import TaskKind
from tests.replay import code
from tests.replay.contents import failures, progress_of, served_by, told
from tests.replay.record import HISTORIES, read, recorded, releases
from tests.replay.scenarios import YOUTHS
from tests.replay.workers import connect, running_worker
from tests.workflows import samples
from tests.workflows.driver import PATIENCE, Youth
from tests.workflows.stage import NewYouth, registering_youths, running_activities

LAST = releases()[-1]
ANOTHER_ORDER = """

_carry_out = Course._carry_out


async def _after_a_while(self: Course, move: Move) -> None:
    await workflow.sleep(MILLISECOND)
    await _carry_out(self, move)


Course._carry_out = _after_a_while
"""


def as_recorded(course: str) -> list[WorkflowHistory]:
    """Return what the release recorded of a course: all its runs."""
    return [read(name) for name in recorded() if name.rpartition("_")[0] == f"{LAST}/{course}"]


def courses() -> list[str]:
    """Return as many of the release's courses as it takes to go through every message, step and task that it knew.

    What it did not know yet, nobody tells its worker: docs/upgrading-workflows.md.
    """
    through = {course: _goes_through(as_recorded(course)) for course in YOUTHS}
    chosen: list[str] = []
    left = set().union(*through.values())
    while left:
        chosen.append(max(through, key=lambda course: len(through[course] & left)))
        left -= through[chosen[-1]]
    return chosen


def _goes_through(runs: Sequence[WorkflowHistory]) -> set[str]:
    steps = {f"{one}" for step, kinds in came_to(runs) for one in (step, *kinds)}
    return steps.union(*(told(run) for run in runs))


@asynccontextmanager
async def sharing(address: str, versions: Mapping[str, Path]) -> AsyncIterator[tuple[NewYouth, dict[str, str]]]:
    """Run a worker of each, and the activities; gives what registers a youth, and the version by process id."""
    client = await connect(address)
    async with AsyncExitStack() as running:
        workers = [running.enter_async_context(running_worker(tree, address)) for tree in versions.values()]
        pids = await asyncio.gather(*workers)
        records = await running.enter_async_context(running_activities(client))
        new_youth = await running.enter_async_context(registering_youths(client, records))
        yield new_youth, {f"{pid}": name for name, pid in zip(versions, pids, strict=True)}


def versions(folder: Path) -> dict[str, Path]:
    """Return the code of each version, the oldest first."""
    found = {"the last release": code.unpack(HISTORIES / LAST / code.ARCHIVE, folder / "release")}
    if commit := code.commit_before():
        found["the commit before"] = code.check_out(commit, folder / "commit")
    return found | {"the work tree": code.ROOT}


async def test_versions_side_by_side_share_all_open_workflows(
    temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees, gone = versions(tmp_path), courses()
    in_force = (trees["the last release"] / code.POLICY).read_text(encoding="utf-8")
    monkeypatch.setattr(samples, "STOCKHOLM_POLICY", OutreachPolicy.model_validate_json(in_force))
    async with sharing(temporal_address, trees) as (new_youth, names):

        async def shared(**changes: Any) -> Youth:
            youth = await new_youth(**changes)
            await is_served_by_all(youth, names)
            return youth

        youths = await asyncio.gather(*(YOUTHS[course](shared) for course in gone))
        chains = [await youth.chain() for youth in youths]
    assert [failure for chain in chains for run in chain for failure in failures(run, names)] == []
    tasks = [[names[pid] for run in chain for pid in served_by(run)] for chain in chains]
    handed_over = {pair for one in tasks for pair in pairwise(one)}
    assert handed_over >= set(permutations(trees, 2)), "from each version to each other one"
    for course, chain in zip(gone, chains, strict=True):
        assert came_to(chain) == came_to(as_recorded(course)), course


async def test_another_order_of_commands_is_found_out(temporal_address: str, tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    trees = {"another order": code.copy(tmp_path / "other"), "the work tree": code.ROOT}
    course = trees["another order"] / "workflows/youth_outreach/course.py"
    course.write_text(course.read_text(encoding="utf-8") + ANOTHER_ORDER, encoding="utf-8")
    async with sharing(temporal_address, trees) as (new_youth, names):
        youth = await new_youth()
        async with asyncio.timeout(PATIENCE):
            while not (found := [failure for run in await youth.chain() for failure in failures(run, names)]):
                await touch(youth)
    assert found[0].startswith("WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR"), found


def came_to(runs: Iterable[WorkflowHistory]) -> list[tuple[Step, list[TaskKind]]]:
    """Return the steps that a youth came to, and the tasks that were opened."""
    progress = [one for run in runs for one in progress_of(run)]
    return [(one.step, [task.kind for task in one.opened]) for one in progress]


async def is_served_by_all(youth: Youth, names: Mapping[str, str]) -> None:
    """Go on until each worker has done a task of a youth's."""
    async with asyncio.timeout(PATIENCE):
        while {names[pid] for run in await youth.chain() for pid in served_by(run)} != set(names.values()):
            await touch(youth)


async def touch(youth: Youth) -> None:
    """Give the workers something to do: what is of another episode changes nothing."""
    await youth.answers(episode_id=uuid4())
    await asyncio.sleep(0.1)

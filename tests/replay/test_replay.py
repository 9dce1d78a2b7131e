"""The code of the day can go on from every history that was recorded.

A failure here means that running youths would be stuck after a deploy. Gate the change with
a policy field or `workflow.patched`, and leave the histories as they are (docs/upgrading-workflows.md).
"""

import base64
import json
import re

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError, _Definition

from contracts.reasons import Step
from contracts.tasks import TaskKind
from tests.replay.contents import progress_of, told, workflow_of
from tests.replay.fingerprint import COMMANDS, FINGERPRINT, commands, fingerprint, otherwise
from tests.replay.record import HISTORIES, of_other_code, read, recorded, releases
from tests.replay.scenarios import CITY, YOUTHS
from workflows.worker import WORKFLOWS, sandbox

RECORDED = recorded()
# The name, the signals and the updates of each workflow.
SIGNATURES = [
    (of.name, set(of.signals), set(of.updates))
    for of in (_Definition.must_from_class(workflow) for workflow in WORKFLOWS)
]
# What staff do beside the search: no workflow has such a task.
THE_SERVICES_OWN = {TaskKind.CONCERN, TaskKind.HANDOVER, TaskKind.PREVENTION, TaskKind.VISIT_ALARM}


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, workflow_runner=sandbox(), data_converter=pydantic_data_converter)


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_history_replays(replayer: Replayer, name: str) -> None:
    await replayer.replay_workflow(read(name))


async def test_a_history_of_other_code_fails(replayer: Replayer) -> None:
    """Else the test above would prove nothing."""
    with pytest.raises(NondeterminismError, match="something_else"):
        await replayer.replay_workflow(of_other_code())


def test_every_scenario_is_recorded() -> None:
    assert {name.rpartition("/")[2].rpartition("_")[0] for name in RECORDED} == set(YOUTHS) | set(CITY)


def test_the_last_release_goes_through_everything() -> None:
    """Every workflow, each message it can be told, each step of a youth, each task, and each kind of command."""
    last = {name: read(name) for name in RECORDED if name.startswith(f"{releases()[-1]}/")}
    assert {workflow_of(history) for history in last.values()} == {name for name, _, _ in SIGNATURES}
    assert {name for history in last.values() for name in told(history)} == {
        name for _, signals, updates in SIGNATURES for name in (*signals, *updates)
    }
    progress = [one for history in last.values() for one in progress_of(history)]
    assert {one.step for one in progress} == set(Step)
    opened = {task.kind for one in progress for task in one.opened}
    assert opened == set(TaskKind) - THE_SERVICES_OWN
    made = {command.partition(" x")[0] for history in last.values() for command in commands(history)}
    kinds = {kind for kind in COMMANDS.values() if any(command.startswith(kind) for command in made)}
    assert set(COMMANDS.values()) - kinds == {"marker", "fail"}, "no patch in the code, and nothing fails"


def test_a_release_is_told_from_the_one_before() -> None:
    """Since 2026.1 a youth whose visit is called off gets word: a batch of messages more."""
    found = list(otherwise("", "2026.1"))
    assert "+activity queue_messages" in found[found.index("+++ 2026.1/does_not_live_there_1") :]
    again = [name for name in RECORDED if f"2026.1/{name}" in RECORDED]
    others = [name for name in again if commands(read(name)) != commands(read(f"2026.1/{name}"))]
    assert [line for line in found if line.startswith("+++")] == [f"+++ 2026.1/{name}" for name in others]
    assert 0 < len(others) < len(again), "what is the same is left out"


def test_the_commands_of_the_histories_are_those_that_were_reviewed() -> None:
    """Recorded anew: `python -m tests.replay.fingerprint`, and read what became otherwise."""
    assert json.loads(fingerprint()) == json.loads(FINGERPRINT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RECORDED)
def test_histories_hold_no_personal_data(name: str) -> None:
    """Neither a personnummer nor a phone number, also inside the payloads."""
    text = (HISTORIES / f"{name}.json").read_text(encoding="utf-8")
    payloads = [base64.b64decode(data).decode() for data in re.findall(r'"data": "([A-Za-z0-9+/=]+)"', text)]
    assert payloads
    for payload in payloads:
        json.loads(payload)  # readable: recorded without encryption
        assert not re.search(r"\b(19|20)?\d{6}[-+]?\d{4}\b(?!-)", re.sub(r"[0-9a-f-]{36}", "", payload))
        assert "+46" not in payload

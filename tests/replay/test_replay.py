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
from temporalio.workflow import NondeterminismError

from tests.replay.fingerprint import FINGERPRINT, fingerprint
from tests.replay.record import HISTORIES, of_other_code, read, recorded
from tests.replay.scenarios import GALLRING, SCENARIOS
from workflows.worker import WORKFLOWS, sandbox

RECORDED = recorded()


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
    assert {name.rpartition("/")[2].rpartition("_")[0] for name in RECORDED} == set(SCENARIOS) | set(GALLRING)


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

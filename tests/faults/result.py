"""What must hold when nothing is under way any more, whatever was killed: nothing lost, nothing twice.

Each check yields what is wrong in words; while something is still under way that is a reason to look again.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from contracts.ids import youth_workflow_id
from contracts.messages import MessageKind
from contracts.outreach_workflow import YOUTH_OUTREACH
from contracts.reasons import ReachedBy
from contracts.roles import Role
from contracts.tasks import OPEN_STATES, TaskKind, TaskState
from deploy.demo.client import Caller, Refused
from deploy.demo.letters import letter_text
from deploy.demo.views import ARRIVED
from tests.e2e.town import Town
from tests.faults.youths import Youth

PATIENCE_SECONDS = 120.0
SENT_ONCE = (MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)
NOT_PUBLISHED = "select count(*) from outbox where published_at is null"
DEAD = "select count(*) from dead_letters"


async def as_undisturbed(town: Town, youths: Sequence[Youth]) -> None:
    """Wait until all is as if nothing had been killed. Raises AssertionError that tells all that is not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while wrong := [fault async for fault in faults(town, youths)]:
        assert time.monotonic() < deadline, "\n".join(wrong)
        await asyncio.sleep(0.3)


async def faults(town: Town, youths: Sequence[Youth]) -> AsyncIterator[str]:
    city = town.caller(Role.KAA_COORDINATOR)
    folders = {name: Path(folder) for name, folder in town.api.facts["folders"].items()}
    try:
        for check in (_journeys, _tasks, _messages):
            async for fault in check(city, youths):
                yield fault
        for fault in (*_letters(folders["letters"], youths), *_sms(folders["sms"], youths)):
            yield fault
        async for fault in _workflows(town, youths):
            yield fault
        async for fault in _funnel(town, youths):
            yield fault
        async for fault in _left_behind(town.api.facts["databases"]):
            yield fault
    except (Refused, httpx.TransportError, RPCError, OSError, asyncpg.PostgresError) as error:
        yield f"asking: {type(error).__name__}: {error}"


async def _journeys(city: Caller, youths: Sequence[Youth]) -> AsyncIterator[str]:
    journeys = await city.journeys()
    if Counter(journey.youth_id for journey in journeys) != Counter(youth.youth_id for youth in youths):
        yield f"{len(journeys)} journeys of {len(youths)} youths"
    by_youth = {journey.youth_id: journey for journey in journeys}
    for youth in youths:
        if journey := by_youth.get(youth.youth_id):
            found, wanted = (journey.step, journey.reached_by), (youth.expected.step, youth.expected.reached_by)
            if found != wanted:
                yield f"{youth.course} {youth.youth_id}: at {found}, not {wanted}"


async def _tasks(city: Caller, youths: Sequence[Youth]) -> AsyncIterator[str]:
    tasks = await city.tasks(state=sorted(TaskState))
    for youth in youths:
        found = sorted(
            (task.kind, task.attempt, TaskState.OPEN if task.state in OPEN_STATES else task.state)
            for task in tasks
            if task.youth_id == youth.youth_id
        )
        wanted = sorted((*which, state) for which, state in youth.expected.tasks.items())
        if found != wanted:
            yield f"{youth.course} {youth.youth_id}: tasks {found}, not {wanted}"


async def _messages(city: Caller, youths: Sequence[Youth]) -> AsyncIterator[str]:
    messages = await city.messages()
    for youth in youths:
        own = [message for message in messages if message.youth_id == youth.youth_id]
        if sorted(message.kind for message in own) != sorted(SENT_ONCE):
            yield f"{youth.youth_id} has the messages {sorted(message.kind for message in own)}"
        if waiting := [message.kind for message in own if message.state not in ARRIVED]:
            yield f"{youth.youth_id} has not got {waiting}"


def _letters(folder: Path, youths: Sequence[Youth]) -> Iterator[str]:
    """What print was given: each letter once by its message id, and by who stands in the address."""
    files = sorted(folder.glob("*/*.pdf"))
    listed = [line for manifest in folder.glob("*/manifest.jsonl") for line in manifest.read_text().splitlines()]
    ids = Counter(json.loads(line)["message_id"] for line in listed)
    if twice := [one for one, count in ids.items() if count > 1]:
        yield f"printed twice: {twice}"
    if sorted(ids) != sorted(file.stem.partition("-")[2] for file in files):
        yield f"{len(files)} letters, {len(ids)} in the manifests"
    for youth in youths:
        name = f"{youth.person.first_name} {youth.person.last_name}"
        if (count := sum(name in _text(file) for file in files)) != 1:
            yield f"{youth.youth_id} got {count} letters"


@cache
def _text(file: Path) -> str:
    return letter_text(file.read_bytes())


def _sms(folder: Path, youths: Sequence[Youth]) -> Iterator[str]:
    sent = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    if len({one["message_id"] for one in sent}) != len(sent):
        yield "an SMS was sent twice"
    by_number = Counter(one["to"] for one in sent)
    for youth in youths:
        if by_number[youth.person.phone] != 1:
            yield f"{youth.youth_id} got {by_number[youth.person.phone]} SMS"


async def _workflows(town: Town, youths: Sequence[Youth]) -> AsyncIterator[str]:
    temporal = await Client.connect(town.api.facts["temporal"]["address"], lazy=True)
    found = [(one.id, one.status) async for one in temporal.list_workflows(f"WorkflowType = '{YOUTH_OUTREACH}'")]
    wanted = [(youth_workflow_id(youth.youth_id), WorkflowExecutionStatus.RUNNING) for youth in youths]
    if Counter(found) != Counter(wanted):
        yield f"{len(found)} workflows ({len(set(found) - set(wanted))} others) for {len(youths)} youths"


async def _funnel(town: Town, youths: Sequence[Youth]) -> AsyncIterator[str]:
    today = town.clock.today()
    answer = await town.caller(Role.STATISTICIAN).funnel(today - timedelta(days=300), today)
    total: dict[str, Any] = answer["total"]
    by_way = Counter(youth.expected.reached_by for youth in youths if youth.expected.reached_by)
    calls = sum(
        state is TaskState.COMPLETED and kind is TaskKind.CALL
        for youth in youths
        for (kind, _), state in youth.expected.tasks.items()
    )
    wanted: dict[str, int] = {
        **{"covered": len(youths), "sought": len(youths), "reached": by_way.total()},
        **{way: by_way[way] for way in ReachedBy},
        **{kind: len(youths) for kind in SENT_ONCE},
        TaskKind.CALL: calls,
    }
    found: dict[str, int] = {
        **{figure: total[figure] for figure in ("covered", "sought", "reached")},
        **{way: total["reached_by"].get(way, 0) for way in ReachedBy},
        **{kind: total["efforts"][kind]["made"] for kind in (*SENT_ONCE, TaskKind.CALL)},
    }
    for figure, number in wanted.items():
        if found[figure] != number:
            yield f"the funnel says {found[figure]} for {figure}, not {number}"


async def _left_behind(databases: Mapping[str, Mapping[str, str]]) -> AsyncIterator[str]:
    for service, urls in databases.items():
        conn = await asyncpg.connect(urls["app"])
        try:
            for what, query in (("events not published", NOT_PUBLISHED), ("dead letters", DEAD)):
                if count := await conn.fetchval(query):
                    yield f"{service} has {count} {what}"
        finally:
            await conn.close()

"""Every place where something of a person could be, read as text: tables, topics, files, workflow histories.

The drop folder is others': what they put there is not ours to delete (docs/gallring.md).
"""

import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import pypdf
from aiokafka import AIOKafkaConsumer
from google.protobuf.json_format import MessageToJson
from temporalio.client import WorkflowExecution

from chassis import kafka
from deploy.demo.invariants.temporal import payloads
from tests.integration.everywhere.whole import Whole
from tests.integration.gallring.searching import TABLES

# What is at a place (`outreach:public.tasks`, `kafka:TOPIC`, `file:PATH`, `temporal:WORKFLOW`): texts.
Snapshot = Mapping[str, Sequence[str]]
BYTES = """
select column_name from information_schema.columns
where data_type = 'bytea' and table_schema || '.' || table_name = $1
"""


def holding(snapshot: Snapshot, words: Iterable[object]) -> dict[str, list[str]]:
    """Return what holds one of the words, in whatever case, by place. The place's name counts as well."""
    wanted = [str(word).lower() for word in words]
    held = {
        place: [text for text in texts if any(word in f"{place}\n{text}".lower() for word in wanted)]
        for place, texts in snapshot.items()
    }
    return {place: texts for place, texts in held.items() if texts}


async def snapshot(town: Whole) -> Snapshot:
    """Read everything that there is now."""
    places: dict[str, list[str]] = {}
    for service, pool in town.pools.items():
        async for table, row in rows(pool):
            places.setdefault(f"{service}:{table}", []).append(row)
    async for record in records(town):
        parts = [record.key or b"", record.value or b"", *(part for one in record.headers for part in one)]
        text = "\n".join(part if isinstance(part, str) else readable(part) for part in parts)
        places.setdefault(f"kafka:{record.topic}", []).append(text)
    for path in sorted(town.folder.rglob("*")):
        if path.is_file():
            places[f"file:{path.relative_to(town.folder)}"] = [readable(path.read_bytes())]
    async for execution in town.temporal.list_workflows(f"StartTime >= '{town.since.isoformat()}'"):
        places.setdefault(f"temporal:{execution.id}", []).extend(await texts_of(town, execution))
    return places


def readable(data: bytes) -> str:
    """Return bytes as text, with what a PDF says: it is compressed in it."""
    says = ""
    if data.startswith(b"%PDF"):
        says = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return data.decode("utf-8", "replace") + says


async def rows(pool: asyncpg.Pool) -> AsyncIterator[tuple[str, str]]:
    """Yield all rows of all tables as text, whatever their columns are."""
    for table in await pool.fetch(TABLES):
        name = table["name"]
        columns = ", ".join(["t::text", *(row["column_name"] for row in await pool.fetch(BYTES, name))])
        for row in await pool.fetch(f"select {columns} from {name} t"):
            yield name, "\n".join(one if isinstance(one, str) else readable(one) for one in row if one is not None)


async def records(town: Whole) -> AsyncIterator[Any]:
    """Yield every record of every topic that is on the broker when it is asked."""
    admin = kafka.make_admin(town.kafka, "test-everywhere")
    await admin.start()
    topics = await admin.list_topics()
    await kafka.stop_quietly(admin)
    # Without a group it is given all partitions, and leaves no trace at the broker.
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=town.kafka.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        assert {partition.topic for partition in ends} == set(topics)
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                for record in batch:
                    yield record
    finally:
        await kafka.stop_quietly(consumer)


async def texts_of(town: Whole, execution: WorkflowExecution) -> list[str]:
    """Return what the server keeps of a workflow, event by event, with payloads decrypted."""
    handle = town.temporal.get_workflow_handle(execution.id, run_id=execution.run_id)
    description, history = await handle.describe(), await handle.fetch_history()
    codec = town.temporal.data_converter.payload_codec
    assert codec is not None
    texts = []
    for message in (description.raw_description, *history.events):
        decrypted = await codec.decode(list(payloads(message)))
        texts.append("\n".join([MessageToJson(message), *(readable(payload.data) for payload in decrypted)]))
    return texts

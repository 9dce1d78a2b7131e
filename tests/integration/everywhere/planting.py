"""Planting a word in one place of each kind, as a leak would be there."""

from uuid import uuid4

from aiokafka.admin import NewTopic

from chassis import kafka
from contracts.ids import youth_workflow_id
from tests.integration.everywhere.whole import Whole

AUDIT = "insert into audit (at, actor, role, action, why) values (now(), 'eva', 'operator', 'x', $1)"
DEAD_LETTER = """
insert into dead_letters (consumer, event_id, topic, partition, "offset", key, type, time, data, cause)
values ('planted', gen_random_uuid(), 't', 0, 0, gen_random_uuid(), 'x', now(), convert_to($1, 'utf8'), 'Error')
"""
DOCUMENTATION = (
    "update documentation.plans set goal = goal || $1 where id = (select id from documentation.plans limit 1)"
)


async def plant(town: Whole, word: str) -> set[str]:
    """Return the places where the word is then: of text and bytes in tables, topic, folder, history."""
    places = {"registry:documentation.plans"}
    await town.registry.execute(DOCUMENTATION, word)
    for service, pool in town.pools.items():
        await pool.execute(AUDIT, word)
        await pool.execute(DEAD_LETTER, word)
        places |= {f"{service}:public.audit", f"{service}:public.dead_letters"}
    for name, content in (("sms/.draft", word), (f"letter/{word}.pdf", "")):
        (town.folder / name).write_text(content)
        places.add(f"file:{name}")
    for part in ("key", "value", "header"):
        places.add(f"kafka:{await _publish(town, part, word)}")
    for where in ("argument", "memo", "details"):
        places.add(f"temporal:{await _start(town, where, word)}")
    return places


async def _publish(town: Whole, part: str, word: str) -> str:
    """Write a record to a topic of its own that nobody reads."""
    topic, secret = f"planted.{part}.{uuid4()}", word.encode()
    admin, producer = kafka.make_admin(town.kafka, topic), kafka.make_producer(town.kafka, topic)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await kafka.stop_quietly(admin)
    await producer.start()
    await producer.send_and_wait(
        topic,
        key=secret if part == "key" else b"key",
        value=secret if part == "value" else b"value",
        headers=[("name", secret)] if part == "header" else [],
    )
    await kafka.stop_quietly(producer)
    return topic


async def _start(town: Whole, where: str, word: str) -> str:
    """Start a workflow that nobody runs, and end it: its history stays."""
    handle = await town.temporal.start_workflow(
        "Nothing",
        word if where == "argument" else "",
        id=youth_workflow_id(uuid4()),
        task_queue="nobody",
        memo={"name": word} if where == "memo" else None,
        static_details=word if where == "details" else None,
    )
    await handle.terminate()
    return handle.id

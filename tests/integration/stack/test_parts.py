"""The parts that every other test stands on, as the fixtures give them."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from chassis.auth import TokenVerifier
from chassis.settings import Settings
from deploy.local.databases import Database
from tests.stack.tokens import AuthEnv

pytestmark = pytest.mark.stack
ServiceDatabase = Callable[[str], Awaitable[Database]]


async def test_a_service_database_is_fresh_each_time(service_database: ServiceDatabase) -> None:
    first, second = await service_database("registry"), await service_database("registry")
    conn = await asyncpg.connect(first.app_url)
    await conn.execute("insert into inbox (consumer, event_id) values ('c', gen_random_uuid())")
    await conn.close()
    conn = await asyncpg.connect(second.app_url)
    assert await conn.fetchval("select count(*) from inbox") == 0
    await conn.close()


async def test_the_app_role_cannot_change_the_schema(service_database: ServiceDatabase) -> None:
    conn = await asyncpg.connect((await service_database("registry")).app_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("create table mine (a int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("drop table outbox")
    finally:
        await conn.close()


@pytest.mark.parametrize("change", ["update audit set why = null", "delete from audit", "truncate audit"])
async def test_the_app_role_can_only_add_to_the_audit(service_database: ServiceDatabase, change: str) -> None:
    conn = await asyncpg.connect((await service_database("outreach")).app_url)
    try:
        await conn.execute("insert into audit (at, actor, role, action) values (now(), 'a', 'b', 'c')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(change)
        assert await conn.fetchval("select count(*) from audit") == 1
    finally:
        await conn.close()


@pytest.mark.kafka
async def test_a_record_goes_through_the_broker(kafka_settings: dict[str, str]) -> None:
    servers = kafka_settings["KAFKA_BOOTSTRAP_SERVERS"]
    idempotent = kafka_settings["UPPSOK_KAFKA_IDEMPOTENCE"] == "true"
    await create_topic(servers, "parts-test")
    async with AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=idempotent, acks="all") as producer:
        await producer.send_and_wait("parts-test", b"value", key=b"key")
    async with AIOKafkaConsumer(
        "parts-test", bootstrap_servers=servers, group_id="parts", auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"key", b"value")


async def create_topic(servers: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()


async def test_temporal_knows_our_search_attributes(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    assert {"UppsokStep", "UppsokDistrict", "UppsokDue", "UppsokUnit"} <= set(known.custom_attributes)


async def test_a_token_is_accepted_with_the_env(
    token: Callable[..., str], auth_env: AuthEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in auth_env.items():
        monkeypatch.setenv(key, value)
    bearer = token("local_coordinator", districts=["farsta"], subject="anna")
    principal = await TokenVerifier(Settings()).verify(bearer)
    assert principal.subject == "anna"
    assert principal.districts == {"farsta"}

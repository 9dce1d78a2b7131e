"""Signals when Temporal is not there: the fact waits, nothing is lost and nobody is called dead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from chassis.inbox import Transient
from chassis.temporal import connect
from contracts.messages import AnswerChannel
from contracts.outreach_workflow import SIGNAL_ANSWERED, Answered
from services.outreach import signals
from services.outreach.pace import Pace
from services.outreach.settings import Settings
from services.outreach.signals import NoWorkflow, Signals
from tests.integration.outreach.youths import NOON, Youth

pytestmark = pytest.mark.stack


@asynccontextmanager
async def cable(to: str) -> AsyncIterator[asyncio.Server]:
    """A TCP proxy to pull out: everything through it is cut when it ends."""
    host, _, port = to.rpartition(":")
    writers: list[asyncio.StreamWriter] = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        writers.extend((writer, onward_writer))
        await asyncio.gather(copy(reader, onward_writer), copy(onward_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def test_a_fact_for_nobody_is_told_from_a_server_that_is_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "RPC_TIMEOUT", timedelta(seconds=2))
    youth = Youth()
    fact = Answered(
        event_id=youth.episode_id, episode_id=youth.episode_id, channel=AnswerChannel.SMS, answered_at=NOON
    )
    async with cable(settings.temporal_address) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        client = await connect(settings.model_copy(update={"temporal_address": address}))
        sender = Signals(client, Pace(1000))
        with pytest.raises(NoWorkflow):
            await sender.send(youth.youth_id, SIGNAL_ANSWERED, fact)
    with pytest.raises(Transient):
        await sender.send(youth.youth_id, SIGNAL_ANSWERED, fact)

"""A wave's messages on a real database: queued in batches, spread, recalled, and sent like all others."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.messages import MessageKind
from contracts.waves import TERM_KINDS, QueueWaveMessages, RecallWave, WaveYouth, wave_message_id
from services.notifications.app import make_app
from services.notifications.waves import queue_wave_messages, recall_wave
from tests.integration.notifications.conftest import Service

pytestmark = pytest.mark.stack
WAVE = uuid4()
Token = Callable[..., str]


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(service.settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


def batch(service: Service, number: int, *, over: timedelta = timedelta(0)) -> QueueWaveMessages:
    """A batch of so many youths, whom the registry knows."""
    youths = tuple(WaveYouth(youth_id=uuid4(), episode_id=uuid4()) for _ in range(number))
    for youth in youths:
        service.registry.knows(youth.youth_id)
    return QueueWaveMessages(wave_id=WAVE, kinds=TERM_KINDS, youths=youths, over=over)


async def queue(service: Service, request: QueueWaveMessages) -> int:
    return (await queue_wave_messages(service.pool, request, service.clock.now())).queued


async def test_a_batch_is_queued_once_and_due_evenly_over_its_time(service: Service) -> None:
    request = batch(service, 10, over=timedelta(minutes=5))
    assert await queue(service, request) == 20
    assert await queue(service, request) == 0
    rows = await service.pool.fetch("select * from message order by due_at")
    assert Counter(row["kind"] for row in rows) == {"term_letter": 10, "term_sms": 10}
    assert {row["message_id"] for row in rows} == {
        wave_message_id(WAVE, youth.youth_id, kind) for youth in request.youths for kind in TERM_KINDS
    }
    first = rows[0]["due_at"]
    assert [round((row["due_at"] - first).total_seconds()) for row in rows] == [n // 2 * 30 for n in range(20)]
    events = await service.events()
    assert Counter(event for event, _ in events) == {"message-queued": 20}
    assert await service.pool.fetchval("select count(*) from audit where action = 'message.queued'") == 20
    assert await service.send() == 2, "only what is due: one youth's letter and SMS"


async def test_who_must_not_get_it_is_excluded_at_the_moment_of_sending(service: Service) -> None:
    request = batch(service, 4)
    protected, ended, without_phone, ordinary = (youth.youth_id for youth in request.youths)
    await queue(service, request)
    service.registry.knows(protected, protected=True)
    service.registry.knows(ended, covered=False)
    service.registry.knows(without_phone, phone=None)
    assert await service.send() == 8
    rows = await service.pool.fetch("select youth_id, kind, coalesce(skip_reason, state) as came_to from message")
    came_to = {(row["youth_id"], row["kind"]): row["came_to"] for row in rows}
    assert came_to == {
        (protected, "term_letter"): "protected",
        (protected, "term_sms"): "protected",
        (ended, "term_letter"): "not_covered",
        (ended, "term_sms"): "not_covered",
        (without_phone, "term_letter"): "sent",
        (without_phone, "term_sms"): "no_phone",
        (ordinary, "term_letter"): "sent",
        (ordinary, "term_sms"): "sent",
    }
    assert sorted(asked["purpose"] for asked in service.registry.asked) == ["term_letter", "term_sms"]


async def test_a_stop_recalls_what_is_queued_and_tells_what_was_too_late(service: Service) -> None:
    sent = batch(service, 2)
    await queue(service, sent)
    await service.send()
    waiting = batch(service, 3, over=timedelta(hours=1))
    await queue(service, waiting)
    begun = wave_message_id(WAVE, waiting.youths[0].youth_id, MessageKind.TERM_SMS)
    await service.pool.execute("update message set begun_at = now() where message_id = $1", begun)
    (other,) = await service.queue(MessageKind.FIRST_LETTER)

    for _ in range(2):  # repeated, the answer is the same
        recalled = await recall_wave(service.pool, RecallWave(wave_id=WAVE), service.clock.now())
        assert (recalled.recalled, recalled.too_late) == (5, 5)
    states = Counter((await service.states()).values())
    assert states == {"sent": 4, "skipped": 5, "queued": 2}
    assert (await service.message(other))["state"] == "queued", "of no wave"
    told = [one for one in await service.events() if one[0] == "message-skipped"]
    assert len(told) == 5


async def test_what_became_of_a_wave_can_be_read(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    await queue(service, batch(service, 2))
    await service.send()
    await queue(service, batch(service, 1, over=timedelta(hours=1)))
    await recall_wave(service.pool, RecallWave(wave_id=WAVE), service.clock.now())

    async def read(role: str, wave_id: UUID = WAVE) -> httpx.Response:
        return await api.get(f"/waves/{wave_id}", headers={"Authorization": f"Bearer {token(role)}"})

    shown = (await read("operator")).json()
    assert {state: n for state, n in shown["letters"].items() if n} == {"sent": 2, "skipped": 1}
    assert {state: n for state, n in shown["sms"].items() if n} == {"sent": 2, "skipped": 1}
    assert {reason: n for reason, n in shown["skipped"].items() if n} == {"wave_stopped": 2}
    assert (await read("local_coordinator")).status_code == 403
    unknown = (await read("kaa_coordinator", uuid4())).json()
    assert set(unknown["letters"].values()) == {0}

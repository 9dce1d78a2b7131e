"""What comes back from providers, and what the registry's events recall."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.inbox import take_once
from chassis.incoming import Incoming
from chassis.postgres import transaction
from contracts.documentation_events import HoldPlaced
from contracts.events import CoverageEnded, Event, YouthChanged, YouthRegistered
from contracts.messages import Channel, MessageKind
from contracts.reasons import EndReason, RegistrationReason, Sex
from services.notifications.consumers import GROUP, RegistryEvents
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.receipts import ReceiptStatus
from services.notifications.receipts import Receipt, apply_receipt
from services.notifications.sandbox_receipts import SandboxReceipts
from tests.integration.notifications.conftest import NOW, Service


def receipt(message_id: UUID, status: ReceiptStatus = ReceiptStatus.DELIVERED) -> Receipt:
    failure = FailureCode.UNREACHABLE if status is ReceiptStatus.FAILED else None
    return Receipt(message_id, "sandbox", "ref-1", status, status.value, failure)


async def apply(service: Service, one: Receipt) -> bool:
    async with transaction(service.pool) as conn:
        return await apply_receipt(conn, one, service.clock.now())


async def test_a_receipt_is_applied_once_and_noted_always(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    await service.send()
    applied = [
        await apply(service, receipt(message_id)),
        await apply(service, receipt(message_id)),
        await apply(service, receipt(message_id, ReceiptStatus.FAILED)),
    ]
    assert applied == [True, False, False]
    row = await service.message(message_id)
    assert (row["state"], row["delivered_at"]) == ("delivered", NOW)
    assert await service.pool.fetchval("select count(*) from receipt") == 3
    assert Counter(await service.events())["message-delivered", message_id] == 1


async def test_a_receipt_that_is_quicker_than_our_own_note(service: Service) -> None:
    """Between begin and settle: the callback comes before the provider's answer is written down."""
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    await service.pool.execute("update message set begun_at = now()")
    assert await apply(service, receipt(message_id))
    assert [event for event, _ in await service.events()] == [
        "message-queued",
        "message-sent",
        "message-delivered",
    ]
    await service.hurry()
    assert await service.send() == 0


async def test_a_receipt_before_any_send_or_for_nobody_changes_nothing(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    assert not await apply(service, receipt(message_id))
    assert not await apply(service, receipt(uuid4()))
    assert (await service.message(message_id))["state"] == "queued"


async def test_the_sandbox_reports_after_a_moment(service: Service) -> None:
    reached, lost = uuid4(), uuid4()
    service.registry.knows(reached)
    service.registry.knows(lost, phone="+46701740699")
    (good,) = await service.queue(MessageKind.FIRST_SMS, youth_id=reached)
    (bad,) = await service.queue(MessageKind.FIRST_SMS, youth_id=lost)
    (letter,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=reached)
    await service.send()
    assert await SandboxReceipts(service.pool, service.clock, timedelta(hours=1)).once() == 0
    receipts = SandboxReceipts(service.pool, service.clock, timedelta(0))
    assert (await receipts.once(), await receipts.once()) == (2, 0)
    assert await service.states() == {good: "delivered", bad: "failed", letter: "sent"}
    assert (await service.message(bad))["failure_code"] == "unreachable"


class Registry:
    """Events of the registry about one youth, taken through the inbox."""

    def __init__(self, service: Service, youth_id: UUID) -> None:
        self._service, self.youth_id = service, youth_id
        self._handle = RegistryEvents(service.settings)

    async def take(self, data: Event, at: datetime = NOW, event_id: UUID | None = None) -> None:
        event = Incoming(
            event_id or uuid4(), data.type, data.topic, self.youth_id, at, data.model_dump_json().encode()
        )
        async with transaction(self._service.pool) as conn:
            await take_once(conn, GROUP, event, self._handle)

    def ended(self, episode_id: UUID) -> CoverageEnded:
        return CoverageEnded(
            youth_id=self.youth_id, episode_id=episode_id, reason=EndReason.STARTED_SCHOOL, ended_on=NOW.date()
        )

    def changed(self, *, protected: bool, district: str | None = "farsta") -> YouthChanged:
        return YouthChanged(
            youth_id=self.youth_id,
            episode_id=self._service.youths.get(self.youth_id, uuid4()),
            district=None if protected else district,
            protected=protected,
            last_covered_day=NOW.date(),
        )


async def test_the_end_of_coverage_recalls_what_is_not_sent(service: Service) -> None:
    registry = Registry(service, uuid4())
    sent, waiting = await service.queue(
        MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, youth_id=registry.youth_id
    )
    await service.send(Channel.LETTER)
    event_id = uuid4()
    for _ in range(2):
        await registry.take(registry.ended(service.youths[registry.youth_id]), event_id=event_id)
    assert await service.states() == {sent: "sent", waiting: "skipped"}
    assert (await service.message(waiting))["skip_reason"] == "not_covered"
    assert Counter(await service.events())["message-skipped", waiting] == 1
    assert await service.send() == 0


async def test_what_was_on_its_way_when_the_end_came_is_reported(service: Service) -> None:
    registry = Registry(service, uuid4())
    (begun,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await service.pool.execute("update message set begun_at = now()")
    await registry.take(registry.ended(service.youths[registry.youth_id]), NOW - timedelta(minutes=1))
    for _ in range(2):
        await apply(service, receipt(begun))
    assert Counter(await service.events())["message-sent-after-end", begun] == 1


async def test_an_end_that_is_told_late_reports_what_was_sent_after_it(service: Service) -> None:
    registry = Registry(service, uuid4())
    (sent,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await service.send()
    episode = service.youths[registry.youth_id]
    await registry.take(registry.ended(episode), NOW - timedelta(minutes=1))
    assert Counter(await service.events())["message-sent-after-end", sent] == 1


async def test_what_was_sent_before_the_end_is_not_reported(service: Service) -> None:
    registry = Registry(service, uuid4())
    await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await service.send()
    await registry.take(registry.ended(service.youths[registry.youth_id]), NOW + timedelta(minutes=1))
    assert [event for event, _ in await service.events() if event == "message-sent-after-end"] == []


async def test_the_end_of_an_earlier_episode_recalls_nothing_of_this_one(service: Service) -> None:
    registry = Registry(service, uuid4())
    (waiting,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await registry.take(registry.ended(uuid4()))
    assert await service.states() == {waiting: "queued"}


async def test_protection_recalls_what_is_not_sent(service: Service) -> None:
    registry = Registry(service, uuid4())
    (waiting,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await registry.take(registry.changed(protected=True), NOW + timedelta(minutes=1))
    assert (await service.message(waiting))["skip_reason"] == "protected"


async def test_a_hold_recalls_what_is_not_sent_and_nothing_goes_out_while_the_registry_knows_of_it(
    service: Service,
) -> None:
    registry = Registry(service, uuid4())
    (waiting,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await registry.take(
        HoldPlaced(
            youth_id=registry.youth_id,
            episode_id=service.youths[registry.youth_id],
            hold_id=uuid4(),
            until=NOW.date(),
        )
    )
    service.registry.knows(registry.youth_id, on_hold=True)
    (later,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=registry.youth_id)
    await service.send()
    for message_id in (waiting, later):
        assert (await service.message(message_id))["skip_reason"] == "on_hold"


async def test_an_old_marking_does_not_recall_what_was_asked_for_after_it(service: Service) -> None:
    registry = Registry(service, uuid4())
    (waiting,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await registry.take(registry.changed(protected=True), NOW - timedelta(days=1))
    assert await service.states() == {waiting: "queued"}


async def test_what_is_on_its_way_is_not_recalled(service: Service) -> None:
    registry = Registry(service, uuid4())
    (begun,) = await service.queue(MessageKind.FIRST_SMS, youth_id=registry.youth_id)
    await service.pool.execute("update message set begun_at = now()")
    await registry.take(registry.ended(service.youths[registry.youth_id]))
    assert await service.states() == {begun: "queued"}


@pytest.mark.parametrize("late_first", [False, True])
async def test_the_newest_event_tells_where_a_youth_lives(service: Service, late_first: bool) -> None:
    registry = Registry(service, uuid4())
    old = YouthRegistered(
        youth_id=registry.youth_id,
        episode_id=uuid4(),
        municipality="0180",
        district="farsta",
        sex=Sex.WOMAN,
        birth_year=2008,
        reason=RegistrationReason.LEFT_SCHOOL,
        protected=False,
        registered_on=NOW.date(),
        last_covered_day=NOW.date(),
    )
    events = [(old, NOW), (registry.changed(protected=False, district="bromma"), NOW + timedelta(days=1))]
    for data, at in reversed(events) if late_first else events:
        await registry.take(data, at)
    assert await service.pool.fetchval("select district from youth") == "bromma"

"""A visit that is called off: who was sent a door card gets word; a card that still waits is not sent."""

from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.messages import Channel, MessageKind
from services.notifications.queueing import VisitWithoutTime
from tests.integration.notifications.conftest import NOW, Service

CARD, SMS, LETTER = (
    MessageKind.DOOR_CARD, MessageKind.VISIT_CALLED_OFF_SMS, MessageKind.VISIT_CALLED_OFF_LETTER,
)  # fmt: skip
VISIT_AT = NOW + timedelta(days=9)


async def test_who_was_sent_a_door_card_gets_word(service: Service) -> None:
    youth_id = uuid4()
    (card,) = await service.queue(CARD, youth_id=youth_id, visit_at=VISIT_AT)
    await service.send()
    words = await service.queue(SMS, LETTER, youth_id=youth_id, visit_at=VISIT_AT)
    await service.send()
    assert await service.states() == dict.fromkeys((card, *words), "sent")
    text = await service.pool.fetchval("select content from document where message_id = $1", words[0])
    assert "är inställt" in text.decode()


async def test_a_door_card_that_still_waits_is_not_sent_and_no_word_of_it_either(service: Service) -> None:
    youth_id = uuid4()
    (card,) = await service.queue(CARD, youth_id=youth_id, visit_at=VISIT_AT)
    words = await service.queue(SMS, LETTER, youth_id=youth_id, visit_at=VISIT_AT)
    assert await service.send() == 0
    for message_id in (card, *words):
        message = await service.message(message_id)
        assert (message["state"], message["skip_reason"]) == ("skipped", "called_off")
    assert [kind for kind, _ in await service.events()].count("message-skipped") == 3


async def test_also_when_card_and_word_come_in_one_request(service: Service) -> None:
    """Notifications was away while the visit was planned and called off again."""
    await service.queue(CARD, SMS, visit_at=VISIT_AT)
    assert set((await service.states()).values()) == {"skipped"}


async def test_a_card_whose_send_has_begun_is_taken_to_arrive(service: Service) -> None:
    youth_id = uuid4()
    (card,) = await service.queue(CARD, youth_id=youth_id, visit_at=VISIT_AT)
    await service.pool.execute("update message set begun_at = now(), begun_on = $1", NOW.date())
    (word,) = await service.queue(SMS, youth_id=youth_id, visit_at=VISIT_AT)
    states = await service.states()
    assert (states[card], states[word]) == ("queued", "queued")


async def test_the_card_of_the_visit_that_is_planned_instead_is_left_alone(service: Service) -> None:
    youth_id, another = uuid4(), uuid4()
    (old,) = await service.queue(CARD, youth_id=youth_id, visit_at=VISIT_AT)
    (new,) = await service.queue(CARD, youth_id=youth_id, visit_at=VISIT_AT + timedelta(days=2))
    (others,) = await service.queue(CARD, youth_id=another, visit_at=VISIT_AT)
    await service.queue(SMS, youth_id=youth_id, visit_at=VISIT_AT)
    await service.send(Channel.LETTER)
    states = await service.states()
    assert (states[old], states[new], states[others]) == ("skipped", "sent", "sent")


async def test_a_word_needs_its_visit(service: Service) -> None:
    with pytest.raises(VisitWithoutTime):
        await service.queue(SMS)

"""The sending, on a real database: what goes out, what must not, and that nothing goes out twice."""

import asyncio
import json
from collections import Counter
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.messages import Channel, MessageKind, MessageSpec, MessageState
from contracts.notifications_activities import QueueMessages
from services.notifications.batch import Pause
from services.notifications.domain.retries import MAX_ATTEMPTS
from services.notifications.providers.letters import PrintJob
from services.notifications.providers.print_folder import PrintFolder
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import OutgoingSms
from services.notifications.queueing import VisitWithoutTime
from tests.integration.notifications.conftest import NOW, Service
from tests.integration.notifications.registry import PHONE


class Crash(BaseException):
    """The process dies: nothing after this line runs."""


def sms_files(service: Service) -> list[dict[str, str]]:
    folder = service.settings.notifications_sms_folder
    return [json.loads(file.read_text()) for file in folder.glob("*.json")]


def letters(service: Service) -> list[str]:
    return [file.name for file in service.settings.notifications_letter_folder.glob("*/*.pdf")]


async def test_letter_and_sms_go_out_and_are_kept(service: Service) -> None:
    letter, sms = await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)
    assert await service.send() == 2
    assert await service.states() == {letter: "sent", sms: "sent"}
    assert letters(service) == [f"first_letter-{letter}.pdf"]
    (file,) = sms_files(service)
    kept = await service.pool.fetch("select message_id, content, phone from document")
    documents = {row["message_id"]: row for row in kept}
    assert documents[letter]["content"].startswith(b"%PDF")
    assert file["text"] == documents[sms]["content"].decode()
    assert (await service.message(sms))["code"] in file["text"]
    assert file["to"] == documents[sms]["phone"] == PHONE
    assert Counter(await service.events()) == Counter(
        [("message-queued", letter), ("message-queued", sms), ("message-sent", letter), ("message-sent", sms)]
    )
    assert sorted(asked["purpose"] for asked in service.registry.asked) == ["first_letter", "first_sms"]


async def test_events_and_audit_hold_no_personal_data(service: Service) -> None:
    youth_id = uuid4()
    service.registry.knows(youth_id, name="Ovanligt Namn")
    await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, youth_id=youth_id)
    await service.send()
    rows = [
        str(dict(row))
        for table in ("outbox", "audit")
        for row in await service.pool.fetch(f"select * from {table}")
    ]
    assert len(rows) == 8
    for secret in ("Ovanligt", "Exempelvägen", PHONE):
        assert not any(secret in row for row in rows)


async def test_asked_for_twice_it_is_one_message(service: Service) -> None:
    youth_id, episode_id, message_id = uuid4(), uuid4(), uuid4()
    service.registry.knows(youth_id)
    spec = MessageSpec(message_id=message_id, kind=MessageKind.FIRST_SMS)
    request = QueueMessages(youth_id=youth_id, episode_id=episode_id, messages=(spec,))
    first, second = await asyncio.gather(service.ask(request), service.ask(request))
    assert first == second
    await service.send()
    third = await service.ask(request)
    assert third.results[0].state is MessageState.SENT
    assert await service.send() == 0
    assert Counter(await service.events()) == {("message-queued", message_id): 1, ("message-sent", message_id): 1}


async def test_a_door_card_needs_its_visit(service: Service) -> None:
    with pytest.raises(VisitWithoutTime):
        await service.queue(MessageKind.DOOR_CARD)
    assert await service.states() == {}


async def test_a_door_card_for_a_visit_that_has_been_is_not_sent(service: Service) -> None:
    (card,) = await service.queue(MessageKind.DOOR_CARD, visit_at=NOW + timedelta(days=5))
    service.clock.at = NOW + timedelta(days=6)
    await service.send()
    assert (await service.message(card))["failure_code"] == "too_late"
    assert letters(service) == []


@pytest.mark.parametrize(
    ("youth", "letter", "sms"),
    [
        ({"protected": True}, "protected", "protected"),
        ({"protected": True, "covered": False}, "protected", "protected"),
        ({"covered": False}, "not_covered", "not_covered"),
        ({"phone": None}, None, "no_phone"),
        ({"home": False}, "no_address", None),
    ],
)
async def test_what_must_not_be_sent_is_skipped_with_its_reason(
    service: Service, youth: dict[str, bool], letter: str | None, sms: str | None
) -> None:
    youth_id = uuid4()
    service.registry.knows(youth_id, **youth)  # type: ignore[arg-type]  # parametrised
    ids = await service.queue(MessageKind.TRIED_LETTER, MessageKind.TRIED_SMS, youth_id=youth_id)
    await service.send()
    assert [(await service.message(one))["skip_reason"] for one in ids] == [letter, sms]
    skipped = [
        row["data"] for row in await service.pool.fetch("select data from outbox where type like '%skipped%'")
    ]
    assert sorted(data["reason"] for data in skipped) == sorted(reason for reason in (letter, sms) if reason)
    kept = {row["message_id"] for row in await service.pool.fetch("select message_id from document")}
    assert kept == {one for one, reason in zip(ids, (letter, sms), strict=True) if reason is None}
    assert len(letters(service)) == (letter is None)
    assert len(sms_files(service)) == (sms is None)


async def test_sms_wait_for_the_day_and_letters_do_not(service: Service) -> None:
    letter, sms = await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)
    await service.send(Channel.LETTER)
    assert await service.states() == {letter: "sent", sms: "queued"}


async def test_without_the_registry_nothing_is_sent_and_nothing_is_lost(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    service.registry.down = True
    with pytest.raises(Pause) as pause:
        await service.send()
    assert set(pause.value.channels) == set(Channel)
    row = await service.message(message_id)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    service.registry.down = False
    assert await service.send() == 1
    assert len(sms_files(service)) == 1


async def test_a_youth_unknown_to_the_registry_is_tried_again_and_then_given_up(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_LETTER, known=False)
    await service.send()
    assert (await service.message(message_id))["state"] == "queued"
    assert await service.send() == 0  # not before the back-off is over
    await service.pool.execute("update message set attempts = $1", MAX_ATTEMPTS - 1)
    await service.hurry()
    await service.send()
    row = await service.message(message_id)
    assert (row["state"], row["failure_code"]) == ("failed", "unknown_recipient")
    assert ("message-failed", message_id) in await service.events()


async def test_one_letter_that_cannot_be_made_does_not_stop_the_others(service: Service) -> None:
    good, bad = uuid4(), uuid4()
    (fine,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=good)
    (broken,) = await service.queue(MessageKind.DOOR_CARD, youth_id=bad, visit_at=NOW + timedelta(days=9))
    # What cannot happen through the activity; the letter refuses it.
    await service.pool.execute("update message set visit_at = null where message_id = $1", broken)
    await service.send()
    assert (await service.message(fine))["state"] == "sent"
    assert (await service.message(broken))["failure_code"] == "not_rendered"


async def test_many_dispatchers_share_the_work(service: Service) -> None:
    ids = [one for _ in range(30) for one in await service.queue(MessageKind.FIRST_SMS)]
    taken = await asyncio.gather(*(service.batch(size=7).run([Channel.SMS]) for _ in range(6)))
    while left := await service.batch(size=7).run([Channel.SMS]):
        taken.append(left)
    assert sum(taken) == len(ids)
    assert Counter(await service.events()) == Counter(
        [(event, one) for one in ids for event in ("message-queued", "message-sent")]
    )


class DiesAfterSending(SandboxSms):
    async def send(self, sms: OutgoingSms) -> str:
        await super().send(sms)
        raise Crash


class DiesBeforeSending(SandboxSms):
    async def send(self, sms: OutgoingSms) -> str:
        raise Crash


class DiesAfterPrint(PrintFolder):
    async def hand_over(self, jobs: list[PrintJob]) -> dict[UUID, str]:  # type: ignore[override]
        await super().hand_over(jobs)
        raise Crash


class DiesBeforePrint(PrintFolder):
    async def hand_over(self, jobs: list[PrintJob]) -> dict[UUID, str]:  # type: ignore[override]
        raise Crash


@pytest.mark.parametrize("dies", [DiesAfterSending, DiesBeforeSending])
async def test_an_sms_goes_out_once_when_the_process_dies_around_the_send(
    service: Service, dies: type[SandboxSms]
) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    sound = service.sms
    service.sms = dies(service.settings.notifications_sms_folder, service.clock)
    with pytest.raises(Crash):
        await service.send()
    service.sms = sound
    assert (await service.message(message_id))["state"] == "queued"
    assert await service.send() == 0  # the lease of the dead still holds
    before = sms_files(service)
    await service.hurry()
    assert await service.send() == 1
    assert (await service.message(message_id))["state"] == "sent"
    after = sms_files(service)
    assert len(after) == 1
    assert before in ([], after)  # what had gone out was not sent again
    assert Counter(await service.events())["message-sent", message_id] == 1


@pytest.mark.parametrize("dies", [DiesAfterPrint, DiesBeforePrint])
async def test_a_letter_is_printed_once_when_the_process_dies_around_print(
    service: Service, dies: type[PrintFolder]
) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_LETTER)
    service.letters = dies(service.settings.notifications_letter_folder)
    with pytest.raises(Crash):
        await service.send()
    service.letters = PrintFolder(service.settings.notifications_letter_folder)
    service.clock.at = NOW + timedelta(days=1)  # found again the next day: it must not be printed that day too
    await service.hurry()
    await service.send()
    row = await service.message(message_id)
    assert row["state"] == "sent"
    assert len(letters(service)) == 1
    printed_on = date(2025, 9, 16) if dies is DiesAfterPrint else date(2025, 9, 17)
    assert row["reference"].startswith(printed_on.isoformat())


async def test_a_youth_protected_since_the_crash_gets_nothing(service: Service) -> None:
    youth_id = uuid4()
    (message_id,) = await service.queue(MessageKind.FIRST_SMS, youth_id=youth_id)
    sound = service.sms
    service.sms = DiesBeforeSending(service.settings.notifications_sms_folder, service.clock)
    with pytest.raises(Crash):
        await service.send()
    service.sms = sound
    service.registry.knows(youth_id, protected=True)
    await service.hurry()
    await service.send()
    assert (await service.message(message_id))["skip_reason"] == "protected"
    assert sms_files(service) == []


async def test_a_full_disk_at_print_is_waited_out(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_LETTER)
    folder = service.settings.notifications_letter_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    await service.send()
    assert (await service.message(message_id))["state"] == "queued"
    folder.unlink()
    await service.hurry()
    await service.send()
    assert (await service.message(message_id))["state"] == "sent"

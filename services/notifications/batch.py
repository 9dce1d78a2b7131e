"""One batch of sending, from lease to outcome.

    lease -> ask the registry -> (unclear ones: ask the provider) -> skip | compose -> begin -> send -> settle

*Begin* is committed before anything goes out, with what will stand on the message. If the process dies
after it, whoever takes the message next sees that a send had begun, and asks the provider before
sending: nothing lost, nothing twice. Between lease and begin the message can still be recalled.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import structlog

from chassis.clock import CivilClock
from chassis.postgres import transaction
from contracts.messages import Channel, MessageKind, SkipReason
from services.notifications import leases
from services.notifications.compose import Composer
from services.notifications.db import queue
from services.notifications.db.queue import Document, Leased
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.recipients import Recipient, skip_reason
from services.notifications.leases import LEASE_SECONDS
from services.notifications.providers.letters import LetterProvider, PrintJob, PrintUnavailable
from services.notifications.providers.sms import (
    NonRetryable,
    OutgoingSms,
    Retryable,
    SmsProvider,
    Throttled,
    Unclear,
)
from services.notifications.registry_client import RegistryClient, RegistryUnavailable
from services.notifications.settling import Settling

log = structlog.get_logger(__name__)

REGISTRY_PAUSE = 5.0

Documents = Mapping[UUID, Document]
Recipients = Mapping[UUID, Recipient]


class Pause(Exception):
    """Nothing more goes out by these channels for ``seconds`` (real time)."""

    def __init__(self, channels: Sequence[Channel], seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.channels, self.seconds = tuple(channels), seconds


class Batch:
    """Sends due messages, one batch a call. Holds no state between batches."""

    def __init__(
        self,
        *,
        pool: asyncpg.Pool,
        clock: CivilClock,
        registry: RegistryClient,
        composer: Composer,
        sms: SmsProvider,
        letters: LetterProvider,
        sms_at_once: int = 8,
        size: int = 50,
    ) -> None:
        self._pool, self._clock, self._registry, self._composer = pool, clock, registry, composer
        self._sms, self._letters, self._size = sms, letters, size
        self._sms_slots = asyncio.Semaphore(sms_at_once)

    async def run(self, channels: Sequence[Channel]) -> int:
        """Take and send one batch; return how many messages were taken.

        Raises Pause when a channel must rest; by then all that were taken are settled or given back.
        """
        lease_id = uuid4()
        settle = Settling(self._pool, self._clock, lease_id)
        async with self._pool.acquire() as conn:
            taken = await queue.lease(conn, lease_id, channels, limit=self._size, seconds=LEASE_SECONDS)
        if taken:
            async with leases.held(self._pool, lease_id):
                await self._work(settle, lease_id, taken)
        return len(taken)

    async def _work(self, settle: Settling, lease_id: UUID, taken: Sequence[Leased]) -> None:
        try:
            recipients = await self._recipients(taken)
        except RegistryUnavailable as error:
            await settle.given_back(taken, timedelta(0), keep_begun=True, counts=False)
            raise Pause(tuple(Channel), REGISTRY_PAUSE, f"registry: {error}") from None
        unsent = await self._ask_about(settle, [message for message in taken if message.begun_at is not None])
        open_ones = [message for message in taken if message.begun_at is None or message.message_id in unsent]
        allowed = await self._allowed(settle, open_ones, recipients)
        documents = await self._compose(settle, allowed, recipients)
        await self._send(settle, lease_id, [m for m in allowed if m.message_id in documents], documents)

    async def _recipients(self, taken: Sequence[Leased]) -> Recipients:
        """Ask for each kind by itself: the kind is the purpose that the registry writes in its audit."""
        by_kind: dict[MessageKind, set[UUID]] = defaultdict(set)
        for message in taken:
            by_kind[message.kind].add(message.youth_id)
        found: dict[UUID, Recipient] = {}
        for kind, youth_ids in by_kind.items():
            found.update(await self._registry.recipients(sorted(youth_ids), kind))
        return found

    async def _ask_about(self, settle: Settling, begun: Sequence[Leased]) -> set[UUID]:
        """Settle the begun messages that the provider has; return those that it surely does not have."""
        if not begun:
            return set()
        letters = [message for message in begun if message.channel is Channel.LETTER]
        unsent = await self._ask_print(settle, letters) if letters else set()
        async with self._pool.acquire() as conn:
            kept = await queue.documents(conn, [message.message_id for message in begun])
        for message in begun:
            if message.channel is Channel.SMS and await self._surely_unsent(settle, message, kept):
                unsent.add(message.message_id)
        return unsent

    async def _ask_print(self, settle: Settling, messages: Sequence[Leased]) -> set[UUID]:
        jobs = [(message.message_id, message.begun_on) for message in messages if message.begun_on is not None]
        try:
            there = await self._letters.handed_over(jobs)
        except PrintUnavailable:
            await settle.unclear(messages)
            return set()
        await settle.sent(Channel.LETTER, there, self._letters.name)
        return {message_id for message_id, _ in jobs} - set(there)

    async def _surely_unsent(self, settle: Settling, message: Leased, kept: Documents) -> bool:
        assert message.begun_at is not None
        if datetime.now(UTC) - message.begun_at < self._sms.ask_after:  # noqa: TID251 - real, as begun_at
            await settle.unclear([message])
            return False
        try:
            reference = await self._sms.lookup(_outgoing(kept[message.message_id]), message.begun_at)
        except (Retryable, Throttled, Unclear) as error:
            log.warning("outcome_still_unclear", message_id=str(message.message_id), error=type(error).__name__)
            await settle.unclear([message])
            return False
        if reference is not None:
            await settle.sent(Channel.SMS, {message.message_id: reference}, self._sms.name)
        return reference is None

    async def _allowed(self, settle: Settling, messages: Sequence[Leased], recipients: Recipients) -> list[Leased]:
        """Skip what must not be sent, set aside whom the registry does not know; return the rest."""
        skipped: dict[UUID, SkipReason] = {}
        allowed: list[Leased] = []
        for message in messages:
            recipient = recipients.get(message.youth_id)
            if recipient is None:
                # Perhaps the registry was just restored: not the same as "not covered", so tried again.
                log.warning("recipient_unknown", message_id=str(message.message_id))
                await settle.not_sent(message, FailureCode.UNKNOWN_RECIPIENT)
            elif reason := skip_reason(recipient, message.channel):
                skipped[message.message_id] = reason
            else:
                allowed.append(message)
        await settle.skipped(skipped)
        return allowed

    async def _compose(
        self, settle: Settling, messages: Sequence[Leased], recipients: Recipients
    ) -> dict[UUID, Document]:
        """Return the documents by message id; what cannot be made fails now, and does not stop the others."""
        made: dict[UUID, Document] = {}
        failed: dict[UUID, FailureCode] = {}
        now = self._clock.now()
        for message in messages:
            if message.kind is MessageKind.DOOR_CARD and message.visit_at is not None and message.visit_at <= now:
                failed[message.message_id] = FailureCode.TOO_LATE
                continue
            try:
                made[message.message_id] = await asyncio.to_thread(
                    self._composer.document, message, recipients[message.youth_id], now.date()
                )
            except Exception as error:  # whatever is in a name: never a reason to stop the rest
                log.error("not_rendered", message_id=str(message.message_id), error=type(error).__name__)
                failed[message.message_id] = FailureCode.NOT_RENDERED
        await settle.failed(failed)
        return made

    async def _send(
        self, settle: Settling, lease_id: UUID, messages: Sequence[Leased], documents: Documents
    ) -> None:
        """Begin and send. What was recalled or taken over since the lease does not begin."""
        if not messages:
            return
        today = self._clock.today()
        async with transaction(self._pool) as conn:
            ids = [message.message_id for message in messages]
            begun = await queue.begin(conn, lease_id, ids, today, seconds=LEASE_SECONDS)
            await queue.keep_documents(
                conn, [documents[message_id] for message_id in sorted(begun)], self._clock.now()
            )
        ready = [message for message in messages if message.message_id in begun]
        if letters := [message for message in ready if message.channel is Channel.LETTER]:
            jobs = [PrintJob(m.message_id, m.kind, today, documents[m.message_id].content) for m in letters]
            await self._print(settle, letters, jobs)
        if texts := [message for message in ready if message.channel is Channel.SMS]:
            await self._send_texts(settle, texts, documents)

    async def _print(self, settle: Settling, messages: Sequence[Leased], jobs: Sequence[PrintJob]) -> None:
        try:
            references = await self._letters.hand_over(jobs)
        except PrintUnavailable as error:
            log.warning("print_unavailable", error=str(error), letters=len(jobs))
            await settle.unclear(messages)
        else:
            await settle.sent(Channel.LETTER, references, self._letters.name)

    async def _send_texts(self, settle: Settling, messages: Sequence[Leased], documents: Documents) -> None:
        sends = (self._send_text(settle, message, documents[message.message_id]) for message in messages)
        results = await asyncio.gather(*sends, return_exceptions=True)  # one that crashes leaves the others alone
        for result in results:
            if isinstance(result, BaseException):
                raise result
        if seconds := max(result for result in results if isinstance(result, float)):
            raise Pause((Channel.SMS,), seconds, "the SMS provider asks for a pause")

    async def _send_text(self, settle: Settling, message: Leased, document: Document) -> float:
        """Send one SMS and settle it; return for how long the provider wants a pause (0: none)."""
        async with self._sms_slots:
            try:
                reference = await self._sms.send(_outgoing(document))
            except NonRetryable as error:
                await settle.failed({message.message_id: error.code})
            except Retryable:
                await settle.not_sent(message, FailureCode.GAVE_UP)
            except Throttled as error:
                await settle.given_back(
                    [message], timedelta(seconds=error.retry_after), keep_begun=False, counts=False
                )
                return error.retry_after
            except Unclear:
                await settle.unclear([message])
            else:
                await settle.sent(Channel.SMS, {message.message_id: reference}, self._sms.name)
        return 0.0


def _outgoing(document: Document) -> OutgoingSms:
    assert document.phone is not None
    return OutgoingSms(document.message_id, document.phone, document.content.decode())

"""One batch of sending, from lease to outcome.

    lease -> ask the registry -> (unclear ones: ask the provider) -> skip | compose -> begin -> send -> settle

*Begin* is committed before anything goes out, with what will stand on the message. If the process dies
after it, whoever takes the message next sees that a send had begun, and asks the provider before
sending (plan: nothing lost, nothing twice). Between lease and begin the message can still be recalled.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import structlog
from prometheus_client import Counter

from chassis.clock import CivilClock
from chassis.postgres import transaction
from contracts.messages import Channel, MessageKind, SkipReason
from services.notifications import transitions
from services.notifications.compose import Composer
from services.notifications.db import queue
from services.notifications.db.queue import Document, Leased
from services.notifications.domain import retries
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.recipients import Recipient, skip_reason
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

log = structlog.get_logger(__name__)
outcomes = Counter("messages_total", "Outcomes of sending", ["channel", "outcome"])

LEASE_SECONDS = 120.0  # longer than any send may take, so that a lease is never lost while sending


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
        async with self._pool.acquire() as conn:
            taken = await queue.lease(conn, lease_id, channels, limit=self._size, seconds=LEASE_SECONDS)
        if not taken:
            return 0
        try:
            recipients = await self._recipients(taken)
        except RegistryUnavailable as error:
            await self._again(lease_id, taken, timedelta(0), keep_begun=True, counts=False)
            raise Pause(tuple(Channel), 5, f"registry: {error}") from None
        begun = [message for message in taken if message.begun_at is not None]
        kept = await self._kept(begun)
        unsent = await self._ask_about(lease_id, begun, kept)
        to_send = await self._drop(
            lease_id, [message for message in taken if message.begun_at is None or message in unsent], recipients
        )
        documents = await self._compose(to_send, recipients)
        await self._send(lease_id, to_send, documents)
        return len(taken)

    # --- who gets it --------------------------------------------------------------------------------

    async def _recipients(self, taken: Sequence[Leased]) -> dict[UUID, Recipient]:
        by_kind: dict[MessageKind, set[UUID]] = defaultdict(set)
        for message in taken:
            by_kind[message.kind].add(message.youth_id)
        found: dict[UUID, Recipient] = {}
        for kind, youth_ids in by_kind.items():
            found.update(await self._registry.recipients(sorted(youth_ids), kind))
        return found

    async def _drop(
        self, lease_id: UUID, messages: Sequence[Leased], recipients: dict[UUID, Recipient]
    ) -> list[Leased]:
        """Skip what must not be sent, set aside whom the registry does not know; return the rest."""
        skipped: dict[UUID, SkipReason] = {}
        unknown: list[Leased] = []
        rest: list[Leased] = []
        for message in messages:
            recipient = recipients.get(message.youth_id)
            if recipient is None:
                unknown.append(message)
            elif reason := skip_reason(recipient, message.channel):
                skipped[message.message_id] = reason
                outcomes.labels(message.channel, "skipped").inc()
            else:
                rest.append(message)
        if skipped:
            async with transaction(self._pool) as conn:
                await transitions.skipped(conn, skipped, self._clock.now())
        for message in unknown:
            # Perhaps the registry was just restored: not the same as "not covered", so tried again.
            log.warning("recipient_unknown", message_id=str(message.message_id))
            await self._not_sent(lease_id, message, FailureCode.UNKNOWN_RECIPIENT)
        return rest

    # --- what became of an earlier try --------------------------------------------------------------

    async def _kept(self, begun: Sequence[Leased]) -> dict[UUID, Document]:
        if not begun:
            return {}
        async with self._pool.acquire() as conn:
            return await queue.documents(conn, [message.message_id for message in begun])

    async def _ask_about(self, lease_id: UUID, begun: Sequence[Leased], kept: dict[UUID, Document]) -> set[Leased]:
        """Settle the begun messages that the provider has; return those that it surely does not have."""
        unsent: set[Leased] = set()
        letters = [message for message in begun if message.channel is Channel.LETTER]
        if letters:
            unsent |= await self._ask_print(lease_id, letters)
        for message in begun:
            if message.channel is Channel.SMS and await self._ask_sms(lease_id, message, kept):
                unsent.add(message)
        return unsent

    async def _ask_print(self, lease_id: UUID, messages: Sequence[Leased]) -> set[Leased]:
        jobs = [(message.message_id, message.begun_on) for message in messages if message.begun_on is not None]
        try:
            there = await self._letters.handed_over(jobs)
        except PrintUnavailable:
            await self._unclear(lease_id, messages)
            return set()
        if there:
            await self._sent(there, self._letters.name)
        return {message for message in messages if message.message_id not in there}

    async def _ask_sms(self, lease_id: UUID, message: Leased, kept: dict[UUID, Document]) -> bool:
        """Return whether the message was surely not sent."""
        assert message.begun_at is not None
        try:
            reference = await self._sms.lookup(_outgoing(kept[message.message_id]), message.begun_at)
        except (Retryable, Throttled, Unclear) as error:
            log.warning("outcome_still_unclear", message_id=str(message.message_id), error=type(error).__name__)
            await self._unclear(lease_id, [message])
            return False
        if reference is None:
            return True
        await self._sent({message.message_id: reference}, self._sms.name)
        outcomes.labels(Channel.SMS, "found_sent").inc()
        return False

    # --- sending ------------------------------------------------------------------------------------

    async def _compose(
        self, messages: Sequence[Leased], recipients: dict[UUID, Recipient]
    ) -> dict[UUID, Document]:
        """Return the documents by message id; what cannot be made fails now, and does not stop the others."""
        made: dict[UUID, Document] = {}
        broken: dict[UUID, FailureCode] = {}
        now = self._clock.now()
        for message in messages:
            if message.kind is MessageKind.DOOR_CARD and message.visit_at is not None and message.visit_at <= now:
                broken[message.message_id] = FailureCode.TOO_LATE
                continue
            try:
                made[message.message_id] = await asyncio.to_thread(
                    self._composer.document, message, recipients[message.youth_id], now.date()
                )
            except Exception as error:  # the template library's, or the text's: never a reason to stop the rest
                log.error("not_rendered", message_id=str(message.message_id), error=type(error).__name__)
                broken[message.message_id] = FailureCode.NOT_RENDERED
        if broken:
            async with transaction(self._pool) as conn:
                await transitions.failed(conn, broken, now)
        return made

    async def _send(self, lease_id: UUID, messages: Sequence[Leased], documents: dict[UUID, Document]) -> None:
        ready = [message for message in messages if message.message_id in documents]
        if not ready:
            return
        today = self._clock.today()
        async with transaction(self._pool) as conn:
            ids = [message.message_id for message in ready]
            ours = await queue.begin(conn, lease_id, ids, today, seconds=LEASE_SECONDS)
            await queue.keep_documents(conn, [documents[message_id] for message_id in ours], self._clock.now())
        ready = [message for message in ready if message.message_id in ours]
        letters = [message for message in ready if message.channel is Channel.LETTER]
        texts = [message for message in ready if message.channel is Channel.SMS]
        if letters:
            await self._print(
                lease_id,
                letters,
                [PrintJob(m.message_id, m.kind, today, documents[m.message_id].content) for m in letters],
            )
        if texts:
            await self._send_texts(lease_id, texts, documents)

    async def _print(self, lease_id: UUID, messages: Sequence[Leased], jobs: Sequence[PrintJob]) -> None:
        try:
            references = await self._letters.hand_over(jobs)
        except PrintUnavailable as error:
            log.warning("print_unavailable", error=str(error), letters=len(jobs))
            await self._unclear(lease_id, messages)
            return
        await self._sent(references, self._letters.name)
        outcomes.labels(Channel.LETTER, "sent").inc(len(jobs))

    async def _send_texts(
        self, lease_id: UUID, messages: Sequence[Leased], documents: dict[UUID, Document]
    ) -> None:
        sends = (self._send_text(lease_id, message, documents[message.message_id]) for message in messages)
        results = await asyncio.gather(*sends, return_exceptions=True)  # one that crashes leaves the others alone
        for result in results:
            if isinstance(result, BaseException):
                raise result
        if seconds := max(result for result in results if isinstance(result, float)):
            raise Pause((Channel.SMS,), seconds, "the SMS provider asks for a pause")

    async def _send_text(self, lease_id: UUID, message: Leased, document: Document) -> float:
        """Send one SMS and settle it; return for how long the provider wants a pause (0: none)."""
        async with self._sms_slots:
            try:
                reference = await self._sms.send(_outgoing(document))
            except NonRetryable as error:
                async with transaction(self._pool) as conn:
                    await transitions.failed(conn, {message.message_id: error.code}, self._clock.now())
                outcomes.labels(Channel.SMS, error.code).inc()
            except Retryable:
                await self._not_sent(lease_id, message, FailureCode.GAVE_UP)
            except Throttled as error:
                await self._again(lease_id, [message], timedelta(seconds=error.retry_after), counts=False)
                return error.retry_after
            except Unclear:
                await self._unclear(lease_id, [message])
            else:
                await self._sent({message.message_id: reference}, self._sms.name)
                outcomes.labels(Channel.SMS, "sent").inc()
        return 0.0

    # --- outcomes -----------------------------------------------------------------------------------

    async def _sent(self, references: dict[UUID, str], provider: str) -> None:
        async with transaction(self._pool) as conn:
            await transitions.sent(conn, references, provider, self._clock.now())

    async def _not_sent(self, lease_id: UUID, message: Leased, code: FailureCode) -> None:
        """Surely nothing was sent: try again later, or fail with ``code`` after the last try."""
        await self._after(lease_id, message, retries.after_failed_attempt(message.attempts), code, unclear=False)

    async def _unclear(self, lease_id: UUID, messages: Iterable[Leased]) -> None:
        for message in messages:
            outcomes.labels(message.channel, "unclear").inc()
            follows = retries.after_unclear_attempt(message.attempts)
            await self._after(lease_id, message, follows, FailureCode.UNCLEAR, unclear=True)

    async def _after(
        self,
        lease_id: UUID,
        message: Leased,
        follows: retries.Again | retries.GiveUp,
        code: FailureCode,
        *,
        unclear: bool,
    ) -> None:
        if isinstance(follows, retries.GiveUp):
            outcomes.labels(message.channel, code).inc()
            async with transaction(self._pool) as conn:
                await transitions.failed(conn, {message.message_id: code}, self._clock.now())
            return
        await self._again(lease_id, [message], follows.after, keep_begun=unclear)

    async def _again(
        self,
        lease_id: UUID,
        messages: Sequence[Leased],
        after: timedelta,
        *,
        keep_begun: bool = False,
        counts: bool = True,
    ) -> None:
        async with self._pool.acquire() as conn:
            ids = [message.message_id for message in messages]
            await queue.again(conn, lease_id, ids, after, keep_begun=keep_begun, counts=counts)


def _outgoing(document: Document) -> OutgoingSms:
    assert document.phone is not None
    return OutgoingSms(document.message_id, document.phone, document.content.decode())

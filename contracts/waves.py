"""The workflow `TermMailing`: one large mailing to all open youths, spread out (plan 4.2.2; docs/waves.md).

Whom a wave is for stands in the outreach's database; the workflow holds numbers only, and hands youths over in
batches. No youth's own workflow takes part in it.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.clock import ClockSpec
from contracts.base import Contract
from contracts.ids import business_id
from contracts.messages import MessageKind
from contracts.policy import WavePolicy

TERM_MAILING = "TermMailing"
SIGNAL_WAVE_CHANGED = "wave_changed"
# Activities of outreach
RELEASE_BATCH = "release_wave_batch"
CLOSE_WAVE = "close_wave"
# Activities of notifications
QUEUE_WAVE_MESSAGES = "queue_wave_messages"
RECALL_WAVE = "recall_wave"

TERM_KINDS = (MessageKind.TERM_LETTER, MessageKind.TERM_SMS)


def wave_workflow_id(wave_id: UUID) -> str:
    return f"term-mailing/{wave_id}"


def wave_message_id(wave_id: UUID, youth_id: UUID, kind: MessageKind) -> UUID:
    """Return the id of a wave's message: the same however often it is asked for."""
    return business_id("wave", wave_id, youth_id, kind)


class WaveState(StrEnum):
    """Where a wave stands. docs/waves.md draws the transitions."""

    PREVIEW = "preview"  # who would get it is written down; nothing is sent
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # what was queued and not sent is recalled
    DONE = "done"


class Exclusion(StrEnum):
    """Why an open youth does not get a wave's messages. Looked at for the preview and again at the sending."""

    ENDED = "ended"  # the duty has ended since the preview
    PROTECTED = "protected"  # protected identity: nothing automatic
    HELD = "held"  # outreach waits, by the youth's consent
    NEW = "new"  # gets the first letter instead: whoever is new always does (plan 4.2.2)
    MAILED = "mailed"  # was written to lately


class WaveStart(Contract):
    """Starts `TermMailing`, and is what a run leaves to the next one."""

    wave_id: UUID
    clock: ClockSpec
    pace: WavePolicy
    working_days_only: bool
    holidays: tuple[date, ...] = ()
    begins: datetime = Field(description="Civil; nothing is sent before")
    batch: int = Field(default=0, description="Batches handed over so far")
    day: date | None = Field(default=None, description="Civil day of the last batch")
    sent_that_day: int = 0
    next_at: datetime | None = Field(default=None, description="Civil; the last batch is spread until then")


class ReleaseBatch(Contract):
    wave_id: UUID
    batch: int = Field(ge=1, description="Its number; asked for again, the same youths are answered")
    size: int = Field(ge=1)
    looks_only: bool = Field(default=False, description="Tell how the wave stands; release nobody")


class WaveYouth(Contract):
    youth_id: UUID
    episode_id: UUID


class ReleasedBatch(Contract):
    state: WaveState
    youths: tuple[WaveYouth, ...] = ()
    left: int = Field(default=0, description="Youths who still wait for a later batch")


class QueueWaveMessages(Contract):
    """Messages of these kinds to each of the youths, due one after the other over a real duration."""

    wave_id: UUID
    kinds: tuple[MessageKind, ...]
    youths: tuple[WaveYouth, ...]
    over: timedelta = Field(description="Real time")


class QueuedWaveMessages(Contract):
    queued: int = Field(description="New ones; those asked for before are not counted")


class RecallWave(Contract):
    wave_id: UUID


class RecalledWave(Contract):
    recalled: int = 0
    too_late: int = Field(default=0, description="Sent already, or under way")


class CloseWave(Contract):
    wave_id: UUID
    state: Literal[WaveState.STOPPED, WaveState.DONE]
    recalled: int = 0
    too_late: int = 0


class WaveReport(Contract):
    """What the wave came to."""

    wave_id: UUID
    state: WaveState
    batches: int = 0
    recalled: int = 0
    too_late: int = 0

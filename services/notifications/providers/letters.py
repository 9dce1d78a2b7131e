"""The seam of letter providers: whole batches are handed over to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from contracts.messages import MessageKind


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One letter. ``day`` is the civil day its sending began: with the message id it names the job."""

    message_id: UUID
    kind: MessageKind
    day: date
    pdf: bytes


class PrintUnavailable(Exception):
    """The batch was not handed over, or not surely: hand it over again. ``str()`` holds no personal data."""


class LetterProvider(Protocol):
    name: str

    async def hand_over(self, jobs: Sequence[PrintJob]) -> dict[UUID, str]:
        """Hand over letters to print; return print's references. Idempotent by day and message id.

        Raises PrintUnavailable.
        """
        ...

    async def handed_over(self, jobs: Sequence[tuple[UUID, date]]) -> dict[UUID, str]:
        """Return the references of those of the jobs (message id, day) that print has.

        Raises PrintUnavailable.
        """
        ...

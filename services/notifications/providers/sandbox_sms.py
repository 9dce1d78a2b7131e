"""The sandbox: an SMS is a file that says what would have been sent. Nothing leaves the machine."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from chassis.clock import CivilClock
from services.notifications.atomic_files import write_once
from services.notifications.providers.sms import OutgoingSms

NAME = "sandbox"


class SandboxSms:
    """Idempotent by message id: the file is there or not. Receipts: `sandbox_receipts`."""

    name = NAME
    ask_after = timedelta(0)

    def __init__(self, folder: Path, clock: CivilClock) -> None:
        self._folder, self._clock = folder, clock

    async def send(self, sms: OutgoingSms) -> str:
        content = {"to": sms.to, "text": sms.text, "at": self._clock.now().isoformat(timespec="seconds")}
        data = json.dumps({"message_id": str(sms.message_id), **content}, ensure_ascii=False, indent=2)
        await asyncio.to_thread(write_once, self._path(sms), data.encode())
        return self._reference(sms)

    async def lookup(self, sms: OutgoingSms, begun_at: datetime) -> str | None:
        return self._reference(sms) if await asyncio.to_thread(self._path(sms).exists) else None

    def _path(self, sms: OutgoingSms) -> Path:
        return self._folder / f"{sms.message_id}.json"

    def _reference(self, sms: OutgoingSms) -> str:
        return f"sandbox-{sms.message_id}"


def forget(folder: Path, message_ids: Sequence[UUID]) -> None:
    """Remove the files of messages, also what a crash has left of them. Raises OSError."""
    for message_id in message_ids:
        (folder / f"{message_id}.json").unlink(missing_ok=True)
        for draft in folder.glob(f".{message_id}.json.*"):
            draft.unlink(missing_ok=True)

"""The sandbox: an SMS is a file that says what would have been sent. Nothing leaves the machine."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

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

"""The sandbox print shop: a folder per day with the letters as PDF and a manifest of them.

    letters/2025-09-16/first_letter-<message id>.pdf
    letters/2025-09-16/manifest.jsonl        one line per letter: what print is to print, and nothing else

A letter is handed over when it is in the manifest: files first, then the manifest in one step, under
a lock. A crash between the two leaves files that the next try overwrites.
"""

import asyncio
import fcntl
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from services.notifications import atomic_files
from services.notifications.providers.letters import PrintJob, PrintUnavailable

MANIFEST = "manifest.jsonl"


class PrintFolder:
    """The reference of a letter is its path below the folder."""

    name = "print-folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def hand_over(self, jobs: Sequence[PrintJob]) -> dict[UUID, str]:
        try:
            return await asyncio.to_thread(self._hand_over, jobs)
        except OSError as error:
            raise PrintUnavailable(type(error).__name__) from None

    async def handed_over(self, jobs: Sequence[tuple[UUID, date]]) -> dict[UUID, str]:
        try:
            return await asyncio.to_thread(self._handed_over, jobs)
        except OSError as error:
            raise PrintUnavailable(type(error).__name__) from None

    def _hand_over(self, jobs: Sequence[PrintJob]) -> dict[UUID, str]:
        references: dict[UUID, str] = {}
        for day in sorted({job.day for job in jobs}):
            folder = self._folder / day.isoformat()
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder):
                entries = _manifest(folder)
                for job in jobs:
                    if job.day != day:
                        continue
                    if job.message_id not in entries:
                        entries[job.message_id] = _entry(job)
                        atomic_files.write(folder / entries[job.message_id]["file"], job.pdf)
                    references[job.message_id] = _reference(day, entries[job.message_id])
                lines = (json.dumps(entry) + "\n" for entry in entries.values())
                atomic_files.write(folder / MANIFEST, "".join(lines).encode())
        return references

    def _handed_over(self, jobs: Sequence[tuple[UUID, date]]) -> dict[UUID, str]:
        have = {day: _manifest(self._folder / day.isoformat()) for day in {day for _, day in jobs}}
        return {
            message_id: _reference(day, have[day][message_id])
            for message_id, day in jobs
            if message_id in have[day]
        }

    def forget(self, message_ids: Sequence[UUID]) -> None:
        """Remove letters, of whatever day, also what a crash has left of them. Raises OSError."""
        gone = {str(message_id) for message_id in message_ids}
        files = [path for path in self._folder.glob("*/*.pdf*") if any(one in path.name for one in gone)]
        for folder in {path.parent for path in files}:
            with _locked(folder):
                left = [entry for key, entry in _manifest(folder).items() if str(key) not in gone]
                atomic_files.write(folder / MANIFEST, "".join(json.dumps(entry) + "\n" for entry in left).encode())
        for path in files:  # last: by them we find the manifest, if we are interrupted
            path.unlink(missing_ok=True)


Entry = dict[str, Any]


def _entry(job: PrintJob) -> Entry:
    return {
        "message_id": str(job.message_id),
        "kind": job.kind.value,
        "file": f"{job.kind}-{job.message_id}.pdf",
        "bytes": len(job.pdf),
        "sha256": hashlib.sha256(job.pdf).hexdigest(),
    }


def _reference(day: date, entry: Entry) -> str:
    return f"{day.isoformat()}/{entry['file']}"


def _manifest(folder: Path) -> dict[UUID, Entry]:
    """Return what print has, by message id, in the order it was handed over."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    entries: list[Entry] = [json.loads(line) for line in path.read_text().splitlines()]
    return {UUID(entry["message_id"]): entry for entry in entries}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other processes; the lock goes with the process."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

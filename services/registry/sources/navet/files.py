"""Navet's files in the drop folder: in order, and known by name and content so that each is applied once."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from contracts.ids import business_id

_NAME = re.compile(r"navet_([0-9]{8})[^/]*\.txt")


@dataclass(frozen=True, slots=True)
class NavetFile:
    """``id`` is the business id: of the same name with other content it is another. ``file_date``: the day
    in the name, that on which the file was made."""

    path: Path
    file_date: date
    id: UUID
    sha256: str


def in_folder(folder: Path) -> list[NavetFile]:
    """Return all files ``navet_YYYYMMDD*.txt`` in the order in which they are applied: by date, then by name.

    A file that is still being written ends in another suffix (``.part``). Reads every file; blocks.
    """
    found = [(day, path) for path in folder.glob("navet_*.txt") if (day := _date(path.name)) is not None]
    return [_identify(path, day) for day, path in sorted(found, key=lambda one: (one[0], one[1].name))]


def _identify(path: Path, day: date) -> NavetFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return NavetFile(path, day, business_id("navet-file", path.name, sha256), sha256)


def _date(name: str) -> date | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a date, no clock
    except ValueError:
        return None

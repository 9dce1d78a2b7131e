"""Navet's files in the drop folder: in order, and known by name and content so that each is applied once."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from io import BufferedReader
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


@dataclass(frozen=True, slots=True)
class Found:
    """``failed``: why a file was passed over, in words; None when none was."""

    files: list[NavetFile]
    failed: str | None = None


def in_folder(folder: Path, until: date) -> Found:
    """Return all files ``navet_YYYYMMDD*.txt`` in the order in which they are applied: by date, then by name.

    A file that is still being written ends in another suffix (``.part``). One that cannot be opened, or that
    speaks for a day after ``until``, is passed over: by a slip in its name it would be the last word about
    whom it tells of, for all files that come before that day. Reads every file; blocks.
    """
    found = [(day, path) for path in folder.glob("navet_*.txt") if (day := _date(path.name)) is not None]
    files, failed = [], None
    for day, path in sorted(found, key=lambda one: (one[0], one[1].name)):
        if day > until:
            failed = f"A file is of a day that lies ahead ({day})."
            continue
        try:
            files.append(_identify(path, day))
        except OSError as error:
            failed = f"The file of {day} cannot be opened ({type(error).__name__})."
    return Found(files, failed)


def is_still(file: NavetFile, opened: BufferedReader) -> bool:
    """Return whether a file that has been opened and read is the one that was found."""
    opened.seek(0)
    return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256


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

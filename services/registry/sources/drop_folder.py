"""Finding a source's newest file in the drop folder."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from contracts.registry_activities import Source

_NAME = re.compile(rf"({'|'.join(Source)})_([0-9]{{8}})\.csv")


@dataclass(frozen=True, slots=True)
class SourceFile:
    path: Path
    file_date: date  # the day that the file speaks for


def newest(folder: Path, source: Source, until: date) -> SourceFile | None:
    """Return the newest file of a source by the date in its name, or None. Blocks on the file system.

    One that speaks for a day after ``until`` is passed over: a slip in its name would put every file that
    comes before that day in its shade.
    """
    files = [file for path in folder.glob(f"{source}_*.csv") if (file := _parse(path)) is not None]
    return max((file for file in files if file.file_date <= until), key=lambda file: file.file_date, default=None)


def _parse(path: Path) -> SourceFile | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        day = datetime.strptime(match[2], "%Y%m%d").date()  # noqa: DTZ007 - a date, no clock
    except ValueError:
        return None
    return SourceFile(path, day)

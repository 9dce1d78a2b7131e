"""Reading what has left the house: the print folder, and the folder that stands for the SMS provider."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

UUID_LENGTH = 36


def left_the_house(facts: Mapping[str, Any]) -> dict[UUID, list[datetime]]:
    """Return the files of each message, by its id: when (real time) each was written."""
    folders = facts["folders"]
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for file in (*Path(folders["sms"]).glob("*.json"), *Path(folders["letters"]).glob("*/*.pdf")):
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        found[UUID(file.stem[-UUID_LENGTH:])].append(written)  # a letter's name has its kind before the id
    return dict(found)

"""The data-subject export of a youth, as a list of what it says."""

import base64
import importlib
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.integration.everywhere.whole import Whole
from tests.integration.gallring.filling import Youth

MOMENT = re.compile(r"\d{4}-\d\d(-\d\d.*)?")
SHORTEST = 6  # shorter ones are codes and counts


async def export_of(town: Whole, youth: Youth, role: str = "register_superuser", reason: str = "") -> Any:
    path = f"/youths/{youth.youth_id}/export{reason}"
    return (await town.call("registry", "POST", path, role, json={"reason": "youth_asked"})).json()


def leaves(value: Any) -> Iterator[str]:
    """Yield every value of a JSON document as text; of a letter what is in its file."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "content_base64":
                yield base64.b64decode(inner).decode("utf-8", "replace")
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield str(value)


def only_in(document: Any, *others: Any) -> set[str]:
    """Return what is said in one export and in no other: what is this youth's alone. No times and no codes."""
    elsewhere = {leaf for other in others for leaf in leaves(other)}
    return {
        leaf for leaf in leaves(document)
        if len(leaf) >= SHORTEST and not MOMENT.fullmatch(leaf) and leaf not in elsewhere
    }  # fmt: skip


def is_id(leaf: str) -> bool:
    try:
        UUID(leaf)
    except ValueError:
        return False
    return True


def is_told(document: Any, place: str) -> bool:
    """Whether an export has something of a table (``service:schema.table``), or the table is an exception."""
    service, _, table = place.partition(":")
    table = table.removeprefix("public.")
    module = importlib.import_module(f"services.{service}.db.subject_data")
    sections = [section.name for section in module.SECTIONS if section.table == table]
    if not sections:
        return table in module.EXCEPTIONS
    held = document["services"][service]
    return any(held[name] for name in sections) if table != "audit" else bool(document["read_log"])

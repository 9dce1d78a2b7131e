"""Files in the layouts of docs/sources.md, made of records."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date

from contracts.registry_activities import Source
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.reader import Reader
from tests.unit.registry.test_person_number import number

Record = Mapping[str, str]


def made_up_number(which: int, born: date = date(2008, 3, 1)) -> str:
    """The number of the ``which``-th made-up person born on a day (of 998)."""
    return number(born, f"{which + 1:03}")


def resident(which: int = 0, **changes: str) -> dict[str, str]:
    """A good record of the population file."""
    return {
        "person_number": made_up_number(which),
        "first_name": f"Förnamn{which}",
        "last_name": "Exempelsson",
        "street": f"Provgatan {which}",
        "postal_code": "123 45",
        "city": "Stockholm",
        "district": "farsta",
        "municipality": "0180",
        "status": "active",
        "phone": "070-174 06 05",
        **changes,
    }


def placement(which: int = 0, **changes: str) -> dict[str, str]:
    """A good record of the placements file."""
    return {
        "person_number": made_up_number(which),
        "school_unit": "12345678",
        "kind": "national",
        "programme": "NA",
        "starts_on": "2024-08-19",
        **changes,
    }


def content(
    source: Source,
    records: Iterable[Record],
    *,
    delimiter: str = ";",
    encoding: str = "utf-8",
    trailer: bool = True,
) -> bytes:
    names = [column.name for column in LAYOUTS[source].columns]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    count = 0
    for record in records:
        writer.writerow(record)
        count += 1
    if trailer:
        text.write(f"#END{delimiter}{count}\n")
    return text.getvalue().encode(encoding)


def read(source: Source, data: bytes) -> tuple[list[dict[str, object]], Reader]:
    """Return the good records by field, and the reader with its counts and rejects."""
    reader = Reader(io.BytesIO(data), LAYOUTS[source])
    stored = LAYOUTS[source].stored
    return [dict(zip(stored, record, strict=True)) for _, _, record in reader.records()], reader

"""Files are read a block at a time, and lines that stand in the register are passed over: nobody can tell."""

import io
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry_activities import Source
from services.registry.sources import csv_file, line_digests
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.reader import Reader
from tests.unit.registry.files import content, made_up_number

EXAM = {"person_number": made_up_number(0), "kind": "gymnasieexamen", "issued_on": "2025-06-10"}


@given(
    st.lists(st.sampled_from(["same", "other", "bad number", "å", "#END;3", "#", "", "\r"]), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "cp1252"]),
    st.integers(0, 3),
    st.integers(1, 200),
    st.sets(st.integers(0, 11)),
)
def test_it_matters_not_how_much_is_read_at_a_time(
    kinds: list[str], end: str, encoding: str, cut: int, block: int, standing: set[int]
) -> None:
    """Whole blocks are taken the short way where nothing in them is out of the ordinary."""
    good = content(Source.EXAMS, [EXAM]).decode().splitlines()
    header, line = good[0], good[1]
    forms = {
        "same": line,
        "other": line.replace("gymnasieexamen", "ib"),
        "bad number": "x" + line,
        "å": line + "å",
    }
    data = end.join([header, *(forms.get(kind, kind) for kind in kinds), "#END;4"]).encode(encoding) + b"\n"
    data = data[: len(data) - cut]
    stand = standing_digests(data, standing)

    def outcome(size: int) -> tuple[object, ...]:
        with patch.object(csv_file, "BLOCK", size):
            reader = Reader(io.BytesIO(data), LAYOUTS[Source.EXAMS], stand)
            records = list(reader.records())
        counts = (reader.read, reader.accepted, reader.rejected, reader.unidentified)
        return records, counts, reader.rejects, reader.rejected_numbers, reader.shape, sorted(reader.removed)

    assert outcome(block) == outcome(1) == outcome(10_000)


def standing_digests(data: bytes, which: set[int]) -> bytes:
    """Return the digests of some of a file's lines, as the register has them one after the other."""
    digests = line_digests.LineDigests(csv_file.inspect(io.BytesIO(data)), b"")
    lines = data.split(b"\n")
    return b"".join(digests.of(line) for index, line in enumerate(lines) if index in which)


def test_a_line_that_stands_is_passed_over_once() -> None:
    """The same line again in the file is a duplicate, wherever it is."""
    data = content(Source.EXAMS, [EXAM] * 2)
    stand = standing_digests(data, {1})
    reader = Reader(io.BytesIO(data), LAYOUTS[Source.EXAMS], stand)
    assert list(reader.records()) == []
    assert (reader.read, reader.accepted, reader.rejected) == (2, 1, 1)
    assert [reject.reason for reject in reader.rejects] == ["duplicate_row"]
    assert reader.removed == set()

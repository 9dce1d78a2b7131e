"""The shape of a file, found in a first pass over its bytes: encoding, header, trailer, number of records.

The second pass (`sources.reader`) can then judge each record by itself, and the report can say that a
file has been cut before anybody believes what is not in it.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_DECLARATION = re.compile(rb"#ENCODING[;,]([A-Za-z0-9-]{1,30})\s*")
_TRAILER = re.compile(rb"#END[;,]([0-9]{1,9})\s*")
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "windows-1252": "cp1252", "cp1252": "cp1252"}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Reject:
    """``row`` is a line number. ``field`` is a column's name, or None for a whole row or file. ``kept``: the
    record goes on without the value."""

    row: int
    field: str | None
    reason: str
    kept: bool = False


@dataclass(slots=True)
class FileShape:
    encoding: str = "utf-8"
    delimiter: str = ";"
    header: list[str] = field(default_factory=list)
    header_row: int = 1
    records: int = 0
    last_row: int = 0  # of the last record
    last_terminated: bool = True
    problems: list[Reject] = field(default_factory=list)  # of the file as a whole
    cut: bool = False

    @property
    def readable(self) -> bool:
        """Whether records can be read at all."""
        return bool(self.header)


def inspect(file: BinaryIO) -> FileShape:
    """Read a file from its start to its end and return its shape. Holds one line at a time."""
    shape = FileShape()
    lines = numbered_lines(file)
    row, line = next(lines, (1, b""))
    declared = _DECLARATION.fullmatch(line)
    if declared is not None:
        row, line = next(lines, (2, b""))
        name = declared[1].decode().lower()
        if name not in _ENCODINGS:
            shape.problems.append(Reject(1, None, "unknown_encoding"))
            return shape
        shape.encoding = _ENCODINGS[name]
    if not line.strip() or _TRAILER.fullmatch(line):
        return shape  # empty: no header, nothing to say of columns
    trailer, utf8, other = _measure(shape, lines, row)
    if declared is None and other and not utf8:
        shape.encoding = "cp1252"
    _read_header(shape, row, line)
    _judge_trailer(shape, trailer)
    return shape


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of a file from its start, the BOM taken off."""
    file.seek(0)
    for number, line in enumerate(file, start=1):
        yield number, line.removeprefix(_BOM) if number == 1 else line


def split(line: str, delimiter: str) -> list[str]:
    """Return the fields of one record. Raises csv.Error when quotes do not match."""
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])


def _measure(
    shape: FileShape, lines: Iterator[tuple[int, bytes]], header_row: int
) -> tuple[tuple[int, int] | None, int, int]:
    """Count records; return the trailer as (row, records it tells of) and how many lines beyond ASCII are
    UTF-8 and are not."""
    utf8 = other = 0
    trailer: tuple[int, int] | None = None
    after_trailer = False
    shape.last_row = header_row
    for row, line in lines:
        match = _TRAILER.fullmatch(line) if line.startswith(b"#") else None
        if match is not None:
            trailer = (row, int(match[1]))
            continue
        if trailer is not None:
            after_trailer |= bool(line.strip())
            continue
        shape.records += 1
        shape.last_row, shape.last_terminated = row, line.endswith(b"\n")
        if not line.isascii():
            try:
                line.decode("utf-8")
                utf8 += 1
            except UnicodeDecodeError:
                other += 1
    if after_trailer and trailer is not None:
        shape.problems.append(Reject(trailer[0], None, "lines_after_trailer"))
        shape.cut = True
    return trailer, utf8, other


def _read_header(shape: FileShape, row: int, line: bytes) -> None:
    try:
        decoded = line.decode(shape.encoding)
        shape.delimiter = ";" if ";" in decoded else ","
        header = [name.strip() for name in split(decoded, shape.delimiter)]
    except (UnicodeDecodeError, csv.Error):
        shape.problems.append(Reject(row, None, "header"))
        return
    shape.header, shape.header_row = header, row


def _judge_trailer(shape: FileShape, trailer: tuple[int, int] | None) -> None:
    if trailer is None:
        shape.problems.append(Reject(shape.last_row, None, "no_trailer"))
        shape.cut = True
    elif trailer[1] != shape.records:
        shape.problems.append(Reject(trailer[0], None, "row_count"))
        shape.cut = True

"""The shape of a file, found in a first pass over its bytes: encoding, header, trailer, number of records.

The second pass (`sources.reader`) can then judge each record by itself, and the report can say that a
file has been cut before anybody believes what is not in it.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_DECLARATION = re.compile(rb"#ENCODING[;,]([A-Za-z0-9-]{1,30})\s*")
_TRAILER = re.compile(rb"#END[;,]([0-9]{1,9})\s*")
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "windows-1252": "cp1252", "cp1252": "cp1252"}
_BOM = b"\xef\xbb\xbf"
BLOCK = 1 << 18  # bytes of whole lines taken at a time: what most files are made of costs no loop of its own


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
    """Read a file from its start to its end and return its shape. Holds one block of lines at a time."""
    shape = FileShape()
    file.seek(0)
    row, line = 1, file.readline().removeprefix(_BOM)
    declared = _DECLARATION.fullmatch(line)
    if declared is not None:
        row, line = 2, file.readline()
        name = declared[1].decode().lower()
        if name not in _ENCODINGS:
            shape.problems.append(Reject(1, None, "unknown_encoding"))
            return shape
        shape.encoding = _ENCODINGS[name]
    if not line.strip() or _TRAILER.fullmatch(line):
        return shape  # empty: no header, nothing to say of columns
    found = _measure(shape, file, row)
    if declared is None and found.other and not found.utf8:
        shape.encoding = "cp1252"
    _read_header(shape, row, line)
    _judge_trailer(shape, found.trailer)
    return shape


def numbered_blocks(file: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (number of the first line, lines) of a file from its start, the BOM taken off."""
    file.seek(0)
    row = 1
    while lines := file.readlines(BLOCK):
        if row == 1:
            lines[0] = lines[0].removeprefix(_BOM)
        yield row, lines
        row += len(lines)


def split(line: str, delimiter: str) -> list[str]:
    """Return the fields of one record. Raises csv.Error when quotes do not match."""
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])


@dataclass(slots=True)
class _Measured:
    """Of the lines below the header: the trailer as (row, records it tells of), and whether lines beyond ASCII
    are UTF-8 and are not."""

    trailer: tuple[int, int] | None = None
    after_trailer: bool = False
    utf8: bool = False
    other: bool = False


def _measure(shape: FileShape, file: BinaryIO, header_row: int) -> _Measured:
    """Count records, from where the file stands: below its header."""
    found = _Measured()
    shape.last_row = row = header_row
    while block := file.read(BLOCK) + file.readline():
        if found.trailer is None and not block.startswith(b"#") and b"\n#" not in block:
            lines = block.count(b"\n") + (not block.endswith(b"\n"))
            _note_records(shape, row + lines, lines, block)
            _note_encoding(found, block)
            row += lines
            continue
        for line in io.BytesIO(block):
            row += 1
            _measure_line(shape, found, row, line)
    if found.after_trailer and found.trailer is not None:
        shape.problems.append(Reject(found.trailer[0], None, "lines_after_trailer"))
        shape.cut = True
    return found


def _measure_line(shape: FileShape, found: _Measured, row: int, line: bytes) -> None:
    match = _TRAILER.fullmatch(line) if line.startswith(b"#") else None
    if match is not None:
        found.trailer = (row, int(match[1]))
    elif found.trailer is not None:
        found.after_trailer |= bool(line.strip())
    else:
        _note_records(shape, row, 1, line)
        _note_encoding(found, line)


def _note_records(shape: FileShape, last_row: int, count: int, text: bytes) -> None:
    shape.records += count
    shape.last_row, shape.last_terminated = last_row, text.endswith(b"\n")


def _note_encoding(found: _Measured, text: bytes) -> None:
    if text.isascii():
        return
    try:
        text.decode("utf-8")
        found.utf8 = True
    except UnicodeDecodeError:
        if b"\n" not in text[:-1]:  # a single line
            found.other = True
            return
        for line in io.BytesIO(text):
            _note_encoding(found, line)


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

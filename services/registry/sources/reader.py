"""Reading a file record by record: good records one way, rejects the other, none twice."""

import csv
import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from services.registry.domain.person_number import InvalidNumber, PersonNumber, parse
from services.registry.sources import csv_file
from services.registry.sources.csv_file import FileShape, Reject
from services.registry.sources.layouts import Column, Layout
from services.registry.sources.line_digests import LineDigests
from services.registry.sources.values import BadValue

MAX_REJECTS = 10_000  # kept with row and reason; beyond, they are only counted


class _Rejected(Exception):
    """A record that does not go on. Holds codes only."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


class Reader:
    """Reads one file. Iterate `records` once; the counts and rejects are complete after it."""

    def __init__(self, file: BinaryIO, layout: Layout, standing: bytes = b"") -> None:
        """``standing``: digests of lines that stand in the register, which are counted and not read again."""
        self._file, self._layout, self._columns = file, layout, layout.columns
        self.shape: FileShape = csv_file.inspect(file)
        self._digests = LineDigests(self.shape, standing)
        self.missing_columns = self._missing_columns()
        self.rejects: list[Reject] = list(self.shape.problems)
        self.read = self.rejected = self.accepted = 0
        self.unidentified = 0  # rejected records of nobody knows whom
        self.rejected_numbers: set[str] = set()  # persons with a rejected record
        self._seen: set[bytes] = set()  # digests of keys: a nation's would not fit
        for name in self.missing_columns:
            self.rejects.append(Reject(self.shape.header_row, name, "missing_column"))

    @property
    def readable(self) -> bool:
        return self.shape.readable and not self.missing_columns

    @property
    def removed(self) -> set[bytes]:
        """Digests of the lines that stand in the register and were not in the file."""
        return self._digests.removed()

    def records(self) -> Iterator[tuple[int, bytes, tuple[Any, ...]]]:
        """Yield (row, digest of its line, record as stored) of the good records of a readable file.

        Those that stand in the register already are counted, and passed over.
        """
        if not self.readable:
            return
        for first, lines in csv_file.numbered_blocks(self._file):
            first, lines = self._below_header(first, lines)
            whole = lines if self.shape.last_terminated else lines[: self.shape.last_row - first]
            news = self._digests.news(whole)
            self.read += len(lines)
            self.accepted += len(whole) - len(news)
            news += [(index, b"") for index in range(len(whole), len(lines))]
            for index, digest in news:
                record = self._read(first + index, lines[index], digest)
                if record is not None:
                    yield first + index, digest, record

    def _below_header(self, first: int, lines: list[bytes]) -> tuple[int, list[bytes]]:
        """Return those lines of a block that hold records, and the number of the first of them."""
        skipped = max(0, self.shape.header_row + 1 - first)
        return first + skipped, lines[skipped : max(0, self.shape.last_row + 1 - first)]

    def _read(self, row: int, line: bytes, digest: bytes) -> tuple[Any, ...] | None:
        """Return the record of a line. Without ``digest`` the file ends in the midst of it."""
        raw: dict[str, str] = {}
        try:
            raw = self._fields(row, line)
            if not digest:
                # Whole by its looks, but a value may lack its end.
                raise _Rejected("cut")
            if self._digests.stands(digest):
                raise _Rejected(self._layout.duplicate)
            record = self._record(row, raw)
        except _Rejected as rejected:
            self._reject(row, rejected, raw)
            return None
        self.accepted += 1
        return record

    def _fields(self, row: int, line: bytes) -> dict[str, str]:
        try:
            fields = csv_file.split(line.decode(self.shape.encoding), self.shape.delimiter)
        except UnicodeDecodeError:
            raise _Rejected("encoding") from None
        except csv.Error:
            raise _Rejected("quotes") from None
        if not any(fields):
            raise _Rejected("empty_row")
        if len(fields) != len(self.shape.header):
            raise _Rejected("field_count")
        return dict(zip(self.shape.header, (value.strip() for value in fields), strict=True))

    def _record(self, row: int, raw: dict[str, str]) -> tuple[Any, ...]:
        values = {column.name: self._value(row, column, raw.get(column.name, "")) for column in self._columns}
        if (misfit := self._layout.check(values)) is not None:
            raise _Rejected(misfit[1], misfit[0])
        if self._is_duplicate(values):
            raise _Rejected(self._layout.duplicate)
        return self._layout.record(values)

    def _value(self, row: int, column: Column, text: str) -> Any:
        if not text:
            if column.filled:
                raise _Rejected("empty", column.name)
            return None
        try:
            return column.read(text)
        except BadValue as error:
            if not column.lenient:
                raise _Rejected(error.reason, column.name) from None
            self._note(Reject(row, column.name, error.reason, kept=True))
            return None

    def _is_duplicate(self, values: dict[str, Any]) -> bool:
        keys = {_digest(self._layout.key(values))}
        previous = values.get("previous_person_number")
        if isinstance(previous, PersonNumber):
            keys.add(_digest(previous.digits))
        if not self._seen.isdisjoint(keys):
            return True
        self._seen |= keys
        return False

    def _reject(self, row: int, rejected: "_Rejected", raw: dict[str, str]) -> None:
        self.rejected += 1
        self._note(Reject(row, rejected.field, rejected.reason))
        if rejected.reason == self._layout.duplicate:
            return  # what it tells of has been read: nothing is missing
        try:
            self.rejected_numbers.add(parse(raw.get("person_number", "")).digits)
        except InvalidNumber:
            self.unidentified += 1

    def _note(self, reject: Reject) -> None:
        if len(self.rejects) < MAX_REJECTS:
            self.rejects.append(reject)

    def _missing_columns(self) -> tuple[str, ...]:
        if not self.shape.readable:
            return ()
        names = self.shape.header
        missing = [column.name for column in self._layout.columns if column.required and column.name not in names]
        # The same name twice: which one counts is not for us to guess.
        return tuple(missing + sorted({name for name in names if name and names.count(name) > 1}))


def _digest(key: object) -> bytes:
    return hashlib.blake2b(repr(key).encode(), digest_size=16).digest()

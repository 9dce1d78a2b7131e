"""Which lines of a file are as they were: a run need read only the others.

A line's digest covers how it is read as well (the file's header and encoding, and the code that reads it):
when any of these changes, every line is new once.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from contracts import districts
from services.registry.domain import person_number
from services.registry.sources import layouts, values
from services.registry.sources.csv_file import FileShape

SIZE = 16  # bytes; a line that differs must never look the same

_READERS = (layouts, values, person_number, districts)
_READING = hashlib.sha256(b"".join(Path(module.__file__ or "").read_bytes() for module in _READERS)).digest()


def split(digests: bytes) -> set[bytes]:
    """Return the digests of a string of them, one after the other."""
    return {digests[at : at + SIZE] for at in range(0, len(digests), SIZE)}


class LineDigests:
    """Digests of one file's lines, and which of them stand in the register since an earlier run."""

    def __init__(self, shape: FileShape, standing: bytes) -> None:
        """``standing``: the digests in the register, one after the other."""
        how = "\0".join((shape.encoding, shape.delimiter, *shape.header)).encode()
        # Copied for each line: keyed anew, it would take twice as long.
        self._begin = hashlib.blake2b(digest_size=SIZE, key=hashlib.sha256(_READING + how).digest()).copy
        self._awaited = split(standing)  # not met in the file yet; each digest is held once, here or there
        self._met: set[bytes] = set()

    def of(self, line: bytes) -> bytes:
        digest = self._begin()
        digest.update(line.rstrip(b"\r\n"))
        return digest.digest()

    def news(self, lines: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Return (index, digest) of those lines of a file's next block that do not stand in the register, or
        that the file has had already; notes which it has."""
        digests = list(map(self.of, lines))
        stand = self._awaited.intersection(digests)
        self._awaited -= stand
        self._met |= stand
        if len(stand) == len(digests):
            return []
        news = [(index, digest) for index, digest in enumerate(digests) if digest not in stand]
        if len(stand) + len(news) < len(digests):  # a line twice in this block
            first = {digest: index for index, digest in reversed(list(enumerate(digests)))}
            news = [(i, digest) for i, digest in enumerate(digests) if digest not in stand or first[digest] < i]
        return news

    def stands(self, digest: bytes) -> bool:
        return digest in self._met or digest in self._awaited

    def removed(self) -> set[bytes]:
        """Return the digests that stand in the register and that the file, once read, did not have."""
        return self._awaited

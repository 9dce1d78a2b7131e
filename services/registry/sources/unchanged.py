"""A file that is written while it is read: what was read of it is neither the old nor the new one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


class FileChanged(Exception):
    """To be read again: nothing of it counts."""


@contextmanager
def unchanged(file: BinaryIO) -> Iterator[None]:
    """Raise FileChanged when an open file is not as it was before. One that is replaced by renaming is: it stays
    open, whole, under no name."""
    before = _seen(file)
    yield
    if _seen(file) != before:
        raise FileChanged


def _seen(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns

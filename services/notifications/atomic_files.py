"""Files that are there whole or not at all, also after a crash or a power cut."""

import os
from pathlib import Path
from uuid import uuid4


def write_once(path: Path, data: bytes) -> bool:
    """Write a file unless it is there already; return whether it was written."""
    if path.exists():
        return False
    write(path, data)
    return True


def write(path: Path, data: bytes) -> None:
    """Write or replace a file in one step; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    with draft.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name is on disk too
    finally:
        os.close(folder)

"""Showing log files: all together with the process' name before each line, or one."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from deploy.local.layout import Layout

LAST_BYTES = 4_000
POLL_SECONDS = 0.25
KEEP_BYTES = 20_000_000


def show(layout: Layout, part: str | None, *, follow: bool) -> int:
    """Print the last lines of the logs and, with ``follow``, what comes until Ctrl-C."""
    files = sorted(layout.logs.glob(f"{part or '*'}.log"))
    if not files:
        names = ", ".join(sorted(file.stem for file in layout.logs.glob("*.log"))) or "none yet"
        sys.stderr.write(f"There is no such log. There are: {names}\n")
        return 1
    with ExitStack() as stack:
        opened = {file.stem: stack.enter_context(file.open(errors="replace")) for file in files}
        for file, reader in zip(files, opened.values(), strict=True):
            _skip_to_last_lines(file, reader)
        width = max(map(len, opened)) if part is None else 0
        while True:
            for name, line in _new_lines(opened):
                sys.stdout.write(f"{name:<{width}} | {line}" if width else line)
            sys.stdout.flush()
            if not follow:
                return 0
            time.sleep(POLL_SECONDS)


def _skip_to_last_lines(file: Path, reader: IO[str]) -> None:
    size = file.stat().st_size
    if size > LAST_BYTES:
        reader.seek(size - LAST_BYTES)
        reader.readline()


def _new_lines(opened: Mapping[str, IO[str]]) -> Iterator[tuple[str, str]]:
    for name, reader in opened.items():
        for line in reader:
            yield name, line if line.endswith("\n") else f"{line}\n"


def rotate(layout: Layout) -> None:
    """Put large logs aside, one generation; called before anything starts."""
    for file in layout.logs.glob("*.log"):
        if file.stat().st_size > KEEP_BYTES:
            file.replace(file.with_suffix(".log.1"))

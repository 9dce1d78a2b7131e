"""Reading a file: first its shape, then each post by itself, good or bad, in the file's order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from services.registry.sources.navet.change import Change, Reject
from services.registry.sources.navet.mapping import change_of
from services.registry.sources.navet.posts import Scan
from services.registry.sources.navet.terms import Terms, default


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is, found in a first pass, before anything of it is believed.

    ``posts`` are those in it, ``announced`` those that its trailer tells of. ``cut``: there is no trailer, or
    another number of posts, or posts after it; ``problems`` says which (``no_trailer``, ``post_count``,
    ``posts_after_trailer``). A cut file's posts count all the same. ``changes``: the days that the file tells
    of, as it says itself. ``unknown_terms``: codes that we have never heard of, with how many times each.
    """

    encoding: str
    posts: int
    announced: int | None
    cut: bool
    problems: tuple[str, ...] = ()
    effectuated: date | None = None
    changes: tuple[date, date] | None = None
    unknown_terms: dict[str, int] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether the file is one of Navet's at all: it has posts, or a trailer that says that there are none."""
        return self.posts > 0 or self.announced == 0


def inspect(file: BinaryIO, terms: Terms | None = None) -> Shape:
    """Read a file from its start to its end and return its shape. Holds one post at a time."""
    scan = Scan(file, terms or default())
    for _ in scan.posts():
        pass
    problems = []
    if scan.announced is None or not scan.ended:
        problems.append("no_trailer")
    elif scan.announced != scan.read:
        problems.append("post_count")
    if scan.after_end:
        problems.append("posts_after_trailer")
    return Shape(
        # Navet writes ISO 8859-1, whose letters are those of Windows-1252; what a file has more of counts.
        encoding="cp1252" if scan.other_lines > scan.utf8_lines else "utf-8",
        posts=scan.read,
        announced=scan.announced,
        cut=bool(problems),
        problems=tuple(problems),
        effectuated=scan.effectuated,
        changes=scan.changes,
        unknown_terms=scan.unknown_terms,
    )


class Reader:
    """Reads one file. Iterate `outcomes` once; the counts are complete after it."""

    def __init__(self, file: BinaryIO, terms: Terms | None = None) -> None:
        self._file, self.terms = file, terms or default()
        self.shape = inspect(file, self.terms)
        self.read = self.rejected = self.accepted = 0

    def outcomes(self) -> Iterator[Change | Reject]:
        """Yield what each post tells, in the file's order. Nothing in a file makes it raise."""
        for post in Scan(self._file, self.terms).posts():
            outcome = change_of(post, self.shape.encoding, self.terms)
            self.read += 1
            if isinstance(outcome, Reject):
                self.rejected += 1
            else:
                self.accepted += 1
            yield outcome


def read(file: BinaryIO, terms: Terms | None = None) -> Iterator[Change | Reject]:
    """Yield a `Change` or a `Reject` for each post of a file, in its order. Blocks on the file."""
    return Reader(file, terms).outcomes()

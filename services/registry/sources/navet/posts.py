"""From bytes to posts: the structure of a file, whatever its encoding and whatever is wrong with it.

    #INFO_START .. #INFO_SLUT
    #DATA_START  [#DAG_START YYYYMMDD]  #POST_START  #UP <code> <value> ..  #POST_SLUT ..  [#DAG_SLUT]  #DATA_SLUT
    #AVST_START  #ANTAL_POSTER <posts>  #AVST_SLUT
    #FIL_SLUT [<posts>]
    [#DATABESKRIVNING_START .. ]

Holds one post at a time, and of it only the terms that are read: a file may be of any size.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO

from services.registry.sources.navet.terms import TermField, Terms

MAX_LINE = 4_096  # bytes; what is longer is broken
MAX_UNKNOWN_TERMS = 100  # different codes, counted

_BOM = b"\xef\xbb\xbf"
_TERM = re.compile(rb"#UP[ \t]+([0-9]{5})(?:[ \t]+(.*))?")
_COUNT = re.compile(rb"0*([0-9]{1,9})")
_DATE = re.compile(rb"[0-9]{8}")
# What can only stand outside a post: a post that is open when one of these comes lacks its end.
_OUTSIDE = (b"#INFO_", b"#DATA_", b"#DAG_", b"#AVST_", b"#ANTAL_POSTER", b"#FIL_SLUT", b"#DATABESKRIVNING_")


@dataclass(frozen=True, slots=True)
class RawTerm:
    """A term as it stands: ``value`` None when nothing follows the code; ``whole`` False when it was too long."""

    code: str
    value: bytes | None
    whole: bool = True


@dataclass(slots=True)
class RawPost:
    """One post. ``number`` counts from 1. ``day``: of the #DAG_START above it. ``problem``: why it cannot be
    read as a post, a code, with the term at which that showed, if any."""

    number: int
    day: date | None
    terms: dict[TermField, RawTerm] = field(default_factory=dict)
    more_numbers: bool = False  # other numbers than the first that is told
    doubled: bool = False  # a term with two values: perhaps two posts, of two persons
    problem: str | None = None
    problem_term: str | None = None

    def fail(self, reason: str, term: str | None = None) -> None:
        """Note what is wrong; the first fault counts."""
        if self.problem is None:
            self.problem, self.problem_term = reason, term


@dataclass(slots=True)
class Scan:
    """Goes through a file once. The counts and what the file says of itself are complete after `posts`."""

    file: BinaryIO
    terms: Terms
    read: int = 0
    announced: int | None = None  # posts, as the trailer tells
    ended: bool = False  # #FIL_SLUT was there
    after_end: bool = False  # posts after it
    effectuated: date | None = None
    changes: tuple[date, date] | None = None  # first and last day that the file tells of
    utf8_lines: int = 0  # beyond ASCII
    other_lines: int = 0
    unknown_terms: dict[str, int] = field(default_factory=dict)
    _fields: Mapping[bytes, tuple[TermField, str]] = field(init=False)
    _day: date | None = None

    def __post_init__(self) -> None:
        self._fields = self.terms.fields()

    def posts(self) -> Iterator[RawPost]:
        """Yield every post, also those that are broken. Nothing in a file makes it raise."""
        post: RawPost | None = None
        for line, whole in _lines(self.file):
            if not line:
                continue
            if whole:
                self._tally(line)
            tag = line.split(maxsplit=1)[0]
            if tag == b"#POST_START":
                if post is not None:
                    post.fail("no_end")
                    yield post
                post = self._new_post()
            elif tag == b"#POST_SLUT":
                yield post if post is not None else self._headless()
                post = None
            elif tag == b"#UP":
                if post is None:
                    post = self._headless()
                self._add_term(post, line, whole)
            elif tag.startswith(_OUTSIDE):
                if post is not None:
                    post.fail("no_end")
                    yield post
                    post = None
                self._outside(tag, line)
            elif post is not None:
                post.fail("unknown_line")
            else:
                self._head(tag, line)
        if post is not None:
            post.fail("cut")
            yield post

    def _new_post(self) -> RawPost:
        self.read += 1
        self.after_end |= self.ended
        return RawPost(self.read, self._day)

    def _headless(self) -> RawPost:
        post = self._new_post()
        post.fail("no_start")
        return post

    def _add_term(self, post: RawPost, line: bytes, whole: bool) -> None:
        match = _TERM.fullmatch(line)
        if match is None:
            post.fail("unknown_line")
            return
        found = self._fields.get(match[1])
        if found is None:
            self._count_unknown(match[1].decode())
            return
        wanted, code = found
        value = (match[2] or b"").strip() or None
        term = RawTerm(code, value, whole)
        if post.terms.setdefault(wanted, term) == term:
            return
        if wanted is TermField.OTHER_NUMBER:  # a person may have had several
            post.more_numbers = True
        else:  # which of the two holds is not for us to guess
            post.doubled = True
            post.fail("term_twice", code)

    def _count_unknown(self, code: str) -> None:
        if self.terms.knows(code):
            return
        if code in self.unknown_terms or len(self.unknown_terms) < MAX_UNKNOWN_TERMS:
            self.unknown_terms[code] = self.unknown_terms.get(code, 0) + 1

    def _outside(self, tag: bytes, line: bytes) -> None:
        value = line[len(tag) :].strip()
        if tag == b"#DAG_START":
            self._day = _day(value)
        elif tag == b"#DAG_SLUT":
            self._day = None
        elif tag in (b"#ANTAL_POSTER", b"#FIL_SLUT"):
            self.ended |= tag == b"#FIL_SLUT"
            count = _COUNT.fullmatch(value)
            if count is not None:
                self.announced = int(count[1])

    def _head(self, tag: bytes, line: bytes) -> None:
        """Take what the head says of the file's days; how it writes them is not known but for eight digits."""
        days = [day for digits in _DATE.findall(line) if (day := _day(digits)) is not None]
        if tag == b"#EFFEKTUERAD" and days:
            self.effectuated = days[0]
        elif tag == b"#DATUM_ANDRING" and days:
            self.changes = (min(days), max(days))

    def _tally(self, line: bytes) -> None:
        if line.isascii():
            return
        try:
            line.decode("utf-8")
            self.utf8_lines += 1
        except UnicodeDecodeError:
            self.other_lines += 1


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each line from the file's start, stripped, and whether it is whole: of one too long, the start."""
    file.seek(0)
    first = True
    while line := file.readline(MAX_LINE):
        whole = line.endswith(b"\n") or len(line) < MAX_LINE
        rest = line
        while not rest.endswith(b"\n") and len(rest) == MAX_LINE:
            rest = file.readline(MAX_LINE)
        yield (line.removeprefix(_BOM) if first else line).strip(), whole
        first = False


def _day(digits: bytes) -> date | None:
    if _DATE.fullmatch(digits) is None:
        return None
    try:
        return datetime.strptime(digits.decode("ascii"), "%Y%m%d").date()  # noqa: DTZ007 - a date, no clock
    except ValueError:
        return None

"""What a free text should not hold: person numbers, and words of what is sensitive. Pure.

Sensitive personal data are forbidden in the register (förordning 2006:39, 5 §), and data about crime are
for authorities that have it as their task (GDPR art. 9 and 10). Nobody can tell by words alone: whoever
writes is warned and decides. The words are data (`sensitive_words.json`), kept by those who know the language.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from services.registry.domain.person_number import InvalidNumber, parse

MAX_LENGTH = 200  # characters, of every free text
WORDS = Path(__file__).with_name("sensitive_words.json")

_DASHES = r"\-‐‑‒–—―−"
# What people write between the parts of a number, up to three characters of it.
_BETWEEN = re.compile(rf"[\s{_DASHES}+./,_*]{{1,3}}")
# Inside the last four: "2026 10.30-11.30" is a day and its hours, no number.
_IN_LAST_FOUR = re.compile(rf"[\s{_DASHES}+]{{1,3}}")


class Code(StrEnum):
    """What a warning is about."""

    PERSON_NUMBER = "person_number"
    HEALTH = "health"
    CRIME = "crime"
    DRUGS = "drugs"
    RELIGION = "religion"
    ETHNICITY = "ethnicity"
    POLITICS = "politics"
    SEXUAL_LIFE = "sexual_life"
    TRADE_UNION = "trade_union"


@dataclass(frozen=True, slots=True, order=True)
class TextWarning:
    """Where to look and what for; never the words themselves. ``word_position`` counts words from 1."""

    word_position: int
    code: Code


def warnings(text: str) -> list[TextWarning]:
    """Return what in ``text`` to look at again, in the order of the text, each code once per word."""
    plain = _plain(text)
    found = {TextWarning(at, Code.PERSON_NUMBER) for at in _person_numbers(plain)} | set(_sensitive(plain))
    return sorted(found)


def _plain(text: str) -> str:
    """Return the text in one spelling: composed letters, no invisible characters, small letters, 0-9."""
    composed = unicodedata.normalize("NFKC", text)
    visible = (char for char in composed if unicodedata.category(char) != "Cf")
    return "".join(str(unicodedata.decimal(char, char)) for char in visible).casefold()


# --- person numbers ---------------------------------------------------------------------------------


def _person_numbers(plain: str) -> Iterator[int]:
    """Yield the position of the word in which a person number begins, in any spelling of it."""
    groups = list(re.finditer(r"[0-9]+", plain))
    for first in range(len(groups)):
        if _begins_number(plain, groups[first:]):
            yield len(plain[: groups[first].start() + 1].split())


def _begins_number(plain: str, groups: Sequence[re.Match[str]]) -> bool:
    """Return whether the first groups of digits together are a number: whole groups, 10 or 12 digits."""
    digits, breaks = groups[0][0], list[tuple[int, str]]()
    if _is_number(digits, breaks):
        return True
    for before, group in pairwise(groups):
        between = plain[before.end() : group.start()]
        if _BETWEEN.fullmatch(between) is None or len(digits) + len(group[0]) > 12:
            return False
        breaks.append((len(digits), between))
        digits += group[0]
        if _is_number(digits, breaks):
            return True
    return False


def _is_number(digits: str, breaks: Sequence[tuple[int, str]]) -> bool:
    if len(digits) not in (10, 12):
        return False
    last_four = len(digits) - 4
    if any(at > last_four and _IN_LAST_FOUR.fullmatch(between) is None for at, between in breaks):
        return False
    whole = [digits] if len(digits) == 12 else [f"{century}{digits}" for century in ("19", "20")]
    for candidate in whole:
        with suppress(InvalidNumber):
            if candidate[:2] in ("19", "20"):
                parse(candidate)
                return True
    return False


# --- sensitive words --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns as sequences of regular expressions, one per word."""

    warned: tuple[tuple[Code, tuple[re.Pattern[str], ...]], ...]
    exempt: tuple[tuple[re.Pattern[str], ...], ...]


@cache
def _patterns() -> _Patterns:
    return _read(json.loads(WORDS.read_text(encoding="utf-8")))


def _read(data: Mapping[str, Any]) -> _Patterns:
    return _Patterns(
        tuple((Code(code), _compile(one)) for code, patterns in data["patterns"].items() for one in patterns),
        tuple(_compile(one) for one in data["exceptions"]),
    )


def _compile(pattern: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.escape(word).replace(r"\*", r"\w*")) for word in pattern.split())


def _sensitive(plain: str) -> Iterator[TextWarning]:
    """Yield a warning per word; ``miss-bruk`` is looked at as two words and as one."""
    patterns = _patterns()
    parts = [(at, part) for at, word in enumerate(plain.split(), 1) for part in re.findall(r"[^\W_]+", word)]
    words = [part for _, part in parts]
    exempt = {index for one in patterns.exempt for start in _matches(one, words) for index in _span(one, start)}
    for code, pattern in patterns.warned:
        for start in _matches(pattern, words):
            if not exempt.issuperset(_span(pattern, start)):
                yield TextWarning(parts[start][0], code)
    for at in sorted({at for at, _ in parts}):
        own = [index for index, (position, _) in enumerate(parts) if position == at]
        joined = ["".join(words[index] for index in own)]
        if len(own) < 2 or exempt.issuperset(own) or any(_matches(one, joined) for one in patterns.exempt):
            continue
        yield from (TextWarning(at, code) for code, pattern in patterns.warned if _matches(pattern, joined))


def _matches(pattern: Sequence[re.Pattern[str]], words: Sequence[str]) -> list[int]:
    """Return where in ``words`` the pattern's words stand in a row."""
    return [
        start
        for start in range(len(words) - len(pattern) + 1)
        if all(one.fullmatch(words[start + offset]) for offset, one in enumerate(pattern))
    ]


def _span(pattern: Sequence[re.Pattern[str]], start: int) -> range:
    return range(start, start + len(pattern))

"""What is wrong with a policy document, in Swedish sentences for a coordinator.

Each sentence names the field in Swedish and says what to do. No sentence repeats a value: only the names of
fields, also misspelt ones, come back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from services.outreach.domain.policy_words import BECAUSE, Place, code, field_of, known_names, label

# What pydantic says of a key of a mapping stands at the key, with this behind it.
KEY = "[key]"
LONGEST_NAME = 60
FEW = 12  # that many names can be told when none is near
UNKNOWN = "går inte att läsa. Jämför med den policy som gäller"

WRITE_DURATION = "skriv en tidslängd, till exempel P14D (14 dagar), P1D (en dag) eller PT30M (30 minuter)"
WRITE_DATE = "skriv ett datum, till exempel 2026-12-24"
WRITE_TIME = "skriv ett klockslag, till exempel 08:30"
WRITE_NUMBER = "skriv ett heltal med siffror, utan citattecken"
WRITE_BOOLEAN = "skriv true (ja) eller false (nej), utan citattecken"
WRITE_DAY_OF_YEAR = 'skriv månad och dag inom citattecken, till exempel "09-15"'
WRITE_TEXT = "skriv en text inom citattecken"
WRITE_LIST = "skriv en lista inom hakparenteser, [ och ]"
WRITE_FIELDS = "skriv fält och värden inom klamrar, { och }"

# By the type of pydantic's error, or the beginning of it: the longest beginning counts.
SENTENCES: dict[str, str] = {
    "missing": "saknas. Lägg till fältet",
    "time_delta": WRITE_DURATION,
    "date": WRITE_DATE,
    "time": WRITE_TIME,
    "int": WRITE_NUMBER,
    "bool": WRITE_BOOLEAN,
    "string": WRITE_TEXT,
    "tuple": WRITE_LIST,
    "list": WRITE_LIST,
    "dict": WRITE_FIELDS,
    "model": WRITE_FIELDS,
    "json_invalid": "innehåller tecken som inte går att läsa. Skriv om texten",
    "none_required": "skriv null eller ta bort fältet",
    "string_too_short": "texten är för kort",
    "string_too_long": "texten är för lång",
    "string_pattern_mismatch": "är inte skrivet så som det ska vara. Jämför med den policy som gäller",
    "greater_than": "är för litet",
    "less_than": "är för stort",
    # Codes of contracts.policy; a test asks for each that is raised there.
    "clock_time_with_zone": "skriv klockslaget utan tidszon, till exempel 08:30. Det är alltid Stockholms tid",
    "slot_empty": "slutet måste vara senare än början. Ändra det ena klockslaget",
    "spread_beyond_start": (
        "starterna kan inte spridas över fler dagar än sökandet får dröja. "
        "Sänk start_spread_days eller höj start_within_days"
    ),
    "one_slot_only": (
        "försöken ska göras vid olika tider på dagen, men det finns bara en. Lägg till minst en tid i call_slots"
    ),
}
# Those that say a number or the missing codes.
Say = Callable[[Mapping[str, Any]], str]
SENTENCES_WITH: dict[str, Say] = {
    "greater_than_equal": lambda told: f"får vara minst {told['ge']}. Höj värdet",
    "less_than_equal": lambda told: f"får vara högst {told['le']}. Sänk värdet",
    "too_short": lambda told: f"ska ha minst {told['min_length']} i listan. Lägg till",
    "too_long": lambda told: f"får ha högst {told['max_length']} i listan. Ta bort några",
    "watch_intervals_lack": lambda told: f"anledningar saknas: {_codes(told['missing'])}. Lägg till dem",
    "task_due_lacks": lambda told: f"uppgifter saknas: {_codes(told['missing'])}. Lägg till dem",
}
PATTERNS = {
    "municipality": 'skriv kommunens fyra siffror inom citattecken, till exempel "0180"',
    **dict.fromkeys(("term_from", "contact_from", "contact_until", "letter_on"), WRITE_DAY_OF_YEAR),
}
# Faults that validators find in the whole document, and the field where they are mended.
MENDED_AT: dict[str, Place] = {
    "spread_beyond_start": ("start_spread_days",),
    "watch_intervals_lack": ("watch_intervals",),
    "task_due_lacks": ("task_due_working_days",),
    "one_slot_only": ("call_slots",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the field as the document names it (empty: the document as such), and what to do, in Swedish."""

    field: str
    message: str


def fault(place: Place, said: str) -> Fault:
    """Return a fault at a place, whose sentence begins with the field's Swedish name."""
    name = label(place) or "Dokumentet"
    return Fault(field_of(place), f"{name[0].upper()}{name[1:]}: {said}.")


def faults_of(errors: Sequence[ErrorDetails]) -> Iterator[Fault]:
    """Yield pydantic's errors as faults, without those that only follow from another inside the same field."""
    places = [error["loc"] for error in errors]
    for error in errors:
        loc = error["loc"]
        if not any(len(place) > len(loc) and place[: len(loc)] == loc for place in places):
            yield _fault(error)


def unknown_field(place: Place, known: Mapping[str, str]) -> Fault:
    """Return the fault of a field that there is none of, with the nearest that there is."""
    name = str(place[-1])[:LONGEST_NAME]
    field = field_of((*place[:-1], name))
    (near, *_) = [*get_close_matches(name, known, n=1), *_by_swedish_name(name, known), ""]
    if near:
        meant = f'Menade du "{near}" ({known[near]})? Rätta namnet'
    elif 0 < len(known) <= FEW:
        meant = f"Välj bland {', '.join(f'{one} ({swedish})' for one, swedish in known.items())}"
    else:
        meant = "Rätta namnet eller ta bort fältet"
    return Fault(field, f'Fältet "{name}" finns inte. {meant}.')


def _fault(error: ErrorDetails) -> Fault:
    kind, told = error["type"], error.get("ctx", {})
    place: Place = tuple(part for part in error["loc"] if part != KEY)
    if kind == "extra_forbidden":
        return unknown_field(place, known_names(place[:-1]))
    if kind in ("enum", "literal_error"):
        return _unknown_code(place, str(told["expected"]), is_key=error["loc"][-1:] == (KEY,))
    place = MENDED_AT.get(kind, place)
    said = _said(kind, place, told)
    because = BECAUSE.get(f"{field_of(place)} {kind}")
    return fault(place, f"{said}. {because}" if because else said)


def _said(kind: str, place: Place, told: Mapping[str, Any]) -> str:
    if kind in SENTENCES_WITH:
        return SENTENCES_WITH[kind](told)
    if kind == "string_pattern_mismatch" and place and place[-1] in PATTERNS:
        return PATTERNS[str(place[-1])]
    beginnings = sorted((one for one in SENTENCES if kind.startswith(one)), key=len)
    return SENTENCES[beginnings[-1]] if beginnings else UNKNOWN


def _unknown_code(place: Place, expected: str, *, is_key: bool) -> Fault:
    """``expected`` is pydantic's list: ``'works', 'declined' or 'not_reached'``."""
    codes = expected.replace(" or ", ", ").replace("'", "").split(", ")
    if is_key:
        return unknown_field(place, {one: code(one) for one in codes})
    return fault(place, f"välj ett av {', '.join(f'{one} ({code(one)})' for one in codes)}")


def _by_swedish_name(name: str, known: Mapping[str, str]) -> list[str]:
    """Return the field whose Swedish name was written in its stead."""
    words = {swedish.casefold(): field for field, swedish in known.items()}
    return [words[near] for near in get_close_matches(name.casefold(), words, n=1)]


def _codes(missing: str) -> str:
    return ", ".join(f"{one} ({code(one)})" for one in missing.split(", "))

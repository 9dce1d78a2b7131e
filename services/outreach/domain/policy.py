"""Reading a policy document, with messages that a coordinator understands (docs/policy.md)."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.policy import HourSlot, OutreachPolicy

DURATIONS = (
    "answer_window",
    "call_back_within",
    "tried_window",
    "visit_lead_time",
    "visit_latest",
    "visit_length",
    "visit_check_out_within",
    "turns_20_letter_before",
    "follow_up_interval",
)


class PolicyInvalid(ValueError):
    """A policy document cannot be used. ``problems`` has one sentence per fault, naming its field."""

    def __init__(self, document: str, problems: Sequence[str]) -> None:
        super().__init__("\n".join([f"The policy {document} cannot be used:", *(f"- {one}" for one in problems)]))
        self.problems = tuple(problems)


def load_policy(path: Path) -> OutreachPolicy:
    """Return the policy in a JSON document. Raises PolicyInvalid that lists all faults found."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyInvalid(path.name, [f"the file cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise PolicyInvalid(
            path.name, ["the file is not text in UTF-8; save it again with that encoding"]
        ) from None
    return parse_policy(text, path.name)


def parse_policy(text: str, document: str = "document") -> OutreachPolicy:
    """Return the policy in a JSON text; ``document`` is its name for messages. Raises PolicyInvalid."""
    try:
        content = json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise PolicyInvalid(document, [f"it is not valid JSON at {where}: {error.msg}"]) from None
    except _Repeated as error:
        raise PolicyInvalid(document, [f"{error}: it stands there twice; keep one"]) from None
    try:
        policy = OutreachPolicy.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise PolicyInvalid(document, [_sentence(one) for one in _causes(error.errors())]) from None
    if problems := list(contradictions(policy)):
        raise PolicyInvalid(document, problems)
    return policy


def contradictions(policy: OutreachPolicy) -> Iterator[str]:
    """Yield what is wrong with a policy whose fields each are well-formed."""
    for name in DURATIONS:
        if getattr(policy, name) < timedelta(0):
            yield f"{name}: must not be negative"
    if policy.call_gap <= timedelta(0):
        yield "call_gap: must be longer than nothing, or all calls come at once"
    if any(wait <= timedelta(0) for wait in policy.further_letters):
        yield "further_letters: each wait must be longer than nothing, or all letters come at once"
    for reason, interval in policy.watch_intervals.items():
        if interval <= timedelta(0):
            yield f"watch_intervals › {reason}: must be longer than nothing, or the watch is over at once"
    for kind, days in policy.task_due_working_days.items():
        if days < 0:
            yield f"task_due_working_days › {kind}: must not be negative"
    if policy.visit_length <= timedelta(0):
        yield "visit_length: must be longer than nothing, or a day has no end of visits"
    yield from _slot_faults(policy.call_slots)
    if policy.waves.term_from == "02-29":
        yield "waves › term_from: must be a day of every year"
    if list(policy.holidays) != sorted(set(policy.holidays)):
        yield "holidays: must be in order and without repeats"


def holidays_missing(policy: OutreachPolicy, today: date) -> int | None:
    """Return the year for which the policy lacks holidays: this one, or from October the next; else None."""
    if not policy.working_days_only:
        return None
    year = today.year + (today.month >= 10)
    return None if any(day.year == year for day in policy.holidays) else year


def _slot_faults(slots: Sequence[HourSlot]) -> Iterator[str]:
    names = [slot.name for slot in slots]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"call_slots: two slots are named {name!r}; give each its own name"
    ordered = sorted(slots, key=lambda slot: slot.start)
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end or earlier.end == time(0):
            yield f"call_slots: {earlier.name!r} and {later.name!r} overlap"


class _Repeated(ValueError):
    """A field stands twice in the document; JSON readers would silently take the last."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Repeated(name)
    return dict(pairs)


def _causes(errors: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield the errors without those that only follow from another one inside the same field."""
    places = [error["loc"] for error in errors]
    for error in errors:
        loc = error["loc"]
        if not any(len(place) > len(loc) and place[: len(loc)] == loc for place in places):
            yield error


def _sentence(error: ErrorDetails) -> str:
    path = [str(part) if isinstance(part, str) else f"number {part + 1}" for part in error["loc"]]
    field = " › ".join(part for part in path if part != "[key]")
    said = _reason(error["type"], path, error.get("ctx", {}), error["msg"])
    return f"{field}: {said}" if field else said


def _reason(kind: str, path: Sequence[str], context: dict[str, Any], message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(path[-1], [*OutreachPolicy.model_fields, *HourSlot.model_fields], n=1)
        return "is not a field of a policy" + (f"; did you mean {near[0]}?" if near else "")
    if kind.startswith("time_delta"):
        return "must be a length of time, such as P14D (14 days), P1D (a day) or PT30M (30 minutes)"
    if kind.startswith("date"):
        return "must be a date, such as 2026-12-24"
    if kind.startswith("time"):
        return "must be a time of day, such as 08:30"
    if kind.startswith("int"):
        return "must be a whole number"
    if kind.startswith("bool"):
        return "must be true or false"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}"
    if kind == "too_short":
        return f"must have at least {context['min_length']}"
    if kind in ("enum", "literal_error"):
        return f"must be one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return "must be the municipality's four digits, such as 0180"
    if kind == "value_error":
        return str(context["error"])
    return message[0].lower() + message[1:]

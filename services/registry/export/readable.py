"""An export in plain Swedish: headings, labels and words instead of codes. Pure.

What a person cannot read anything out of (opaque ids, versions) is left to the machine-readable export. A
code without a word here is shown as it is, so that nothing is silently left out.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chassis.clock import STOCKHOLM
from chassis.subject_data import Row
from contracts.districts import DISTRICTS
from services.registry.domain.visibility import CONSENT_GROUND
from services.registry.export.compose import Export, ExportReason, Look

WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
FIELDS: dict[str, str] = WORDS["fields"]
TECHNICAL = frozenset(WORDS["technical"])
FREE = frozenset(WORDS["free"])
CODES: dict[str, str] = WORDS["codes"]
DISTRICT_NAMES = {one.code: one.name for one in DISTRICTS}
# Answered by codes only, and of no use to a reader: what a part of the system told another.
_BETWEEN_PARTS = frozenset({"events_told", "events_not_handled"})
_REASONS = {
    ExportReason.YOUTH_ASKED: "Du har bett om det.",
    ExportReason.GUARDIAN_ASKED: "Din vårdnadshavare har bett om det.",
    ExportReason.SUPERVISION: "Integritetsskyddsmyndigheten har bett om det.",
}


def content(export: Export) -> dict[str, Any]:
    """Return what the template shows, all of it text."""
    persons = export.services["registry"]["persons"]
    person = next((row for row in persons if row["id"] == str(export.youth_id)), persons[0])
    numbers = [row["number"] for row in export.services["registry"]["person_numbers"] if row["current"]]
    return {
        "name": f"{person['first_name']} {person['last_name']}",
        "number": ", ".join(numbers),
        "made_at": _time(export.made_at),
        "reason": _REASONS[export.reason],
        "parts": [
            {"title": WORDS["services"][service], "sections": [_section(service, *one) for one in shown]}
            for service, sections in export.services.items()
            if (shown := [(name, rows) for name, rows in sections.items() if rows])
        ],
        "empty": [
            _title(service, name)
            for service, sections in export.services.items()
            for name, rows in sections.items()
            if not rows and name not in _BETWEEN_PARTS
        ],
        "looks": [_look(look) for look in export.read_log],
    }


def _section(service: str, name: str, rows: list[Row]) -> dict[str, Any]:
    return {"title": _title(service, name), "rows": [_row(row) for row in rows]}


def _title(service: str, name: str) -> str:
    title: str = WORDS["sections"].get(f"{service}.{name}") or WORDS["sections"][name]
    return title


def _row(row: Mapping[str, Any]) -> list[list[str]]:
    """Return (label, value) of each field that says something."""
    return [
        [FIELDS.get(field, field), said(field, value)]
        for field, value in row.items()
        if field not in TECHNICAL and value not in (None, "", [], {})
    ]


def said(field: str, value: Any) -> str:
    """Return a JSON value as a Swede would write it; ``field`` is where it stands."""
    match value:
        case bool():
            return "ja" if value else "nej"
        case Mapping():
            inner = {key: one for key, one in value.items() if key not in TECHNICAL and one is not None}
            return "; ".join(f"{FIELDS.get(key, key)}: {said(key, one)}" for key, one in inner.items())
        case list() if any(isinstance(one, Mapping) for one in value):
            return "\n".join(said(field, one) for one in value)
        case list():
            return ", ".join(said(field, one) for one in value)
        case str() if field == "district":
            return DISTRICT_NAMES.get(value, value)
        case str() if field in ("source", "sources", "feed") and value.partition(":")[0] == "manual":
            return "personalen"
        case str() if field in FREE:
            return value
        case str():
            return CODES.get(value) or _time_of(value) or value
        case _:
            return str(value)


def _look(look: Look) -> dict[str, str]:
    return {
        "at": _time(look.at),
        "who": WORDS["roles"].get(look.function, look.function),
        "what": action(look.action),
        "why": _why(look.why or ""),
    }


def _why(recorded: str) -> str:
    """Return a reason in words: a legal ground, a code, or as it was written."""
    if recorded.startswith(f"{CONSENT_GROUND}:"):
        return CODES[CONSENT_GROUND]
    return CODES.get(recorded, recorded)


def action(code: str) -> str:
    """Return what was done, from a code like ``consent.read``; the code itself when there is no word for it."""
    objects, verbs = WORDS["actions"]["objects"], WORDS["actions"]["verbs"]
    what, _, done = code.partition(".")
    if what == "journey" and done in CODES:
        return f"Nytt steg: {CODES[done]}"
    if what not in objects or done not in verbs:
        return code
    return f"{verbs[done]} {objects[what]}"


def _time_of(text: str) -> str | None:
    """Return an instant in Stockholm's time; None when the text is none (a day is already as it is written)."""
    if len(text) < len("2026-01-01T00:00") or text[10:11] != "T":
        return None
    try:
        return _time(datetime.fromisoformat(text))
    except ValueError:
        return None


def _time(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d kl. %H.%M}"

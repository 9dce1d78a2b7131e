"""Reading a policy document, with messages that a coordinator understands (docs/policy.md)."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from contracts.policy import OutreachPolicy
from services.outreach.domain.policy_faults import Fault, fault, faults_of
from services.outreach.domain.policy_rules import contradictions


class PolicyInvalid(ValueError):
    """A policy document cannot be used. ``faults`` has one for each thing to mend, in Swedish."""

    def __init__(self, document: str, faults: Sequence[Fault]) -> None:
        lines = [f"- {one.message}" + (f" [{one.field}]" if one.field else "") for one in faults]
        super().__init__("\n".join([f"Policyn {document} går inte att använda:", *lines]))
        self.faults = tuple(faults)


def load_policy(path: Path) -> OutreachPolicy:
    """Return the policy in a JSON document. Raises PolicyInvalid that lists all faults found."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyInvalid(path.name, [fault((), f"filen går inte att läsa ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise PolicyInvalid(
            path.name, [fault((), "filen är inte text i UTF-8. Spara den igen med den kodningen")]
        ) from None
    return parse_policy(text, path.name)


def parse_policy(text: str, document: str = "") -> OutreachPolicy:
    """Return the policy in a JSON text; ``document`` is its name for messages. Raises PolicyInvalid."""
    return policy_of(parse_json(text, document), document)


def parse_json(text: str, document: str = "") -> Any:
    """Return what a JSON text says. Raises PolicyInvalid when it is none, or says something twice."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = f"rad {error.lineno}, tecken {error.colno}"
        said = f"är inte giltig JSON på {where}. Se efter kommatecken och citattecken"
        raise PolicyInvalid(document, [fault((), said)]) from None
    except _Unreadable as error:
        raise PolicyInvalid(document, [error.fault]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a thousand brackets
        raise PolicyInvalid(document, [fault((), "är inte en policy. Utgå från den policy som gäller")]) from None


def policy_of(content: Any, document: str = "") -> OutreachPolicy:
    """Return the policy that parsed JSON makes. Raises PolicyInvalid."""
    try:
        # Strict: a bare 14 for a length of time would mean seconds.
        policy = OutreachPolicy.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise PolicyInvalid(document, list(faults_of(error.errors(include_url=False)))) from None
    if faults := list(contradictions(policy)):
        raise PolicyInvalid(document, faults)
    return policy


def holidays_missing(policy: OutreachPolicy, today: date) -> int | None:
    """Return the year for which the policy lacks holidays: this one, or from October the next; else None."""
    if not policy.working_days_only:
        return None
    year = today.year + (today.month >= 10)
    return None if any(day.year == year for day in policy.holidays) else year


class _Unreadable(ValueError):
    """Something that JSON readers would silently take in a way of their own."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Unreadable(Fault(name, f'Fältet "{name}" står två gånger. Behåll bara det ena.'))
    return dict(pairs)


def _no_number(_: str) -> NoReturn:
    raise _Unreadable(fault((), "NaN och Infinity är inga tal. Skriv tal med siffror"))

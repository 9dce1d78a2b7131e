"""Rules of the Temporal histories: short, without a failed workflow task, and about nobody in particular."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

LONGEST = 300
# What came while a run wanted to end or to continue as new: the server has it look again. In order, not a fault.
SOMETHING_CAME = "UNHANDLED_COMMAND"
# A number as people write it: digits with blanks or hyphens between them.
NUMBER = re.compile(r"(?<![0-9A-Za-z])\+?\d(?:[ -]?\d){8,}(?![0-9A-Za-z])")
WORD = re.compile(r"[^\W\d_]+")
UUID_TEXT = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a workflow: how many events it has, why workflow tasks of it failed (Temporal's causes), and all
    that stands in it, payloads decrypted."""

    workflow_id: str
    run_id: str
    type: str
    events: int
    failures: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What must stand nowhere. ``names``: words, first and last names. ``numbers``: digits only, as written
    nationally: ten of a personnummer, and of a telephone number without its zero or country code."""

    names: frozenset[str] = field(repr=False)
    numbers: frozenset[str] = field(repr=False)

    def stands_in(self, text: str) -> str | None:
        """Return what kind of it stands in a text, if any; never what."""
        text = UUID_TEXT.sub(" ", text)
        if not self.names.isdisjoint(WORD.findall(text)):
            return "a name"
        if any(not self.numbers.isdisjoint(_readings(found)) for found in NUMBER.findall(text)):
            return "a number"
        return None


def too_long(runs: Iterable[Run]) -> Iterator[str]:
    """No run has more than 300 events: a youth's course continues as new long before."""
    for run in runs:
        if run.events > LONGEST:
            yield f"{run.type} {run.workflow_id}, run {run.run_id}: {run.events} events"


def failed_tasks(runs: Iterable[Run]) -> Iterator[str]:
    """No workflow task failed: no bug, and no nondeterminism."""
    for run in runs:
        if causes := sorted(set(run.failures) - {SOMETHING_CAME}):
            yield f"{run.type} {run.workflow_id}, run {run.run_id}: workflow tasks failed ({', '.join(causes)})"


def personal(runs: Iterable[Run], data: PersonalData) -> Iterator[str]:
    """No name, personnummer or telephone number of anybody stands in a history."""
    for run in runs:
        if kind := data.stands_in(f"{run.workflow_id} {run.text}"):
            yield f"{run.type} {run.workflow_id}, run {run.run_id}: {kind} of a person stands in its history"


def not_followed(runs: Iterable[Run], workflow_ids: Mapping[UUID, str]) -> Iterator[str]:
    """Every youth whose duty holds has a workflow, whose histories were read. ``workflow_ids``: by youth."""
    seen = {run.workflow_id for run in runs}
    for youth_id, workflow_id in workflow_ids.items():
        if workflow_id not in seen:
            yield f"youth {youth_id} has no workflow"


def _readings(found: str) -> set[str]:
    """Return what a number can be: the end of a personnummer, a telephone number with a zero or a country code."""
    digits = re.sub(r"\D", "", found)
    return {digits[-10:], digits.removeprefix("0"), digits.removeprefix("46")}

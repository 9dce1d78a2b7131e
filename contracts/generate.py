"""Write what others can read of the contracts: JSON Schemas, the AsyncAPI document, tables of events and access.

``python -m contracts.generate`` writes; with ``--check`` it writes nothing, lists what would change and
ends with 1. A test does the same, so that no contract changes unseen. Needs the development packages.
"""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from contracts import (
    gallring,
    intake,
    notifications_activities,
    outreach_activities,
    outreach_facts,
    outreach_workflow,
    registry_activities,
    tasks,
    waves,
)
from contracts.access_page import tables
from contracts.asyncapi import document, schema_file, summary
from contracts.base import Contract
from contracts.events import EVENTS, TOPICS, Event
from contracts.flows import PRODUCER, TOPIC_IS_ABOUT, consumers
from contracts.login import LoginMapping
from contracts.policy import OutreachPolicy

ROOT = Path(__file__).parents[1]
SCHEMAS = Path("contracts/schemas")
ASYNCAPI = Path("contracts/asyncapi.yaml")
EVENTS_PAGE = Path("docs/events.md")
ACCESS_PAGE = Path("docs/access.md")
BEGIN, END = "<!-- made by contracts.generate: begin -->", "<!-- made by contracts.generate: end -->"
SCHEMA_BASE = "https://uppsok.example/schemas/"
# Messages to and from workflows and activities
SIGNATURES: tuple[ModuleType, ...] = (
    outreach_workflow, outreach_facts, outreach_activities, notifications_activities, registry_activities,
    gallring, intake, waves,
)  # fmt: skip
OUTCOMES: tuple[type[Contract], ...] = get_args(get_args(tasks.Outcome)[0])


def documents(root: Path = ROOT) -> dict[Path, str]:
    """Return every generated file, as a path below ``root`` and its text."""
    files = {SCHEMAS / name: _json(schema) for name, schema in schemas()}
    files[ASYNCAPI] = "# Made by `python -m contracts.generate`. Do not edit.\n" + yaml.safe_dump(
        document(), allow_unicode=True, sort_keys=False, width=110
    )
    for page, made in ((EVENTS_PAGE, _table()), (ACCESS_PAGE, tables())):
        files[page] = _with(made, (root / page).read_text(encoding="utf-8"), page)
    return files


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a JSON Schema per event type, task outcome, policy, and workflow or activity message."""
    for event in EVENTS:
        yield _schema(event, schema_file(event))
    for outcome in OUTCOMES:
        yield _schema(outcome, f"outcomes/{outcome.model_fields['kind'].default}.json")
    yield _schema(OutreachPolicy, "outreach-policy.json")
    yield _schema(LoginMapping, "login-mapping.json")
    for module in SIGNATURES:
        for name, model in inspect.getmembers(module, inspect.isclass):
            if issubclass(model, Contract) and model.__module__ == module.__name__:
                yield _schema(model, f"{module.__name__.removeprefix('contracts.')}/{name}.json")


def _schema(model: type[BaseModel], name: str) -> tuple[str, dict[str, Any]]:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_BASE + name}
    return name, {**schema, **model.model_json_schema()}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _with(made: str, page: str, name: Path) -> str:
    """Return the page with its generated part made anew. Raises ValueError when its marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{name} has lost the marks of its generated part")
    return f"{before}{BEGIN}\n{made}{END}{after}"


def _table() -> str:
    lines: list[str] = []
    for topic in TOPICS:
        lines += [
            "", f"### {topic}", "", f"{TOPIC_IS_ABOUT[topic]}. Producer: {PRODUCER[topic]}.", "",
            "| type | when | consumers | fields besides `youth_id` and `episode_id` |", "|---|---|---|---|",
        ]  # fmt: skip
        lines += [
            f"| [`{event.type}`](../contracts/schemas/{schema_file(event)}) | {summary(event)} "
            f"| {', '.join(consumers(event))} | {_fields(event)} |"
            for event in EVENTS
            if event.topic == topic
        ]
    return "\n".join([*lines, "", ""])


def _fields(event: type[Event]) -> str:
    return ", ".join(f"`{name}`" for name in event.model_fields if name not in Event.model_fields)


def difference(root: Path = ROOT) -> list[str]:
    """Return what is not as `documents` makes it: the files that are missing, stale, or no longer made."""
    made = documents(root)
    stale = [
        f"{'stale' if (root / path).exists() else 'missing'}: {path}"
        for path, text in made.items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    ]
    left = sorted(path.relative_to(root) for path in (root / SCHEMAS).rglob("*.json"))
    return stale + [f"no longer made: {path}" for path in left if path not in made]


def write(root: Path = ROOT) -> None:
    """Write every generated file, and remove schemas that are no longer made."""
    made = documents(root)
    for path in (root / SCHEMAS).rglob("*.json"):
        if path.relative_to(root) not in made:
            path.unlink()
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        write()
        return 0
    found = difference()
    for line in found:
        sys.stderr.write(f"{line}\n")
    if found:
        sys.stderr.write("Run `python -m contracts.generate` and commit what it writes.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

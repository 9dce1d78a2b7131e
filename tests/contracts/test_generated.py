"""The generated documents are as the contracts say, so that no contract changes unseen."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from chassis.clock import STOCKHOLM
from contracts import generate
from contracts.asyncapi import document, example, schema_file
from contracts.events import EVENTS, TOPICS, Event
from contracts.flows import PRODUCER

ALL = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
SCHEMAS = dict(generate.schemas())
st.register_type_strategy(AwareDatetime, st.datetimes(timezones=st.just(STOCKHOLM)))


def valid(schema: dict[str, Any], instance: object) -> None:
    validator = jsonschema.Draft202012Validator
    validator(schema, format_checker=validator.FORMAT_CHECKER).validate(instance)


def test_what_is_committed_is_what_is_made() -> None:
    assert generate.difference() == [], "run `python -m contracts.generate` and commit what it writes"


def test_a_change_is_noticed_and_mended(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for page in (generate.EVENTS_PAGE, generate.ACCESS_PAGE):
        (tmp_path / page).write_text(f"Before\n{generate.BEGIN}\nold\n{generate.END}\nafter\n")
    generate.write(tmp_path)
    assert generate.difference(tmp_path) == []
    changed = tmp_path / generate.SCHEMAS / "outreach-policy.json"
    changed.write_text(changed.read_text().replace("P", "Q", 1))
    (tmp_path / generate.SCHEMAS / "events" / "old.v1.json").write_text("{}")
    (tmp_path / generate.ASYNCAPI).unlink()
    assert sorted(line.split(":")[0] for line in generate.difference(tmp_path)) == [
        "missing", "no longer made", "stale",
    ]  # fmt: skip
    generate.write(tmp_path)
    assert generate.difference(tmp_path) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@ALL
def test_the_example_fits_the_schema_and_survives_the_way(event: type[Event]) -> None:
    one = example(event)
    valid(SCHEMAS[schema_file(event)], one.model_dump(mode="json"))
    assert event.model_validate_json(one.model_dump_json()) == one


def held_by(event: type[Event]) -> st.SearchStrategy[Event]:
    """Return a strategy for events of a type; the codes by the patterns of their schema."""
    codes = {
        name: st.from_regex(pattern, fullmatch=True).filter(lambda code: len(code) <= 40)
        for name in event.model_fields
        if (pattern := _pattern(event, name)) is not None
    }
    return st.builds(event, **codes)


def _pattern(event: type[Event], name: str) -> str | None:
    schema = SCHEMAS[schema_file(event)]["properties"][name]
    return next((one["pattern"] for one in (schema, *schema.get("anyOf", ())) if "pattern" in one), None)


@ALL
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_an_event_can_hold_fits_its_schema(event: type[Event], data: st.DataObject) -> None:
    held = data.draw(held_by(event))
    valid(SCHEMAS[schema_file(event)], held.model_dump(mode="json"))


def test_a_newer_producers_field_is_ignored_and_a_missing_one_is_not() -> None:
    event = EVENTS[0]
    body = example(event).model_dump(mode="json")
    assert event.model_validate({**body, "from_the_future": 1}) == example(event)
    del body["protected"]
    with pytest.raises(jsonschema.ValidationError, match="'protected' is a required property"):
        valid(SCHEMAS[schema_file(event)], body)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    doc = yaml.safe_load((generate.ROOT / generate.ASYNCAPI).read_text())
    assert doc == document()
    for reference in references(doc):
        if reference.startswith("./"):
            assert json.loads((generate.ROOT / "contracts" / reference).read_text())["$id"].endswith(
                reference[10:]
            )
            continue
        at: Any = doc
        for key in reference.removeprefix("#/").split("/"):
            at = at[key]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for one in value.values() for found in references(one)]
    return [found for one in value for found in references(one)] if isinstance(value, list) else []


def test_every_topic_has_one_producer_and_every_event_a_topic() -> None:
    assert set(PRODUCER) == set(TOPICS) == {event.topic for event in EVENTS}
    for event in EVENTS:
        assert event.type.startswith(f"se.uppsok.{PRODUCER[event.topic]}.")
        assert event.type.endswith(".v1")
    assert len({event.type for event in EVENTS}) == len(EVENTS)

"""The AsyncAPI 3 document of our events, built from the contracts."""

from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.clock import STOCKHOLM
from contracts.events import EVENTS, TOPICS, Event
from contracts.flows import PRODUCER, TOPIC_IS_ABOUT, consumers
from contracts.ids import business_id

JSON_SCHEMA = "application/schema+json;version=draft-2020-12"
EXAMPLE_CODES = {
    "municipality": "0180", "district": "farsta", "result": "no_answer", "code": "unreachable", "sub_type": "aim",
}  # fmt: skip
EXAMPLE_AT = datetime(2026, 9, 15, 10, 30, tzinfo=STOCKHOLM)


def schema_file(event: type[Event]) -> str:
    """Return an event's JSON Schema below contracts/schemas, e.g. ``events/registry.youth-changed.v1.json``."""
    return f"events/{event.type.removeprefix('se.uppsok.')}.json"


def summary(model: type[BaseModel]) -> str:
    """Return the first paragraph of a model's docstring on one line."""
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def example(event: type[Event]) -> Event:
    """Return an event of this type with made-up values, the same each time."""
    values = {name: _value(name, field.annotation) for name, field in event.model_fields.items()}
    return event.model_validate(values)


def _value(name: str, annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _value(name, get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _value(name, next(one for one in get_args(annotation) if one is not type(None)))
    if get_origin(annotation) is tuple:
        return [_value(name, get_args(annotation)[0])]
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    values: dict[Any, Any] = {
        UUID: business_id("example", name),
        bool: False,
        int: 2008 if name == "birth_year" else 1,
        date: EXAMPLE_AT.date(),
        AwareDatetime: EXAMPLE_AT,
        str: EXAMPLE_CODES.get(name),
    }
    return values[annotation]


def _headers(event: type[Event]) -> dict[str, Any]:
    """CloudEvents 1.0 in binary mode: attributes are headers."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": {**text, "format": "uuid", "description": "Consumers drop an id that they have handled"},
            "ce_source": {"const": f"/{PRODUCER[event.topic]}"},
            "ce_type": {"const": event.type},
            "ce_subject": {**text, "format": "uuid", "description": "The youth's opaque id, as the key"},
            "ce_time": {**text, "format": "date-time", "description": "Civil time"},
            "ce_traceparent": {**text, "description": "W3C trace context"},
            "content-type": {"const": "application/json"},
            "uppsok_generation": {**text, "format": "uuid", "description": "Which life of the broker wrote it"},
        },
    }


def _message(event: type[Event]) -> dict[str, Any]:
    instance = example(event)
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": summary(event),
        "contentType": "application/json",
        "headers": _headers(event),
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"./schemas/{schema_file(event)}"}},
        "bindings": {
            "kafka": {"key": {"type": "string", "format": "uuid", "description": "The youth's opaque id"}}
        },
        "examples": [
            {
                "headers": {
                    "ce_specversion": "1.0",
                    "ce_id": str(business_id("example", "event", event.type)),
                    "ce_source": f"/{PRODUCER[event.topic]}",
                    "ce_type": event.type,
                    "ce_subject": str(instance.youth_id),
                    "ce_time": EXAMPLE_AT.isoformat(),
                    "content-type": "application/json",
                },
                "payload": instance.model_dump(mode="json"),
            }
        ],
    }


def _operations() -> dict[str, Any]:
    """One sending operation per topic, and one receiving operation per service that consumes from it."""
    operations: dict[str, Any] = {}
    for topic in TOPICS:
        on_topic = [event for event in EVENTS if event.topic == topic]
        channel = {"$ref": f"#/channels/{topic}"}

        def messages(of: list[type[Event]], topic: str = topic) -> list[dict[str, str]]:
            return [{"$ref": f"#/channels/{topic}/messages/{event.__name__}"} for event in of]

        operations[f"{PRODUCER[topic]}.sends.{topic}"] = {
            "action": "send", "channel": channel, "messages": messages(on_topic),
        }  # fmt: skip
        for service in sorted({service for event in on_topic for service in consumers(event)}):
            handled = [event for event in on_topic if service in consumers(event)]
            operations[f"{service}.receives.{topic}"] = {
                "action": "receive", "channel": channel, "messages": messages(handled),
            }  # fmt: skip
    return operations


def document() -> dict[str, Any]:
    """Return the AsyncAPI document; references to JSON Schemas are relative to contracts/."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Uppsök: events",
            "version": "1.0.0",
            "description": (
                "Facts that the services tell each other: CloudEvents 1.0 in Kafka's binary mode. They hold ids "
                "and codes, never anything that names a person. Each may come more than once (same ce_id); those "
                "of a youth come in order within a topic."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            topic: {
                "address": topic,
                "description": f"{TOPIC_IS_ABOUT[topic]}. Key: the youth's id.",
                "messages": {
                    event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
                    for event in EVENTS
                    if event.topic == topic
                },
            }
            for topic in TOPICS
        },
        "operations": _operations(),
        "components": {"messages": {event.__name__: _message(event) for event in EVENTS}},
    }

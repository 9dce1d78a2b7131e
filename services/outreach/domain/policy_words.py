"""The Swedish names of a policy's fields and codes, and its values in plain Swedish.

The names are data (`policy_words.json`), by model and field. Everything here walks the model's own types, so
that a field which is added later needs a name there and nothing else (tests/unit/outreach/test_policy_words.py).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

from contracts.policy import HourSlot, OutreachPolicy

WORDS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("policy_words.json").read_text("utf-8"))
BECAUSE: dict[str, str] = WORDS["because"]
Part: TypeAlias = str | int
Place: TypeAlias = tuple[Part, ...]
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip


def field_of(place: Place) -> str:
    """Return a place in a document as a machine names it, e.g. ``call_slots.1.end``."""
    return ".".join(str(part) for part in place)


def label(place: Place, model: type[BaseModel] = OutreachPolicy) -> str:
    """Return the Swedish name of a place, e.g. ``Tider på dagen för samtal, nummer 2, slutar``."""
    names: list[str] = []
    kind: Any = model
    for part in place:
        name, kind = _enter(kind, part)
        names.append(name)
    return ", ".join(names)


def known_names(place: Place, model: type[BaseModel] = OutreachPolicy) -> Mapping[str, str]:
    """Return the fields that there are at a place, with their Swedish names; none where it has no fields."""
    kind: Any = model
    for part in place:
        _, kind = _enter(kind, part)
    kind = _plain(kind)
    if not _is_model(kind):
        return {}
    return {name: word(kind, name) for name in kind.model_fields}


def word(model: type[BaseModel], name: str) -> str:
    """Return the Swedish name of a model's field; the field's own name when it has none yet."""
    return str(WORDS["fields"].get(model.__name__, {}).get(name, name))


def code(value: object) -> str:
    """Return the Swedish word for a code."""
    text = str(value.value if isinstance(value, Enum) else value)
    return str(WORDS["codes"].get(text, text))


def value_in_words(value: object) -> str:
    """Return a value of a policy in plain Swedish."""
    match value:
        case None:
            return "inget"
        case bool():
            return "ja" if value else "nej"
        case timedelta():
            return duration(value)
        case date():
            return day(value)
        case time():
            return clock(value)
        case HourSlot():
            return f"{value.name} kl. {clock(value.start)}-{clock(value.end)}"
        case BaseModel():
            return "; ".join(
                f"{word(type(value), name)}: {value_in_words(getattr(value, name))}"
                for name in type(value).model_fields
            )
        case Mapping():
            return "; ".join(f"{code(key)}: {value_in_words(one)}" for key, one in value.items()) or "inga"
        case list() | tuple():
            return "; ".join(value_in_words(one) for one in value) or "inga"
        case _:
            return code(value)


def duration(length: timedelta) -> str:
    """Return a length of time: ``14 dagar``, ``1 timme 30 minuter``."""
    if length < timedelta(0):
        return f"minus {duration(-length)}"
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = (
        (length.days, "dag", "dagar"),
        (hours, "timme", "timmar"),
        (minutes, "minut", "minuter"),
        (seconds, "sekund", "sekunder"),
    )
    return " ".join(f"{count} {one if count == 1 else many}" for count, one, many in parts if count) or "ingen tid"


def day(value: date) -> str:
    """Return a date as it is read: ``7 januari 2027``."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def clock(value: time) -> str:
    """Return a clock time: ``08.30``."""
    return f"{value:%H.%M}"


def leaves(value: object, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every value in a policy with its place, a slot of the day whole and then its parts."""
    match value:
        case BaseModel():
            if place:
                yield place, value
            for name in type(value).model_fields:
                yield from leaves(getattr(value, name), (*place, name))
        case Mapping():
            for key, one in value.items():
                yield from leaves(one, (*place, str(key)))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from leaves(one, (*place, number))
        case _:
            yield place, value


def models_and_codes(kind: Any = OutreachPolicy) -> Iterator[type[BaseModel] | str]:
    """Yield every model that a policy is made of, and every code that can stand in it."""
    kind = _plain(kind)
    if _is_model(kind):
        yield kind
        for field in kind.model_fields.values():
            yield from models_and_codes(field.annotation)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(member.value) for member in kind)
    elif get_origin(kind) is Literal:
        yield from (str(one) for one in get_args(kind))
    else:
        for inner in get_args(kind):
            if inner is not Ellipsis:
                yield from models_and_codes(inner)


def _enter(kind: Any, part: Part) -> tuple[str, Any]:
    """Return the Swedish name of a part, and the type of what is there (None when nothing is known of it)."""
    kind = _plain(kind)
    if isinstance(part, int):
        return f"nummer {part + 1}", _inner(get_args(kind))
    if _is_model(kind):
        field = kind.model_fields.get(part)
        return (word(kind, part), field.annotation) if field else (f'"{part}"', None)
    if get_origin(kind) is dict:
        return code(part), get_args(kind)[1]
    return f'"{part}"', None


def _inner(arguments: Sequence[Any]) -> Any:
    return arguments[0] if arguments else None


def _plain(kind: Any) -> Any:
    """Return a type without its annotations, and without the ``None`` that may stand in its stead."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        others = [one for one in get_args(kind) if one is not NoneType]
        return others[0] if len(others) == 1 else kind
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)

"""No field of an event can hold personal data: nothing but ids, codes, dates, numbers and booleans."""

from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from contracts.events import EVENTS, DistrictCode, Event, MunicipalityCode, ResultCode

HARMLESS = {UUID, date, AwareDatetime, int, bool, NoneType}
# The only strings, by field. Think twice before you add one: could anybody's name end up in it?
ALLOWED_STRINGS = {
    "municipality": MunicipalityCode,
    "district": DistrictCode,
    "result": ResultCode,
    "code": ResultCode,
    "sub_type": ResultCode,  # of a measure: a code of the school year's catalogue
}
FIELDS = [
    pytest.param(event, name, hint, id=f"{event.__name__}.{name}")
    for event in EVENTS
    for name, hint in get_type_hints(event, include_extras=True).items()
    if name in event.model_fields
]
PERSONAL = [
    "Alva Exempelsson", "Alva", "200703012395", "20070301-2395", "070-174 06 05", "+46701740605",
    "alva@example.org", "Provgatan 1", "12345", "0701740605", "talade med mamma", "",
]  # fmt: skip


def parts(hint: Any) -> set[Any]:
    """Return the plain types and constrained strings that a type is made of."""
    if get_origin(hint) in (Union, UnionType, tuple):
        return {part for one in get_args(hint) if one is not Ellipsis for part in parts(one)}
    if get_origin(hint) is Annotated and hint not in ALLOWED_STRINGS.values():
        return parts(get_args(hint)[0])
    return {hint}


def harmless(name: str, hint: Any) -> bool:
    return all(
        part in HARMLESS
        or (isinstance(part, type) and issubclass(part, Enum))
        or part == ALLOWED_STRINGS.get(name)
        for part in parts(hint)
    )


@pytest.mark.parametrize(("event", "name", "hint"), FIELDS)
def test_a_field_is_an_id_a_code_a_date_a_number_or_a_boolean(event: type[Event], name: str, hint: Any) -> None:
    assert harmless(name, hint), f"{event.__name__}.{name} could hold personal data: {hint}"


@pytest.mark.parametrize(
    "hint", [str, str | None, dict[str, int], list[str], tuple[str, ...], Any, object, bytes, float]
)
def test_the_test_would_notice(hint: Any) -> None:
    assert not harmless("note", hint)


def test_an_allowed_string_is_allowed_in_its_own_field_only() -> None:
    assert harmless("district", DistrictCode | None)
    assert not harmless("note", DistrictCode)
    assert not harmless("district", str | None)


@pytest.mark.parametrize("code", ALLOWED_STRINGS.values())
@pytest.mark.parametrize("value", PERSONAL)
def test_nothing_personal_fits_a_code(code: Any, value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(code).validate_python(value)


def test_a_refusal_does_not_repeat_what_was_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        EVENTS[0].model_validate({"district": "Alva Exempelsson", "youth_id": "200703012395"})
    assert "Alva" not in str(refused.value)
    assert "2395" not in str(refused.value)

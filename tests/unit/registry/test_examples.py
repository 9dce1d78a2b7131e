"""The examples of the OpenAPI document are right ones."""

import inspect
import json
from typing import Any

import pytest
from pydantic import BaseModel

from services.registry.api import catalogue, consents, holds, measures_models, plans_models
from services.registry.api.documenting import In

MODULES = (catalogue, measures_models, plans_models, consents, holds)


def models() -> list[type[BaseModel]]:
    return [
        model
        for module in MODULES
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]


def examples(model: type[BaseModel]) -> list[Any]:
    found: list[Any] = model.model_json_schema().get("examples", [])
    return found


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_an_example_fits_its_model(model: type[BaseModel]) -> None:
    for example in examples(model):
        model.model_validate_json(json.dumps(example))


def test_each_body_that_staff_send_has_one() -> None:
    bodies = [model for model in models() if issubclass(model, In)]
    parts = {"EffortModel", "FollowUpModel"}  # within a plan's
    assert {model.__name__ for model in bodies if not examples(model)} == parts

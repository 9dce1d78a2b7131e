"""A state is read whole or not at all: an older worker leaves to a newer one what it does not know."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import to_json

from contracts.reasons import Step
from tests.unit.workflows.simulation import youth_at
from tests.workflows.samples import start
from workflows.youth_outreach.state import Begin, State


def test_a_state_is_read_as_it_was_left_and_names_only_what_is_used() -> None:
    state = youth_at(Step.TRIED_TO_REACH).state
    left = Begin(state).model_dump_json()
    assert Begin.model_validate_json(left).root == state
    assert to_json(Begin(state)).decode() == left, "as the payload converter does it"
    assert "language_needed" not in json.loads(left)
    assert json.loads(left)["policy"] == json.loads(state.policy.model_dump_json(exclude_unset=True))


def test_what_a_newer_version_knows_of_a_youth_is_not_dropped() -> None:
    left: dict[str, Any] = json.loads(Begin(youth_at(Step.TRIED_TO_REACH).state).model_dump_json())
    attempt = {**left["attempts"][0], "from_the_future": 1}
    for newer in ({**left, "from_the_future": 1}, {**left, "attempts": [attempt]}):
        with pytest.raises(ValidationError, match="from_the_future"):
            Begin.model_validate(newer)


def test_a_newer_registration_is_not_taken_for_a_state() -> None:
    """It has all that a state must have."""
    registered = start().model_dump(mode="json")
    with pytest.raises(ValidationError, match="from_the_future"):
        Begin.model_validate({**registered, "from_the_future": 1})
    assert not isinstance(Begin.model_validate(registered).root, State)

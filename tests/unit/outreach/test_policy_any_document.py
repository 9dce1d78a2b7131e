"""Whatever is sent as a policy is one, or is told its faults in Swedish."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.outreach.domain import policy_faults
from services.outreach.domain.policy import PolicyInvalid, parse_policy
from services.outreach.domain.policy_faults import Fault
from services.outreach.domain.policy_proposal import read_proposal
from services.outreach.settings import POLICIES

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
# What pydantic says for itself begins with one of these, or with English like it.
ENGLISH = ("Input ", "Field ", "Extra ", "Value ", "Assertion ", "should be", "must be", "unable to", "expected")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["P1D", "-P3D", "P9000D", "PT0S", "P99999999999D", "09:00", "23:30:30.5Z", "2026-12-24"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(content: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    return [place, *(one for part, value in inside for one in places(value, (*place, part)))]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Stockholm's document, changed in one to three places."""
    content = json.loads(json.dumps(DOCUMENT))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(content)))
        if not place:
            content = draw(st.one_of(VALUES, st.just(content)))
            continue
        holder = content
        for part in place[:-1]:
            holder = holder[part]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                holder[place[-1]] = draw(VALUES)
            case "remove":
                del holder[place[-1]]
            case _ if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = draw(VALUES)
            case _:
                holder.append(draw(VALUES))
    return json.dumps(content)


@given(mutated(), st.sampled_from(["2027-01-07", "soon", ""]))
@settings(max_examples=150, deadline=None)
def test_any_document_is_a_policy_or_is_told_its_faults_in_swedish(text: str, start: str) -> None:
    faults = [
        *found(lambda: parse_policy(text)),
        *found(lambda: read_proposal('{"document": ' + text + ', "effective_from": "' + start + '"}')),
    ]
    for one in faults:
        assert one.message.endswith(".")
        assert policy_faults.UNKNOWN not in one.message  # each kind of error has words of its own
        said = one.message.replace(one.field.rpartition(".")[2], "")
        assert not any(english in said for english in ENGLISH), one.message


def found(read: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        read()
    except PolicyInvalid as invalid:
        return invalid.faults or (Fault("", "refused without a word"),)
    return ()


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_is_told_its_faults(text: str) -> None:
    with pytest.raises(PolicyInvalid) as invalid:
        parse_policy(text)
    assert all(one.message.endswith(".") for one in invalid.value.faults)

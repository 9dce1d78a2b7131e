"""Pure rules of the relay and the consumer."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.inbox import Transient, passes
from chassis.outbox_relay import waves

ROWS = st.lists(
    st.fixed_dictionaries(
        {"topic": st.sampled_from(["a", "b"]), "key": st.integers(0, 3).map(lambda number: UUID(int=number))}
    )
).map(lambda rows: [{**row, "id": number} for number, row in enumerate(rows)])


@given(ROWS)
def test_no_wave_holds_two_events_of_a_key_and_all_come_in_order(rows: list[dict[str, Any]]) -> None:
    split = waves(rows)
    for wave in split:
        assert wave
        assert len({(row["topic"], row["key"]) for row in wave}) == len(wave)
    sent = [row for wave in split for row in wave]
    assert sorted(row["id"] for row in sent) == [row["id"] for row in rows]
    by_key = defaultdict(list)
    for row in sent:
        by_key[row["topic"], row["key"]].append(row["id"])
    assert all(ids == sorted(ids) for ids in by_key.values())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Transient(), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.exceptions.AdminShutdownError(), True),
        (asyncpg.exceptions.CannotConnectNowError(), True),
        (asyncpg.exceptions.TooManyConnectionsError(), True),
        (asyncpg.exceptions.DeadlockDetectedError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.DataError("invalid input for query argument"), False),
        (asyncpg.exceptions.UniqueViolationError(), False),
        (asyncpg.exceptions.QueryCanceledError(), False),
        (ValueError(), False),
        (KeyError(), False),
    ],
)
def test_an_event_is_blamed_for_its_own_faults_only(error: Exception, expected: bool) -> None:
    assert passes(error) is expected

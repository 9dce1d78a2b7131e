"""How a wiped broker is noticed, as pure rules."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.broker_lives import Markers, Read, Verdict, Written, marker_topic, new_generation, written

FIRST = new_generation(None)
SECOND = new_generation(FIRST)


@dataclass
class Record:
    headers: list[tuple[str, bytes]] = field(default_factory=list)


def test_generations_sort_by_age_also_when_the_clock_went_back() -> None:
    future = UUID(int=FIRST.int + (1 << 100))
    assert new_generation(None).version == 7
    assert FIRST < SECOND < new_generation(SECOND)
    assert new_generation(future) > future
    assert str(new_generation(future)) > str(future)


def test_a_record_tells_who_wrote_it() -> None:
    headers = [("ce_source", b"/registry"), ("uppsok_generation", str(FIRST).encode())]
    assert written(Record(headers)) == Written("/registry", FIRST)
    assert written(Record([("ce_source", b"/registry")])) is None
    with pytest.raises(ValueError):
        written(Record([("uppsok_generation", b"latest")]))


def test_a_record_stands_while_its_marker_is_there() -> None:
    markers = Markers([marker_topic("/registry", FIRST), "registry.youth.v1"])
    assert markers.verdict(Written("/registry", FIRST)) is Verdict.STANDS


def test_a_record_comes_again_when_its_relay_has_started_anew() -> None:
    markers = Markers([marker_topic("/registry", SECOND)])
    assert markers.verdict(Written("/registry", FIRST)) is Verdict.COMES_AGAIN


@pytest.mark.parametrize(
    "topics",
    [
        [],
        [marker_topic("/registry", FIRST)],  # the new marker has not reached this broker of the cluster yet
        [marker_topic("/outreach", new_generation(SECOND))],  # of another relay: says nothing
    ],
)
def test_else_it_is_not_known_and_nothing_is_skipped(topics: list[str]) -> None:
    assert Markers(topics).verdict(Written("/registry", SECOND)) is Verdict.NOT_YET_KNOWN


def test_where_a_group_stands_is_void_when_no_marker_of_what_it_read_is_left() -> None:
    read = Read([{"topic": "t", "partition": 0, "generation": FIRST}])
    wiped, alive = Markers([marker_topic("/registry", SECOND)]), Markers([marker_topic("/registry", FIRST)])
    assert read.of_another_life("t", 0, wiped)
    assert not read.of_another_life("t", 0, alive)
    assert not read.of_another_life("t", 1, wiped)  # nothing was read of it
    read.add("t", 0, SECOND)
    assert not read.of_another_life("t", 0, wiped)
    assert read.knows("t", 0, SECOND)
    assert not read.knows("t", 1, SECOND)


@given(st.lists(st.sampled_from([uuid4() for _ in range(5)])), st.uuids(), st.sampled_from(["/a", "/b"]))
def test_a_record_is_skipped_only_for_a_later_generation_of_its_own_relay(
    present: list[UUID], generation: UUID, source: str
) -> None:
    markers = Markers([marker_topic("/a", one) for one in present])
    skipped = markers.verdict(Written(source, generation)) is Verdict.COMES_AGAIN
    assert skipped == (source == "/a" and generation not in present and any(one > generation for one in present))

"""The rules of letters and SMS find what is planted, and nothing else."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from chassis.clock import ClockSpec
from deploy.demo.invariants.rows import Event, Message
from deploy.demo.invariants.sending import (
    late_without_report,
    not_in_the_house,
    sent_in_silence,
    silences,
    without_events,
)
from tests.unit.demo.planted import MONDAY, day, event, message, told_of

CLOCK = ClockSpec()
ENDED = event("coverage-ended", 0)
REGISTERED = event("youth-registered", -20, protected=False)
PROTECTED = event("youth-changed", 0, protected=True)
HELD = event("hold-placed", 0, hold_id="h", until=day(10).date().isoformat())


def in_silence(told: list[Event], *messages: Message) -> list[str]:
    return list(sent_in_silence(messages, silences(told, CLOCK)))


@pytest.mark.parametrize("why", [ENDED, PROTECTED, HELD])
def test_what_is_sent_after_the_end_while_protected_or_while_held_is_found(why: Event) -> None:
    assert len(in_silence([REGISTERED, why], message(1, at=2))) == 1


@pytest.mark.parametrize("why", [ENDED, PROTECTED, HELD])
def test_what_went_before_or_was_on_its_way_is_not(why: Event) -> None:
    on_its_way = message(2, at=1 / 86_400)
    assert in_silence([REGISTERED, why], message(1, at=-1), on_its_way) == []
    skipped = message(3, at=2, state="skipped", sent_at=None, begun_at=None)
    assert in_silence([REGISTERED, why], skipped) == []


@pytest.mark.parametrize(
    "told",
    [
        [ENDED, event("youth-registered", 1, protected=False)],
        [PROTECTED, event("youth-changed", 1, protected=False)],
        [HELD, event("hold-ended", 1, hold_id="h", until=day(10).date().isoformat())],
    ],
)
def test_when_it_is_over_letters_go_out_again(told: list[Event]) -> None:
    assert in_silence(told, message(1, at=2)) == []


def test_a_hold_ends_by_itself_after_its_last_day_and_later_when_it_is_extended() -> None:
    extended = event("hold-placed", 5, hold_id="h", until=day(20).date().isoformat())
    assert in_silence([HELD], message(1, at=12)) == []
    assert len(in_silence([HELD, extended], message(1, at=12))) == 1


def test_a_protection_from_the_start_lets_nothing_out() -> None:
    assert len(in_silence([event("youth-registered", 0, protected=True)], message(1, at=9))) == 1


def test_a_letter_after_the_end_that_nobody_was_told_of_is_found() -> None:
    late = message(1, at=1)
    assert len(list(late_without_report([late], [ENDED], []))) == 1
    assert list(late_without_report([late], [ENDED], told_of(late, "message-sent-after-end"))) == []
    assert list(late_without_report([message(2, at=-1)], [ENDED], [])) == []


def test_a_message_that_has_not_told_its_state_is_found() -> None:
    sent = message(1)
    assert list(without_events([sent], told_of(sent, "message-queued", "message-sent"))) == []
    assert len(list(without_events([sent], told_of(sent, "message-queued")))) == 1
    assert len(list(without_events([sent], told_of(sent, "message-sent")))) == 1
    assert len(list(without_events([replace(sent, state="delivered")], told_of(sent, "message-queued")))) == 1


def test_files_and_messages_must_agree() -> None:
    sent, skipped, before = message(1), message(2, state="skipped", sent_at=None), day(-1)

    def faults(found: list[Message], files: dict[UUID, list[datetime]]) -> int:
        return len(list(not_in_the_house(found, files, MONDAY)))

    assert faults([sent, skipped], {sent.message_id: [before]}) == 0
    assert faults([sent], {}) == 1
    assert faults([sent], {sent.message_id: [before, before]}) == 1
    assert faults([skipped], {skipped.message_id: [before]}) == 1
    assert faults([], {sent.message_id: [before]}) == 1
    assert faults([], {sent.message_id: [day(1)]}) == 0  # written after the messages were read

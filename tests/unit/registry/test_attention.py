"""What about a source a person must look at."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.registry.domain.attention import AttentionReason, Seen, attentions
from services.registry.domain.holding import Held, LoadedFile, kind_of, why_held
from services.registry.sources.ss12000.plan import why_not_believed
from services.registry.stale_after import StaleAfter

ON = date(2026, 10, 5)


@pytest.mark.parametrize(
    ("loaded", "kind"),
    [
        (LoadedFile(found=False), Held.MISSING),
        (LoadedFile(unopened="PermissionError"), Held.DAMAGED),
        (LoadedFile(older=(date(2026, 10, 1), date(2026, 10, 2))), Held.OLDER),
        (LoadedFile(readable=False), Held.DAMAGED),
        (LoadedFile(missing_columns=("kind",)), Held.DAMAGED),
        (LoadedFile(cut=True, read=5, accepted=5), Held.DAMAGED),
        (LoadedFile(read=5), Held.DAMAGED),
        (LoadedFile(read=5, accepted=5), Held.SHRUNK),
        (LoadedFile(read=10, accepted=10, stood=10, lost=2), Held.SHRUNK),
    ],
)
def test_every_reason_to_hold_a_file_has_a_kind(loaded: LoadedFile, kind: Held) -> None:
    held = why_held(loaded, last_good=10)
    assert held is not None
    assert kind_of(held) is kind


def test_every_reason_to_hold_a_server_has_a_kind() -> None:
    empty, shrunk = why_not_believed(0, 10, 0), why_not_believed(5, 10, 0)
    assert empty is not None
    assert shrunk is not None
    assert (kind_of(empty), kind_of(shrunk)) == (Held.DAMAGED, Held.SHRUNK)
    assert kind_of(why_not_believed(10, 10, 1) or "") is Held.DAMAGED


def test_a_source_is_stale_after_its_days() -> None:
    for age, reasons in ((-1, []), (0, []), (7, []), (8, [AttentionReason.STALE])):
        found = attentions(Seen("population", ON - timedelta(days=age)), ON, 7)
        assert [one.reason for one in found] == reasons
    assert attentions(Seen("schools", None), ON, 7) == ()  # it has never told, and need not


def test_an_older_file_is_told_of_once() -> None:
    held = why_held(LoadedFile(older=(date(2026, 9, 1), date(2026, 10, 1))), 10, shrinking_accepted=True)
    found = attentions(Seen("population", date(2026, 9, 1), held=held), ON, 7)
    assert [(one.reason, one.detail) for one in found] == [
        (AttentionReason.STALE, "The newest file is of 2026-09-01, and one of 2026-10-01 has been read.")
    ]


def test_a_server_may_fail_and_be_stale() -> None:
    found = attentions(Seen("ss12000:skola", date(2026, 9, 1), failed="/persons 500"), ON, 7)
    assert [one.reason for one in found] == [AttentionReason.FAILED, AttentionReason.STALE]


def test_days_are_set_source_by_source() -> None:
    days = StaleAfter.model_validate({"exams": 30})
    assert (days.of("exams"), days.of("ss12000:skola"), days.of("population")) == (30, 7, 7)
    with pytest.raises(ValidationError):
        StaleAfter.model_validate({"examina": 30})

"""Who was deleted is nowhere any more: every table, record, file and history is searched; figures are the same.

And the test is tested: what is planted in each kind of place, and what careless consumers leave, is found.
"""

import json
import re
from uuid import uuid4

import pytest

from services.notifications.forgetting import ForgetFiles
from services.outreach import forgetting as outreach
from services.reporting import forgetting as reporting
from tests.integration.everywhere.conftest import Town
from tests.integration.everywhere.deciding import figures, gallring, opaque
from tests.integration.everywhere.exporting import export_of, is_id, is_told, only_in
from tests.integration.everywhere.lives import PROTECTED_DISTRICT, last_name, personal
from tests.integration.everywhere.places import Snapshot, holding, snapshot
from tests.integration.everywhere.planting import plant
from tests.integration.gallring.searching import about_somebody

pytestmark = [pytest.mark.stack, pytest.mark.kafka]
# Where opaque ids may stay, as docs/gallring.md says: the protocol, the order to delete, who did what.
PROTOCOL = {"registry:public.gallring_youths", "registry:public.outbox"}
AUDIT = {f"{service}:public.audit" for service in ("registry", "outreach", "notifications", "reporting")}
EVENT_ID = re.compile(r"^ce_id\n(\S+)$", re.MULTILINE)
# Ids that a youth's export has, of what is nobody's: events, which lead to Kafka and no further; what is
# offered; the mailing that a letter was of.
NOBODYS = {f"{service}:public.inbox" for service in ("outreach", "notifications", "reporting")} | {
    "registry:public.measure_catalogue",
    "outreach:public.waves",
}


def not_allowed(places: set[str], allowed: set[str]) -> set[str]:
    """Return where not even an opaque id may be. Topics and histories end by their own retention."""
    return {place for place in places - allowed if not place.startswith(("kafka:", "temporal:youth/"))}


def is_nowhere(now: Snapshot, words: list[str], ids: list[object]) -> None:
    assert holding(now, words) == {}
    held = holding(now, ids)
    assert not_allowed(set(held), PROTOCOL | AUDIT) == set()
    assert [row for row in held["registry:public.outbox"] if "youth-deleted.v1" not in row] == []


def lines(now: Snapshot, words: list[object]) -> set[tuple[str, str]]:
    """Return the lines that hold one of the words, with their places."""
    return {
        (place, line)
        for place, texts in holding(now, words).items()
        for line in "\n".join(texts).splitlines()
        if holding({"": [line]}, words)
    }


async def test_who_was_deleted_is_nowhere_and_figures_are_the_same(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    whole, gone, stays = town.whole, town.gone, town.stays
    ids = {youth.youth_id: await opaque(whole, youth) for youth in town.youths}
    before, figures_before = await snapshot(whole), await figures(whole)
    said, known = holding(before, personal(gone)), holding(before, ids[gone.youth_id])
    for service, pool in whole.pools.items():  # a table that a later change adds must be filled here too
        about = {f"{service}:{table}" for table in await about_somebody(pool)} - PROTOCOL
        assert about - said.keys() - known.keys() == set()
    assert {place.partition(":")[0] for place in said} == {*whole.pools, "file"}, "neither topic nor history"
    assert len([place for place in said if place.startswith("file:")]) == 2, "the letter's PDF and the SMS"
    assert {"kafka:registry.youth.v1", f"temporal:youth/{gone.youth_id}"} <= known.keys()
    exported = only_in(await export_of(whole, gone), await export_of(whole, stays))
    assert {gone.number, gone.phone, gone.street, last_name(gone)} <= exported

    done = await gallring(whole)
    assert (done.deleted, done.left_out) == (2, 0)

    after = await snapshot(whole)
    for youth in (gone, town.protected):
        is_nowhere(after, personal(youth), ids[youth.youth_id])
    left = {leaf: held for leaf in exported if (held := holding(after, [leaf]))}
    assert {leaf for leaf in left if not is_id(leaf)} == set()
    assert {
        place for held in left.values() for place in not_allowed(set(held), PROTOCOL | AUDIT | NOBODYS)
    } == set()
    assert await figures(whole) == figures_before
    totals, *_, lateness, _ = figures_before
    assert totals["youths"] == 3
    assert [one["reports"] for one in lateness["items"]] == [2], "of a protected identity none is counted"
    assert gone.first_name not in "".join(capfd.readouterr()), "nor in the logs"
    theirs = [*ids[stays.youth_id], *personal(stays)]
    assert lines(before, theirs) - lines(after, theirs) == set(), "nothing of who stays is gone"


async def test_the_export_covers_every_place(town: Town) -> None:
    """Of who stays: what any place holds of them is in their export, or an exception with its reason."""
    whole, youth = town.whole, town.stays
    now, ids = await snapshot(whole), await opaque(whole, youth)
    told = await export_of(whole, youth)
    text = json.dumps(told, ensure_ascii=False)
    held = holding(now, [*personal(youth), *ids])
    tables = {place for place in held if place.partition(":")[0] in whole.pools}
    assert len(tables) > 40
    assert {place for place in tables if not is_told(told, place)} == set()
    assert [word for word in (*youth.names(), last_name(youth), *map(str, ids)) if word not in text] == []
    # What stood in letters and SMS, and what was told on Kafka.
    kept = {path.rpartition("/")[2] for path in held if path.startswith("file:")}
    assert len(kept) == 3, "letter, manifest and SMS"
    messages = [str(row["message_id"]) for row in told["services"]["notifications"]["documents"]]
    assert len(messages) == 2
    assert all(any(one in name for one in messages) for name in kept - {"manifest.jsonl"})
    records = [record for place in held if place.startswith("kafka:") for record in held[place]]
    event_ids = {found[1] for record in records if (found := EVENT_ID.search(record))}
    assert len(event_ids) == len(records) > 10
    assert {one for one in event_ids if one not in text} == set()


async def test_nobody_but_the_registry_knows_where_a_protected_youth_lives(town: Town) -> None:
    held = holding(await snapshot(town.whole), [PROTECTED_DISTRICT])
    theirs = {place for place, texts in held.items() if str(town.protected.youth_id) in "".join(texts)}
    assert {place for place in theirs if not place.startswith("registry:")} == set()


async def test_what_is_planted_is_found_wherever_it_is(town: Town) -> None:
    word = f"Planterad{uuid4().hex}"
    assert holding(await snapshot(town.whole), [word]) == {}
    places = await plant(town.whole, word)
    assert holding(await snapshot(town.whole), [word.upper()]).keys() == places


async def test_what_careless_consumers_leave_is_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last test of the file: of who stayed, when nothing keeps them any more."""
    whole, youth = town.whole, town.stays
    ids = await opaque(whole, youth)
    journeys = [statement for statement in outreach.FORGET if "from journeys" not in statement]
    monkeypatch.setattr(outreach, "FORGET", journeys)
    watches = tuple(table for table in reporting.OF_YOUTH if table != "watches")
    monkeypatch.setattr(reporting, "OF_YOUTH", watches)
    monkeypatch.setattr(ForgetFiles, "_remove", lambda self, message_ids: None)
    await whole.registry.execute("delete from measures where person_id = $1 and state = 'offered'", youth.youth_id)

    await gallring(whole)

    now = await snapshot(whole)
    left = not_allowed(set(holding(now, [*ids, *personal(youth)])), PROTOCOL | AUDIT)
    assert {place for place in left if not place.startswith("file:")} == {
        "outreach:public.journeys", "reporting:public.watches",
    }  # fmt: skip
    assert len([place for place in left if place.startswith("file:")]) == 3, "letter, manifest and SMS"

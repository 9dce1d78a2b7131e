"""Posts of one file upon another: each person once in a batch, as they are after it."""

from uuid import UUID

from services.registry.db.navet import Known
from services.registry.load_navet import Batch, Outcome, apply_posts
from services.registry.sources.navet.change import Reject
from tests.unit.registry.navet.notices import FILE_DATE, STOCKHOLM, change, resident

ONE, TWO, THREE = "200801012386", "200802012385", "200803012384"
FIRST, SECOND = UUID(int=1), UUID(int=2)


def apply(known: dict[str, Known], *outcomes: Outcome) -> tuple[Batch, list[Outcome]]:
    return apply_posts(known, outcomes, home=STOCKHOLM, file_date=FILE_DATE)


def test_several_posts_of_a_person_become_one_row() -> None:
    known = {ONE: Known(FIRST, resident(ONE))}
    batch, rest = apply(known, change(("01014", "Ny"), number=ONE), change(("01033", "Nygatan 2"), number=ONE))
    (person,) = batch.people
    assert (person.resident.last_name, person.resident.registered.street, rest) == ("Ny", "Nygatan 2", [])


def test_the_link_to_an_older_number_is_not_lost_by_a_later_post() -> None:
    known = {ONE: Known(FIRST, resident(ONE))}
    later = change(("01014", "Ny"), number=TWO)
    batch, _ = apply(known, change(("01005", TWO), ("01006", "GN"), number=ONE), later)
    (person,) = batch.people
    assert person.previous is not None
    assert (person.resident.person_number.digits, person.previous.digits) == (TWO, ONE)
    assert person.resident.last_name == "Ny"


def test_a_second_change_of_number_waits_for_the_next_batch() -> None:
    known = {ONE: Known(FIRST, resident(ONE))}
    posts = [change(("01005", ONE), number=TWO), change(("01005", TWO), number=THREE), change(number=ONE)]
    batch, rest = apply(known, *posts)
    assert [one.resident.person_number.digits for one in batch.people] == [TWO]
    assert rest == posts[1:]


def test_two_persons_that_turn_out_to_be_one_are_one_row() -> None:
    known = {ONE: Known(FIRST, resident(ONE)), TWO: Known(SECOND, resident(TWO, last_name="Nyare"))}
    posts = [change(("01012", "Eva"), number=ONE), change(("01005", ONE), number=TWO)]
    (person,) = apply(known, *posts)[0].people
    assert person.previous is not None
    assert (person.previous.digits, person.resident.last_name) == (ONE, "Nyare")


def test_what_cannot_be_carried_out_is_counted_apart_from_what_cannot_be_read() -> None:
    unread = Reject(1, None, "cut")
    batch, _ = apply({}, unread, change(("01014", "Okänd"), number=ONE))
    assert (batch.people, batch.refused) == ([], 1)
    assert [one.reason for one in batch.rejects] == ["cut", "incomplete"]


def test_notes_come_along_with_their_post() -> None:
    batch, _ = apply({ONE: Known(FIRST, resident(ONE))}, change(("01034", "1"), number=ONE))
    assert [(post, note.term, note.reason) for post, note in batch.notes] == [(1, "01034", "not_5_digits")]

"""Reading Navet's files: every post is a change or a reject, in order, whatever the bytes."""

import io
import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.facts import Protection, Status
from services.registry.sources.navet.change import UNTOLD, AddressChange, Change, Note, Reject
from services.registry.sources.navet.posts import MAX_LINE
from services.registry.sources.navet.reader import Reader, inspect
from services.registry.sources.navet.reader import read as read_posts
from tests.unit.registry.navet.notices import FILES, NUMBER, change, content, post, read

# Lines that mean something in a file, beside any other bytes.
WORDS = [
    line.encode("iso-8859-1")
    for line in (
        *("#POST_START", "#POST_SLUT", "#DATA_START", "#DATA_SLUT", "#FIL_SLUT", "#FIL_SLUT 1", "#AVST_START"),
        *("#ANTAL_POSTER 2", "#DAG_START 20261001", "#DAG_START x", "#DAG_SLUT", "#UP", "#UP 01001", "#UP 1 x"),
        *("#UP 01001 200801012386", "#UP 01002 200802012385", "#UP 01003 J", "#UP 01003", "#UP 01006 AV"),
        *("#UP 01005 200803012384", "#UP 01006 GN", "#UP 01006 TA", "#UP 01007 20260900", "#UP 01012 Åsa"),
        *("#UP 01012 $", "#UP 01011 10", "#UP 01011 99", "#UP 01022 01", "#UP 01034 ÿ", "#UP 09999 Ã¥", "ï»¿"),
    )
]
lines = st.one_of(st.sampled_from(WORDS), st.binary(max_size=40))
names = st.text(st.sampled_from("abcåäöÅÄÖéü-' "), min_size=1, max_size=30).map(str.strip).filter(bool)
files = st.lists(lines, max_size=40).map(b"\n".join)


def posts_in(data: bytes) -> list[Change | Reject]:
    return read(data)[0]


class TestAnyBytes:
    @given(st.one_of(st.binary(max_size=400), files))
    def test_no_bytes_break_it_and_every_post_is_one_or_the_other(self, data: bytes) -> None:
        outcomes, reader = read(data)
        assert [one.post for one in outcomes] == list(range(1, reader.shape.posts + 1))
        assert (reader.accepted, reader.rejected) == (
            sum(isinstance(one, Change) for one in outcomes),
            sum(isinstance(one, Reject) for one in outcomes),
        )
        assert reader.shape.cut or reader.shape.announced == len(outcomes)

    @given(
        st.lists(st.text(st.sampled_from("abcåäöÅÄÖéü-' "), min_size=1, max_size=30).map(str.strip).filter(bool))
    )
    def test_every_good_post_is_a_change_with_what_it_tells(self, last_names: list[str]) -> None:
        for encoding in ("iso-8859-1", "utf-8"):
            data = content(*(post(("01001", NUMBER), ("01014", name)) for name in last_names), encoding=encoding)
            assert [one.last_name for one in posts_in(data) if isinstance(one, Change)] == last_names

    @given(st.integers(0, 3000))
    def test_a_file_cut_anywhere_is_known_to_be_cut(self, length: int) -> None:
        whole = (FILES / "navet_20261002.txt").read_bytes()
        end = whole.index(b"#FIL_SLUT") + len(b"#FIL_SLUT")
        outcomes, reader = read(whole[: min(length, end - 1)])
        assert reader.shape.cut
        assert outcomes[:-1] == posts_in(whole)[: max(len(outcomes) - 1, 0)]
        if outcomes and outcomes[-1] != posts_in(whole)[len(outcomes) - 1]:
            assert isinstance(outcomes[-1], Reject)  # never a post that the cut has changed

    @given(files)
    def test_no_reject_and_no_note_holds_a_value(self, data: bytes) -> None:
        reasons = {
            *(
                "no_end",
                "no_start",
                "unknown_line",
                "cut",
                "term_twice",
                "no_number",
                "two_numbers",
                "same_number",
            ),
            *("no_new_number", "unknown_code", "deregistration_by_hand", "no_value", "too_long", "encoding"),
            *(
                "format",
                "interim_number",
                "impossible_date",
                "check_digit",
                "control_character",
                "several_numbers",
            ),
            *("incomplete_date", "date_format", "not_2_digits", "not_5_digits", "half_a_code", "no_names"),
            "no_such_name",
        }
        for one in posts_in(data):
            told = [(one.term, one.reason)] if isinstance(one, Reject) else [(n.term, n.reason) for n in one.notes]
            for term, reason in told:
                assert reason in reasons
                assert term is None or (len(term) == 5 and term.isdigit())


class TestARealFile:
    """Made by hand after the published structure, with persons of the test series."""

    def test_its_shape(self) -> None:
        with (FILES / "navet_20261002.txt").open("rb") as file:
            shape = inspect(file)
        assert (shape.encoding, shape.posts, shape.announced, shape.cut) == ("cp1252", 12, 12, False)
        assert (shape.effectuated, shape.changes) == (date(2026, 10, 2), (date(2026, 10, 1), date(2026, 10, 2)))
        assert (shape.problems, shape.unknown_terms) == ((), {})

    def test_what_each_post_tells(self) -> None:
        outcomes = posts_in((FILES / "navet_20261002.txt").read_bytes())
        changes = [one for one in outcomes if isinstance(one, Change)]
        assert len(changes) == len(outcomes) == 12
        assert [one.notes for one in changes] == [()] * 12
        arrived, moved, marked, hidden, left, emigrated, dead, old, new, named, unspecial, unmarked = changes
        assert (arrived.total, arrived.first_name, arrived.last_name) == (True, "Märta", "Öhrn")
        assert (arrived.told_on, arrived.registered_on) == (date(2026, 10, 1), date(2026, 10, 1))
        assert (arrived.municipality, arrived.immigrated_on) == ("0180", date(2026, 9, 15))
        assert arrived.registered_address == AddressChange(
            "c/o Provsson", "Port B", "Provgatan 1 lgh 1101", "12345", "Provstad"
        )
        assert arrived.special_address == AddressChange(
            "c/o Boendet Exemplet", UNTOLD, "Box 1", "54321", "Boxstad"
        )
        assert moved.registered_address == AddressChange(None, UNTOLD, "Nygatan 2", "12346", "Nystad")
        assert (moved.first_name, moved.municipality, moved.deregistered) == (UNTOLD, UNTOLD, UNTOLD)
        assert (marked.marked, marked.protected_registration) == (True, UNTOLD)
        assert (hidden.marked, hidden.protected_registration) == (True, True)
        assert (left.municipality, left.registered_on) == ("0184", date(2026, 9, 30))
        assert (emigrated.deregistered, emigrated.deregistered_on) == (Status.EMIGRATED, date(2026, 9, 28))
        assert (dead.deregistered, dead.deregistered_on, dead.told_on) == (
            *(Status.DEAD, date(2026, 10, 2), date(2026, 10, 2)),
        )
        for one in (old, new):
            assert one.previous_number is not None
            assert (one.person_number.digits, one.previous_number.digits) == ("200808012389", "200808612386")
        assert (old.deregistered, old.first_name, new.first_name) == (UNTOLD, UNTOLD, "Ebba-Karin Exempel")
        assert (named.last_name, named.first_name) == ("Ånyo", UNTOLD)
        assert unspecial.special_address == AddressChange(None, None, None, None, None)
        assert unmarked.marked is False

    def test_what_is_wrong_with_which_post(self) -> None:
        outcomes, reader = read((FILES / "navet_20261003.txt").read_bytes())
        assert (reader.shape.encoding, reader.shape.cut, reader.shape.unknown_terms) == (
            "utf-8",
            False,
            {"01099": 1},
        )
        rejects = [one for one in outcomes if isinstance(one, Reject)]
        assert [(one.post, one.term, one.reason) for one in rejects] == [
            (2, None, "no_number"),
            (3, "01001", "check_digit"),
            (4, "01002", "two_numbers"),
            (5, "01006", "unknown_code"),
            (6, "01006", "deregistration_by_hand"),
            (7, "01006", "no_new_number"),
            (8, None, "unknown_line"),
            (9, None, "no_end"),
            (10, "01014", "term_twice"),
            (11, None, "no_start"),
            (12, "01005", "same_number"),
        ]
        assert (rejects[4].number, rejects[4].protection) == ("200805012382", Protection.MARKED)
        assert (rejects[1].number, rejects[8].number) == (None, None)  # of nobody knows whom
        first, incomplete, last = (one for one in outcomes if isinstance(one, Change))
        assert (first.last_name, last.last_name) == ("Rätt", "Sist")
        assert (incomplete.marked, incomplete.first_name, incomplete.municipality) == (True, "Eva", UNTOLD)
        assert sorted(incomplete.notes, key=lambda note: str(note.term)) == [
            Note("01003", "unknown_code"),
            Note("01011", "no_such_name"),
            Note("01021", "impossible_date"),
            Note("01022", "half_a_code"),
            Note("01031", "no_value"),
            Note("01034", "not_5_digits"),
            Note("01101", "incomplete_date"),
        ]


def test_a_file_of_any_size_is_read_post_by_post() -> None:
    data = content(*[post(("01001", NUMBER), ("01014", "Exempelsson"), *[("02005", "Hemlig")] * 20)] * 2_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_posts(io.BytesIO(data))) == 2_000
        assert tracemalloc.get_traced_memory()[1] < 200_000 < len(data)
    finally:
        tracemalloc.stop()


class TestTheTrailer:
    def shape_of(self, data: bytes) -> tuple[bool, tuple[str, ...]]:
        shape = inspect(io.BytesIO(data))
        return shape.cut, shape.problems

    def test_a_file_of_no_changes_is_whole(self) -> None:
        shape = inspect(io.BytesIO(content()))
        assert (shape.readable, shape.cut, shape.posts) == (True, False, 0)

    @pytest.mark.parametrize("data", [b"", b"\n", b"person_number;first_name\n", b"#FIL_SLUT\n"])
    def test_a_file_of_something_else_is_not_readable(self, data: bytes) -> None:
        shape = inspect(io.BytesIO(data))
        assert (shape.readable, shape.cut) == (False, True)

    def test_another_number_of_posts_means_a_cut(self) -> None:
        assert self.shape_of(content(post(("01001", NUMBER)), count=2)) == (True, ("post_count",))

    def test_the_count_may_stand_in_the_last_line(self) -> None:
        data = "\n".join((*post(("01001", NUMBER)), "#FIL_SLUT 1", "")).encode()
        assert self.shape_of(data) == (False, ())
        assert self.shape_of(data.replace(b"SLUT 1", b"SLUT 3")) == (True, ("post_count",))

    def test_posts_after_the_end_mean_two_files_in_one(self) -> None:
        one = content(post(("01001", NUMBER)))
        assert self.shape_of(one + one) == (True, ("post_count", "posts_after_trailer"))


class TestValues:
    def test_a_long_line_is_left_out_and_the_rest_goes_on(self) -> None:
        one = change(("01014", "x" * 3 * MAX_LINE), ("01012", "Eva"))
        assert (one.last_name, one.first_name, one.notes) == (UNTOLD, "Eva", (Note("01014", "too_long"),))

    def test_a_line_of_another_encoding_is_left_out(self) -> None:
        many = [post(("01001", NUMBER), ("01014", "Åäö"))] * 3
        data = content(*many, encoding="utf-8").replace("Åäö".encode(), "Åäö".encode("iso-8859-1"), 1)
        names = [one.last_name for one in posts_in(data) if isinstance(one, Change)]
        assert names == [UNTOLD, "Åäö", "Åäö"]

    @pytest.mark.parametrize(
        ("names", "mark", "name"),
        [
            ("Eva Mia", "20", "Mia"),
            ("Kjell Olof Stig", "12", "Kjell Olof"),
            ("Hedvig Britt-Marie", "23", "Britt-Marie"),
            ("Britt-Marie Ulla", "10", "Britt"),
            ("Anna Bea Cia", "13", "Anna Cia"),
            ("Eva", "$", "Eva"),
        ],
    )
    def test_the_name_that_somebody_goes_by(self, names: str, mark: str, name: str) -> None:
        assert change(("01012", names), ("01011", mark)).first_name == name

    def test_a_mark_without_names_changes_no_name(self) -> None:
        one = change(("01011", "20"))
        assert (one.first_name, one.notes) == (UNTOLD, (Note("01011", "no_names"),))

    def test_a_death_with_half_a_date_counts(self) -> None:
        one = change(("01006", "AV"), ("01007", "20260900"))
        assert (one.deregistered, one.deregistered_on, one.notes) == (
            *(Status.DEAD, None, (Note("01007", "incomplete_date"),)),
        )

    @pytest.mark.parametrize(
        ("value", "marked"), [("J", True), ("JA", True), ("N", False), ("$", False), ("?", True)]
    )
    def test_a_marking_that_is_not_understood_is_one(self, value: str, marked: bool) -> None:
        assert change(("01003", value)).marked is marked
        assert change(("01020", value)).protected_registration is marked

    def test_of_several_older_numbers_the_first_counts(self) -> None:
        one = change(("01005", "200802012385"), ("01005", "200803012384"))
        assert one.previous_number is not None
        assert (one.previous_number.digits, one.notes) == ("200802012385", (Note("01005", "several_numbers"),))

    def test_the_marking_of_a_post_that_is_cut_is_kept(self) -> None:
        data = b"#POST_START\n#UP 01001 200801012386\n#UP 01020 J\n#UP 010"
        (one,) = posts_in(data)
        assert one == Reject(1, None, "unknown_line", NUMBER, Protection.PROTECTED_REGISTRATION)

    def test_a_reject_shows_nobody(self) -> None:
        (one,) = Reader(io.BytesIO(content(post(("01001", NUMBER), ("01006", "TA"))))).outcomes()
        assert isinstance(one, Reject)
        assert one.number == NUMBER
        assert NUMBER not in repr(one)

"""What a change makes of a person: only what it tells, and never more than may be kept."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry_activities import Source
from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import parse
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.navet.change import Change, Reject
from services.registry.sources.navet.resident import (
    NOWHERE,
    Address,
    Applied,
    Resident,
    applied,
    population_row,
)
from tests.unit.registry.navet.notices import FILE_DATE, NUMBER, STOCKHOLM, after, change, resident

HOME = Address(None, None, "Provgatan 1", "12345", "Provstad")
BOX = Address("c/o Boendet", None, "Box 1", "54321", "Boxstad")
BOX_TERMS = (("01051", "c/o Boendet"), ("01053", "Box 1"), ("01054", "54321"), ("01055", "Boxstad"))
NO_BOX = tuple((code, "$") for code in ("01051", "01052", "01053", "01054", "01055"))
ARRIVAL = (
    *(("01008", "J"), ("01012", "Eva"), ("01014", "Ny"), ("01021", "20261001"), ("01022", "01"), ("01023", "80")),
    *(("01033", "Provgatan 9"), ("01034", "12345"), ("01035", "Provstad")),
)


def row(one: Applied) -> dict[str, object]:
    return dict(zip(LAYOUTS[Source.POPULATION].stored, population_row(one), strict=True))


def refused(known: Resident | None, told: Change, file_date: date = FILE_DATE) -> Reject:
    result = applied(known, told, home=STOCKHOLM, file_date=file_date)
    assert isinstance(result, Reject)
    return result


# What a post may hold of each term: a value, one that cannot be read, or that it is gone.
VALUES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("01003", "01020"), ("J", "N", "?", "$")),
    **{"01006": ("AV", "UV", "OB", "$"), "01008": ("J",), "01011": ("10", "20", "$"), "01012": ("Eva Mia", "$")},
    **dict.fromkeys(("01007", "01021", "01101"), ("20260915", "20260900", "$")),
    **{"01022": ("01", "12", "$"), "01023": ("80", "84", "$")},
    **dict.fromkeys(("01014", "01031", "01033", "01052"), ("Text", "$")),
    **dict.fromkeys(("01034", "01054"), ("12345", "1", "$")),
}
posts = st.fixed_dictionaries({}, optional={code: st.sampled_from(values) for code, values in VALUES.items()}).map(
    lambda terms: tuple(terms.items())
)
residents = st.builds(
    resident,
    status=st.sampled_from(Status),
    status_date=st.just(date(2026, 8, 1)),
    municipality=st.sampled_from([STOCKHOLM, "0184"]),
    protection=st.sampled_from(Protection),
    special=st.sampled_from([NOWHERE, BOX]),
)


class TestAnyPost:
    @given(residents, posts)
    def test_what_it_does_not_tell_stays(self, known: Resident, terms: tuple[tuple[str, str], ...]) -> None:
        now, codes = after(known, *terms), {code for code, _ in terms}
        if "01008" in codes:
            return
        untouched = {
            *({"first_name"} if not codes & {"01012"} else ()),
            *({"last_name"} if not codes & {"01014"} else ()),
            *({"immigrated_on"} if not codes & {"01101"} else ()),
            *({"status", "status_date"} if not codes & {"01006", "01022", "01023"} else ()),
            *({"municipality"} if not {"01022", "01023"} <= codes else ()),
            *({"protection"} if not codes & {"01003", "01020"} else ()),
            *("phone", "email", "person_number"),
        }
        for name in untouched:
            assert getattr(now, name) == getattr(known, name)

    @given(residents, posts)
    def test_no_address_is_kept_of_whom_none_may_be_kept(
        self, known: Resident, terms: tuple[tuple[str, str], ...]
    ) -> None:
        now = after(known, *terms)
        if now.protection is Protection.PROTECTED_REGISTRATION or now.status is not Status.ACTIVE:
            assert (now.registered, now.special, now.district) == (NOWHERE, NOWHERE, None)

    @given(residents, posts)
    def test_twice_is_once(self, known: Resident, terms: tuple[tuple[str, str], ...]) -> None:
        now = after(known, *terms)
        assert after(now, *terms) == now

    @given(residents, posts)
    def test_who_has_left_has_a_date(self, known: Resident, terms: tuple[tuple[str, str], ...]) -> None:
        now = after(known, *terms)
        assert now.status is Status.ACTIVE or now.status_date is not None


class TestArrivals:
    def test_who_moves_in_is_known_by_one_post(self) -> None:
        now = after(None, *ARRIVAL)
        assert (now.first_name, now.last_name, now.municipality) == ("Eva", "Ny", STOCKHOLM)
        assert (now.status, now.moved_in_on, now.district) == (Status.ACTIVE, date(2026, 10, 1), None)
        assert now.registered == Address(None, None, "Provgatan 9", "12345", "Provstad")

    def test_some_have_one_name_only(self) -> None:
        now = after(None, *(one for one in ARRIVAL if one[0] != "01014"))
        assert (now.first_name, now.last_name) == ("Eva", "")

    def test_a_post_that_does_not_say_who_is_refused(self) -> None:
        told = change(("01033", "Provgatan 2"))
        assert refused(None, told) == Reject(1, None, "incomplete", NUMBER)

    @pytest.mark.parametrize("mark", ["01003", "01020"])
    def test_of_a_protected_youth_the_number_is_enough(self, mark: str) -> None:
        now = after(None, (mark, "J"))
        assert (now.first_name, now.last_name, now.municipality) == ("", "", STOCKHOLM)
        assert now.protection is not Protection.NONE

    def test_who_does_not_live_here_is_not_taken_in(self) -> None:
        elsewhere = change(("01012", "Eva"), ("01014", "Ny"), ("01022", "01"), ("01023", "84"))
        assert refused(None, elsewhere).reason == "not_resident"
        assert refused(None, change(*ARRIVAL, ("01006", "AV"))).reason == "not_resident"

    def test_who_comes_back_has_moved_in_anew(self) -> None:
        gone = resident(status=Status.MOVED_OUT, status_date=date(2026, 1, 1), municipality="0184")
        now = after(gone, *ARRIVAL)
        assert (now.status, now.status_date, now.moved_in_on) == (Status.ACTIVE, None, date(2026, 10, 1))


class TestLeaving:
    def test_a_move_to_another_municipality(self) -> None:
        now = after(resident(), ("01021", "20260930"), ("01022", "01"), ("01023", "84"), ("01033", "Annangatan 5"))
        assert (now.status, now.status_date) == (Status.MOVED_OUT, date(2026, 9, 30))
        assert (now.municipality, now.moved_in_on) == ("0184", date(2012, 8, 15))

    def test_a_move_without_a_date_is_dated_by_the_file(self) -> None:
        assert after(resident(), ("01022", "01"), ("01023", "84")).status_date == FILE_DATE

    @pytest.mark.parametrize(("reason", "status"), [("AV", Status.DEAD), ("UV", Status.EMIGRATED)])
    def test_deregistration(self, reason: str, status: Status) -> None:
        now = after(resident(), ("01006", reason), ("01007", "20260915"))
        assert (now.status, now.status_date, now.municipality) == (status, date(2026, 9, 15), STOCKHOLM)

    def test_who_has_disappeared_is_nobodys_resident(self) -> None:
        assert after(resident(), ("01006", "OB"), ("01007", "20260915")).status is Status.MOVED_OUT

    def test_a_death_is_not_undone_by_an_address(self) -> None:
        dead = resident(status=Status.DEAD, status_date=date(2026, 9, 1))
        assert after(dead, ("01021", "20261001"), ("01022", "01"), ("01023", "80")).status is Status.DEAD

    def test_a_deregistration_taken_back(self) -> None:
        dead = resident(status=Status.DEAD, status_date=date(2026, 9, 1))
        now = after(dead, ("01006", "$"), ("01007", "$"))
        assert (now.status, now.status_date) == (Status.ACTIVE, None)

    def test_an_emigrant_returns_when_registered_later(self) -> None:
        emigrant = resident(status=Status.EMIGRATED, status_date=date(2026, 9, 1))
        here = (("01022", "01"), ("01023", "80"))
        assert after(emigrant, ("01021", "20120815"), *here).status is Status.EMIGRATED
        assert after(emigrant, ("01021", "20261001"), *here).status is Status.ACTIVE


class TestAddresses:
    def test_a_move_within_the_municipality_changes_the_address_and_no_more(self) -> None:
        now = after(resident(), ("01021", "20261001"), ("01033", "Nygatan 2"), ("01034", "12346"))
        assert now.registered == Address(None, None, "Nygatan 2", "12346", "Provstad")
        assert (now.moved_in_on, now.district, now.status) == (date(2012, 8, 15), None, Status.ACTIVE)

    def test_an_emptied_part_goes_and_an_untold_one_stays(self) -> None:
        known = resident(registered=Address("c/o X", "Port B", "Provgatan 1", "12345", "Provstad"))
        now = after(known, ("01031", "$"))
        assert now.post_address == Address(None, "Port B", "Provgatan 1", "12345", "Provstad")

    def test_post_goes_to_the_special_address_while_there_is_one(self) -> None:
        special = after(resident(), *BOX_TERMS)
        assert (special.post_address, special.registered, special.district) == (BOX, HOME, "farsta")
        moved = after(special, ("01033", "Nygatan 2"))
        assert (moved.post_address, moved.registered.street) == (BOX, "Nygatan 2")
        ended = after(moved, *NO_BOX)
        assert ended.post_address.street == "Nygatan 2"

    def test_a_total_post_without_a_special_address_ends_it(self) -> None:
        assert after(resident(special=BOX), *ARRIVAL).special == NOWHERE

    def test_the_row_has_the_address_that_post_goes_to(self) -> None:
        result = applied(resident(), change(("01052", "Port B"), *BOX_TERMS), home=STOCKHOLM, file_date=FILE_DATE)
        assert isinstance(result, Applied)
        written = row(result)
        assert [written[name] for name in ("care_of", "street", "postal_code", "city")] == [
            *("c/o Boendet", "Port B, Box 1", "54321", "Boxstad"),
        ]
        assert (written["birth_date"], written["sex"], written["status"]) == (date(2008, 1, 1), "woman", "active")


class TestProtection:
    def test_a_marking_leaves_the_address(self) -> None:
        now = after(resident(), ("01003", "J"))
        assert (now.protection, now.registered, now.district) == (Protection.MARKED, HOME, "farsta")

    def test_with_skyddad_folkbokforing_no_address_is_kept_whatever_the_post_holds(self) -> None:
        now = after(resident(special=BOX), ("01020", "J"), ("01033", "Hemliga gatan 4"), *BOX_TERMS)
        assert (now.protection, now.post_address) == (Protection.PROTECTED_REGISTRATION, NOWHERE)
        assert after(now, ("01033", "Hemliga gatan 5")).post_address == NOWHERE

    @pytest.mark.parametrize(
        ("before", "terms", "now"),
        [
            (Protection.MARKED, (("01003", "N"),), Protection.NONE),
            (Protection.MARKED, (("01020", "J"),), Protection.PROTECTED_REGISTRATION),
            (Protection.PROTECTED_REGISTRATION, (("01003", "N"),), Protection.PROTECTED_REGISTRATION),
            (Protection.PROTECTED_REGISTRATION, (("01020", "N"),), Protection.MARKED),
            (Protection.PROTECTED_REGISTRATION, (("01003", "N"), ("01020", "N")), Protection.NONE),
            (Protection.MARKED, (("01014", "Ny"),), Protection.MARKED),
            (Protection.MARKED, ARRIVAL, Protection.NONE),
        ],
    )
    def test_a_marking_goes_only_when_it_is_taken_away(
        self, before: Protection, terms: tuple[tuple[str, str], ...], now: Protection
    ) -> None:
        assert after(resident(protection=before), *terms).protection is now


class TestNumbers:
    OLD, NEW = "200808612386", "200808012389"

    @pytest.mark.parametrize(
        ("number", "terms"),
        [(OLD, (("01005", NEW), ("01006", "GS"))), (NEW, (("01005", OLD), ("01014", "Ny")))],
        ids=["post of the old number", "post of the new number"],
    )
    def test_a_new_number_takes_the_place_of_the_old(
        self, number: str, terms: tuple[tuple[str, str], ...]
    ) -> None:
        told = change(*terms, number=number)
        result = applied(resident(self.OLD), told, home=STOCKHOLM, file_date=FILE_DATE)
        assert isinstance(result, Applied)
        written = row(result)
        assert (written["person_number"], written["previous_person_number"]) == (self.NEW, self.OLD)
        assert (written["status"], written["street"]) == ("active", "Provgatan 1")

    def test_a_late_post_with_the_old_number_is_of_the_same_person(self) -> None:
        told = change(("01014", "Ny"), number=self.OLD)
        result = applied(resident(self.NEW), told, home=STOCKHOLM, file_date=FILE_DATE)
        assert isinstance(result, Applied)
        assert (result.resident.person_number, result.previous) == (parse(self.NEW), parse(self.OLD))


class TestOrder:
    def test_an_older_file_does_not_overwrite_a_newer_one(self) -> None:
        known = resident(told_on=FILE_DATE)
        told = change(("01014", "Gammal"), ("01003", "J"))
        assert refused(known, told, FILE_DATE - timedelta(days=1)) == Reject(
            *(1, None, "superseded", NUMBER, Protection.MARKED)
        )
        assert after(known, ("01014", "Ny")).last_name == "Ny"  # of the same day: the later post counts

    def test_the_row_is_of_the_population_layout(self) -> None:
        result = applied(resident(), change(("01014", "Ny")), home=STOCKHOLM, file_date=FILE_DATE)
        assert isinstance(result, Applied)
        assert set(row(result)) == set(LAYOUTS[Source.POPULATION].stored)
        carried = {one.name for one in fields(Resident)} & set(row(result)) - {"person_number"}
        assert {name: row(result)[name] for name in carried} == {
            name: getattr(result.resident, name) for name in carried
        }

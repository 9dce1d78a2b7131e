"""The list of a pair's visits on paper: what is on it, in which order, and what never is."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader

from services.notifications.day_list.render import pdf_of
from services.notifications.day_list.rows import PlannedVisit, Row, rows_of
from services.notifications.domain.recipients import PostalAddress, Recipient
from services.notifications.sender import read_sender

DAY = date(2026, 10, 12)
TEN = datetime(2026, 10, 12, 8, tzinfo=UTC)  # in Stockholm


def visit(hours: float = 0, state: str = "booked") -> PlannedVisit:
    return PlannedVisit(visit_id=uuid4(), youth_id=uuid4(), starts_at=TEN + timedelta(hours=hours), state=state)


def home(postal_code: str = "12345", care_of: str | None = None, **flags: bool) -> Recipient:
    address = PostalAddress(care_of=care_of, street="Exempelvägen 1", postal_code=postal_code, city="Farsta")
    known = {"covered": True, "protected": False, **flags}
    return Recipient(name="Alex Exempel", address=address, phone="+46701740611", **known)


def text(rows: list[Row]) -> str:
    pdf = pdf_of(DAY, ["s-1007", "s-1042"], rows, read_sender(), TEN)
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def test_the_order_is_that_of_the_times_and_then_of_postal_codes() -> None:
    late, early, beside, nearest = visit(3), visit(0), visit(1), visit(1)
    found = {
        late.youth_id: home("10000"), early.youth_id: home("19999"), beside.youth_id: home("12902"),
        nearest.youth_id: home("12345"),
    }  # fmt: skip
    rows = rows_of([late, early, beside, nearest], found)
    assert [(row.time, row.postal_code) for row in rows] == [
        ("10.00", "199 99"), ("11.00", "123 45"), ("11.00", "129 02"), ("13.00", "100 00"),
    ]  # fmt: skip


def test_who_is_protected_not_covered_or_unknown_is_not_on_it_nor_a_visit_that_is_over() -> None:
    protected, ended, unknown, done, kept = visit(), visit(), visit(), visit(state="done"), visit(5)
    found = {
        protected.youth_id: Recipient(covered=True, protected=True),
        ended.youth_id: home(covered=False),
        done.youth_id: home(),
        kept.youth_id: home(),
    }
    assert [row.at for row in rows_of([protected, ended, unknown, done, kept], found)] == [kept.starts_at]
    # Whatever the registry says beside it: the flag decides.
    assert rows_of([protected], {protected.youth_id: home(protected=True)}) == []


def test_the_paper_has_time_name_street_and_postal_code_and_no_more_of_the_youth() -> None:
    planned = visit()
    said = text(rows_of([planned], {planned.youth_id: home(care_of="c/o Andersson")}))
    for needed in ("måndag 12 oktober 2026", "10.00", "Alex Exempel", "c/o Andersson", "Exempelvägen 1", "123 45"):
        assert needed in said
    for too_much in ("Farsta", "070-174", str(planned.youth_id), str(planned.visit_id), "c/o c/o"):
        assert too_much not in said
    assert "checka ut när ni båda är ute" in said


def test_without_an_address_the_two_are_told_to_ask() -> None:
    planned = visit()
    said = text(rows_of([planned], {planned.youth_id: home().model_copy(update={"address": None})}))
    assert "Adress saknas" in said


@pytest.mark.parametrize("name", ['#read("/etc/passwd")', "$x$ *a* _b_", "\\", "Łukasz Đorđe Çelik"])
def test_a_name_is_text_and_never_markup(name: str) -> None:
    said = text([Row(TEN, name, "", "Exempelvägen 1", "123 45")])
    assert re.sub(r"\s", "", name) in re.sub(r"\s", "", said)


def test_a_day_without_visits_says_so() -> None:
    assert "Inga hembesök den här dagen" in text([])

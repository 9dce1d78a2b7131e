"""The funnel as a picture: well-formed, in Swedish, and readable without seeing it."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

from contracts.messages import MessageKind
from contracts.reasons import ReachedBy, WatchReason
from contracts.tasks import TaskKind
from services.reporting import picture
from services.reporting.domain.funnel import END_REASONS, Funnel, Row, make_funnel
from services.reporting.domain.period import Period

SVG = "{http://www.w3.org/2000/svg}"
PERIOD = Period(date(2025, 7, 1), date(2025, 11, 24))


def a_funnel(*rows: Row, district: str | None = None) -> Funnel:
    # 12:05 UTC is 13.05 in Stockholm in winter
    return make_funnel(rows, PERIOD, district, datetime(2025, 11, 24, 12, 5, tzinfo=UTC))


FULL = a_funnel(
    Row("farsta", "covered", None, 7513),
    Row("farsta", "sought", None, 1948),
    Row("farsta", "reached", "call", 1600),
    Row("farsta", "reached", "manual", 1),
    Row("farsta", "efforts_made", "call", 4),
    Row("farsta", "efforts_answered", "call", 1),
)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_it_has_a_title_and_says_every_main_figure_in_words() -> None:
    root = ET.fromstring(picture.draw(FULL))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    assert root.findtext(f"{SVG}title") == "Uppsökande arbete 1 juli – 24 november 2025, Hela kommunen"
    described = root.findtext(f"{SVG}desc") or ""
    assert "Omfattas av ansvaret: 7\xa0513 (100\xa0%), sökta: 1\xa0948 (26\xa0%)" in described
    assert "telefonsamtal 1\xa0600 (100\xa0%)" in described
    assert "av särskild handläggare 1 (<1\xa0%)" in described
    assert "Farsta: omfattas 7\xa0513" in described


def test_it_stamps_stockholm_time() -> None:
    assert "Framtagen 24 november 2025 kl. 13.05, svensk tid." in texts(picture.draw(FULL))


def test_with_nobody_covered_it_is_still_a_picture() -> None:
    said = texts(picture.draw(a_funnel(district="farsta")))
    assert said[:2] == [
        "Uppsökande arbete 1 juli – 24 november 2025",
        "Farsta · kommunens aktivitetsansvar · unika ungdomar",
    ]
    assert said.count("Inga i perioden") == 3


def test_a_name_cannot_break_the_document() -> None:
    svg = picture.draw(a_funnel(Row("<b>&", "covered", None, 1)))
    assert "<b>&" in texts(svg)


def test_no_bar_is_wider_than_its_track() -> None:
    root = ET.fromstring(picture.draw(FULL))
    assert all(0 <= float(rect.get("width", "0")) <= 1000 for rect in root.iter(f"{SVG}rect"))


def test_every_code_has_a_swedish_name() -> None:
    assert set(picture.WAYS) == set(ReachedBy)
    assert set(picture.EFFORTS) == {*MessageKind, TaskKind.CALL, TaskKind.HOME_VISIT}
    assert set(picture.END_REASONS) == set(END_REASONS)
    assert set(picture.WATCHES) == set(WatchReason)

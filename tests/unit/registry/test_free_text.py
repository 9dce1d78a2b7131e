"""What a free text is warned about, and what not."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.problems import Problem
from services.registry.api.free_text import check_texts
from services.registry.domain import free_text
from services.registry.domain.free_text import Code, TextWarning, warnings
from tests.unit.registry.test_person_number import birth_numbers, births, number

DATA: dict[str, Any] = json.loads(free_text.WORDS.read_text(encoding="utf-8"))
PATTERNS = [(Code(code), pattern) for code, patterns in DATA["patterns"].items() for pattern in patterns]
EXCEPTIONS: list[str] = DATA["exceptions"]
# Nothing here is anybody's secret, nor part of a pattern of several words.
PLAIN = ("vill", "börja", "skolan", "till", "hösten", "och", "söker", "jobb", "avbrott", "mentor", "måndag", "kl")

plain_words = st.lists(st.sampled_from(PLAIN), max_size=6)
endings = st.text("abdehkmnorstuåäö", max_size=4)
casings = st.sampled_from((str.lower, str.upper, str.capitalize))
marks = st.sampled_from(("", ".", ",", "!", ")", '"'))


def codes(text: str) -> set[Code]:
    return {one.code for one in warnings(text)}


@st.composite
def written(draw: st.DrawFn, pattern: str) -> str:
    """A pattern as somebody writes it: letters for its stars, any case, a mark after it."""
    words = [word.replace("*", draw(endings)) for word in pattern.split()]
    return str(draw(casings)(" ".join(words))) + draw(marks)


@given(st.sampled_from(PATTERNS), st.data(), plain_words, plain_words)
def test_every_pattern_warns_of_its_kind_at_its_word(
    one: tuple[Code, str], data: st.DataObject, before: list[str], after: list[str]
) -> None:
    code, pattern = one
    text = " ".join([*before, data.draw(written(pattern.replace("*", ""))), *after])
    assert TextWarning(len(before) + 1, code) in warnings(text)


@given(st.sampled_from(EXCEPTIONS), st.data(), plain_words, plain_words)
def test_no_exception_warns(exception: str, data: st.DataObject, before: list[str], after: list[str]) -> None:
    assert warnings(" ".join([*before, data.draw(written(exception.replace("*", ""))), *after])) == []


@given(plain_words)
def test_what_is_everybodys_does_not_warn(words: list[str]) -> None:
    assert warnings(" ".join(words)) == []


SENSITIVE: list[tuple[str, Code]] = [
    ("Mår dåligt sedan i höstas", Code.HEALTH),
    ("utredning om ADHD/autism", Code.HEALTH),
    ("har fått en depressions-diagnos", Code.HEALTH),
    ("sjukskriven till mars", Code.HEALTH),
    ("behandlas i sjukvården", Code.HEALTH),
    ("tidigare spelmissbruk", Code.DRUGS),
    ("miss-bruk", Code.DRUGS),
    ("kontakt med Mini-Maria", Code.DRUGS),
    ("använder drogen varje dag", Code.DRUGS),
    ("misstänks för våldsbrott", Code.CRIME),
    ("sitter på häktet", Code.CRIME),
    ("går i moskén", Code.RELIGION),
    ("familjen är romsk", Code.ETHNICITY),
    ("politiskt aktiv", Code.POLITICS),
    ("är homosexuell", Code.SEXUAL_LIFE),
    ("säljer sex", Code.SEXUAL_LIFE),
    ("medlem i fackförening", Code.TRADE_UNION),
    ("mi\u00adssbru\u200bk", Code.DRUGS),
    ("a\u030angest", Code.HEALTH),
    ("ＡＤＨＤ", Code.HEALTH),
]


@pytest.mark.parametrize(("text", "code"), SENSITIVE)
def test_sensitive_sentences_warn(text: str, code: Code) -> None:
    assert codes(text) == {code}


@pytest.mark.parametrize(
    "text",
    [
        "sjukvårdsutbildning",
        "Vill gå Vård- och omsorgsprogrammet",
        "vill jobba inom vården, helst som undersköterska",
        "läser till sjuksköterska",
        "Studieavbrott i mars, avbrottet meddelat av skolan",
        "saknar religionskunskap 1 och psykologi",
        "tränar brottning",
        "mötet drog ut på tiden",
        "vårdnadshavaren ringer om sex veckor",
        "praktik på sjukhuset i åtta veckor",
        "diagnostiskt prov i matematik",
        "jobbar som kriminalvårdare",
        "kommunal vuxenutbildning",
        "Barn- och fritidsprogrammet",
        "möte 15/9 kl 10.30-11.30, ring 070-174 06 05",
        "",
    ],
)
def test_what_youths_do_and_want_does_not_warn(text: str) -> None:
    assert warnings(text) == []


def test_every_exception_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that lifts nothing hides a mistake in the list."""
    data = {**DATA, "exceptions": []}
    monkeypatch.setattr(free_text, "_patterns", lambda: free_text._read(data))
    assert [one for one in EXCEPTIONS if not warnings(one.replace("*", ""))] == []


def test_the_list_is_kept_in_order() -> None:
    assert set(DATA["patterns"]) == set(Code) - {Code.PERSON_NUMBER}
    for words in (*DATA["patterns"].values(), EXCEPTIONS):
        assert len(set(words)) == len(words)
        assert [word for word in words if word != word.casefold() or "-" in word or "  " in word] == []


# --- person numbers -------------------------------------------------------------------------------

separators = st.text("-–+ ./", max_size=3)
hidden = st.sampled_from(("", "\u200b", "\u00ad"))


@given(births, birth_numbers, st.booleans(), st.booleans(), plain_words, st.data())
def test_a_person_number_is_found_in_any_spelling(
    born: date, birth_number: str, coordination: bool, short: bool, before: list[str], data: st.DataObject
) -> None:
    digits = number(born, birth_number, coordination=coordination)[2 if short else 0 :]
    date_part, last_four = digits[:-4], digits[-4:]
    text = "".join(digit + data.draw(separators) for digit in date_part)
    text += "".join(digit + data.draw(hidden) for digit in last_four)
    if data.draw(st.booleans()):
        text = text.translate({ord("0") + value: 0x0660 + value for value in range(10)})
    found = warnings(" ".join([*before, text, "efter"]))
    assert TextWarning(len(before) + 1, Code.PERSON_NUMBER) in found


@given(births, birth_numbers, st.integers(1, 9), st.booleans())
def test_with_another_check_digit_it_is_no_person_number(
    born: date, birth_number: str, shift: int, short: bool
) -> None:
    digits = number(born, birth_number)
    wrong = f"{digits[:11]}{(int(digits[11]) + shift) % 10}"
    assert warnings(f"ärende {wrong[2:] if short else wrong}") == []


def test_usual_spellings() -> None:
    digits = number(date(2007, 3, 1), "239")
    day, month, year, last = digits[6:8], digits[4:6], digits[:4], digits[8:]
    for text in (
        digits, f"{digits[2:8]}-{last}", f"{digits[:8]}-{last}", f"{year}-{month}-{day} {last}",
        f"pnr:{digits[2:]}.", f"({digits[2:8]} + {last})", f"{year}/{month}/{day}\u2013{last}", " ".join(digits),
        f"ring 070-174 06 05, {digits[2:8]} {last}",
    ):  # fmt: skip
        assert codes(text) == {Code.PERSON_NUMBER}, text


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = warnings(text)
    assert found == sorted(set(found))
    assert all(1 <= one.word_position <= max(1, len(text.split()) + text.count("\u180e")) for one in found)


# --- the check before saving ----------------------------------------------------------------------


def test_a_text_is_saved_when_confirmed() -> None:
    texts = {"goal": "Vill gå Vård- och omsorgsprogrammet", "note": "mår dåligt", "other": None}
    check_texts(texts, confirmed=True)
    with pytest.raises(Problem) as refused:
        check_texts(texts, confirmed=False)
    assert (refused.value.status, refused.value.code) == (409, "free-text-warning")
    assert refused.value.extensions["warnings"] == [{"field": "note", "word_position": 1, "code": "health"}]
    assert b"ligt" not in bytes(refused.value.response().body)


def test_a_person_number_is_never_saved() -> None:
    digits = number(date(2007, 3, 1), "239")
    with pytest.raises(Problem) as refused:
        check_texts({"note": f"syskon till {digits}, mår dåligt"}, confirmed=True)
    assert (refused.value.status, refused.value.code) == (422, "person-number-in-text")
    assert refused.value.extensions["warnings"] == [{"field": "note", "word_position": 3, "code": "person_number"}]

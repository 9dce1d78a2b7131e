"""What a coordinator is told about a faulty policy: every fault is a Swedish sentence that names its field."""

import ast
import inspect
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import policy as policy_contract
from services.outreach.domain import policy_faults
from services.outreach.domain.policy import PolicyInvalid, parse_policy, policy_of
from services.outreach.domain.policy_faults import Fault
from services.outreach.domain.policy_proposal import Proposal, faults_of_time_and_place, read_proposal
from services.outreach.domain.policy_rules import rules_of_the_plan
from services.outreach.settings import POLICIES

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
SLOT = {"name": "dag", "start": "09:00", "end": "12:00"}
DURATION = "skriv en tidslängd, till exempel P14D (14 dagar), P1D (en dag) eller PT30M (30 minuter)."
FIRST_WINDOW = "Svarstid efter första brevet och sms:et"
CALL_TIMES = "Tider på dagen för samtal"
# What pydantic says for itself begins with one of these, or with English like it.
ENGLISH = ("Input ", "Field ", "Extra ", "Value ", "Assertion ", "should be", "must be", "unable to", "expected")


def told(**fields: Any) -> list[tuple[str, str]]:
    """The faults of Stockholm's document with fields replaced; None takes the field away."""
    content = {name: value for name, value in {**DOCUMENT, **fields}.items() if value is not None}
    with pytest.raises(PolicyInvalid) as invalid:
        policy_of(content)
    return [(fault.field, fault.message) for fault in invalid.value.faults]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"answer_window": None}, "answer_window", f"{FIRST_WINDOW}: saknas. Lägg till fältet."),
        ({"answer_window": "two weeks"}, "answer_window", f"{FIRST_WINDOW}: {DURATION}"),
        ({"answer_window": 14}, "answer_window", f"{FIRST_WINDOW}: {DURATION}"),
        (
            {"answr_window": "P1D"},
            "answr_window",
            f'Fältet "answr_window" finns inte. Menade du "answer_window" ({FIRST_WINDOW})? Rätta namnet.',
        ),
        (
            {"Antal försök att ringa": 4},
            "Antal försök att ringa",
            'Fältet "Antal försök att ringa" finns inte. Menade du "call_attempts" (Antal försök att ringa)? '
            "Rätta namnet.",
        ),
        ({"x": 1}, "x", 'Fältet "x" finns inte. Rätta namnet eller ta bort fältet.'),
        (
            {"call_attempts": 2},
            "call_attempts",
            "Antal försök att ringa: får vara minst 3. Höj värdet. Planen 4.2.2 kräver minst tre försök.",
        ),
        (
            {"start_within_days": 31},
            "start_within_days",
            "Sökandet börjar senast, dagar efter registreringen: får vara högst 30. Sänk värdet. "
            "Sökandet ska börja inom en månad från registreringen (planen 4.2.2).",
        ),
        (
            {"call_attempts": "3"},
            "call_attempts",
            "Antal försök att ringa: skriv ett heltal med siffror, utan citattecken.",
        ),
        (
            {"municipality": "180"},
            "municipality",
            'Kommunkod: skriv kommunens fyra siffror inom citattecken, till exempel "0180".',
        ),
        (
            {"holidays": ["2026-13-01"]},
            "holidays.0",
            "Helgdagar, nummer 1: skriv ett datum, till exempel 2026-12-24.",
        ),
        (
            {"holidays": ["2026-12-25", "2026-12-24"]},
            "holidays",
            "Helgdagar: skriv datumen i ordning och varje datum bara en gång.",
        ),
        (
            {"call_slots": [{**SLOT, "start": "nine"}]},
            "call_slots.0.start",
            f"{CALL_TIMES}, nummer 1, börjar: skriv ett klockslag, till exempel 08:30.",
        ),
        (
            {"call_slots": [{**SLOT, "start": "09:00Z"}]},
            "call_slots.0.start",
            f"{CALL_TIMES}, nummer 1, börjar: skriv klockslaget utan tidszon, till exempel 08:30. "
            "Det är alltid Stockholms tid.",
        ),
        (
            {"call_slots": []},
            "call_slots",
            f"{CALL_TIMES}: ska ha minst 1 i listan. Lägg till. Utan tider kan ingen ringas.",
        ),
        (
            {"call_slots": [SLOT]},
            "call_slots",
            f"{CALL_TIMES}: försöken ska göras vid olika tider på dagen, men det finns bara en. "
            "Lägg till minst en tid i call_slots.",
        ),
        (
            {"call_slots": [SLOT, {**SLOT, "name": "kväll", "start": "11:00"}]},
            "call_slots",
            f'{CALL_TIMES}: tiderna "dag" och "kväll" går in i varandra. Ändra början eller slutet.',
        ),
        (
            {"call_slots": [SLOT, {**SLOT, "start": "13:00", "end": "15:00"}]},
            "call_slots",
            f'{CALL_TIMES}: två tider heter "dag". Ge dem olika namn.',
        ),
        (
            {"visit_hours": {**SLOT, "end": "08:00"}},
            "visit_hours",
            "Tider för hembesök: slutet måste vara senare än början. Ändra det ena klockslaget.",
        ),
        (
            {"start_spread_days": 30, "start_within_days": 20},
            "start_spread_days",
            "Starterna sprids över så många dagar: starterna kan inte spridas över fler dagar än sökandet får "
            "dröja. Sänk start_spread_days eller höj start_within_days.",
        ),
        (
            {"watch_intervals": {"works": "P180D"}},
            "watch_intervals",
            "Ny kontakt under bevakning efter: anledningar saknas: declined (har tackat nej), "
            "measure_ended (insatsen har avslutats), not_reached (har inte nåtts), "
            "other_occupation (annan sysselsättning), studies_other (studerar något annat). Lägg till dem.",
        ),
        (
            {"watch_intervals": {**DOCUMENT["watch_intervals"], "decline": "P1D"}},
            "watch_intervals.decline",
            'Fältet "decline" finns inte. Menade du "declined" (har tackat nej)? Rätta namnet.',
        ),
        (
            {"call_gap": "PT0S"},
            "call_gap",
            "Tid mellan två försök att ringa: måste vara längre än ingen tid alls, annars kommer allt på en gång. "
            "Höj värdet.",
        ),
        (
            {"tried_window": "-P1D"},
            "tried_window",
            "Svarstid efter brevet om att vi har sökt dig: kan inte vara negativ. Ta bort minustecknet.",
        ),
        (
            {"follow_up_interval": "P9999D"},
            "follow_up_interval",
            "Tid mellan uppföljningar av den som får stöd: får vara högst två år. Sänk värdet.",
        ),
        (
            {"task_due_working_days": {**DOCUMENT["task_due_working_days"], "call": 9_999}},
            "task_due_working_days.call",
            "Arbetsdagar till en uppgift ska vara klar, ringa: är orimligt stort. Sänk värdet.",
        ),
        ({"version": "a\0b"}, "version", "Policyns namn (version): skriv 1-60 vanliga tecken på en rad."),
    ],
)
def test_a_fault_names_its_field_and_says_what_to_do(fields: dict[str, Any], field: str, message: str) -> None:
    assert told(**fields) == [(field, message)]


# --- rules beyond the form ---


def plan_faults(**fields: Any) -> list[tuple[str, str]]:
    return [(one.field, one.message) for one in rules_of_the_plan(policy_of({**DOCUMENT, **fields}))]


def test_the_plans_own_policy_keeps_its_rules() -> None:
    assert plan_faults() == []


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"calls_in_distinct_slots": False}, "calls_in_distinct_slots", "försök vid olika tillfällen"),
        ({"call_gap": "PT4H"}, "call_gap", "på olika dagar. Skriv minst P1D"),
        ({"sending_hours": {**SLOT, "end": "00:00"}}, "sending_hours", "mellan kl. 07.00 och 21.00"),
        ({"sending_hours": {**SLOT, "start": "06:59"}}, "sending_hours", "mellan kl. 07.00 och 21.00"),
        ({"visit_hours": {**SLOT, "end": "21:01"}}, "visit_hours", "mellan kl. 07.00 och 21.00"),
        (
            {"call_slots": [SLOT, {"name": "sent", "start": "20:00", "end": "22:00"}]},
            "call_slots.1",
            "mellan kl. 07.00 och 21.00",
        ),
    ],
)
def test_a_policy_that_breaks_with_the_plan_is_refused(fields: dict[str, Any], field: str, said: str) -> None:
    ((place, message),) = plan_faults(**fields)
    assert place == field
    assert said in message


def timely(start: date, today: date = date(2026, 11, 25), **fields: Any) -> list[tuple[str, str]]:
    proposal = Proposal(policy_of({**DOCUMENT, **fields}), start)
    return [(one.field, one.message) for one in faults_of_time_and_place(proposal, today, "0180")]


def test_holidays_cover_the_coming_school_year() -> None:
    assert timely(date(2027, 1, 7)) == []
    # From 7 January 2027 the coming school year ends in June 2028: Easter 2028 is needed, Christmas 2028 is not.
    until = [one for one in DOCUMENT["holidays"] if one < "2028-07-01"]
    assert timely(date(2027, 1, 7), holidays=until) == []
    assert timely(date(2027, 7, 1), holidays=until) == []
    ((field, message),) = timely(date(2027, 7, 2), holidays=until)
    assert field == "holidays"
    assert "helgdagar saknas till och med läsåret som slutar 30 juni 2029: 4 november 2028" in message
    without_easter = [one for one in until if one != "2028-04-17"]
    assert timely(date(2027, 1, 7), holidays=without_easter)[0][1].endswith("17 april 2028. Lägg till dem.")
    # Midsummer's Eve is no holiday by law: the municipality's own to decide.
    assert timely(date(2027, 1, 7), holidays=[one for one in until if one != "2027-06-25"]) == []
    assert timely(date(2027, 1, 7), holidays=[], working_days_only=False) == []


def test_it_takes_effect_tomorrow_at_the_earliest_and_within_two_years() -> None:
    assert timely(date(2026, 11, 26)) == []
    assert timely(date(2026, 11, 25)) == [
        ("effective_from", "Gäller från: tidigast i morgon, 26 november 2026. Välj en senare dag.")
    ]
    assert timely(date(2206, 1, 1))[0] == (
        "effective_from",
        "Gäller från: senast 24 november 2028. Välj en tidigare dag.",
    )


def test_it_is_for_the_municipality_that_it_is_given_to() -> None:
    assert timely(date(2027, 1, 7), municipality="1480") == [
        ("municipality", "Kommunkod: den här tjänsten är för kommun 0180. Skriv den koden.")
    ]


# --- the proposal around it ---


def proposal(version: str | None = "stockholm-2027.1", **members: Any) -> list[tuple[str, str]]:
    body = {"document": {**DOCUMENT, "version": "stockholm-2027.1"}, "effective_from": "2027-01-07", **members}
    with pytest.raises(PolicyInvalid) as invalid:
        read_proposal(json.dumps({name: value for name, value in body.items() if value is not None}), version)
    return [(fault.field, fault.message) for fault in invalid.value.faults]


@pytest.mark.parametrize("date_sent", ["soon", "2027-02-30", "20270107", 20270107, True, "2027-W01-1"])
def test_the_effective_date_is_a_date(date_sent: Any) -> None:
    assert proposal(effective_from=date_sent) == [
        ("effective_from", "Gäller från: skriv ett datum, till exempel 2026-12-24.")
    ]


def test_document_and_date_are_needed_and_nothing_else() -> None:
    assert proposal(document=None, effective_from=None) == [
        ("document", "Policyn: saknas. Lägg till fältet."),
        ("effective_from", "Gäller från: saknas. Lägg till fältet."),
    ]
    assert proposal(effective="2027-01-07") == [
        ("effective", 'Fältet "effective" finns inte. Menade du "effective_from" (Gäller från)? Rätta namnet.')
    ]
    assert proposal(document=[]) == [("", "Dokumentet: skriv fält och värden inom klamrar, { och }.")]


@pytest.mark.parametrize("name", ["schema", "preview", "Stockholm", "a/b", "å-1", "x", "a" * 61])
def test_a_version_has_a_name_that_fits_an_address(name: str) -> None:
    ((field, message),) = proposal(None, document={**DOCUMENT, "version": name})
    assert (field, message[:24]) == ("version", "Policyns namn (version):")


def test_a_version_has_the_name_of_its_address() -> None:
    assert proposal("stockholm-2027.2") == [
        ("version", "Policyns namn (version): skriv samma namn som i adressen.")
    ]


# --- whatever is sent ---

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["P1D", "-P3D", "P9000D", "PT0S", "P99999999999D", "09:00", "23:30:30.5Z", "2026-12-24"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(content: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    return [place, *(one for part, value in inside for one in places(value, (*place, part)))]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Stockholm's document, changed in one to three places."""
    content = json.loads(json.dumps(DOCUMENT))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(content)))
        if not place:
            content = draw(st.one_of(VALUES, st.just(content)))
            continue
        holder = content
        for part in place[:-1]:
            holder = holder[part]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                holder[place[-1]] = draw(VALUES)
            case "remove":
                del holder[place[-1]]
            case _ if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = draw(VALUES)
            case _:
                holder.append(draw(VALUES))
    return json.dumps(content)


@given(mutated(), st.sampled_from(["2027-01-07", "soon", ""]))
@settings(max_examples=150, deadline=None)
def test_any_document_is_a_policy_or_is_told_its_faults_in_swedish(text: str, start: str) -> None:
    faults = [
        *found(lambda: parse_policy(text)),
        *found(lambda: read_proposal('{"document": ' + text + ', "effective_from": "' + start + '"}')),
    ]
    for one in faults:
        assert one.message.endswith(".")
        assert policy_faults.UNKNOWN not in one.message  # each kind of error has words of its own
        said = one.message.replace(one.field.rpartition(".")[2], "")
        assert not any(english in said for english in ENGLISH), one.message


def found(read: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        read()
    except PolicyInvalid as invalid:
        return invalid.faults or (Fault("", "refused without a word"),)
    return ()


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_is_told_its_faults(text: str) -> None:
    with pytest.raises(PolicyInvalid) as invalid:
        parse_policy(text)
    assert all(one.message.endswith(".") for one in invalid.value.faults)


def test_every_refusal_of_the_contract_has_a_swedish_sentence() -> None:
    """Whoever adds a validator to contracts.policy raises a PydanticCustomError, and adds what its code means."""
    known = set(policy_faults.SENTENCES) | set(policy_faults.SENTENCES_WITH)
    raised = [
        node for node in ast.walk(ast.parse(inspect.getsource(policy_contract))) if isinstance(node, ast.Raise)
    ]
    assert raised
    for node in raised:
        assert isinstance(node.exc, ast.Call)
        assert isinstance(node.exc.func, ast.Name)
        assert node.exc.func.id == "PydanticCustomError", ast.unparse(node)
        (code, *_) = node.exc.args
        assert isinstance(code, ast.Constant)
        assert code.value in known, f"{code.value!r} has no sentence in policy_faults"

"""What a coordinator is told about a faulty policy: every fault is a Swedish sentence that names its field."""

import ast
import inspect
import json
from typing import Any

import pytest

from services.outreach.domain import policy_faults
from services.outreach.domain.policy import PolicyInvalid, policy_of
from services.outreach.domain.policy_words import models_and_codes
from services.outreach.settings import POLICIES

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
SLOT = {"name": "dag", "start": "09:00", "end": "12:00"}
DURATION = "skriv en tidslängd, till exempel P14D (14 dagar), P1D (en dag) eller PT30M (30 minuter)."
FIRST_WINDOW = "Svarstid efter första brevet och sms:et"
CALL_TIMES = "Tider på dagen för samtal"


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
        (
            {"further_letters": ["P7D", "PT0S"]},
            "further_letters.1",
            "Fler brev om att vi har sökt dig, nummer 2: måste vara längre än ingen tid alls, annars kommer allt "
            "på en gång. Höj värdet.",
        ),
        (
            {"waves": {"term_from": "02-29"}},
            "waves.term_from",
            "Stora utskick, terminsutskicket börjar tidigast (månad-dag): välj en dag som finns varje år.",
        ),
        (
            {"studiebevis": {"letter_on": "september"}},
            "studiebevis.letter_on",
            "Ungdomar med studiebevis, brev till den som inte nåddes (månad-dag): skriv månad och dag inom "
            'citattecken, till exempel "09-15".',
        ),
        (
            {"intake": "soon"},
            "intake",
            "Hur sökandet börjar: välj ett av spread (spritt över dagarna), "
            "capacity (äldst först, så många som personalen hinner).",
        ),
        ({"version": "a\0b"}, "version", "Policyns namn (version): skriv 1-60 vanliga tecken på en rad."),
    ],
)
def test_a_fault_names_its_field_and_says_what_to_do(fields: dict[str, Any], field: str, message: str) -> None:
    assert told(**fields) == [(field, message)]


def test_every_refusal_of_the_contract_has_a_swedish_sentence() -> None:
    """Validators of what a policy is made of raise a PydanticCustomError, and its code is told in Swedish."""
    known = set(policy_faults.SENTENCES) | set(policy_faults.SENTENCES_WITH)
    models = {one for one in models_and_codes() if not isinstance(one, str)}
    trees = [ast.parse(inspect.getsource(model)) for model in models]
    raised = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    assert raised
    for node in raised:
        assert isinstance(node.exc, ast.Call)
        assert isinstance(node.exc.func, ast.Name)
        assert node.exc.func.id == "PydanticCustomError", ast.unparse(node)
        (code, *_) = node.exc.args
        assert isinstance(code, ast.Constant)
        assert code.value in known, f"{code.value!r} has no sentence in policy_faults"

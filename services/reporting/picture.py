"""The funnel as a picture (SVG) that reads in Swedish, with every figure as text.

Colours have a contrast of at least 4.5:1 for text and 3:1 for bars on white (WCAG 2.1 AA), and nothing
is told by colour alone. `templates/funnel.svg` draws; what is said is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind
from contracts.reasons import EndReason, ReachedBy, WatchReason
from contracts.tasks import TaskKind
from services.reporting.domain.funnel import Figures, Funnel

MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip

WAYS: Mapping[str, str] = {
    ReachedBy.SMS_ANSWER: "Svarade på sms",
    ReachedBy.ANSWER_PAGE: "Svarade på webben",
    ReachedBy.CALL: "Telefonsamtal",
    ReachedBy.INBOUND_CALL: "Ringde oss",
    ReachedBy.DROP_IN: "Kom till oss",
    ReachedBy.HOME_VISIT: "Hembesök",
    ReachedBy.GUARDIAN: "Genom vårdnadshavare",
    ReachedBy.MANUAL: "Av särskild handläggare",
}
EFFORTS: Mapping[str, str] = {
    MessageKind.FIRST_LETTER: "Första brev",
    MessageKind.FIRST_SMS: "Första sms",
    TaskKind.CALL: "Telefonsamtal",
    MessageKind.TRIED_LETTER: "Brev: vi har sökt dig",
    MessageKind.TRIED_SMS: "Sms: vi har sökt dig",
    MessageKind.DOOR_CARD: "Knackakort",
    TaskKind.HOME_VISIT: "Hembesök",
    MessageKind.VISIT_CALLED_OFF_LETTER: "Brev: inställt besök",
    MessageKind.VISIT_CALLED_OFF_SMS: "Sms: inställt besök",
    MessageKind.RECONTACT_LETTER: "Brev: ny kontakt",
    MessageKind.TERM_LETTER: "Höstens brev",
    MessageKind.TERM_SMS: "Höstens sms",
    MessageKind.TURNS_20_LETTER: "Brev inför 20 år",
}
END_REASONS: Mapping[str, str] = {
    EndReason.STARTED_SCHOOL: "Började skolan",
    EndReason.EXAM: "Examen eller gymnasiebevis",
    EndReason.EQUIVALENT_EDUCATION: "Likvärdig utbildning",
    EndReason.MOVED_OUT: "Flyttade från kommunen",
    EndReason.EMIGRATED: "Utvandrade",
    EndReason.DEAD: "Avled",
    EndReason.TURNED_20: "Fyllde 20 år",
}
WATCHES: Mapping[str, str] = {
    WatchReason.WORKS: "Arbetar",
    WatchReason.STUDIES_OTHER: "Annan utbildning",
    WatchReason.OTHER_OCCUPATION: "Annan sysselsättning",
    WatchReason.DECLINED: "Tackade nej",
    WatchReason.MEASURE_ENDED: "Stödet avslutat",
    WatchReason.NOT_REACHED: "Inte nådda",
    WatchReason.APPLIED: "Har sökt skola",
}


NOTES = (
    "En ungdom räknas en gång, i det stadsdelsområde där hen senast var folkbokförd i perioden.",
    "Nådda räknas på det första sättet i perioden. "
    "Svar: ungdomen svarade, talade med oss i telefon eller träffades vid dörren.",
)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    n: int
    share: float | None  # of the whole, 0-1; None when there is no whole

    @property
    def said(self) -> str:
        return number(self.n) if self.share is None else f"{number(self.n)} ({percent(self.share)})"


def number(n: int) -> str:
    """Return a whole number the Swedish way: 7 513, with a non-breaking space."""
    return f"{n:,}".replace(",", "\N{NO-BREAK SPACE}")


def percent(share: float) -> str:
    whole = round(share * 100)
    return f"{'<1' if share and not whole else whole}\N{NO-BREAK SPACE}%"


def day(value: date, *, with_year: bool = True) -> str:
    text = f"{value.day} {MONTHS[value.month - 1]}"
    return f"{text} {value.year}" if with_year else text


def period(first: date, last: date) -> str:
    return f"{day(first, with_year=first.year != last.year)} – {day(last)}"


def stamp(at: datetime) -> str:
    local = at.astimezone(STOCKHOLM)
    return f"{day(local.date())} kl. {local:%H.%M}"


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def funnel_bars(figures: Figures) -> list[Bar]:
    steps = (
        ("Omfattas av ansvaret", figures.covered),
        ("Sökta", figures.sought),
        ("Nådda", figures.reached),
        ("Får stöd", figures.in_support),
        ("Under bevakning", figures.under_watch),
        ("Ansvaret har upphört", figures.ended),
    )
    return [Bar(label, n, share(n, figures.covered)) for label, n in steps]


def _parts(counts: Mapping[str, int], labels: Mapping[str, str], whole: int) -> list[Bar]:
    """Return a bar per part that occurs, the largest first."""
    bars = [Bar(labels.get(part, part), n, share(n, whole)) for part, n in counts.items() if n]
    return sorted(bars, key=lambda bar: -bar.n)


def describe(funnel: Funnel) -> str:
    """Return the picture in words, for those who do not see it."""
    total = funnel.total
    sentences = [", ".join(f"{bar.label.lower()}: {bar.said}" for bar in funnel_bars(total)).capitalize() + "."]
    if ways := _parts(total.reached_by, WAYS, total.reached):
        sentences.append(f"Så nåddes de: {', '.join(f'{bar.label.lower()} {bar.said}' for bar in ways)}.")
    sentences += [
        f"{one.name}: omfattas {number(one.covered)}, sökta {number(one.sought)}, nådda {number(one.reached)}."
        for one in funnel.districts
        if one.covered
    ]
    return " ".join(sentences)


def draw(funnel: Funnel) -> str:
    """Return the SVG document."""
    total = funnel.total
    area = funnel.districts[0].name if funnel.district else "Hela kommunen"
    return _TEMPLATE.render(
        title=f"Uppsökande arbete {period(funnel.first, funnel.last)}",
        area=area,
        description=describe(funnel),
        notes=[f"Framtagen {stamp(funnel.made_at)}, svensk tid.", *NOTES],
        bars=funnel_bars(total),
        breakdowns=[
            ("Så nåddes de", _parts(total.reached_by, WAYS, total.reached)),
            ("Under bevakning, skäl", _parts(total.under_watch_by, WATCHES, total.under_watch)),
            ("Ansvaret upphörde, skäl", _parts(total.ended_by, END_REASONS, total.ended)),
        ],
        efforts=[(label, total.efforts[type]) for type, label in EFFORTS.items() if type in total.efforts],
        districts=funnel.districts,
        number=number,
        percent=percent,
        share=share,
    )


_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("funnel.svg")

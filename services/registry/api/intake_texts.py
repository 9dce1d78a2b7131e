"""The words of the intake form: what can be chosen, and what is wrong with a field, in plain Swedish."""

from contracts.school_reports import SchoolReportKind
from services.registry.domain.report_dedupe import Outcome
from services.registry.domain.school_reports import Reporter

KINDS = {
    SchoolReportKind.STARTED: "Eleven har börjat på skolan",
    SchoolReportKind.DROPOUT: "Eleven har hoppat av (avbrott)",
    SchoolReportKind.MOVED_SCHOOL: "Eleven har slutat för att byta skola",
    SchoolReportKind.INVALID_ABSENCE: "Eleven har betydande ogiltig frånvaro",
}
REPORTERS = {
    Reporter.PRINCIPAL: "Rektor",
    Reporter.STUDY_COUNSELLOR: "Studie- och yrkesvägledare",
    Reporter.TEACHER: "Mentor eller lärare",
    Reporter.ADMINISTRATOR: "Skoladministratör",
    Reporter.SYSTEM: "Skolans elevregister (automatiskt)",
    Reporter.OTHER: "Någon annan på skolan",
}
DONE = {
    Outcome.RECORDED: ("Rapporten är sparad", "Den räknas från och med nu."),
    Outcome.REPEAT: (
        "Rapporten fanns redan",
        "Skolan har rapporterat samma sak förut. Inget är sparat dubbelt.",
    ),
    Outcome.CORRECTION: (
        "Rättelsen är sparad",
        "Den gäller i stället för den tidigare rapporten, som är kvar.",
    ),
}
# Fields of a report, and the field of the form in which each is typed, in the order of the page.
FORM_FIELDS = {
    "person_number": "personnummer",
    "school_unit": "skolenhet",
    "kind": "handelse",
    "event_date": "datum",
    "absence_from": "fran",
    "absence_percent": "andel",
    "reported_by": "rapporterad_av",
    "received_on": "mottagen",
    "corrects": "rattar",
}
_DATE = "Skriv datumet som ÅÅÅÅ-MM-DD."
# Else the words for (field, "").
_WORDS = {
    ("person_number", ""): "Skriv elevens personnummer med tolv siffror: ÅÅÅÅMMDD-NNNN.",
    ("person_number", "interim_number"): (
        "Det här är skolans tillfälliga nummer. Fråga skolan efter personnummer eller samordningsnummer."
    ),
    ("person_number", "impossible_date"): "Personnumret stämmer inte: datumet finns inte. Kontrollera siffrorna.",
    ("person_number", "check_digit"): "Personnumret stämmer inte: någon siffra är fel. Kontrollera siffrorna.",
    ("person_number", "turned_20"): "Eleven har fyllt 20 år den dagen. Då ska rapporten inte sparas.",
    ("person_number", "too_young"): "Eleven är yngre än 14 år den dagen. Kontrollera personnumret och datumet.",
    ("school_unit", ""): "Skriv skolenhetskoden med åtta siffror.",
    ("kind", ""): "Välj vad som har hänt.",
    ("event_date", ""): "Ange datumet. " + _DATE,
    ("event_date", "too_long_ago"): "Datumet ligger före 2015. Kontrollera året.",
    ("event_date", "too_far_ahead"): "Datumet ligger mer än 120 dagar framåt. Kontrollera datumet.",
    ("event_date", "not_over"): "Perioden med frånvaro måste vara slut när mejlet kom. Kontrollera datumen.",
    ("absence_from", ""): "Ange frånvaroperiodens första dag. " + _DATE,
    ("absence_from", "only_for_absence"): "Lämna periodens första dag tom när det inte gäller ogiltig frånvaro.",
    ("absence_from", "after_event_date"): "Periodens första dag måste komma före den sista dagen.",
    ("absence_from", "period_too_long"): "Perioden är längre än ett år. Kontrollera datumen.",
    ("absence_percent", ""): "Skriv frånvaron i procent som ett helt tal, 1–100.",
    ("absence_percent", "only_for_absence"): "Lämna procenten tom när det inte gäller ogiltig frånvaro.",
    ("absence_percent", "differs_from_first"): (
        "Samma frånvaro är redan rapporterad med andra uppgifter. Är de här rätt, "
        "skriv numret på den tidigare rapporten i fältet för rättelser: {report_id}"
    ),
    ("reported_by", ""): "Välj vem på skolan som har rapporterat.",
    ("received_on", ""): "Ange dagen när mejlet kom. " + _DATE,
    ("received_on", "in_the_future"): "Mejlet kan inte ha kommit efter i dag. Kontrollera datumet.",
    ("received_on", "too_long_ago"): "Dagen när mejlet kom ligger mer än ett år tillbaka. Kontrollera datumet.",
    ("corrects", ""): "Rapportnumret ser inte rätt ut. Kopiera det som det står, eller lämna fältet tomt.",
    ("corrects", "not_of_this_pupil_school_and_kind"): (
        "Rapporten som ska rättas gäller inte samma elev, skola och händelse. Kontrollera numret."
    ),
    ("corrects", "already_corrected"): "Den rapporten är redan rättad. Rätta i stället rapport {report_id}",
}


def words(field: str, reason: str, report_id: object = None) -> str:
    """Return what is wrong with a field and what to do about it; never what was typed."""
    return _WORDS.get((field, reason), _WORDS[field, ""]).format(report_id=report_id)

"""What a policy must keep beyond the form of its fields: pure rules, each told in Swedish.

``contradictions`` hold for every document. ``rules_of_the_plan`` hold for what a municipality decides; the
local policy, whose days are minutes, need not keep them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from itertools import pairwise

from contracts.policy import HourSlot, OutreachPolicy
from services.outreach.domain.holidays import swedish_holidays
from services.outreach.domain.policy_faults import Fault, fault
from services.outreach.domain.policy_words import day, leaves

LONGEST = timedelta(days=2 * 365)
LARGEST = 100_000
LONGEST_TEXT = 60
A_YEAR_OF_WORK = 250  # working days
# Lengths that must be longer than nothing: what they hold apart would come at once.
LONGER_THAN_NOTHING = frozenset({"call_gap", "watch_intervals", "further_letters", "visit_length"})
LEAP_DAY = "02-29"
# Nobody is called, visited or sent an SMS outside of these hours.
EARLIEST, LATEST = time(7), time(21)
ONE_DAY = timedelta(days=1)
HOLIDAYS_TOLD = 5


def contradictions(policy: OutreachPolicy) -> Iterator[Fault]:
    """Yield what no policy may have, though each field is well-formed."""
    for place, value in leaves(policy):
        if isinstance(value, timedelta):
            if value < timedelta(0):
                yield fault(place, "kan inte vara negativ. Ta bort minustecknet")
            elif value == timedelta(0) and place[0] in LONGER_THAN_NOTHING:
                yield fault(
                    place, "måste vara längre än ingen tid alls, annars kommer allt på en gång. Höj värdet"
                )
            elif value > LONGEST:
                yield fault(place, "får vara högst två år. Sänk värdet")
        elif isinstance(value, int) and not isinstance(value, bool):
            if value < 0:
                yield fault(place, "kan inte vara negativt. Ta bort minustecknet")
            elif value > (A_YEAR_OF_WORK if place[0] == "task_due_working_days" else LARGEST):
                yield fault(place, "är orimligt stort. Sänk värdet")
        elif isinstance(value, str) and not _is_plain_text(value):
            yield fault(place, f"skriv 1-{LONGEST_TEXT} vanliga tecken på en rad")
        elif value == LEAP_DAY:
            yield fault(place, "välj en dag som finns varje år")
    yield from _slot_faults(policy.call_slots)
    if list(policy.holidays) != sorted(set(policy.holidays)):
        yield fault(("holidays",), "skriv datumen i ordning och varje datum bara en gång")


def rules_of_the_plan(policy: OutreachPolicy) -> Iterator[Fault]:
    """Yield where a policy breaks with plan 4.2.2 or with what is reasonable towards a youth.

    That there are three attempts, and a start within thirty days, is in the form of the fields already.
    """
    if not policy.calls_in_distinct_slots:
        yield fault(
            ("calls_in_distinct_slots",), "planen 4.2.2 kräver försök vid olika tillfällen. Skriv true (ja)"
        )
    if timedelta(0) < policy.call_gap < ONE_DAY:
        yield fault(("call_gap",), "försöken ska göras på olika dagar. Skriv minst P1D (en dag)")
    for place, value in leaves(policy):
        if isinstance(value, HourSlot) and not _is_reasonable(value):
            yield fault(
                place, f"ska ligga mellan kl. {EARLIEST:%H.%M} och {LATEST:%H.%M}. Ändra början eller slutet"
            )


def holidays_lacking(policy: OutreachPolicy, effective_from: date) -> Iterator[Fault]:
    """Yield that public holidays are lacking, from the effective date to the end of the coming school year.

    The coming school year is the first to begin (on 1 July) on that date or later.
    """
    if not policy.working_days_only:
        return
    until = date(effective_from.year + (1 if effective_from <= date(effective_from.year, 7, 1) else 2), 6, 30)
    public = swedish_holidays(effective_from.year, until.year, categories=("public",))
    lacking = [one for one in public if effective_from <= one <= until and one not in policy.holidays]
    if lacking:
        more = len(lacking) - HOLIDAYS_TOLD
        told = ", ".join(day(one) for one in lacking[:HOLIDAYS_TOLD]) + (f" och {more} till" if more > 0 else "")
        yield fault(
            ("holidays",), f"helgdagar saknas till och med läsåret som slutar {day(until)}: {told}. Lägg till dem"
        )


def _slot_faults(slots: Sequence[HourSlot]) -> Iterator[Fault]:
    place = ("call_slots",)
    names = [slot.name for slot in slots]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield fault(place, f'två tider heter "{name}". Ge dem olika namn')
    ordered = sorted(slots, key=lambda slot: slot.start)
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end or earlier.end == time(0):
            yield fault(
                place, f'tiderna "{earlier.name}" och "{later.name}" går in i varandra. Ändra början eller slutet'
            )


def _is_reasonable(slot: HourSlot) -> bool:
    return slot.start >= EARLIEST and time(0) < slot.end <= LATEST


def _is_plain_text(text: str) -> bool:
    return 0 < len(text) <= LONGEST_TEXT and text.isprintable() and text == text.strip()

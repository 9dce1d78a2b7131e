"""Who is covered by the duty: all criteria of Skollagen 29 kap. 9 § at once, as of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.domain import criteria
from services.registry.domain.criteria import Criterion, CriterionResult
from services.registry.domain.facts import PersonFacts
from services.registry.domain.rule_versions import RuleVersion, rule_on


@dataclass(frozen=True, slots=True)
class Coverage:
    on: date
    rule: RuleVersion
    results: tuple[CriterionResult, ...]

    @property
    def covered(self) -> bool:
        return all(result.met for result in self.results)

    @property
    def failed(self) -> tuple[CriterionResult, ...]:
        return tuple(result for result in self.results if not result.met)

    def result(self, criterion: Criterion) -> CriterionResult:
        return next(result for result in self.results if result.criterion is criterion)


def decide(facts: PersonFacts, on: date, municipality: str) -> Coverage:
    """Return which criteria a person meets on a day, by the rule of that day and today's knowledge.

    ``municipality`` is the code of ours. Raises NoRuleForDate before 2015.
    """
    rule = rule_on(on)
    return Coverage(
        on,
        rule,
        (
            criteria.registered_in_municipality(facts, on, municipality),
            criteria.under_20(facts, on),
            criteria.compulsory_schooling_over(facts, on, rule),
            criteria.not_in_upper_secondary(facts, on, rule),
            criteria.no_gymnasieexamen(facts, on),
            criteria.no_gymnasiebevis_anpassad(facts, on),
            criteria.no_equivalent_education(facts, on),
        ),
    )


def as_document(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON: kept with an episode as the grounds on which it began or ended."""
    return {
        "on": coverage.on.isoformat(),
        "act": coverage.rule.act,
        "criteria": [
            {
                "criterion": result.criterion,
                "met": result.met,
                "explanation": result.explanation,
                "source": result.evidence.source,
                "file_date": _iso(result.evidence.file_date),
                "since": _iso(result.evidence.since),
            }
            for result in coverage.results
        ],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

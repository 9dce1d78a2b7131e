"""The check of free texts before they are saved: refused, or confirmed by whoever wrote them."""

from collections.abc import Mapping

from chassis.problems import Problem
from services.registry.domain.free_text import Code, warnings


def check_texts(texts: Mapping[str, str | None], *, confirmed: bool) -> None:
    """Raise a Problem when texts (by the name of their field) should not be saved as they are.

    422 ``person-number-in-text``: whatever the caller says. 409 ``free-text-warning`` unless confirmed.
    Both list field, position of the word (from 1) and code; never a word.
    """
    found = [
        {"field": field, "word_position": one.word_position, "code": str(one.code)}
        for field, text in texts.items()
        for one in warnings(text or "")
    ]
    numbers = [one for one in found if one["code"] == Code.PERSON_NUMBER]
    if numbers:
        raise Problem(
            422,
            "person-number-in-text",
            "A person number does not belong in a text",
            "Leave it out: the youth is known by the record that the text stands in.",
            warnings=numbers,
        )
    if found and not confirmed:
        raise Problem(
            409,
            "free-text-warning",
            "The text may hold sensitive data",
            'Write it without what is not needed, or send it again with "confirmed": true.',
            warnings=found,
        )

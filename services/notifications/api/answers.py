"""An answer by code, as JSON: for what is not a browser."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import public
from chassis.postgres import transaction
from chassis.problems import Problem, responses
from services.notifications import answers
from services.notifications.api.deps import CivilTime, Clock, Configured, Pool
from services.notifications.api.public_edge import missed
from services.notifications.domain.codes import read_code
from services.notifications.domain.replies import Choice

router = APIRouter(tags=["answers"], dependencies=[public("the youth answers: the code is the key")])


class AnswerGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=60, description="From the letter or SMS; case and hyphens do not matter")
    choice: Choice = Choice.CONTACT_ME


class AnswerReceived(BaseModel):
    answered_at: CivilTime = Field(description="When the first answer came, civil time: that one stands")


@router.post("/answers", responses=responses(404, 422, 429))
async def give_answer(
    given: AnswerGiven, request: Request, pool: Pool, clock: Clock, settings: Configured
) -> AnswerReceived:
    """Answer with a code. Safe to repeat for a day: the first answer stands.

    404: a code that is not taken, alike whether it never was, is too old or was answered earlier.
    """
    now = clock.now()
    async with transaction(pool) as conn:
        asked = await answers.find(conn, read_code(given.code), now, settings.notifications_code_days)
        if asked is not None:
            answered_at = await answers.answer_on_page(conn, asked, given.choice, None, now)
            return AnswerReceived(answered_at=answered_at)
    missed(request)
    raise Problem(
        404,
        "unknown-code",
        "There is no such code",
        "Check it against the letter or SMS. It may be too old, or have been answered.",
    )

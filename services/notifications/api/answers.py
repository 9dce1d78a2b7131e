"""An answer by code, as JSON: for what is not a browser."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import public
from chassis.postgres import transaction
from chassis.problems import Problem, responses
from services.notifications import answers
from services.notifications.api.deps import CivilTime, Clock, Pool
from services.notifications.api.guessing import WINDOW_SECONDS, GuessLimit
from services.notifications.domain.codes import read_code
from services.notifications.domain.replies import Choice

router = APIRouter(tags=["answers"], dependencies=[public("the youth answers: the code is the key")])


class AnswerGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=60, description="From the letter or SMS; case and hyphens do not matter")
    choice: Choice = Choice.CONTACT_ME


class AnswerReceived(BaseModel):
    answered_at: CivilTime = Field(description="When the first answer came, civil time: that one stands")


def guess_limit(request: Request) -> GuessLimit:
    limit: GuessLimit = request.app.state.guess_limit
    return limit


def caller(request: Request) -> str:
    return request.client.host if request.client else "unknown"


@router.post("/answers", responses=responses(404, 422, 429))
async def give_answer(given: AnswerGiven, request: Request, pool: Pool, clock: Clock) -> AnswerReceived:
    """Answer with a code. Safe to repeat: the first answer stands."""
    limit = guess_limit(request)
    if limit.blocked(caller(request)):
        raise Problem(
            429,
            "too-many-guesses",
            "Too many codes that do not exist",
            "Wait a minute.",
            headers={"Retry-After": str(int(WINDOW_SECONDS))},
        )
    code = read_code(given.code)
    async with transaction(pool) as conn:
        asked = await answers.find(conn, code) if code else None
        if asked is not None:
            answered_at = await answers.answer_on_page(conn, asked, given.choice, None, clock.now())
            return AnswerReceived(answered_at=answered_at)
    limit.missed(caller(request))
    raise Problem(404, "unknown-code", "There is no such code", "Check it against the letter or SMS.")

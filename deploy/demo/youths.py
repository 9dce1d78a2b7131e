"""Simulated youths: some answer a letter or an SMS, some call or come by, most do not."""

import asyncio
from collections import Counter
from datetime import datetime
from uuid import UUID

from chassis.clock import CivilClock
from contracts.reasons import ReachedBy
from contracts.roles import Role
from deploy.demo.behaviour import Behaviour
from deploy.demo.client import Refused, Stack
from deploy.demo.directory import Directory
from deploy.demo.letters import answer_code
from deploy.demo.school_year import sleep_until
from deploy.demo.staff import Team
from deploy.demo.views import ARRIVED, Message

LOOK_SECONDS = 1.0
SMS_TEXT = "Ja, ring mig gärna"


class Youths:
    """All youths who get letters. Each letter is looked at once."""

    def __init__(self, stack: Stack, clock: CivilClock, directory: Directory, seed: int, team: Team) -> None:
        self._clock, self._directory, self._team = clock, directory, team
        self._behaviour = Behaviour(seed)
        self._reader = stack.caller(Role.KAA_COORDINATOR, subject="demo-youths")
        self._nobody = stack.anybody()
        self._seen: set[UUID] = set()
        self.answered: Counter[ReachedBy] = Counter()

    async def live(self) -> None:
        """Look into the letter boxes until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for letter in await self._new_letters():
                    person = await self._directory.person(letter.youth_id)
                    answer = self._behaviour.answer(person.key, letter.kind, has_phone=bool(person.phone))
                    if answer is not None:
                        when = self._clock.now() + answer.after
                        group.create_task(self._answer(letter, answer.way, when, person.phone))
                    self._seen.add(letter.message_id)
                await asyncio.sleep(LOOK_SECONDS)

    async def _new_letters(self) -> list[Message]:
        """Return letters sent since the last look. The list is newest first: it ends where all is known."""
        found: list[Message] = []
        async for page in self._reader.pages("notifications", "/messages", {"channel": "letter", "limit": 100}):
            letters = [Message.model_validate(item) for item in page]
            waiting = [letter for letter in letters if letter.message_id not in self._seen]
            found += [letter for letter in waiting if letter.state in ARRIVED]
            if not waiting:
                break
        return found

    async def _answer(self, letter: Message, way: ReachedBy, when: datetime, phone: str) -> None:
        await sleep_until(self._clock, when)
        try:
            match way:
                case ReachedBy.SMS_ANSWER:
                    await self._nobody.answer_by_sms(phone, SMS_TEXT)
                case ReachedBy.ANSWER_PAGE:
                    code = answer_code(await self._reader.document(letter.message_id))
                    await self._nobody.answer_by_code(code)
                case _:
                    key = f"demo-contact-{letter.message_id}"
                    await self._team.take_contact(letter.youth_id, way, key)
        except Refused as refusal:
            self._team.note(refusal)
        else:
            self.answered[way] += 1

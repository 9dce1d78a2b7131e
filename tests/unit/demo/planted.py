"""Rows for the rules of the demonstration: a clean one of each kind, with whatever is planted in it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.clock import STOCKHOLM
from contracts.tasks import CallResult, TaskKind
from deploy.demo.invariants.histories import Run
from deploy.demo.invariants.rows import Event, Journey, Message, Task, Transition, Visit

YOUTH, EPISODE = UUID(int=1), UUID(int=2)
MONDAY = datetime(2025, 10, 6, 9, tzinfo=STOCKHOLM)
PAIR = ("lokal-farsta-1", "lokal-farsta-2")


def day(number: float) -> datetime:
    """Return an instant so many days after the Monday."""
    return MONDAY + timedelta(days=number)


def task(
    number: int, kind: str = TaskKind.CALL, opened: float = 0, closed: float | None = None, **more: Any
) -> Task:
    """A task; completed when ``closed`` is given."""
    values: dict[str, Any] = {
        "task_id": uuid5(EPISODE, f"task {number}"),
        "youth_id": YOUTH,
        "episode_id": EPISODE,
        "kind": kind,
        "state": "open" if closed is None else "completed",
        "attempt": 1,
        "staff": PAIR if kind == TaskKind.HOME_VISIT else (),
        "marks": (),
        "opened_at": day(opened),
        "closed_at": None if closed is None else day(closed),
        "due_on": date(2025, 10, 10),
        "result": None,
        "completed_by": None if closed is None else "lokal-farsta-1",
        "assigned_to": None,
    }
    return Task(**(values | more))


def call(number: int, opened: float, closed: float, result: str = CallResult.NO_ANSWER) -> Task:
    return task(number, TaskKind.CALL, opened, closed, result=result)


def visit(number: int, at: float, staff: tuple[str, ...] = PAIR, **more: Any) -> Visit:
    values: dict[str, Any] = {
        "task_id": uuid5(EPISODE, f"visit {number}"),
        "staff": staff,
        "starts_at": day(at),
        "ends_at": day(at) + timedelta(hours=1),
        "state": "booked",
    }
    return Visit(**(values | more))


def journey(**more: Any) -> Journey:
    """A search that has begun in time, and whose next step is due in ten days."""
    values: dict[str, Any] = {
        "youth_id": YOUTH,
        "episode_id": EPISODE,
        "step": "first_contact",
        "protected": False,
        "due": day(10),
        "registered_on": day(-10).date(),
        "start_by": day(20).date(),
        "started_at": day(-5),
        "started_late": False,
        "start_breached_at": None,
        "intake_from": None,
        "policy_version": "stockholm-2026.1",
        "ended_at": None,
    }
    return Journey(**(values | more))


def move(step: str, at: float, **more: Any) -> Transition:
    values: dict[str, Any] = {"youth_id": YOUTH, "episode_id": EPISODE, "step": step, "at": day(at)}
    return Transition(**(values | more))


def message(number: int, kind: str = "first_letter", at: float = 0, **more: Any) -> Message:
    """A letter that was sent. Its real times are its civil times: the tests' clock runs at speed 1."""
    values: dict[str, Any] = {
        "message_id": uuid5(EPISODE, f"message {number}"),
        "youth_id": YOUTH,
        "episode_id": EPISODE,
        "kind": kind,
        "channel": "letter",
        "state": "sent",
        "wave_id": None,
        "queued_at": day(at),
        "sent_at": day(at),
        "begun_at": day(at),
    }
    return Message(**(values | more))


def event(name: str, at: float, service: str = "registry", **data: Any) -> Event:
    return Event(
        service=service,
        key=YOUTH,
        type=f"se.uppsok.{service}.{name}.v1",
        time=day(at),
        data={"youth_id": str(YOUTH), "episode_id": str(EPISODE), **data},
        created_at=day(at),
        published_at=day(at),
    )


def told_of(one: Message, *names: str) -> list[Event]:
    """Return a message's own events."""
    return [event(name, 0, "notifications", message_id=str(one.message_id)) for name in names]


def run(*failures: str, events: int = 40, text: str = "") -> Run:
    course = {"workflow_id": f"youth/{YOUTH}", "run_id": "run", "type": "YouthOutreach"}
    return Run(**course, events=events, failures=failures, text=text)

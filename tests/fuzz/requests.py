"""Requests as Schemathesis makes them from an OpenAPI document, with what is there and what is odd put in."""

import copy
from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any, TypeAlias
from zlib import crc32

import httpx
import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode

from tests.fuzz.oddities import Known, plant_known, plant_odd

Described: TypeAlias = schemathesis.APIOperation[Any, Any, Any, Any]
Case: TypeAlias = schemathesis.Case[Any]


class Deck:
    """Requests to one operation, to be dealt out to those who send them; the same ones for the same seed.

    To make a request by the document costs more than to send it. Some are made, three of four as the document
    says and the others breaking it; then each is dealt several times, with other values put into it.
    """

    def __init__(self, operation: Described, known: Known, made: int, seed: int) -> None:
        self.known, self.random = known, Random(f"{seed} {operation.label}")
        takes_something = bool(operation.body or list(operation.iter_parameters()))
        self.made = _generated(operation, GenerationMode.POSITIVE, made - made // 4, seed)
        if takes_something:
            self.made += _generated(operation, GenerationMode.NEGATIVE, made // 4, seed)
        self.random.shuffle(self.made)
        self._next = cycle(self.made)

    def deal(self, count: int) -> Iterator[Case]:
        for _ in range(count):
            yield _seasoned(next(self._next), self.known, self.random)


def _generated(operation: Described, mode: GenerationMode, count: int, seed: int) -> list[Case]:
    found: list[Case] = []

    @hypothesis.seed(crc32(f"{seed} {mode} {operation.label}".encode()))
    @hypothesis.settings(
        max_examples=max(count, 1),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found[:count]


def _seasoned(made: Case, known: Known, random: Random) -> Case:
    """Put in what is there, nearly always in the path and often elsewhere, and sometimes something odd."""
    case = Case(
        made.operation,
        made.method,
        made.path,
        path_parameters=dict(made.path_parameters),
        headers=made.headers.copy(),
        cookies=dict(made.cookies),
        query=copy.deepcopy(dict(made.query)),
        body=copy.deepcopy(made.body),
        media_type=made.media_type,
    )
    plant_known(case.path_parameters, known, random, 0.9)
    for part in (case.query, case.headers, case.body):
        plant_known(part, known, random, 0.5)
    where = random.random()
    if where < 0.25 and isinstance(case.body, dict | list):
        plant_odd(case.body, random, text_only=False)
    elif where < 0.35:
        plant_odd(case.query, random, text_only=True)
    elif where < 0.40:
        plant_odd(case.path_parameters, random, text_only=True)
    elif where < 0.45:
        plant_odd(case.headers, random, text_only=True)
    return case


def on_the_wire(case: Case, token: str | None) -> httpx.Request | None:
    """Return the request with a token.

    None when it cannot be written, as a header of two lines, or would not be one to this operation, as a path
    with nothing where an id is wanted.
    """
    try:
        sent = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
        if token is not None:
            sent.headers["Authorization"] = f"Bearer {token}"
        body: Any = sent.body.encode() if isinstance(sent.body, str) else sent.body
        headers: Any = dict(sent.headers)
        request = httpx.Request(sent.method or "", sent.url or "", headers=headers, content=body)
    except (requests.exceptions.RequestException, httpx.InvalidURL, ValueError):
        return None
    return request if _is_of(case.path, request.url.path) else None


def _is_of(template: str, path: str) -> bool:
    wanted, found = template.split("/"), path.split("/")
    return len(wanted) == len(found) and all(
        part not in {"", ".", ".."} if name.startswith("{") else part == name
        for name, part in zip(wanted, found, strict=True)
    )

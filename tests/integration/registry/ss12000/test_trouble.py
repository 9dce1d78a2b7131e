"""A server that is in trouble, or makes it: what is asked again, for how long, and when it is given up."""

import json
from pathlib import Path

import pytest

from services.registry.sources.ss12000.failures import FeedFailed
from tests.integration.registry.ss12000.conftest import MakeSchool, Served
from tests.integration.registry.ss12000.school import pupil
from tests.integration.registry.ss12000.school_server import BASE, TOKEN_PATH
from tests.integration.registry.ss12000.test_reading import rows_of


@pytest.fixture
async def served(make_school: MakeSchool) -> Served:
    return await make_school(persons=[pupil(which) for which in range(6)])


async def count_rows(served: Served) -> int:
    _, batches = await served.read(page_size=2)
    return len(rows_of(batches))


@pytest.mark.parametrize("trouble", ["status 429", "status 500", "status 502", "status 503", "status 504", "drop"])
@pytest.mark.parametrize("path", ["/persons", "/organisations", TOKEN_PATH])
async def test_what_passes_is_asked_again(served: Served, path: str, trouble: str) -> None:
    served.school.trouble[path] = [trouble, "ok", trouble, trouble]
    assert await count_rows(served) == 6
    repeated = 1 if path != "/persons" else 3  # the rest of the trouble meets the next page
    assert len(served.waited) == repeated


async def test_the_wait_grows_and_is_spread(served: Served) -> None:
    served.school.trouble["/persons"] = ["status 503"] * 3
    assert await count_rows(served) == 6
    for waited, most in zip(served.waited, (1, 2, 4), strict=True):
        assert most / 2 <= waited <= most


async def test_a_server_that_tells_how_long_is_believed(served: Served) -> None:
    served.school.trouble["/persons"] = ["status 429 17", "status 503 0"]
    assert await count_rows(served) == 6
    assert served.waited[0] == 17.0
    assert served.waited[1] >= 1.0  # 0 is not taken as leave to hammer


async def test_a_server_that_tells_too_long_is_given_up_at_once(served: Served) -> None:
    served.school.trouble["/persons"] = ["status 429 301"]
    with pytest.raises(FeedFailed, match=r"^/persons: told_to_wait$"):
        await served.read()
    assert served.waited == []


async def test_the_attempts_are_bounded(served: Served) -> None:
    served.school.trouble["/persons"] = ["status 503"] * 10
    with pytest.raises(FeedFailed, match=r"^/persons: http_503$"):
        await served.read()
    assert (len(served.waited), len(served.school.trouble["/persons"])) == (3, 6)


async def test_a_server_that_does_not_answer_times_out(served: Served) -> None:
    served.school.trouble["/persons"] = ["slow 1"] * 2
    with pytest.raises(FeedFailed, match=r"^/persons: timeout$"):
        await served.read(patience={"timeout_seconds": 0.2, "attempts": 2})


async def test_an_answer_that_never_ends_times_out(served: Served) -> None:
    served.school.trouble["/persons"] = ["slow 1"]
    with pytest.raises(FeedFailed, match=r"^/persons: timeout$"):
        await served.read(patience={"answer_seconds": 0.2, "attempts": 1})


async def test_a_server_that_is_not_there(served: Served) -> None:
    with pytest.raises(FeedFailed, match=r"^/organisations: unreachable$"):
        await served.read(base_url=f"http://127.0.0.1:1{BASE}", patience={"attempts": 1})


async def test_pages_that_lead_round_are_found_out(served: Served) -> None:
    served.school.trouble["/persons"] = ["loop"] * 5
    with pytest.raises(FeedFailed, match=r"^/persons: page_loop$"):
        await served.read()
    assert len(served.school.trouble["/persons"]) == 3


async def test_pages_without_end_are_given_up(served: Served) -> None:
    served.school.trouble["/persons"] = ["endless"]
    with pytest.raises(FeedFailed, match=r"^/persons: too_many_pages$"):
        await served.read(most_pages=5)


async def test_a_page_may_not_grow_without_limit(served: Served) -> None:
    served.school.trouble["/persons"] = ["large 2000000"]
    with pytest.raises(FeedFailed, match=r"^/persons: page_too_large$"):
        await served.read(largest_page_bytes=1_000_000)


async def test_what_is_no_json_is_refused(served: Served) -> None:
    served.school.trouble["/persons"] = ["body <html>Välkommen</html>"]
    with pytest.raises(FeedFailed, match=r"^/persons: not_json$"):
        await served.read()


async def test_a_token_goes_to_no_other_host(served: Served, make_school: MakeSchool) -> None:
    other = await make_school()
    served.school.trouble["/persons"] = [f"redirect {other.url}{BASE}/persons"]
    with pytest.raises(FeedFailed, match=r"^/persons: http_302$"):
        await served.read()
    assert other.school.asked == []


async def test_a_token_that_dies_between_two_pages_is_renewed(served: Served) -> None:
    served.school.trouble["/persons"] = ["ok", "expire", "ok", "expire"]
    delivery, batches = await served.read(page_size=2)
    assert len(rows_of(batches)) == 6
    assert (len(served.school.tokens), delivery.counts.repeated, served.waited) == (3, 0, [])


async def test_a_server_that_takes_no_token_is_asked_twice(served: Served) -> None:
    served.school.trouble["/persons"] = ["expire", "expire"]
    with pytest.raises(FeedFailed, match=r"^/persons: http_401$"):
        await served.read()
    assert len(served.school.tokens) == 2


async def test_a_token_is_renewed_before_it_expires(served: Served) -> None:
    """One that lives no second is asked for anew each time; one without a life given is kept."""
    served.school.expires_in = None
    assert await count_rows(served) == 6
    assert len(served.school.tokens) == 1
    served.school.expires_in = 10**-9  # type: ignore[assignment]
    assert await count_rows(served) == 6
    assert len(served.school.tokens) == 1 + len(served.school.asked) // 2


@pytest.mark.parametrize("how", ["basic", "post"])
async def test_the_secret_is_read_anew_for_each_token(served: Served, how: str) -> None:
    _, batches = await served.read(client_auth=how)
    served.school.secret = "another ö"
    with pytest.raises(FeedFailed, match=r"^token: token_refused$"):
        await served.read(client_auth=how)
    served.secret_file.write_text("another ö", encoding="utf-8")
    assert len(rows_of(batches)) == len(rows_of((await served.read(client_auth=how))[1])) == 6


async def test_a_missing_secret_and_strange_tokens_are_told(served: Served, tmp_path: Path) -> None:
    with pytest.raises(FeedFailed, match=r"^token: secret_missing$"):
        await served.read(secret_file=tmp_path / "nowhere")
    for body in ("[]", "{}", json.dumps({"access_token": "a\nb"}), json.dumps({"access_token": "ö"}), "<html>"):
        served.school.trouble[TOKEN_PATH] = [f"body {body}"]
        with pytest.raises(FeedFailed, match=r"^token: token_shape$"):
            await served.read()


async def test_a_failure_holds_no_address_and_no_secret(served: Served) -> None:
    served.school.trouble["/persons"] = ["status 400"]
    with pytest.raises(FeedFailed) as caught:
        await served.read()
    assert str(caught.value) == "/persons: http_400"
    assert caught.value.__cause__ is None

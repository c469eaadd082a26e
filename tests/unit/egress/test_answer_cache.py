"""Answers that are given again: as RFC 9111 allows, in memory alone, to nobody else."""

from typing import Any

import pytest

from core.egress.caching import AnswerCache
from core.egress.client import Bounds, GuardedClient
from core.egress.policy import Policy

URL = "https://api.example.com/search?key=s3cret-k3y"


def client(kit: Any, network: Any, cache: AnswerCache, room: str = "ada") -> GuardedClient:
    return GuardedClient(
        Policy(hosts=frozenset({"api.example.com:443"})),
        bounds=Bounds(tries=1),
        resolve=kit.Resolver(),
        backend=network,
        kept=cache.of(room),
    )


async def test_a_fresh_answer_is_given_again_without_asking(kit: Any) -> None:
    network = kit.Network([kit.answered(b"one", cache_control="max-age=60"), kit.answered(b"two")])
    asking = client(kit, network, AnswerCache())
    assert [(await asking.request("GET", URL)).body for _ in range(3)] == [b"one"] * 3
    assert len(network.connected) == 1
    assert (await asking.request("GET", f"{URL}&page=2")).body == b"two"


@pytest.mark.parametrize("headers", [{}, {"cache_control": "no-store"}, {"cache_control": "max-age=0"}])
async def test_what_may_not_be_kept_is_asked_for_each_time(kit: Any, headers: dict[str, str]) -> None:
    network = kit.Network([kit.answered(b"one", **headers), kit.answered(b"two", **headers)])
    asking = client(kit, network, AnswerCache())
    assert [(await asking.request("GET", URL)).body for _ in range(2)] == [b"one", b"two"]


async def test_an_old_answer_is_asked_about_and_given_again(kit: Any) -> None:
    network = kit.Network(
        [
            kit.answered(b"one", etag='"1"', cache_control="no-cache"),
            kit.answered(status="304 Not Modified", etag='"1"', cache_control="no-cache"),
        ]
    )
    asking = client(kit, network, AnswerCache())
    assert [(await asking.request("GET", URL)).body for _ in range(2)] == [b"one", b"one"]
    assert b'if-none-match: "1"' in network.sent[1].lower()


async def test_errors_are_never_kept(kit: Any) -> None:
    lasting = {"cache_control": "max-age=60"}
    network = kit.Network(
        [
            kit.answered(b"no", status="404 Not Found", **lasting),
            kit.answered(b"oh", status="500 Oh", **lasting),
            kit.answered(b"yes", **lasting),
        ]
    )
    asking = client(kit, network, AnswerCache())
    assert [(await asking.request("GET", URL)).status for _ in range(4)] == [404, 500, 200, 200]


async def test_a_service_may_ask_to_be_kept_for_longer_than_its_headers_say(kit: Any) -> None:
    network = kit.Network([kit.answered(b"one", cache_control="no-store"), kit.answered(b"two")])
    asking = client(kit, network, AnswerCache())
    assert [(await asking.request("GET", URL, keep_s=3600)).body for _ in range(2)] == [b"one", b"one"]
    assert [(await asking.request("GET", f"{URL}&x=1", keep_s=0)).body for _ in range(1)] == [b"two"]


async def test_nobody_is_given_another_rooms_answers(kit: Any) -> None:
    network = kit.Network([kit.answered(b"one", cache_control="max-age=60"), kit.answered(b"two")])
    cache = AnswerCache()
    assert (await client(kit, network, cache, "ada").request("GET", URL)).body == b"one"
    assert (await client(kit, network, cache, "bob").request("GET", URL)).body == b"two"


async def test_what_is_too_large_is_passed_on_and_not_kept(kit: Any) -> None:
    lasting = {"cache_control": "max-age=60"}
    network = kit.Network([kit.answered(b"x" * 2000, **lasting), kit.answered(b"y" * 10, **lasting)])
    asking = client(kit, network, AnswerCache(largest=1000))
    assert len((await asking.request("GET", URL)).body) == 2000
    assert len((await asking.request("GET", URL)).body) == 10


async def test_the_oldest_go_when_there_is_too_much(kit: Any) -> None:
    lasting = {"cache_control": "max-age=60"}
    network = kit.Network([kit.answered(str(number).encode() * 400, **lasting) for number in range(4)])
    asking = client(kit, network, AnswerCache(most=1000))
    for number in (0, 1, 0, 2, 0):  # 1 was not used for the longest time when 2 came
        assert (await asking.request("GET", f"{URL}&n={number}")).body[:1] == str(number).encode()
    assert (await asking.request("GET", f"{URL}&n=1")).body[:1] == b"3"


async def test_a_write_forgets_what_it_changed(kit: Any) -> None:
    lasting = {"cache_control": "max-age=60"}
    network = kit.Network([kit.answered(b"one", **lasting), kit.answered(b"ok"), kit.answered(b"two", **lasting)])
    asking = client(kit, network, AnswerCache())
    bodies = [(await asking.request(method, URL)).body for method in ("GET", "POST", "GET")]
    assert bodies == [b"one", b"ok", b"two"]

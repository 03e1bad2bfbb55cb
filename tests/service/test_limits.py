import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.groq_server import DONE, KEY, LAST, Script, chunk, groq_server
from support.serving import RunningService, running, wait_until

from knowligo_index.service.clients import client_of


def test_a_client_may_search_so_often_in_a_minute(built_once: Path) -> None:
    with running(built_once, "--searches-per-minute", 3) as service:
        statuses = [service.get("/search?q=red").status for _ in range(2)]
        statuses.append(service.post("/search", {"q": "red"}).status)
        over = service.get("/search?q=red")
        assert (statuses, over.status) == ([200, 200, 200], 429)
        wait = int(over.headers["retry-after"])
        assert 55 <= wait <= 61
        assert over.error == f"a client may send 3 requests a minute to /search: wait {wait} s."
        assert [service.get(path).status for path in ("/health", "/", "/metrics")] == [200, 200, 200]
        assert service.metric('knowligo_requests_refused_total{limit="rate"}') == 1
        # Anybody could write this header.
        assert service.get("/search?q=red", {"X-Forwarded-For": "192.0.2.1"}).status == 429


def test_answers_have_a_limit_of_their_own(built_once: Path) -> None:
    with running(built_once, "--searches-per-minute", 0, "--answers-per-minute", 1) as service:
        statuses = [service.post("/ask", {"question": "red"}).status for _ in range(2)]
        assert statuses == [503, 429]
        assert [service.get("/search?q=red").status for _ in range(5)] == [200] * 5


def test_a_trusted_proxy_names_the_client(built_once: Path) -> None:
    with running(built_once, "--searches-per-minute", 1, "--trusted-proxies", "127.0.0.1") as service:

        def statuses(*addresses: str) -> list[int]:
            return [service.get("/search?q=red", {"X-Forwarded-For": each}).status for each in addresses]

        assert statuses("192.0.2.1", "192.0.2.2", "192.0.2.1") == [200, 200, 429]
        assert statuses("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1") == [200, 429, 200]


@pytest.mark.parametrize(
    ("client", "who"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("2001:db8:0:7:1:2:3:4", 5), "2001:db8:0:7::/64"),
        (("a name", 5), "a name"),
        (None, ""),
    ],
)
def test_a_client_is_its_address(client: tuple[str, int] | None, who: str) -> None:
    assert client_of({"type": "http", "client": client}) == who


def test_so_many_requests_are_under_way_at_once(built_once: Path) -> None:
    with groq_server() as groq:
        groq.script = Script([chunk("a"), 1.0, chunk("b"), LAST, DONE])
        flags = ["--max-concurrent", 2, "--answer-url", groq.url]
        with running(built_once, *flags, environment={"GROQ_API_KEY": KEY}) as service:
            with ThreadPoolExecutor(2) as pool:
                answers = [pool.submit(service.ask, "red") for _ in range(2)]
                for _ in wait_until("both answers under way"):
                    if service.metric("knowligo_requests_under_way") == 2:
                        break
                over = service.get("/search?q=red")
                assert (over.status, over.headers["retry-after"]) == (503, "1")
                assert re.fullmatch(
                    r"the maximum number of requests is in progress, 2: try again in a second\.", over.error
                )
                assert service.get("/health").status == 200
                assert [answer.result()[-1].name for answer in answers] == ["done", "done"]
            check_all_is_given_back(service)


def check_all_is_given_back(service: RunningService) -> None:
    assert service.get("/search?q=red").status == 200
    assert service.metric("knowligo_requests_under_way") == 0
    assert service.metric('knowligo_requests_refused_total{limit="concurrency"}') == 1

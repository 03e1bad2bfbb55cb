import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support.serving import ROOT, RunningService, running

PAGE = ROOT / "knowligo_index" / "service" / "page"
QUESTION = "¿Qué incluye el plan profesional?"


@pytest.fixture(scope="module")
def service(built_once: Path) -> Iterator[RunningService]:
    with running(built_once, "--max-question", 200) as service:
        yield service


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_a_search_gives_what_the_command_prints(service: RunningService, built_once: Path, mode: str) -> None:
    command = [sys.executable, "-m", "knowligo_index", "search", QUESTION, "--json", "-k", "2", "--mode", mode]
    printed = subprocess.run(
        [*command, "--index", str(built_once)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = json.loads(printed.stdout)
    assert [hit["source"] for hit in expected["hits"]][:1] == ["plan.md"]
    by_address = service.get(f"/search?q={quote(QUESTION)}&k=2&mode={mode}")
    by_body = service.post("/search", {"q": QUESTION, "k": 2, "mode": mode})
    assert (by_address.status, by_address.json) == (200, expected)
    assert (by_body.status, by_body.json) == (200, expected)


def test_after_a_question_that_is_none_the_connection_goes_on(service: RunningService) -> None:
    with contextlib.closing(service.connection()) as connection:
        found = []
        for address in ("/search?q=", f"/search?q={'a' * 201}", "/search?q=red"):
            connection.request("GET", address)
            response = connection.getresponse()
            found.append((response.status, response.will_close))
            response.read()
    assert found == [(400, False), (400, False), (200, False)]
    assert "Traceback" not in service.logged()


def test_five_passages_by_both_searches_unless_told(service: RunningService) -> None:
    found = service.post("/search", {"q": "red"}).json
    assert (found["mode"], len(found["hits"])) == ("hybrid", 3), "the index has three"
    assert found == service.post("/search", {"q": "red", "k": 5, "mode": "hybrid", "context": False}).json


def test_with_context_each_hit_has_its_neighbours(service: RunningService) -> None:
    (hit,) = service.post("/search", {"q": "plan profesional", "k": 1, "context": True}).json["hits"]
    (plain,) = service.post("/search", {"q": "plan profesional", "k": 1}).json["hits"]
    assert hit == {**plain, "previous": None, "next": None}, "the document is one passage"


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("/search", "the parameter q is missing: add it."),
        ("/search?q=", "the question is empty: write a question or some words."),
        ("/search?q=%20", "the question is empty: write a question or some words."),
        ("/search?q=red&k=0", "k is '0', which is not valid: input should be greater than or equal to 1."),
        ("/search?q=red&k=51", "k is '51', which is not valid: input should be less than or equal to 50."),
        (
            "/search?q=red&k=many",
            "k is 'many', which is not valid: input should be a valid integer, unable to parse string as an integer.",
        ),
        (
            "/search?q=red&mode=magic",
            "mode is 'magic', which is not valid: input should be 'hybrid', 'dense' or 'lexical'.",
        ),
        ("/search?q=red&top=3", "top is not a parameter: leave it out."),
        ("/search?q=" + "a" * 201, "the question has 201 characters: shorten it to 200 or fewer."),
    ],
)
def test_what_is_no_question_is_told_in_a_sentence(service: RunningService, address: str, error: str) -> None:
    reply = service.get(address)
    assert (reply.status, reply.error) == (400, error)


@pytest.mark.parametrize("path", ["/search", "/ask"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"red"', b"3", b"null", b"\xff"])
def test_what_is_no_json_object_is_told(service: RunningService, path: str, body: bytes) -> None:
    reply = service.post(path, body)
    sentence = "the body is not a JSON object: send one, with Content-Type: application/json."
    assert (reply.status, reply.error) == (400, sentence)


@pytest.mark.parametrize("path", ["/search", "/ask"])
def test_json_must_be_called_so(service: RunningService, path: str) -> None:
    # A form of another site can send any text without asking the browser for leave, but not by this name.
    reply = service.post(path, b'{"q": "red", "question": "red"}', {"Content-Type": "text/plain"})
    assert reply.status == 400


def test_a_character_that_is_none_is_searched_as_one(service: RunningService) -> None:
    reply = service.post("/search", b'{"q": "plan \\ud800"}')
    assert (reply.status, reply.json["query"]) == (200, "plan ?")


def test_what_is_too_large_is_not_read(service: RunningService) -> None:
    most = 4_096 + 12 * 200
    sentence = f"the request has more than {most:,} bytes: send only a question."
    reply = service.post("/search", b"x" * (most + 1))
    assert (reply.status, reply.error) == (413, sentence)
    with socket.create_connection(service.host_and_port) as connection:
        connection.sendall(b"POST /search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_what_is_not_there_is_told(service: RunningService) -> None:
    missing, wrong = service.get("/nothing"), service.post("/health", {})
    assert (missing.status, missing.error) == (404, "there is nothing at /nothing: searches are at /search.")
    assert (wrong.status, wrong.error, wrong.headers["allow"]) == (
        405,
        "/health does not allow POST: use a method that the header Allow lists.",
        "GET",
    )


def test_health_says_what_answers(service: RunningService) -> None:
    version = service.post("/search", {"q": "red"}).json["version"]
    reply = service.get("/health")
    assert (reply.status, reply.json) == (
        200,
        {"status": "ok", "version": version, "documents": 3, "chunks": 3, "answers": False, "problem": None},
    )


def test_every_answer_keeps_a_browser_from_what_the_page_never_does(service: RunningService) -> None:
    for path in ("/", "/page.js", "/style.css", "/health", "/search?q=red", "/search", "/nothing", "/metrics"):
        headers = service.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"].split("; ")
        assert policy[:4] == ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]
        assert "server" not in headers


def test_the_page_loads_nothing_from_elsewhere(service: RunningService) -> None:
    scripts = [(f"/{path.name}", "text/javascript") for path in sorted(PAGE.glob("*.js"))]
    assert len(scripts) == 5
    for path, media_type in (("/", "text/html"), ("/style.css", "text/css"), *scripts):
        reply = service.get(path)
        assert (reply.status, reply.headers["content-type"]) == (200, f"{media_type}; charset=utf-8")
        assert b"//" not in reply.body.replace(b"// ", b""), "no address of another host"
        assert b"innerHTML" not in reply.body
    assert service.get("/", method="HEAD").body == b""


def test_requests_are_counted_by_route_and_status(service: RunningService) -> None:
    names = [
        'knowligo_requests_total{method="GET",route="/search",status="200"}',
        'knowligo_requests_total{method="GET",route="/search",status="400"}',
        'knowligo_requests_total{method="GET",route="other",status="404"}',
        'knowligo_search_seconds_count{mode="lexical"}',
        'knowligo_request_seconds_count{route="/search"}',
        'knowligo_requests_refused_total{limit="body"}',
    ]
    before = [service.metric(name) for name in names]
    for path in ("/search?q=red&mode=lexical", "/search?q=", "/a", "/b"):
        service.get(path)
    service.post("/search", b"x" * 10_000)
    assert [service.metric(name) - was for name, was in zip(names, before, strict=True)] == [1, 1, 2, 1, 3, 1]


def test_metrics_name_the_version_and_no_question(service: RunningService) -> None:
    version = service.get("/health").json["version"]
    service.get("/search?q=secreto")
    text = service.get("/metrics").body.decode()
    assert f'version="{version}"' in text
    assert "secreto" not in text
    assert (service.metric("knowligo_index_chunks"), service.metric("knowligo_index_stale")) == (3, 0)


def test_an_answer_is_not_held_back_until_its_headers_are_acknowledged(service: RunningService) -> None:
    with contextlib.closing(service.connection()) as connection:
        seconds: list[float] = []
        for _ in range(10):
            begun = time.perf_counter()
            connection.request("GET", "/search?q=red&mode=lexical")
            assert len(json.loads(connection.getresponse().read())["hits"]) == 1
            seconds.append(time.perf_counter() - begun)
    # Linux acknowledges after 40 ms what it has nothing to answer to.
    assert min(seconds) < 0.035


def test_questions_are_not_logged(service: RunningService) -> None:
    service.get("/search?q=confidencial")
    service.get("/search?q=confidencial&k=0")
    assert "confidencial" not in service.logged()

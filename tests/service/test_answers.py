from collections.abc import Iterator
from pathlib import Path

import pytest
from support.groq_server import DONE, KEY, LAST, GroqServer, Script, chunk, event, failing, groq_server, saying
from support.serving import Event, Reply, RunningService, running, wait_until

QUESTION = "¿Qué incluye el plan profesional?"
SECONDS = 1.5
MODEL = "acme/modelo"


@pytest.fixture(scope="module")
def groq() -> Iterator[GroqServer]:
    with groq_server() as server:
        yield server


@pytest.fixture(scope="module")
def started(built_once: Path, groq: GroqServer) -> Iterator[RunningService]:
    flags = ["--answer-url", groq.url, "--answer-seconds", SECONDS, "--answer-model", MODEL, "--answers-per-minute", 0]
    with running(built_once, *flags, environment={"GROQ_API_KEY": KEY}) as service:
        yield service


@pytest.fixture
def service(started: RunningService, groq: GroqServer) -> RunningService:
    groq.asked.clear()
    groq.keys.clear()
    groq.hung_up.clear()
    return started


def whole(service: RunningService, question: str = QUESTION, **more: object) -> Reply:
    """The answer in one piece."""
    return service.post("/ask", {"question": question, "stream": False, **more})


def passages(service: RunningService, k: int = 5) -> dict[str, object]:
    found: dict[str, object] = service.post("/search", {"q": QUESTION, "k": k}).json
    return found


def test_an_answer_streams_after_its_passages_and_ends_with_its_citations(
    service: RunningService, groq: GroqServer
) -> None:
    groq.script = saying("El plan incluye ", "soporte [", "1", "] las 24 horas [2, 9].")
    assert service.ask(QUESTION, k=2) == [
        Event("passages", passages(service, k=2)),
        Event("text", {"text": "El plan incluye"}),
        Event("text", {"text": " soporte"}),
        Event("text", {"text": " [1] las 24 horas [2]."}),
        Event("done", {"citations": [1, 2], "unknown_citations": [9]}),
    ]


def test_the_same_in_one_piece(service: RunningService, groq: GroqServer) -> None:
    groq.script = saying("Soporte ", "[1]", " y más [7].")
    reply = whole(service)
    assert (reply.status, reply.json) == (
        200,
        {"answer": "Soporte [1] y más.", "citations": [1], "unknown_citations": [7], **passages(service)},
    )


def test_the_model_is_asked_with_the_passages_the_key_and_the_settings(
    service: RunningService, groq: GroqServer
) -> None:
    groq.script = saying("Sí [1].")
    whole(service, k=1)
    ((asked,), (key,)) = groq.asked, groq.keys
    assert key == f"Bearer {KEY}"
    assert {name: value for name, value in asked.items() if name != "messages"} == {
        "model": MODEL,
        "max_completion_tokens": 2048,
        "temperature": 0.0,
        "stream": True,
    }
    system, user = asked["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"].startswith("Pasajes:\n\n[1] Plan profesional (plan.md)\n    # Plan profesional\n")
    assert user["content"].endswith(f"\n\nPregunta: {QUESTION}")


def test_the_first_piece_comes_before_the_answer_has_ended(service: RunningService, groq: GroqServer) -> None:
    groq.script = Script([chunk("Primero"), 0.6, chunk(" y luego [1]."), LAST, DONE])
    connection = service.connection()
    connection.request("POST", "/ask", f'{{"question": "{QUESTION}"}}'.encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    seen = b""
    while b"Primero" not in seen:
        seen += response.read1()
    assert b"luego" not in seen
    assert b"luego" in response.read()
    connection.close()


FAILURES = [
    pytest.param(Script([], delay=30.0), 504, "was not complete after 1.5 s", None, id="no answer in time"),
    pytest.param(Script([30.0]), 504, "was not complete after 1.5 s", None, id="headers and nothing else in time"),
    pytest.param(
        Script([chunk("a"), 0.8, chunk("b"), 0.8, chunk("c"), LAST, DONE]),
        504,
        "was not complete after 1.5 s",
        None,
        id="a piece now and then, and no end",
    ),
    pytest.param(failing(429, "slow down", **{"Retry-After": "7"}), 429, "the rate limit of", 7, id="429"),
    pytest.param(failing(429, "slow down", **{"Retry-After": "2.3"}), 429, "the rate limit of", 3, id="429, fraction"),
    pytest.param(failing(429, "slow down"), 429, "the rate limit of", 10, id="429 without a time"),
    pytest.param(failing(401, "bad key"), 502, "does not accept the API key: check GROQ_API_KEY.", None, id="401"),
    pytest.param(failing(404, "no such model"), 502, "answered with status 404", None, id="404"),
    pytest.param(failing(500, "oh"), 502, "answered with status 500", None, id="500"),
    pytest.param(failing(503, "oh"), 502, "answered with status 503", None, id="503"),
    pytest.param(Script([b"data: {not json\n\n"]), 502, "cannot be read", None, id="not JSON"),
    pytest.param(Script([event([1, 2])]), 502, "cannot be read", None, id="not an object"),
    pytest.param(Script([event("text")]), 502, "cannot be read", None, id="a string"),
    pytest.param(Script([event({"choices": "x"})]), 502, "cannot be read", None, id="choices of no kind"),
    pytest.param(Script([event({"object": "x"})]), 502, "cannot be read", None, id="no choices"),
    pytest.param(
        Script([event({"choices": [{"delta": {"content": 7}}]})]),
        502,
        "cannot be read",
        None,
        id="a number",
    ),
    pytest.param(Script([event({"choices": [{}]})]), 502, "cannot be read", None, id="no delta"),
    pytest.param(Script([event({"choices": [3]})]), 502, "cannot be read", None, id="no choice"),
    pytest.param(Script([event({"error": {"message": "overloaded"}})]), 502, "cannot be read", None, id="an error"),
    pytest.param(Script([b"data: \xff\xfe\n\n"]), 502, "cannot be read", None, id="not UTF-8"),
    pytest.param(
        Script([b"<html>proxy</html>"], headers={"Content-Type": "text/html"}), 502, "is incomplete", None, id="HTML"
    ),
    pytest.param(Script([]), 502, "is incomplete", None, id="nothing at all"),
    pytest.param(Script([chunk("A medias")]), 502, "is incomplete", None, id="no end"),
    pytest.param(
        Script([b"10\r\n" + chunk("A medias")[:16]], headers={"Transfer-Encoding": "chunked"}),
        502,
        "the connection to",
        None,
        id="a connection that breaks",
    ),
    pytest.param(saying("", " \n"), 502, "the answer of the model is empty", None, id="blank"),
    pytest.param(saying(" [8]"), 502, "the answer of the model is empty", None, id="a citation of nothing"),
]


@pytest.mark.parametrize(("script", "status", "sentence", "wait"), FAILURES)
def test_what_goes_wrong_is_a_status_and_a_sentence_with_the_passages(
    service: RunningService, groq: GroqServer, script: Script, status: int, sentence: str, wait: int | None
) -> None:
    groq.script = script
    reply = whole(service)
    body = reply.json
    error = body.pop("error")
    assert (reply.status, body) == (status, passages(service))
    assert sentence in error
    assert reply.headers.get("retry-after") == (str(wait) if wait else None)
    assert len(groq.asked) == 1, "it is asked once: whether to try again is for the person to say"


@pytest.mark.parametrize(("script", "status", "sentence", "wait"), FAILURES)
def test_in_a_stream_it_is_the_last_event(
    service: RunningService, groq: GroqServer, script: Script, status: int, sentence: str, wait: int | None
) -> None:
    groq.script = script
    events = service.ask(QUESTION)
    assert events[0] == Event("passages", passages(service))
    assert {each.name for each in events[1:-1]} <= {"text"}
    assert events[-1].name == "error"
    told = dict(events[-1].data)
    assert sentence in told.pop("error")
    assert told == {"status": status, **({"retry_after": wait} if wait else {})}


def test_where_nothing_is_found_the_model_is_not_asked(service: RunningService, groq: GroqServer) -> None:
    for stream in (True, False):
        reply = service.post("/ask", {"question": "xyzzy", "mode": "lexical", "stream": stream})
        sentence = "no passage contains a word of the question: use other words, or mode hybrid."
        assert (reply.status, reply.json["error"], reply.json["hits"]) == (404, sentence, [])
    assert groq.asked == []


NOTHING = "¿xyzzy xyzzy xyzzy xyzzy?"


def test_what_the_documents_do_not_answer_is_said_without_the_model(service: RunningService, groq: GroqServer) -> None:
    before = service.metric('knowligo_answers_total{outcome="unanswered"}')
    found = service.post("/search", {"q": NOTHING}).json
    assert found["answered"] is False
    assert len(found["hits"]) == 3, "the passages are there for whoever wants to see them"
    said = "Los documentos no responden a esta pregunta."
    nothing_cited: dict[str, object] = {"citations": [], "unknown_citations": []}
    assert service.ask(NOTHING) == [
        Event("passages", found),
        Event("text", {"text": said}),
        Event("done", nothing_cited),
    ]
    assert whole(service, NOTHING).json == {"answer": said, **nothing_cited, **found}
    assert groq.asked == []
    assert service.metric('knowligo_answers_total{outcome="unanswered"}') - before == 2


def test_whether_the_documents_answer_is_told_of_a_hybrid_search_alone(service: RunningService) -> None:
    told = [service.post("/search", {"q": QUESTION, "mode": mode}).json for mode in ("hybrid", "dense", "lexical")]
    assert [found["answered"] for found in told] == [True, None, None]


def test_a_model_that_is_nowhere_is_told(built_once: Path) -> None:
    with groq_server() as server:
        nowhere = server.url
    with running(built_once, "--answer-url", nowhere, environment={"GROQ_API_KEY": KEY}) as service:
        reply = whole(service)
        assert (reply.status, reply.json["error"]) == (
            502,
            f"the connection to openai/gpt-oss-120b at {nowhere} failed: ask again, or read the passages.",
        )


def test_without_a_key_the_passages_come_with_a_503(built_once: Path) -> None:
    with running(built_once, environment={"GROQ_API_KEY": ""}) as service:
        for stream in (True, False):
            reply = service.post("/ask", {"question": QUESTION, "stream": stream})
            assert (reply.status, reply.json) == (
                503,
                {
                    "error": "this service generates no answers, because it was started without GROQ_API_KEY: read the "
                    "passages.",
                    **passages(service),
                },
            )
        assert service.get("/health").json["answers"] is False
        assert service.metric('knowligo_answers_total{outcome="no-key"}') == 2


def test_the_key_is_nowhere_to_be_read(service: RunningService, groq: GroqServer) -> None:
    groq.script = failing(401, f"invalid key {KEY}")
    told = [whole(service).body, service.post("/ask", {"question": QUESTION}).body]
    told += [service.get(path).body for path in ("/health", "/metrics", "/openapi.json", "/")]
    assert [KEY.encode() in body for body in told] == [False] * len(told)
    assert KEY not in service.logged()


def test_when_the_person_goes_the_model_is_let_go_of(service: RunningService, groq: GroqServer) -> None:
    before = service.metric('knowligo_answers_total{outcome="abandoned"}')
    groq.script = Script([part for number in range(60) for part in (chunk(f"{number} "), 0.02)])
    connection = service.connection()
    connection.request("POST", "/ask", f'{{"question": "{QUESTION}"}}'.encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    while b"event: text" not in response.read1():
        pass
    response.close()
    connection.close()
    assert groq.hung_up.wait(1.0)
    for _ in wait_until("the count of the answer that nobody waited for"):
        if service.metric('knowligo_answers_total{outcome="abandoned"}') == before + 1:
            break


def test_answers_are_counted_by_how_they_ended(service: RunningService, groq: GroqServer) -> None:
    series = ["answered", "timed-out", "rate-limited", "failed"]
    names = [f'knowligo_answers_total{{outcome="{outcome}"}}' for outcome in series]
    before = [service.metric(name) for name in names]
    unknown = service.metric("knowligo_unknown_citations_total")
    for script in (saying("Sí [1] [8]."), saying("No."), failing(429, "x"), failing(500, "x")):
        groq.script = script
        whole(service)
    assert [service.metric(name) - was for name, was in zip(names, before, strict=True)] == [2, 0, 1, 1]
    assert service.metric("knowligo_unknown_citations_total") - unknown == 1

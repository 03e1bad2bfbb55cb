import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.exports import Exports
from support.serving import RunningService, running, wait_for, wait_until
from support.small_knowledge import ONE_MAY_FAIL, PLAN, TINY_PRECISION, write_knowledge
from support.tiny_model import make_tiny_model

from benchmarks.service_load import measure
from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions
from knowligo_index.search.reader import IndexReader
from knowligo_index.service.app import create_app
from knowligo_index.service.live_index import LiveIndex
from knowligo_index.service.options import ServiceOptions
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.current import Pointer
from knowligo_index.store.publishing import writing

FAST = ("--refresh-seconds", "0.1", "--searches-per-minute", "0")
OLD, NEW = "20 €", "30 €"


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, exports: Exports) -> Path:
    """An index of two versions, the older one live; the newer one has another encoder and another price."""
    folder = tmp_path_factory.mktemp("twice")
    knowledge, index = write_knowledge(folder / "knowledge"), folder / "indexes"
    for price, model in ((OLD, tiny_model), (NEW, make_tiny_model(folder / "other", seed=1, max_tokens=256))):
        encoder = EncoderOptions(id=str(model), precision=TINY_PRECISION)
        exports.give(index, encoder)
        (knowledge / "plan.md").write_text(PLAN.replace(OLD, price), encoding="utf-8")
        build(Settings(knowledge=knowledge, index=index, threads=1, encoder=encoder, gate=ONE_MAY_FAIL))
    go_to(index, 0)
    return index


@pytest.fixture
def index(built_twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_twice, tmp_path / "indexes"))


def go_to(index: Path, which: int) -> str:
    """Make the older version (0) the live one, or the newer (1)."""
    target = Store(index).version_ids()[which]
    with writing(Store(index), "test") as writer:
        writer.rollback(target)
    return target


def price(service: RunningService) -> str:
    """The price it finds: of one version."""
    found = service.post("/search", {"q": "precio del plan", "k": 1, "mode": "lexical"}).json
    (text,) = [hit["text"] for hit in found["hits"]]
    (price,) = [each for each in (OLD, NEW) if each in text]
    return price


def test_when_current_moves_the_service_moves(index: Path) -> None:
    with running(index, *FAST) as service:
        first = service.get("/health").json["version"]
        assert (price(service), service.metric("knowligo_index_reloads_total")) == (OLD, 0)
        version = go_to(index, 1)
        assert wait_for(service, version=version)["status"] == "ok"
        assert (price(service), service.metric("knowligo_index_reloads_total")) == (NEW, 1)
        assert go_to(index, 0) == first
        wait_for(service, version=first)
        assert price(service) == OLD
        assert "Version 2-" in service.logged()


def remove_encoder(index: Path) -> None:
    encoder = json.loads((Store(index).versions / Store(index).version_ids()[1] / "manifest.json").read_text())
    shutil.rmtree(index / "encoders" / encoder["encoder"]["fingerprint"])


def cut_vectors(index: Path) -> None:
    vectors = Store(index).versions / Store(index).version_ids()[1] / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (cut_vectors, "vectors.faiss is damaged"),
    (remove_encoder, ", the encoder of version 2-"),
    (lambda index: Store(index).current.write_text("garbage"), "CURRENT is damaged"),
    (lambda index: Store(index).current.unlink(), "CURRENT is missing, so nothing says which of the 2"),
]


@pytest.mark.parametrize(("damage", "problem"), DAMAGES, ids=["vectors", "encoder", "CURRENT", "no CURRENT"])
def test_a_version_that_does_not_open_leaves_the_one_before(
    index: Path, damage: Callable[[Path], object], problem: str
) -> None:
    newer = Store(index).open_ignoring_current(Store(index).version_ids()[1])
    new = Pointer(newer.id, newer.manifest_sha256).line()
    with running(index, *FAST) as service:
        before = service.get("/health").json
        pointer = Store(index).current
        old = pointer.read_bytes()
        damage(index)
        if pointer.exists() and pointer.read_bytes() == old:
            pointer.write_bytes(new)
        health = wait_for(service, status="stale")
        assert problem in str(health["problem"])
        assert {**health, "status": "ok", "problem": None} == before
        assert service.get("/health").status == 200
        assert price(service) == OLD
        assert service.metric("knowligo_index_stale") == 1
        assert service.metric("knowligo_index_reload_failures_total") == 1, "it is not read again and again"
        assert problem in service.logged()
        pointer.write_bytes(old)
        wait_for(service, status="ok", problem=None)
        assert (price(service), service.metric("knowligo_index_stale")) == (OLD, 0)


def test_an_index_that_fails_is_told_until_it_answers_again(index: Path) -> None:
    app = create_app(LiveIndex(index, threads=1), ServiceOptions(refresh_seconds=0.1))
    with TestClient(app, "http://localhost") as client:
        # What a disk does that gives nothing back.
        app.state.service.index.reader.close()
        reply = client.get("/search?q=plan")
        sentence = "the index cannot be searched: try again later, or report this to the administrator of the service."
        assert (reply.status_code, reply.json()) == (503, {"error": sentence})
        health = client.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "failing")
        assert "is closed" in health.json()["problem"]
        version = go_to(index, 1)
        for _ in wait_until("health"):
            health = client.get("/health")
            if health.status_code == 200:
                break
        assert health.json() == {
            "status": "ok",
            "version": version,
            "documents": 3,
            "chunks": 3,
            "answers": False,
            "problem": None,
        }
        assert client.get("/search?q=plan").status_code == 200


@pytest.mark.timeout(60)
def test_a_move_that_takes_too_long_is_told_until_it_ends(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that gives no answer, for which the wait in `successor` stands."""
    opening, may_end = threading.Event(), threading.Event()

    def slow_successor(reader: IndexReader) -> IndexReader | None:
        opening.set()
        assert may_end.wait(50)
        return fast_successor(reader)

    fast_successor = IndexReader.successor
    monkeypatch.setattr("knowligo_index.service.live_index._REFRESH_SECONDS", 0.5, raising=False)
    live = LiveIndex(index, threads=1)
    app = create_app(live, ServiceOptions(refresh_seconds=0.05))
    with TestClient(app, "http://localhost") as client:
        before = client.get("/health").json()
        assert before["status"] == "ok"
        monkeypatch.setattr(IndexReader, "successor", slow_successor)
        try:
            assert opening.wait(20)
            for _ in wait_until("the problem in /health"):
                if client.get("/health").json()["status"] != "ok":
                    break
            response = client.get("/health")
            problem = (
                f"opening the live version has taken more than 0.5 seconds, and version {before['version']} stays in "
                f"use: check the disk that holds {index}, and restart the service if this does not end."
            )
            assert (response.status_code, response.json()) == (200, {**before, "status": "stale", "problem": problem})
            metrics = client.get("/metrics").text.splitlines()
            assert "knowligo_index_stale 1.0" in metrics
            (seconds,) = [
                float(line.split()[1]) for line in metrics if line.startswith("knowligo_index_refresh_seconds ")
            ]
            assert 0.5 < seconds < 60
            assert client.get("/search?q=plan").status_code == 200
        finally:
            may_end.set()
        monkeypatch.setattr(IndexReader, "successor", fast_successor)
        version = go_to(index, 1)
        for _ in wait_until("the new version"):
            health = client.get("/health").json()
            if health["status"] == "ok" and health["version"] == version:
                break
        assert "knowligo_index_stale 0.0" in client.get("/metrics").text.splitlines()


def test_what_nobody_thought_of_is_told_without_particulars(index: Path) -> None:
    app = create_app(LiveIndex(index, threads=1), ServiceOptions())

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("/a/path/of/this/machine")

    with TestClient(app, "http://localhost", raise_server_exceptions=False) as client:
        reply = client.get("/broken")
        sentence = "an unexpected error occurred, which is in the log: report this to the administrator of the service."
        assert (reply.status_code, reply.json()) == (500, {"error": sentence})


def test_two_services_in_a_process_count_for_themselves(index: Path) -> None:
    first_app, second_app = (create_app(LiveIndex(index, threads=1), ServiceOptions()) for _ in range(2))
    with TestClient(first_app, "http://localhost") as first, TestClient(second_app, "http://localhost") as second:
        first.get("/search?q=plan")
        counted = 'knowligo_requests_total{method="GET",route="/search",status="200"} 1.0'
        assert [counted in each.get("/metrics").text for each in (first, second)] == [True, False]


def test_no_answer_fails_or_is_mixed_while_versions_are_swapped(index: Path) -> None:
    questions = ["precio del plan", "¿Qué incluye el plan profesional?", "E-4012", "reset the password"]
    load = measure(index, questions, 8, 4.0, 8, "--threads", "1")
    assert load.failures == []
    assert load.versions == set(Store(index).version_ids())
    assert (len(load.moves), len(load.seconds) > 100) == (8, True)

"""A service that requires signatures: what it starts with, and what it moves to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.exports import Exports
from support.serving import ROOT, RunningService, running, wait_for, wait_until
from support.signing import forge, new_key, public, sign
from support.small_knowledge import ONE_MAY_FAIL, PLAN, TINY_PRECISION, write_knowledge

from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

FAST = ("--refresh-seconds", "0.1", "--searches-per-minute", "0")
OLD, NEW = "20 €", "30 €"


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, exports: Exports) -> Path:
    """A folder with an index of two versions, the older one live and signed, and with the key."""
    folder = tmp_path_factory.mktemp("signed")
    encoder = EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION)
    exports.give(folder / "indexes", encoder)
    knowledge = write_knowledge(folder / "knowledge")
    settings = Settings(knowledge=knowledge, index=folder / "indexes", threads=1, encoder=encoder, gate=ONE_MAY_FAIL)
    build(settings)
    sign(settings.index, new_key(folder / "keys", settings.index))
    (knowledge / "plan.md").write_text(PLAN.replace(OLD, NEW), encoding="utf-8")
    build(settings)
    go_to(settings.index, 0)
    return folder


@pytest.fixture
def index(built_twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_twice / "indexes", tmp_path / "indexes"))


@pytest.fixture
def key(built_twice: Path) -> Path:
    return built_twice / "keys" / "key"


def go_to(index: Path, which: int) -> str:
    """Make the older version (0) the live one, or the newer (1)."""
    target = Store(index).version_ids()[which]
    with writing(Store(index), "test") as writer:
        writer.rollback(target)
    return target


def price(service: RunningService) -> str:
    hits = service.post("/search", {"q": "precio del plan", "k": 1, "mode": "lexical"}).json["hits"]
    (text,) = [hit["text"] for hit in hits]
    (price,) = [each for each in (OLD, NEW, "90 €") if each in text]
    return price


def start(index: Path, *flags: object) -> subprocess.CompletedProcess[str]:
    """What a service prints that must not start."""
    command = [sys.executable, "-P", "-m", "knowligo_index", "serve", "--port", "0", "--index", str(index)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, *map(str, flags)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def unsigned(index: Path, version: str) -> str:
    path = index / "signatures" / f"{version}.minisig"
    return (
        f"version {version} is not signed ({path} does not exist): sign it with `knowligo-index sign --key FILE` on "
        "the machine that holds the secret key."
    )


def invalid(index: Path, version: str, key: Path) -> str:
    path = index / "signatures" / f"{version}.minisig"
    return (
        f"version {version} has no valid signature ({path}: it was not made of this content by a key in "
        f"{public(key)}): if you published this version, sign it again; otherwise somebody has changed the index, so "
        "copy it again from where it was built."
    )


def test_a_version_comes_into_use_as_soon_as_it_is_signed(index: Path, key: Path) -> None:
    with running(index, *FAST, "--require-signature", public(key)) as service:
        first = service.get("/health").json["version"]
        assert (service.get("/health").json["status"], price(service)) == ("ok", OLD)
        second = go_to(index, 1)
        health = wait_for(service, status="stale")
        assert (health["version"], health["problem"]) == (first, unsigned(index, second))
        assert service.get("/health").status == 200
        assert (price(service), service.metric("knowligo_index_stale")) == (OLD, 1)
        assert service.metric("knowligo_index_reload_failures_total") == 1, "it is not read again and again"
        assert unsigned(index, second) in service.logged()
        sign(index, key)
        # Within 10 seconds, and not the 30 after which a version that does not open is tried again.
        wait_for(service, status="ok", version=second, problem=None)
        assert (price(service), service.metric("knowligo_index_stale")) == (NEW, 0)
        # Both are signed now: back and forth at once.
        for which, expected in ((0, OLD), (1, NEW)):
            wait_for(service, status="ok", version=go_to(index, which))
            assert price(service) == expected


def test_a_version_that_somebody_changed_does_not_come_into_use(index: Path, key: Path, tmp_path: Path) -> None:
    second = go_to(index, 1)
    sign(index, key)
    first = go_to(index, 0)
    with running(index, *FAST, "--require-signature", public(key)) as service:
        go_to(index, 1)
        wait_for(service, version=second)
        go_to(index, 0)
        wait_for(service, version=first)
        # Whoever changes the files of a version has to change CURRENT, too, and has no key to sign it with.
        shutil.copytree(index, tmp_path / "forged")
        go_to(tmp_path / "forged", 1)
        forge(tmp_path / "forged", NEW, "90 €")
        shutil.rmtree(index / "versions" / second)
        shutil.copytree(tmp_path / "forged" / "versions" / second, index / "versions" / second)
        shutil.copy(tmp_path / "forged" / "CURRENT", index / "CURRENT")
        health = wait_for(service, status="stale")
        assert (health["version"], health["problem"]) == (first, invalid(index, second, key))
        assert price(service) == OLD
        # With a key of their own it is no better.
        sign(index, new_key(tmp_path / "theirs", index))
        for _ in wait_until("another attempt"):
            if service.metric("knowligo_index_reload_failures_total") == 2:
                break
        assert service.get("/health").json == health


def test_it_does_not_start_with_a_version_that_is_not_signed(index: Path, key: Path, tmp_path: Path) -> None:
    forge(index, OLD, "90 €")
    version = Store(index).current_id() or ""
    refused = start(index, "--require-signature", public(key))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {invalid(index, version, key)}\n"
    (index / "signatures" / f"{version}.minisig").unlink()
    refused = start(index, "--require-signature", public(key))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {unsigned(index, version)}\n"
    with running(index, *FAST) as service:
        assert price(service) == "90 €", "without a key nobody would know"


def test_a_key_that_is_none_keeps_it_from_starting(index: Path, tmp_path: Path) -> None:
    refused = start(index, "--require-signature", tmp_path / "none.pub")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"Error: {tmp_path}/none.pub cannot be read (no such file or directory): name the file with the public key of "
        "the index.\n"
    )


def test_the_key_may_be_set_in_the_environment(index: Path, key: Path) -> None:
    go_to(index, 1)
    with (
        pytest.raises(AssertionError, match="is not signed"),
        running(index, environment={"KNOWLIGO_REQUIRE_SIGNATURE": str(public(key))}),
    ):
        pass

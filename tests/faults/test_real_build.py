"""The whole `build`, encoder and all: killed at every call that changes the index, and stopped by signals."""

import hashlib
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from index_operations import fresh, moves_current, sampled
from launching import Command
from tracing import Call, kill_at, needs_strace, record, stopped_at

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.cli import cli
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.staging import leftovers
from knowligo_index.store.vectors import VectorIndexBuilder

SECONDS_TO_STOP = 5


def arguments(settings: Settings) -> list[str]:
    """The command that builds with these settings."""
    options = ["--index", settings.index, "--encoder", settings.encoder.id, "--threads", 1]
    gate = ["--max-failed", settings.gate.max_failed]
    return ["build", *map(str, [settings.knowledge, *options, *gate])]


@pytest.fixture
def prepared(settings: Settings) -> Settings:
    """An index of the knowledge folder, and in the folder something new."""
    build(replace(settings, index=settings.index.with_name("prepared")))
    (settings.knowledge / "nuevo.md").write_text("# Feriado\n\nLa oficina cierra el lunes 8 por feriado.\n")
    return replace(settings, index=fresh(settings.index.with_name("prepared")))


def knows_the_news(index: Path) -> bool:
    """Whether the live version has the new document. All versions there are must be whole."""
    with open_index(index) as reader:
        documents = {document.source for document in reader.documents()}
        assert documents - {"nuevo.md"} == {"en/mailbox.txt", "plan.md", "red.md"}
        found = [hit.source for hit in reader.search("feriado", mode="lexical")]
        assert found == (["nuevo.md"] if "nuevo.md" in documents else [])
    for version_id in Store(index).version_ids():
        Store(index).open(version_id).check()
    return "nuevo.md" in documents


def check_next_build(settings: Settings) -> None:
    """Nobody has to tidy up first."""
    build(settings)
    assert knows_the_news(settings.index)
    assert leftovers(Store(settings.index)) == []


# Each of the calls is a build that is killed, and one that goes on from there: minutes, on a busy machine many.
@pytest.mark.timeout(1800)
@needs_strace
def test_killed_at_any_call_a_build_leaves_the_old_version_or_the_new_one(
    prepared: Settings, tmp_path: Path, whole: bool
) -> None:
    start = prepared.index.with_name("prepared")
    calls = record(arguments(prepared), prepared.index, tmp_path)
    assert knows_the_news(prepared.index)
    moving = [moves_current(call) for call in calls].index(True)
    chosen = sampled(calls, whole)
    for call in chosen:
        fresh(start)
        assert kill_at(call, arguments(prepared), tmp_path) == -signal.SIGKILL, f"{call} did not come"
        assert knows_the_news(prepared.index) == (calls.index(call) > moving), f"killed at {call}"
        check_next_build(prepared)
    # One call further than the last: nothing is killed, and the build ends well.
    fresh(start)
    assert kill_at(Call(calls[-1].name, 65_000, (), (), 0), arguments(prepared), tmp_path) == 0
    print(f"killed at {len(chosen)} of {len(calls)} calls")


def processes_in_session(session: int) -> list[str]:
    """Programs that are running in this session."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, its_session = rest.split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def check_stopped(command: Command, number: int, settings: Settings, live: str | None) -> None:
    """It ended in time, in order and alone; the version is live that was."""
    assert command.wait(SECONDS_TO_STOP) == 128 + number, command.output()
    name = signal.Signals(number).name
    assert command.output().endswith(f"Stopped by {name}: {live or 'no version'} is live in {settings.index}.\n")
    assert processes_in_session(command.pid) == []
    assert Store(settings.index).current_id() == live
    assert leftovers(Store(settings.index)) == []


@pytest.mark.timeout(1800)
@needs_strace
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_while_the_version_is_written_leaves_the_old_one_and_nothing_else(
    prepared: Settings, tmp_path: Path, whole: bool, number: int
) -> None:
    start = prepared.index.with_name("prepared")
    calls = record(arguments(prepared), prepared.index, tmp_path)
    moving = [moves_current(call) for call in calls].index(True)
    for call in sampled(calls[:moving], whole):
        fresh(start)
        live = Store(prepared.index).current_id()
        with stopped_at(call, arguments(prepared), tmp_path) as command:
            os.kill(command.pid, number)
            os.kill(command.pid, signal.SIGCONT)
            check_stopped(command, number, prepared, live)
        check_next_build(prepared)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_at_any_time_ends_a_build_within_five_seconds(
    settings: Settings, tmp_path: Path, whole: bool, number: int
) -> None:
    """Reading, chunking, loading the encoder, encoding: none of them is as quick as it is here with more documents."""
    for which in range(150 if whole else 60):
        (settings.knowledge / f"{which}.txt").write_text(f"Guía {which}. " + "El plan incluye soporte. " * 300)
    begun = time.monotonic()
    assert Command(arguments(settings), tmp_path).run() == 0
    seconds = time.monotonic() - begun
    live = Store(settings.index).current_id()
    stopped = 0
    for part in range(1, 16) if whole else (2, 8):
        (settings.knowledge / "0.txt").write_text(f"Otra guía, la {part}.")
        command = Command(arguments(settings), tmp_path).go()
        time.sleep(seconds * part / 16)
        if not command.is_running():
            continue
        os.kill(command.pid, number)
        # What was published just before the signal came is published.
        if command.wait(SECONDS_TO_STOP) == 0 or Store(settings.index).current_id() != live:
            live = Store(settings.index).current_id()
        else:
            check_stopped(command, number, settings, live)
            stopped += 1
    print(f"stopped {stopped} times in a build of {seconds:.1f} s")
    assert stopped > 0
    (settings.knowledge / "0.txt").write_text("La última.")
    assert build(settings).status == "published"


def build_that_hangs(words: list[str]) -> None:
    """`build` with a step in native code that takes a minute and hears of no signal."""

    def hang(builder: object, write: object) -> None:
        print("hanging", flush=True)
        hashlib.pbkdf2_hmac("sha256", b"", b"", 100_000_000)

    VectorIndexBuilder.write = hang  # type: ignore[assignment, method-assign]
    cli(words)


def test_a_build_that_hangs_in_native_code_is_ended_all_the_same(prepared: Settings, tmp_path: Path) -> None:
    live = Store(prepared.index).current_id()
    command = Command(["test_real_build:build_that_hangs", *arguments(prepared)], tmp_path).go()
    while "hanging" not in command.output():
        assert command.is_running(), command.output()
    # Between what it prints and the native step Python still hears of signals.
    time.sleep(1)
    os.kill(command.pid, signal.SIGTERM)
    assert command.wait(SECONDS_TO_STOP) == 128 + signal.SIGTERM
    assert processes_in_session(command.pid) == []
    # It had no time to tidy up: the next one does.
    assert leftovers(Store(prepared.index)) == ["versions/.staging"]
    assert (Store(prepared.index).current_id(), knows_the_news(prepared.index)) == (live, False)
    check_next_build(prepared)

"""The nightly job with real builds, real signals and a real lock."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from support.signing import new_key, public

from knowligo_index.operations import command_runner, nightly
from knowligo_index.operations.command_runner import CommandRunner
from knowligo_index.operations.night_result import NightResult, write_result
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.locks import writer_lock
from knowligo_index.store.signatures import PublicKeys
from knowligo_index.store.verification import verify_version

SECONDS_TO_STOP = 10


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """Everything that the job is told, as a container or a unit tells it."""
    return {
        **os.environ,
        "KNOWLIGO_KNOWLEDGE": str(settings.knowledge),
        "KNOWLIGO_INDEX": str(settings.index),
        "KNOWLIGO_ENCODER": settings.encoder.id,
        "KNOWLIGO_THREADS": "1",
        "KNOWLIGO_MAX_FAILED": "0.5",
        "NIGHTLY_RESULTS": str(settings.index.with_name("results")),
    }


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "knowligo_index.nightly", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the line, and what came on standard error."""
    process = start(environment, *arguments)
    output, errors = process.communicate(timeout=120)
    assert output.count("\n") == 1
    night = json.loads(output)
    assert night["exit_code"] == process.returncode
    return process.returncode, night, errors


def make_long(settings: Settings) -> None:
    """Give the build something to do for more than the seconds that a test waits."""
    (settings.knowledge / "long.md").write_text("\n\n".join(f"# T{n}\n\nParte {n} del plan." for n in range(40_000)))


def live(settings: Settings) -> str | None:
    return Store(settings.index).current_id()


def test_a_night_publishes_the_next_finds_nothing_new_and_old_versions_go(
    environment: dict[str, str], settings: Settings
) -> None:
    code, first, _ = run(environment)
    assert (code, first["status"], first["version"], first["message"]) == (0, "published", live(settings), None)
    assert first["build"]["documents"] == {"indexed": 3, "skipped": 3, "quarantined": 1}
    assert first["gc"]["removed"] == []
    latest = settings.index.with_name("results") / "latest.json"
    assert json.loads(latest.read_text()) == first

    code, second, _ = run(environment)
    assert (code, second["status"], second["version"]) == (0, "unchanged", first["version"])

    nights = []
    for day in ("lunes", "martes"):
        (settings.knowledge / "feriado.md").write_text(f"# Feriado\n\nLa oficina cierra el {day} por feriado.\n")
        nights.append(run(environment, "--keep", "1"))
    assert [(code, night["status"]) for code, night, _ in nights] == [(0, "published")] * 2
    # The live one and the one before it stay, whatever --keep says.
    assert nights[-1][1]["gc"]["removed"] == [f"versions/{first['version']}"]
    assert len(Store(settings.index).version_ids()) == 2


def test_without_gc_every_version_stays(environment: dict[str, str]) -> None:
    assert run(environment, "--keep", "0")[1]["gc"] is None


def test_a_night_signs_what_it_publishes_and_what_is_live(
    environment: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    keys = [new_key(tmp_path / "keys", settings.index, name) for name in ("old", "new")]
    for key, status in zip(keys, ("published", "unchanged"), strict=True):
        code, night, _ = run({**environment, "NIGHTLY_SIGN_KEY": str(key)})
        assert (code, night["status"], night["message"]) == (0, status, None)
        path = settings.index / "signatures" / f"{night['version']}.minisig"
        assert night["sign"] == {"version": night["version"], "signature": str(path)}
        assert verify_version(Store(settings.index), public_keys=PublicKeys.read(public(key), settings.index)).ok
    assert run(environment)[1]["sign"] is None


def test_a_night_that_cannot_sign_fails_and_says_why(environment: dict[str, str], tmp_path: Path) -> None:
    code, night, _ = run(environment, "--sign-key", str(tmp_path / "none"))
    assert (code, night["status"], night["sign"]) == (1, "published", None)
    assert night["message"] == (
        f"the build succeeded, but sign failed: {tmp_path}/none cannot be read (no such file or directory): name the "
        "file with the secret key."
    )


def test_a_refused_night_ends_with_3_and_the_old_version_stays(environment: dict[str, str], settings: Settings) -> None:
    _, first, _ = run(environment)
    (settings.knowledge / "plan.md").unlink()
    (settings.knowledge / "red.md").unlink()
    code, night, errors = run(environment)
    assert (code, night["status"], night["build"]["status"]) == (3, "refused", "refused")
    assert "nothing is published" in night["message"]
    assert night["build"]["refusals"][0]["sentence"] in night["message"]
    assert f"Error: {night['message']}\n" in errors
    assert live(settings) == first["version"]
    assert json.loads((settings.index.with_name("results") / "latest.json").read_text()) == night


def test_refused_nights_leave_one_refused_version(environment: dict[str, str], settings: Settings) -> None:
    _, first, _ = run(environment)
    (settings.knowledge / "plan.md").unlink()
    (settings.knowledge / "red.md").unlink()
    nights = [run(environment)[1] for _ in range(3)]
    assert [(night["status"], night["exit_code"]) for night in nights] == [("refused", 3)] * 3
    assert nights[2]["gc"]["removed"] == [f"versions/{nights[1]['version']}"]
    assert Store(settings.index).version_ids() == [first["version"], nights[2]["version"]]


def test_a_wrong_option_of_its_own_is_told_in_the_line_too(environment: dict[str, str], settings: Settings) -> None:
    code, night, errors = run({**environment, "NIGHTLY_KEEP": "abc"})
    assert (code, night["status"], night["version"], night["build"]) == (2, "failed", None, None)
    assert "NIGHTLY_KEEP" in night["message"] or "--keep" in night["message"]
    assert "'abc' is not a valid integer" in night["message"]
    assert night["message"] in errors
    assert json.loads((settings.index.with_name("results") / "latest.json").read_text()) == night


def test_a_night_that_finds_another_build_at_work_ends_with_75(environment: dict[str, str], settings: Settings) -> None:
    with writer_lock(settings.index, "build"):
        code, night, _ = run(environment)
    assert (code, night["status"], night["version"], night["build"]) == (75, "locked", None, None)
    assert f"is locked by `build`, process {os.getpid()}" in night["message"]


def test_a_night_without_documents_fails_and_says_why(environment: dict[str, str], tmp_path: Path) -> None:
    code, night, _ = run(environment, str(tmp_path / "nowhere"))
    assert (code, night["status"]) == (1, "failed")
    assert "nowhere" in night["message"]


def test_a_wrong_setting_ends_with_2_and_is_named(environment: dict[str, str]) -> None:
    code, night, _ = run(environment | {"KNOWLIGO_MAX_FALED": "0.2"})
    assert (code, night["status"]) == (2, "failed")
    assert "KNOWLIGO_MAX_FALED" in night["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0.5, 1.5, 4.0])
def test_a_signal_reaches_the_build_and_leaves_nothing(
    environment: dict[str, str], settings: Settings, number: signal.Signals, seconds: float
) -> None:
    make_long(settings)
    process = start(environment)
    time.sleep(seconds)
    asked = time.monotonic()
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert time.monotonic() - asked < SECONDS_TO_STOP
    if seconds < 1 and not output:
        # The signal came before the job had begun.
        assert process.returncode != 0
        return
    night = json.loads(output)
    assert (night["status"], night["exit_code"]) == ("stopped", 128 + number), errors
    assert process.returncode == 128 + number
    assert live(settings) is None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_build_that_takes_too_long_is_ended(environment: dict[str, str], settings: Settings) -> None:
    make_long(settings)
    code, night, _ = run(environment, "--limit", "1")
    assert (code, night["status"]) == (1, "failed")
    assert night["message"] == (
        "the build was stopped: the job took longer than 1 seconds; raise --limit if it needs more time."
    )
    assert live(settings) is None


def test_a_command_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_runner, "_GRACE_SECONDS", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('{}', flush=True); time.sleep(60)"
    result = CommandRunner(limit_seconds=2).run([sys.executable, "-c", deaf])
    assert (result.exit_code, result.document, result.timed_out) == (128 + signal.SIGKILL, {}, True)


def test_of_what_a_command_writes_the_last_error_counts() -> None:
    noisy = "import sys; sys.exit('Error: first\\nError: the disk is full.\\na library says goodbye')"
    result = CommandRunner(limit_seconds=60).run([sys.executable, "-c", noisy])
    assert (result.exit_code, result.document, result.error) == (1, None, "the disk is full.")


def test_a_build_that_is_killed_is_told_as_one(
    environment: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    suicide = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(nightly, "_command", lambda *arguments: suicide)
    night = nightly.run_night(str(settings.knowledge), str(settings.index), 7, 60)
    assert (night.status, night.exit_code) == ("failed", 1)
    assert night.message == "the build was ended by SIGKILL: if nobody sent that signal, give the build more memory."


def test_a_result_that_cannot_be_written_is_a_failure(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    process = start(environment | {"NIGHTLY_RESULTS": str(tmp_path / "taken" / "results")})
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert json.loads(output)["status"] == "published"
    assert errors.splitlines()[-1] == (
        f"Error: the result cannot be written into {tmp_path}/taken/results (not a directory): "
        "make that folder writable."
    )


def test_each_request_gets_an_answer_and_only_the_newest_answers_stay(tmp_path: Path) -> None:
    for number in range(40):
        names = [f"request-{number}"]
        write_result(tmp_path, night_of(names))
        os.utime(tmp_path / f"request-{number}.json", (number, number))
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {"latest", *(f"request-{number}" for number in range(10, 40))}
    assert json.loads((tmp_path / "latest.json").read_text()) == asdict(night_of(["request-39"]))


def night_of(requests: list[str]) -> NightResult:
    return NightResult("2027-01-01T03:15:00Z", "unchanged", 0, None, "1-0123456789ab", 0.5, requests, None, None)

"""Standard output or standard error cannot be written, as on a full disk: a command says so in one sentence, exits with
an error, and has done what it does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from knowligo_index.settings import Settings

FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")

REASON = "cannot be written to standard output (no space left on device)"
ADVICE = "make room, or direct it elsewhere.\n"


def run_full(*arguments: object, module: str = "knowligo_index", full: str = "stdout") -> tuple[int, str]:
    """Exit code of a command one stream of which is full, and the other stream."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with FULL.open("w") as file:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {full: file}
        result = subprocess.run(command, check=False, text=True, timeout=120, **streams)  # type: ignore[call-overload]
    return result.returncode, result.stderr if full == "stdout" else result.stdout


def build_flags(settings: Settings) -> list[str]:
    os.environ["KNOWLIGO_MAX_FAILED"] = "0.5"
    os.environ["KNOWLIGO_ENCODER"] = settings.encoder.id
    os.environ["KNOWLIGO_THREADS"] = "1"
    return [str(settings.knowledge), "--index", str(settings.index)]


def live(index: Path) -> str:
    return (index / "CURRENT").read_text().split()[0]


@pytest.mark.parametrize("form", [[], ["--json"], ["-v"]])
def test_a_build_is_published_and_says_that_its_result_is_not_printed(settings: Settings, form: list[str]) -> None:
    exit_code, errors = run_full("build", *build_flags(settings), *form)
    sentence = f"Error: {live(settings.index)} is live in {settings.index}, but the result {REASON}: {ADVICE}"
    assert (exit_code, errors.splitlines(keepends=True)[-1]) == (1, sentence)
    assert errors.count("\n") == (1 if form != ["-v"] else errors.count(" = ") + 1)


def test_that_a_build_was_refused_is_the_more_important_error(settings: Settings) -> None:
    (settings.knowledge / "acceso.md").write_text("La clave es AKIA" + "QWERTYUIOPASDFGH.\n")
    exit_code, errors = run_full("build", *build_flags(settings))
    assert (exit_code, errors.count("\n")) == (3, 1)
    assert errors.startswith(f"Error: nothing is published, no version is live in {settings.index}: a secret in the ")


def test_a_build_is_published_where_standard_error_is_full(settings: Settings) -> None:
    exit_code, output = run_full("build", *build_flags(settings), "-v", full="stderr")
    assert (exit_code, output.splitlines()[0]) == (
        0,
        f"Published: version {live(settings.index)} in {settings.index}",
    )
    exit_code, output = run_full("build", "none", "--index", settings.index, full="stderr")
    assert (exit_code, output) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "done"),
    [
        (["search", "E-4012"], ""),
        (["search", "E-4012", "--json"], ""),
        (["list"], ""),
        (["show"], ""),
        (["verify"], ""),
        (["rollback", "{version}"], "version {version} is live, but "),
        (["gc"], "gc removed 0.0 MB, but "),
    ],
)
def test_other_commands_say_what_they_have_done(index: Path, arguments: list[str], done: str) -> None:
    version = live(index)
    words = [word.format(version=version) for word in arguments]
    result = run_full(*words, "--index", index)
    assert result == (1, f"Error: {done.format(version=version)}the result {REASON}: {ADVICE}")
    assert live(index) == version


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["build", "--help"]])
def test_a_help_text_that_cannot_be_printed(arguments: list[str]) -> None:
    assert run_full(*arguments) == (1, f"Error: this {REASON}.\n")


def test_the_nightly_job_reports_to_standard_error_and_its_file(settings: Settings, tmp_path: Path) -> None:
    os.environ["NIGHTLY_RESULTS"] = str(tmp_path / "results")
    exit_code, errors = run_full(*build_flags(settings), module="knowligo_index.nightly")
    assert (exit_code, errors.count("\n")) == (1, 1)
    assert errors.startswith(f"Error: the result {REASON}: {{")
    result = json.loads((tmp_path / "results" / "latest.json").read_text())
    assert (result["status"], result["version"]) == ("published", live(settings.index))


def test_the_nightly_job_runs_where_standard_error_is_full(settings: Settings) -> None:
    (settings.index / "CURRENT").write_text("no pointer\n")
    exit_code, output = run_full(*build_flags(settings), module="knowligo_index.nightly", full="stderr")
    assert (exit_code, json.loads(output)["status"]) == (0, "published")


def test_the_scheduler_runs_its_command_without_a_log(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"import os, signal; open({str(ran)!r}, 'w'); os.kill(os.getppid(), signal.SIGTERM)"
    arguments = ["--at-start", "", "--", sys.executable, "-c", code]
    assert run_full(*arguments, module="knowligo_index.schedule") == (0, "")
    assert ran.exists()

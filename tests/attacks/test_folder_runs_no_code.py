"""A folder of documents holds files that are named like modules, and a knowligo.toml. Commands are run in it; none of
the modules is run, and the settings lead no key elsewhere."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.exports import Exports
from support.small_knowledge import TINY_PRECISION, write_knowledge
from support.tiny_model import make_tiny_model

import knowligo_index
from knowligo_index.encoders import EncoderOptions
from knowligo_index.encoders.model_folder import read_modules
from knowligo_index.errors import EncoderError

ROOT = Path(knowligo_index.__file__).parents[1]

# Everything that a command imports and that Python has not loaded before it reads the command line.
_NAMES = """
csv json typing dataclasses pathlib subprocess signal logging hashlib sqlite3 random tomllib difflib tempfile threading
shlex http asyncio ssl socket string unicodedata numpy click msgspec faiss openvino tokenizers torch transformers
detect_secrets cronsim sentence_transformers huggingface_hub safetensors nncf pypdf pypdfium2 lxml docutils yaml
markdown_it selectolax tqdm uvicorn fastapi starlette httpx sitecustomize usercustomize
"""
NAMES = _NAMES.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, and beside them a module of every name, which leaves a file named after it in `ran`."""
    knowledge = write_knowledge(tmp_path / "documents")
    (tmp_path / "ran").mkdir()
    for name in NAMES:
        (knowledge / f"{name}.py").write_text(
            f"import posix, sys\nposix.open({str(tmp_path / 'ran' / name)!r}, posix.O_CREAT)\n"
            f"raise SystemExit('{name}.py of the folder was run')\n"
        )
    return knowledge


@pytest.fixture
def environment(tmp_path: Path, tiny_model: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KNOWLIGO_", "PYTHON"))}
    # The package that is tested, which may not be the one that is installed.
    return kept | {
        "PYTHONPATH": str(ROOT),
        "KNOWLIGO_INDEX": str(tmp_path / "indexes"),
        "KNOWLIGO_ENCODER": str(tiny_model),
        "KNOWLIGO_PRECISION": TINY_PRECISION,
        "KNOWLIGO_MAX_FAILED": "0.5",
        "KNOWLIGO_THREADS": "1",
    }


# The console script, and Python with -P, which every command of this project is documented with.
STARTS = {
    "script": [sys.executable, str(Path(sys.executable).with_name("knowligo-index"))],
    "-P -m": [sys.executable, "-P", "-m", "knowligo_index"],
    "-m": [sys.executable, "-m", "knowligo_index"],
}


def ran(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder.parent / "ran").iterdir())


def run_in(folder: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("start", ["script", "-m"])
def test_no_command_runs_a_file_of_the_folder(folder: Path, environment: dict[str, str], start: str) -> None:
    program = STARTS[start]
    # With the parser processes and, since there is no export yet, with the process that exports the encoder.
    built = run_in(folder, environment, *program, "build", ".")
    assert (ran(folder), built.returncode) == ([], 0), built.stderr
    for command in (["search", "vpn"], ["list"], ["show"], ["verify"], ["gc"], ["diff", "--help"]):
        result = run_in(folder, environment, *program, *command)
        assert (ran(folder), result.returncode) == ([], 0), result.stderr


@pytest.mark.timeout(240)
@pytest.mark.parametrize("flags", [[], ["-P"]])
def test_neither_the_nightly_job_nor_the_scheduler_runs_one(
    folder: Path, environment: dict[str, str], tiny_model: Path, exports: Exports, flags: list[str]
) -> None:
    exports.give(folder.parent / "indexes", EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION))
    python = [sys.executable, *flags]
    night = run_in(folder, environment, *python, "-m", "knowligo_index.nightly", ".")
    assert (ran(folder), json.loads(night.stdout)["status"]) == ([], "published"), night.stderr
    command = [
        *python,
        "-m",
        "knowligo_index.schedule",
        "--at-start",
        "",
        "--",
        *python,
        "-m",
        "knowligo_index.nightly",
        ".",
    ]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stdout is not None
        lines: list[str] = []
        for line in scheduler.stdout:
            lines.append(line)
            if '"ended"' in line:
                scheduler.send_signal(signal.SIGTERM)
    assert ran(folder) == []
    assert '"status": "unchanged"' in "".join(lines)
    health = run_in(folder, environment, *python, "-m", "knowligo_index.healthcheck", "127.0.0.1:1")
    assert (ran(folder), health.returncode) == ([], 1)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("start", ["script", "-m"])
def test_the_service_starts_without_running_one(
    folder: Path, environment: dict[str, str], tiny_model: Path, exports: Exports, start: str
) -> None:
    exports.give(folder.parent / "indexes", EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION))
    assert run_in(folder, environment, *STARTS[start], "build", ".").returncode == 0
    command = [*STARTS[start], "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as service:
        watchdog = threading.Timer(60, service.kill)
        watchdog.start()
        assert service.stdout is not None
        first = service.stdout.readline()
        service.send_signal(signal.SIGTERM)
        watchdog.cancel()
    assert (ran(folder), first[:8]) == ([], "Serving ")


def test_a_program_of_the_working_directory_that_imports_the_package_keeps_its_own_modules(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__init__.py").write_text("import knowligo_index\n")
    (tmp_path / "program" / "__main__.py").write_text("import helper\nprint(helper.ANSWER)\n")
    (tmp_path / "helper.py").write_text("ANSWER = 42\n")
    result = run_in(tmp_path, environment, sys.executable, "-m", "program")
    assert (result.stdout, result.stderr) == ("42\n", "")


@pytest.mark.parametrize(
    "line", ['answer_url = "https://other.example"', 'answer_url = "http://other.example"', 'host = "0.0.0.0"']
)
def test_a_file_of_settings_beside_documents_leads_no_key_elsewhere(
    folder: Path, environment: dict[str, str], line: str
) -> None:
    (folder / "knowligo.toml").write_text(line)
    result = run_in(folder, environment | {"GROQ_API_KEY": "key"}, *STARTS["script"], "serve")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    name = line.split()[0]
    assert result.stderr == (
        f"Error: {name} in knowligo.toml is not taken from a file, which may lie beside documents that others write: "
        f"remove that line, and set KNOWLIGO_{name.upper()} or --{name.replace('_', '-')}.\n"
    )


@pytest.mark.parametrize(
    "url", ["http://other.example", "http://localhost.other.example", "http://127.0.0.1@other.example"]
)
def test_a_key_is_sent_to_https_or_this_machine_only(folder: Path, environment: dict[str, str], url: str) -> None:
    result = run_in(
        folder, environment | {"GROQ_API_KEY": "key", "KNOWLIGO_ANSWER_URL": url}, *STARTS["script"], "serve"
    )
    assert (result.returncode, result.stdout) == (2, "")
    shown = url.replace("127.0.0.1@", "…@")
    assert result.stderr.startswith(f"Error: KNOWLIGO_ANSWER_URL in the environment is '{shown}', which is not valid: ")


@pytest.mark.parametrize(
    ("modules", "settings", "message"),
    [
        ("evil.Pooling", "{}", "names code outside of sentence_transformers (evil)"),
        ("sentence_transformers_evil.Pooling", "{}", "names code outside of sentence_transformers"),
        ("sentence_transformers.models.Dense", '{"activation_function": "os.abort"}', "outside of torch.nn (os.abort)"),
    ],
)
def test_a_model_names_no_code_to_run(tmp_path: Path, modules: str, settings: str, message: str) -> None:
    model = make_tiny_model(tmp_path / "model")
    (model / "modules.json").write_text(json.dumps([{"type": modules, "path": "2"}]))
    (model / "2").mkdir()
    (model / "2" / "config.json").write_text(settings)
    with pytest.raises(EncoderError) as refused:
        read_modules(model)
    assert message in str(refused.value)

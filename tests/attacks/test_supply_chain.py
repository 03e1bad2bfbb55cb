"""What comes from outside while the project is installed and deployed: a package that runs code when it is built, files
of the documents' repository that are named like modules, and processes that look for the address of the webhook."""

import hashlib
import http.server
import io
import os
import re
import shlex
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from support.deployment import DEPLOY, tool

SECRET = "T0PSECRET"


def pip_of_make() -> list[str]:
    """The options with which make installs a lock."""
    command = [tool("make", "install make"), "--dry-run", "--always-make", ".venv/.build"]
    run = subprocess.run(command, cwd=DEPLOY.parent, capture_output=True, text=True, check=True)
    (line,) = [line for line in run.stdout.splitlines() if "-r locks/build.txt" in line]
    words = shlex.split(line.partition("||")[0])
    return words[words.index("-m") : words.index("-r")]


def test_a_source_distribution_does_not_run_its_code(tmp_path: Path) -> None:
    """Its hash is that of the lock: somebody let it into the lock because only its name was looked at."""
    marker = tmp_path / "ran"
    setup = f"import pathlib; pathlib.Path({str(marker)!r}).touch()\nfrom setuptools import setup\nsetup(name='evil')\n"
    archive = tmp_path / "evil-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name, text in {"setup.py": setup, "PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"}.items():
            entry = tarfile.TarInfo(f"evil-1.0/{name}")
            entry.size = len(text.encode())
            packed.addfile(entry, io.BytesIO(text.encode()))
    lock = tmp_path / "lock.txt"
    lock.write_text(f"evil==1.0 --hash=sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    command = [sys.executable, *pip_of_make(), "--no-build-isolation", "--target", str(tmp_path / "installed")]
    command += ["--no-index", "--find-links", str(tmp_path), "-r", str(lock)]
    run = subprocess.run(
        command, env=environment | {"PIP_CONFIG_FILE": os.devnull}, capture_output=True, text=True, check=False
    )
    assert not marker.exists()
    assert run.returncode == 1
    assert "ERROR: No matching distribution found for evil==1.0\n" in run.stderr


def step(name: str) -> str:
    workflow = yaml.safe_load((DEPLOY / "github" / "nightly-index.yml").read_text(encoding="utf-8"))
    (script,) = [step["run"] for step in workflow["jobs"]["index"]["steps"] if step.get("name") == name]
    return str(script)


@pytest.mark.parametrize("name", ["Build", "Write the summary", "Alert"])
def test_a_file_of_the_repository_is_not_run_as_a_module_by_the_workflow(tmp_path: Path, name: str) -> None:
    """Each step runs in the checkout, which holds whatever was committed with the documents."""
    marker = tmp_path / "ran"
    for module in ("json", "pathlib", "argparse"):
        (tmp_path / f"{module}.py").write_text(f"open({str(marker)!r}, 'w').close()\nraise SystemExit('attack')\n")
    script = re.sub(r"^(?:\.venv/bin/python|python3) ", f"{shlex.quote(sys.executable)} ", step(name))
    environment = os.environ | {"ALERT_WEBHOOK_URL": "", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert not marker.exists()
    assert "attack" not in run.stderr


@contextmanager
def slow_webhook() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """An address that answers only when it is told to, whether somebody has connected, and the event to answer."""
    connected, answer = threading.Event(), threading.Event()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            connected.set()
            answer.wait(20)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hooks/{SECRET}", connected, answer
        finally:
            answer.set()
            server.shutdown()


def processes_below(parent: int) -> list[Path]:
    """The folders in /proc of a process and of its children, and of theirs."""
    folders = [Path(f"/proc/{parent}")]
    for folder in folders:
        for task in folder.glob("task/*/children"):
            folders += [Path(f"/proc/{child}") for child in task.read_text().split()]
    return folders


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_of_the_alert_shows_the_address_of_the_webhook(tmp_path: Path) -> None:
    """While the alert waits for the chat system: the arguments and the environment of each of its processes."""
    (tmp_path / "journalctl").write_text("#!/bin/sh\necho failed\n")
    (tmp_path / "journalctl").chmod(0o755)
    unit = (DEPLOY / "systemd" / "knowligo-index-alert@.service").read_text(encoding="utf-8")
    with slow_webhook() as (address, connected, answer):
        settings = {"ALERT_WEBHOOK_URL": address}
        (tmp_path / "alert.env").write_text(f"ALERT_WEBHOOK_URL={address}\n")
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": sys.executable}
        # As systemd does it.
        if "\nEnvironmentFile=" in unit:
            environment |= settings
        if "\nLoadCredential=alert.env:" in unit:
            environment["CREDENTIALS_DIRECTORY"] = str(tmp_path)
        command = [str(DEPLOY / "systemd" / "alert.sh"), "knowligo-index-nightly.service"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            assert connected.wait(20)
            seen = {
                f"{name} of {(folder / 'comm').read_text().strip()}": (folder / name).read_bytes()
                for folder in processes_below(process.pid)
                for name in ("cmdline", "environ")
            }
            answer.set()
            deadline = time.monotonic() + 20
            assert process.wait(max(0.0, deadline - time.monotonic())) == 0
    assert len(seen) >= 4
    assert [name for name, content in seen.items() if SECRET.encode() in content] == []

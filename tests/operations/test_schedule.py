"""The scheduler of the cron container: real processes, real signals, schedules of seconds."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from knowligo_index.settings import Settings
from knowligo_index.store import Store

EVERY_SECOND = "* * * * * *"
NEVER_SOON = "0 0 29 2 *"
SECONDS_TO_STOP = 10

Start = Callable[..., "Running"]


class Running:
    """A scheduler that runs, and its log."""

    def __init__(self, log: Path, arguments: list[str], environment: dict[str, str]) -> None:
        self._log = log
        command = [sys.executable, "-m", "knowligo_index.schedule", *arguments]
        with log.open("w") as file:
            self.process = subprocess.Popen(command, stdout=file, env=environment, start_new_session=True)

    def events(self, *names: str) -> list[dict[str, Any]]:
        lines = [
            line for line in self._log.read_text().splitlines() if line.startswith('{"time"') and '"event"' in line
        ]
        found = [json.loads(line) for line in lines]
        return [event for event in found if not names or event["event"] in names]

    def wait_for(self, name: str, times: int = 1, seconds: float = 30) -> list[dict[str, Any]]:
        until = time.monotonic() + seconds
        while len(found := self.events(name)) < times:
            assert time.monotonic() < until, f"not {times} times {name}: {self._log.read_text()}"
            assert self.process.poll() is None, self._log.read_text()
            time.sleep(0.05)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ends it, and says how long that took. It exits with 0 and leaves nothing."""
        asked = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(SECONDS_TO_STOP + 5) == 0
        took = time.monotonic() - asked
        assert self.events()[-1] | {"time": ""} == {"time": "", "event": "stopped", "signal": number.name}
        return took


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def start_one(cron: str, code: str | list[str], *options: str, **environment: str) -> Running:
        """`code` is Python's, or a command."""
        command = [sys.executable, "-c", code] if isinstance(code, str) else code
        arguments = [*options, cron, "--", *command]
        log = tmp_path / f"log-{len(started)}"
        started.append(Running(log, arguments, os.environ | {"TZ": "Europe/Madrid"} | environment))
        return started[-1]

    yield start_one
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


def test_the_command_runs_whenever_it_is_due(start: Start, tmp_path: Path) -> None:
    running = start("*/4 * * * * *", f"import time; open({str(tmp_path / 'ran')!r}, 'a').write(f'{{time.time()}}\\n')")
    running.wait_for("ended", times=2)
    running.stop()
    moments = [float(line) for line in (tmp_path / "ran").read_text().splitlines()]
    # Not before it is due, and soon after it.
    assert all(moment % 4 < 3 for moment in moments)
    assert [event["exit_code"] for event in running.events("ended")] == [0] * len(moments)
    assert running.events()[0]["event"] == "waiting"


def test_the_time_is_that_of_the_zone(start: Start) -> None:
    running = start("15 3 * * *", "pass", TZ="Asia/Kolkata")
    assert running.wait_for("waiting")[0]["next"].endswith("T03:15:00+05:30")
    running.stop()


def test_runs_do_not_overlap_and_what_is_skipped_is_counted(start: Start, tmp_path: Path) -> None:
    path = str(tmp_path / "ran")
    code = f"import time; b = time.time(); time.sleep(2.2); open({path!r}, 'a').write(f'{{b}} {{time.time()}}\\n')"
    running = start(EVERY_SECOND, code)
    running.wait_for("ended", times=3)
    running.stop()
    spans = [tuple(map(float, line.split())) for line in (tmp_path / "ran").read_text().splitlines()]
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(spans))
    skipped = running.events("skipped")
    assert [event["reason"] for event in skipped] == ["the previous run had not ended"] * len(skipped)
    assert all(event["times"] >= 2 for event in skipped)
    assert len(skipped) >= 3


def test_what_falls_due_while_the_machine_sleeps_is_run_once_on_waking(start: Start, tmp_path: Path) -> None:
    running = start(EVERY_SECOND, f"open({str(tmp_path / 'ran')!r}, 'a').write('.')")
    running.wait_for("ended")
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    before = len((tmp_path / "ran").read_text())
    time.sleep(6)
    running.process.send_signal(signal.SIGCONT)
    time.sleep(1.5)
    running.stop()
    assert before + 1 <= len((tmp_path / "ran").read_text()) <= before + 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_handed_on_to_the_command(start: Start, number: signal.Signals) -> None:
    code = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    running = start(NEVER_SOON, code, "--at-start")
    running.wait_for("started")
    time.sleep(1)
    assert running.stop(number) < 3
    assert [event["exit_code"] for event in running.events("ended")] == [42]


def test_a_command_that_does_not_end_is_killed_with_all_it_started(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "child"
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(path)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    running = start(NEVER_SOON, code, "--at-start")
    running.wait_for("started")
    while not path.exists() or not path.read_text():
        time.sleep(0.05)
    assert running.stop() < SECONDS_TO_STOP
    assert [event["exit_code"] for event in running.events("ended")] == [128 + signal.SIGKILL]
    assert not is_running(int(path.read_text()))


def is_running(process: int) -> bool:
    """A killed process may wait for whoever inherits it to take note."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_request_is_run_now_taken_away_and_answered(start: Start, tmp_path: Path) -> None:
    requests = tmp_path / "requests"
    code = f"import os; open({str(tmp_path / 'ran')!r}, 'a').write(os.environ['NIGHTLY_REQUESTS'] + '\\n')"
    running = start("", code, "--requests", str(requests))
    assert running.wait_for("waiting")[0]["next"] == "on request"
    # Somebody of the same group can ask, and nobody else.
    assert requests.stat().st_mode & 0o7777 == 0o2770
    (requests / "n8n-17").touch()
    running.wait_for("ended")
    assert (tmp_path / "ran").read_text() == "n8n-17\n"
    assert list(requests.iterdir()) == []
    (requests / "; rm -rf x").touch()
    running.wait_for("ignored")
    time.sleep(0.5)
    running.stop()
    assert (tmp_path / "ran").read_text() == "n8n-17\n"
    assert list(requests.iterdir()) == []


def test_requests_during_a_run_are_answered_by_one_run_after_it(start: Start, tmp_path: Path) -> None:
    requests = tmp_path / "requests"
    path = str(tmp_path / "ran")
    code = f"import os, time; open({path!r}, 'a').write(os.environ['NIGHTLY_REQUESTS'] + '\\n'); time.sleep(1)"
    running = start("", code, "--requests", str(requests), "--at-start")
    running.wait_for("started")
    (requests / "a").touch()
    (requests / "b").touch()
    running.wait_for("ended", times=2)
    running.stop()
    assert (tmp_path / "ran").read_text() == "\na b\n"


def test_the_heartbeat_beats_also_during_a_run(start: Start, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    running = start(NEVER_SOON, "import time; time.sleep(30)", "--at-start", "--heartbeat", str(alive))
    running.wait_for("started")
    time.sleep(0.5)
    first = alive.stat().st_mtime
    until = time.monotonic() + 15
    while alive.stat().st_mtime == first:
        assert time.monotonic() < until
        time.sleep(0.2)
    running.stop()


def test_a_command_that_is_not_there_is_told_and_the_schedule_goes_on(start: Start) -> None:
    running = start(EVERY_SECOND, ["/no/such/program"])
    events = running.wait_for("ended", times=2)
    assert (events[0]["exit_code"], events[0]["message"]) == (
        127,
        "/no/such/program cannot be run: no such file or directory",
    )
    running.stop()


@pytest.mark.parametrize(
    ("cron", "zone", "sentence"),
    [
        (
            "61 3 * * *",
            "UTC",
            "Error: '61 3 * * *' is not a cron expression (bad minute): use one such as '15 3 * * *'.\n",
        ),
        ("nightly", "UTC", "is not a cron expression"),
        ("15 3 * * *", "Mars/Olympus", "Error: TZ is 'Mars/Olympus', which is not a known time zone"),
        ("15 3 * * *", "/etc/passwd", "which is not a known time zone"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_2(cron: str, zone: str, sentence: str) -> None:
    command = [sys.executable, "-m", "knowligo_index.schedule", cron, "--", "true"]
    run = subprocess.run(command, env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert run.stderr.count("\n") == 1


def test_the_nightly_job_is_asked_for_answers_and_is_stopped(start: Start, tmp_path: Path, settings: Settings) -> None:
    job = [
        sys.executable,
        "-m",
        "knowligo_index.nightly",
        str(settings.knowledge),
        "--index",
        str(settings.index),
    ]
    environment = {
        "KNOWLIGO_ENCODER": settings.encoder.id,
        "KNOWLIGO_THREADS": "1",
        "KNOWLIGO_MAX_FAILED": "0.5",
        "NIGHTLY_RESULTS": str(tmp_path / "results"),
    }
    running = start("", job, "--requests", str(tmp_path / "requests"), **environment)
    running.wait_for("waiting")
    (tmp_path / "requests" / "first").touch()
    running.wait_for("ended", seconds=90)
    answer = json.loads((tmp_path / "results" / "first.json").read_text())
    assert (answer["status"], answer["requests"]) == ("published", ["first"])
    assert Store(settings.index).current_id() == answer["version"]

    (settings.knowledge / "long.md").write_text("\n\n".join(f"# T{n}\n\nParte {n} del plan." for n in range(40_000)))
    (tmp_path / "requests" / "second").touch()
    running.wait_for("started", times=2)
    time.sleep(2)
    assert running.stop() < SECONDS_TO_STOP
    assert running.events("ended")[-1]["exit_code"] == 128 + signal.SIGTERM
    assert json.loads((tmp_path / "results" / "second.json").read_text())["status"] == "stopped"
    assert Store(settings.index).current_id() == answer["version"]

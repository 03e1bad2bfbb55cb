"""The units by systemd's own eyes, and the alert."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.deployment import DEPLOY, output_of, tool, webhook

UNITS = DEPLOY / "systemd"
REMEDY = "install systemd"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with the programs and files they name where this machine has some."""
    folder = tmp_path / "units"
    folder.mkdir()
    for path in [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]:
        text = path.read_text(encoding="utf-8")
        text = text.replace("/opt/knowligo-index/.venv/bin/python", sys.executable)
        text = text.replace("/opt/knowligo-index/deploy", str(DEPLOY))
        for name in ("nightly", "alert"):
            text = text.replace(f"/etc/knowligo-index/{name}.env", str(UNITS / f"{name}.env.example"))
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def test_systemd_has_nothing_against_the_units(units: Path) -> None:
    analyze = tool("systemd-analyze", REMEDY)
    shutil.copy(units / "knowligo-index-alert@.service", units / "knowligo-index-alert@x.service")
    names = ["knowligo-index-nightly.service", "knowligo-index-nightly.timer", "knowligo-index-alert@x.service"]
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}
    assert output_of([analyze, "verify", "--man=no", *(units / name for name in names)], env=environment) == ""


@pytest.mark.parametrize(
    ("name", "most"), [("knowligo-index-nightly.service", 15), ("knowligo-index-alert@.service", 25)]
)
def test_the_units_are_hardened(units: Path, name: str, most: int) -> None:
    """The exposure of `systemd-analyze security`, from 0 to 100, where 100 is a service that may do anything."""
    analyze = tool("systemd-analyze", REMEDY)
    output_of([analyze, "security", "--no-pager", "--offline=true", f"--threshold={most}", units / name])


def test_the_timer_means_every_night(units: Path) -> None:
    analyze = tool("systemd-analyze", REMEDY)
    assert "Normalized form: *-*-* 03:15:00" in output_of([analyze, "calendar", "*-*-* 03:15:00"])
    assert "OnCalendar=*-*-* 03:15:00\n" in (units / "knowligo-index-nightly.timer").read_text()


def test_the_alert_says_what_was_logged(tmp_path: Path) -> None:
    # The journal of a machine that ran the unit cannot be had here.
    journal = tmp_path / "journalctl"
    journal.write_text("#!/bin/sh\necho 'Error: nothing is published, 4-abc is live: \"too few\" answers.'\n")
    journal.chmod(0o755)
    with webhook() as (address, received):
        example = (UNITS / "alert.env.example").read_text()
        run = alert(tmp_path, example.replace("https://chat.example.com/hooks/change-me", address))
    assert run.returncode == 0
    expected = (
        f"knowligo-index-nightly.service on {os.uname().nodename} was refused by the gate; the version before it is "
        'still live.\nError: nothing is published, 4-abc is live: "too few" answers.'
    )
    assert received == [{"text": expected}]
    assert run.stderr == "".join(f"<3>{line}\n" for line in expected.splitlines())


def alert(folder: Path, settings: str) -> subprocess.CompletedProcess[str]:
    """The alert as systemd runs it: `settings` is the credential that the unit loads."""
    (folder / "alert.env").write_text(settings)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "MONITOR_EXIT_STATUS": "3",
        "CREDENTIALS_DIRECTORY": str(folder),
        "PYTHON": sys.executable,
    }
    command = [str(UNITS / "alert.sh"), "knowligo-index-nightly.service"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://127.0.0.1:9/hooks/T0PSECRET", "URLError"),
        ("hooks/T0PSECRET", "ValueError"),
        ('"http://127.0.0.1:9/hooks/T0P SECRET"', "InvalidURL"),
    ],
)
def test_an_alert_that_cannot_be_sent_does_not_log_its_address(tmp_path: Path, address: str, error: str) -> None:
    run = alert(tmp_path, f"# A secret.\nALERT_WEBHOOK_URL={address}\n")
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1] == (
        f"<3>The alert could not be sent to ALERT_WEBHOOK_URL of {tmp_path}/alert.env: {error}."
    )
    assert "SECRET" not in run.stderr


def test_without_an_address_the_alert_is_in_the_journal_alone(tmp_path: Path) -> None:
    unit = (UNITS / "knowligo-index-alert@.service").read_text()
    (default,) = re.findall(r"^SetCredential=alert\.env:(.*)$", unit, re.MULTILINE)
    run = alert(tmp_path, default)
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.startswith("<3>knowligo-index-nightly.service on ")


def test_the_address_of_the_webhook_is_in_no_environment() -> None:
    for path in UNITS.glob("*.service"):
        text = path.read_text()
        assert (
            re.findall(r"^(?:EnvironmentFile|Environment|PassEnvironment)=.*(?i:alert|webhook)", text, re.MULTILINE)
            == []
        )
    script = (UNITS / "alert.sh").read_text()
    assert re.findall(r"\$\{?ALERT_WEBHOOK_URL", script) == []


def test_every_variable_of_the_example_is_one_that_is_read() -> None:
    from knowligo_index.settings import PREFIX, known_settings

    names = [
        line.lstrip("#").split("=")[0]
        for line in (UNITS / "nightly.env.example").read_text().splitlines()
        if "=" in line and " " not in line.split("=")[0]
    ]
    settings = {PREFIX + name.upper() for name in known_settings()}
    assert set(names) - settings == {"NIGHTLY_KEEP", "NIGHTLY_LIMIT", "NIGHTLY_RESULTS"}

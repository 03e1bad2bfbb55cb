"""The workflow for GitHub Actions: its schema, and the programs that are written into it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.deployment import DEPLOY, output_of, tool, webhook

WORKFLOW = DEPLOY / "github" / "nightly-index.yml"


def workflow() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return parsed


def job() -> dict[str, Any]:
    index: dict[str, Any] = workflow()["jobs"]["index"]
    return index


def test_the_workflow_is_as_its_schema_says() -> None:
    checker = tool("check-jsonschema", "pip install check-jsonschema")
    output_of([checker, "--builtin-schema", "vendor.github-workflows", WORKFLOW])


def test_actionlint_has_nothing_against_it() -> None:
    # Told without other programs: what the scripts in it are is tested below.
    linter = tool("actionlint", "install actionlint")
    assert output_of([linter, "-shellcheck=", "-pyflakes=", WORKFLOW]) == ""


def program(step: str) -> str:
    (script,) = [each["run"] for each in job()["steps"] if each.get("name") == step]
    found = re.search(r"<<'PYTHON'[^\n]*\n(.*)\nPYTHON\n", script, re.DOTALL)
    assert found
    return found[1]


def test_the_summary_says_why_it_was_refused(tmp_path: Path) -> None:
    night = {"status": "refused", "version": "4-0123456789ab", "seconds": 12.5, "message": "too few answers."}
    (tmp_path / "nightly").mkdir()
    (tmp_path / "nightly" / "latest.json").write_text(json.dumps(night))
    command = [sys.executable, "-c", program("Write the summary")]
    summary = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert summary.startswith("**refused**: version 4-0123456789ab, 12.5 s\n\n> too few answers.\n\n```json\n")


@pytest.mark.parametrize(
    ("night", "text"),
    [
        (None, "The nightly index failed without a result: see which step failed."),
        (
            {"status": "published", "exit_code": 0, "message": None},
            "The nightly index was published, but a step after the build failed.",
        ),
        (
            {"status": "refused", "exit_code": 3, "message": "too few answers."},
            "The nightly index was refused: too few answers.",
        ),
    ],
)
def test_the_alert_says_what_failed(tmp_path: Path, night: dict[str, object] | None, text: str) -> None:
    if night is not None:
        (tmp_path / "nightly").mkdir()
        (tmp_path / "nightly" / "latest.json").write_text(json.dumps(night))
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "us/docs", "GITHUB_RUN_ID": "7"}
    with webhook() as (address, received):
        environment = os.environ | run | {"ALERT_WEBHOOK_URL": address}
        command = [sys.executable, "-c", program("Alert")]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert received == [{"text": f"{text} https://github.com/us/docs/actions/runs/7"}]


def test_the_alert_is_the_last_step_and_fires_whichever_failed() -> None:
    alert = job()["steps"][-1]
    assert alert["name"] == "Alert"
    assert alert["if"] == "failure()"
    # Not that of the environment, which a step before may have failed to make.
    assert alert["run"].startswith("python3 -P - ")


def test_the_address_of_the_webhook_reaches_the_alert_alone() -> None:
    """Of all environments only that of the last step has a secret: the steps that read documents have none."""
    parsed = workflow()
    assert "env" not in parsed
    environments = {
        (name, step.get("name", step.get("uses"))): step.get("env", {})
        for name, job in parsed["jobs"].items()
        for step in [{"name": "job", "env": job.get("env", {})}, *job["steps"]]
    }
    secret = {place for place, values in environments.items() if "secrets." in str(values)}
    assert secret == {("index", "Alert")}
    assert WORKFLOW.read_text(encoding="utf-8").count("secrets.") == 1


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("", 0, ""),
        (
            "http://127.0.0.1:9/hooks/T0PSECRET",
            1,
            "The alert could not be sent to ALERT_WEBHOOK_URL: URLError.\n",
        ),
        ("hooks/T0PSECRET", 1, "The alert could not be sent to ALERT_WEBHOOK_URL: ValueError.\n"),
        (
            "http://127.0.0.1:9/hooks/T0P SECRET",
            1,
            "The alert could not be sent to ALERT_WEBHOOK_URL: InvalidURL.\n",
        ),
    ],
    ids=["not set", "no answer", "no address", "a space"],
)
def test_an_alert_that_cannot_be_sent_does_not_log_its_address(
    tmp_path: Path, address: str, code: int, said: str
) -> None:
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "us/docs", "GITHUB_RUN_ID": "7"}
    environment = os.environ | run | {"ALERT_WEBHOOK_URL": address}
    command = [sys.executable, "-c", program("Alert")]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", said)


def test_the_packages_are_listed_and_looked_up_in_a_job_that_does_not_stop_the_build() -> None:
    packages = workflow()["jobs"]["packages"]
    assert [step["run"] for step in packages["steps"] if "run" in step] == ["make sbom", "make audit"]
    assert "needs" not in packages
    assert "needs" not in job()
    assert "env" not in packages


def test_no_step_keeps_the_token_of_the_checkout() -> None:
    checkouts = [
        step
        for each in workflow()["jobs"].values()
        for step in each["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * 2


def test_it_asks_for_no_right_but_to_read_and_runs_one_night_at_a_time() -> None:
    assert workflow()["permissions"] == {"contents": "read"}
    assert not any("permissions" in each for each in workflow()["jobs"].values())
    assert workflow()["concurrency"] == {"group": "nightly-index", "cancel-in-progress": False}

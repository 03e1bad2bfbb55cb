"""The n8n workflow: how it hangs together, and n8n itself running it against a scheduler that answers."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from support.deployment import DEPLOY, webhook

from knowligo_index.operations.night_result import NightResult, NightStatus

WORKFLOW = DEPLOY / "n8n" / "nightly-rebuild.json"
MESSAGE = 'nothing is published, 4-0123456789ab is live: "too few" answers.'

# Answers as the nightly job does, without a build.
ANSWER = """
import json, os, pathlib, sys
from knowligo_index.operations.night_result import NightResult, write_result
requests = os.environ["NIGHTLY_REQUESTS"].split()
write_result(pathlib.Path(sys.argv[1]), NightResult(**json.loads(sys.argv[2]) | {"requests": requests}))
"""


def workflow() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WORKFLOW.read_text(encoding="utf-8"))
    return found


def test_every_connection_leads_to_a_node_and_every_node_is_reached() -> None:
    nodes = {node["name"]: node for node in workflow()["nodes"]}
    assert len({node["id"] for node in nodes.values()}) == len(nodes) == len(workflow()["nodes"])
    targets = {
        target["node"]
        for outputs in workflow()["connections"].values()
        for output in outputs["main"]
        for target in output
    }
    assert targets <= set(nodes)
    assert set(workflow()["connections"]) <= set(nodes)
    triggers = {name for name, node in nodes.items() if node["type"].endswith("Trigger")}
    assert set(nodes) - targets == triggers == {"Every night", "By hand"}


def test_it_runs_no_command_and_keeps_no_secret() -> None:
    kinds = {node["type"].removeprefix("n8n-nodes-base.") for node in workflow()["nodes"]}
    assert kinds & {"executeCommand", "ssh", "code", "function"} == set()
    assert not any("credentials" in node for node in workflow()["nodes"])


def test_each_exit_code_goes_where_the_guide_says() -> None:
    (switch,) = [node for node in workflow()["nodes"] if node["name"] == "How did it go?"]
    outputs = [[target["node"] for target in output] for output in workflow()["connections"][switch["name"]]["main"]]
    rules = [rule["conditions"] for rule in switch["parameters"]["rules"]["values"]]
    assert [rule["combinator"] for rule in rules] == ["and", "or", "and"]
    codes = [[condition["rightValue"] for condition in rule["conditions"]] for rule in rules]
    # The last output is for every other code.
    assert list(zip([*codes, None], outputs, strict=True)) == [
        ([0], ["All is well"]),
        ([75, 143, 130], ["Nothing to do"]),
        ([3], ["Refused"]),
        (None, ["Failed"]),
    ]


@pytest.fixture
def n8n() -> str:
    """n8n has to be named: it is large, and takes some seconds to start."""
    path = os.environ.get("N8N")
    if path is None:
        pytest.skip("N8N does not name n8n: npm install n8n@2.40.7, then N8N=node_modules/.bin/n8n")
    return path


def run_workflow(n8n: str, folder: Path, answer: NightResult | None, tries: int = 60) -> tuple[int, list[object], str]:
    """n8n's exit code, the alerts, and what it printed; without an answer nobody listens."""
    shared = folder / "nightly"
    (shared / "results").mkdir(parents=True)
    (shared / "requests").mkdir()
    text = WORKFLOW.read_text(encoding="utf-8").replace("/nightly/", f"{shared}/")
    document = json.loads(text)
    for node in document["nodes"]:
        if node["name"] == "Wait":
            node["parameters"]["amount"] = 1
        if node["name"] == "Given up?":
            node["parameters"]["conditions"]["conditions"][0]["rightValue"] = tries
    copy = folder / "workflow.json"
    copy.write_text(json.dumps(document))
    scheduler = None
    with webhook() as (address, received):
        environment = os.environ | {
            "N8N_USER_FOLDER": str(folder),
            "N8N_RESTRICT_FILE_ACCESS_TO": str(shared),
            "N8N_BLOCK_ENV_ACCESS_IN_NODE": "false",
            "N8N_DIAGNOSTICS_ENABLED": "false",
            "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
            "ALERT_WEBHOOK_URL": address,
        }
        if answer is not None:
            command = [sys.executable, "-c", ANSWER, str(shared / "results"), json.dumps(asdict(answer))]
            options = ["--requests", str(shared / "requests"), ""]
            scheduler = subprocess.Popen(
                [sys.executable, "-m", "knowligo_index.schedule", *options, "--", *command],
                stdout=subprocess.DEVNULL,
            )
        try:
            imported = subprocess.run(
                [n8n, "import:workflow", f"--input={copy}"],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert imported.returncode == 0, imported.stdout + imported.stderr
            run = subprocess.run(
                [n8n, "execute", f"--id={document['id']}"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        finally:
            if scheduler is not None:
                scheduler.terminate()
                scheduler.wait()
    return run.returncode, received, run.stdout


def night(status: NightStatus, exit_code: int, message: str | None = None) -> NightResult:
    return NightResult("2027-01-01T03:15:00Z", status, exit_code, message, "5-0123456789ab", 12.5, [], None, None)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "answer",
    [
        night("published", 0),
        night("unchanged", 0),
        night("locked", 75, "is locked."),
        night("stopped", 143),
        night("stopped", 130),
    ],
)
def test_a_night_that_went_well_alerts_nobody(n8n: str, tmp_path: Path, answer: NightResult) -> None:
    code, alerts, printed = run_workflow(n8n, tmp_path, answer)
    assert (code, alerts) == (0, []), printed


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            night("refused", 3, MESSAGE),
            f"The nightly index was refused, and the version before it is still live: {MESSAGE}",
        ),
        (night("failed", 1, "the disk is full."), "The nightly index failed with exit code 1: the disk is full."),
        (night("published", 1, "gc failed."), "The nightly index published with exit code 1: gc failed."),
    ],
)
def test_a_night_that_did_not_is_told(n8n: str, tmp_path: Path, answer: NightResult, text: str) -> None:
    code, alerts, printed = run_workflow(n8n, tmp_path, answer)
    assert alerts == [{"text": text}], printed
    # It is red in n8n's list, too.
    assert code == 1
    assert text in printed


@pytest.mark.timeout(600)
def test_an_indexer_that_does_not_answer_is_told(n8n: str, tmp_path: Path) -> None:
    code, alerts, printed = run_workflow(n8n, tmp_path, None, tries=2)
    (request,) = (tmp_path / "nightly" / "requests").iterdir()
    text = f"The indexer did not answer the request {request.name}: check that it is running."
    assert (code, alerts) == (1, [{"text": text}]), printed

"""The Compose files: by their schema, by `docker compose config`, and what each service must have."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.deployment import DEPLOY, output_of, tool

from knowligo_index.settings import PREFIX, known_settings

BASE, PROD, EXAMPLE = DEPLOY / "docker-compose.yml", DEPLOY / "docker-compose.prod.yml", DEPLOY / ".env.example"
SERVICES = ["api", "indexer", "n8n"]


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", [BASE, PROD], ids=lambda path: path.name)
def test_the_files_are_as_their_schema_says(path: Path) -> None:
    checker = tool("check-jsonschema", "pip install check-jsonschema")
    output_of([checker, "--builtin-schema", "vendor.compose-spec", path])


@pytest.mark.parametrize("files", [[BASE], [BASE, PROD]], ids=["development", "production"])
def test_docker_compose_takes_the_files(files: list[Path], tmp_path: Path) -> None:
    docker = tool("docker", "install Docker with Compose 2")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not there: install Docker with Compose 2")
    places = [argument for path in files for argument in ("-f", path)]
    # What the example leaves to whoever copies it.
    environment = os.environ | dict.fromkeys(given_by_production(), "example.com/image:1")
    config = yaml.safe_load(output_of([docker, "compose", "--env-file", EXAMPLE, *places, "config"], env=environment))
    assert sorted(config["services"]) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_limited_logged_watched_and_locked_down(name: str) -> None:
    service = read(BASE)["services"][name]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}
    assert service["healthcheck"]["test"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["user"] == ("1000:1000" if name == "n8n" else "1001:1001")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert any(entry.startswith("/tmp:") for entry in service["tmpfs"])


def test_only_the_indexer_writes_the_index_and_nobody_writes_the_documents() -> None:
    for path in (BASE, PROD):
        for name, service in read(path)["services"].items():
            for volume in service.get("volumes", []):
                if volume["target"] in ("/indexes", "/knowledge"):
                    writes = not volume.get("read_only", False)
                    assert writes == (name == "indexer" and volume["target"] == "/indexes")


def test_production_pulls_its_images_and_restarts_always() -> None:
    for service in read(PROD)["services"].values():
        assert service["restart"] == "always"
        assert service["pull_policy"] == "missing"
        assert "build" not in service


def given_by_production() -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+):\?", PROD.read_text(encoding="utf-8")))


def set_by_the_example() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def test_a_copy_of_the_example_does_not_answer_what_production_asks_for() -> None:
    assert given_by_production() == {"RUNTIME_IMAGE", "INDEXER_IMAGE", "N8N_EDITOR_BASE_URL"}
    assert given_by_production() & set(set_by_the_example()) == set()


def test_every_setting_reaches_the_service_that_reads_it() -> None:
    services = read(BASE)["services"]
    received = {
        name: {key for key in services[name]["environment"] if key.startswith(PREFIX)} for name in ("api", "indexer")
    }
    known = {PREFIX + setting.name.upper(): setting for setting in known_settings().values()}
    of_service = {name for name, setting in known.items() if setting.owner == "service"}
    # These two are flags of its command.
    assert received["api"] == of_service - {"KNOWLIGO_HOST", "KNOWLIGO_PORT"}
    assert received["indexer"] == set(known) - of_service


def test_no_secret_reaches_the_indexer() -> None:
    indexer = read(BASE)["services"]["indexer"]
    assert "env_file" not in indexer
    assert set(indexer["environment"]) & {"GROQ_API_KEY", "GROQ_API_KEY_FILE", "ALERT_WEBHOOK_URL"} == set()


def test_n8n_is_pinned_by_its_version_and_digest() -> None:
    image = read(BASE)["services"]["n8n"]["image"]
    pinned = r"\$\{N8N_IMAGE:-docker\.n8n\.io/n8nio/n8n:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}\}"
    assert re.fullmatch(pinned, image)


def test_the_key_of_the_language_model_is_a_file_of_the_api_alone() -> None:
    compose = read(BASE)
    assert compose["secrets"] == {"groq_api_key": {"file": "${GROQ_API_KEY_FILE:-/dev/null}"}}
    assert {name: service.get("secrets") for name, service in compose["services"].items()} == {
        "api": ["groq_api_key"],
        "indexer": None,
        "n8n": None,
    }
    # Without a file the variable is empty, which counts as not set.
    where = compose["services"]["api"]["environment"]["GROQ_API_KEY_FILE"]
    assert where == "${GROQ_API_KEY_FILE:+/run/secrets/groq_api_key}"


def test_every_variable_is_explained_and_no_other() -> None:
    used = set[str]()
    for path in (BASE, PROD):
        used |= set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", path.read_text(encoding="utf-8")))
        for service in read(path)["services"].values():
            # Handed on as they are, if they are set.
            used |= {name for name, value in service.get("environment", {}).items() if value is None}
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == used


def test_the_values_of_the_example_are_the_defaults() -> None:
    example = set_by_the_example()
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):?-([^}]*)\}", BASE.read_text(encoding="utf-8")))
    assert example == {name: value for name, value in defaults.items() if name in example}

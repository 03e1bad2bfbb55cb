"""The manifests, by the schemas of the Kubernetes API; and as kustomize puts them together."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.deployment import DEPLOY, output_of, tool

FOLDER = DEPLOY / "kubernetes"
RESOURCES = [FOLDER / "rollback-job.yaml", *sorted((FOLDER / "base").glob("[!k]*.yaml"))]


def resources(text: str) -> list[dict[str, Any]]:
    return [resource for resource in yaml.safe_load_all(text) if resource]


def check(found: list[dict[str, Any]]) -> None:
    """Strictly: a field that Kubernetes does not know is an error."""
    validate = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for resource in found:
        validate.validate(resource, validate.latest_version(), strict=True)


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_the_resources_are_as_the_api_wants_them(path: Path) -> None:
    check(resources(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["base", "image-volume", "answers"])
def test_kustomize_puts_them_together(name: str) -> None:
    kubectl = tool("kubectl", "install kubectl")
    found = resources(output_of([kubectl, "kustomize", FOLDER / name]))
    check(found)
    by_kind = {resource["kind"]: resource for resource in found}
    nightly = by_kind["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    volumes = {volume["name"]: sorted(set(volume) - {"name"}) for volume in nightly["volumes"]}
    knowledge = ["image"] if name == "image-volume" else ["persistentVolumeClaim"]
    assert volumes == {"knowledge": knowledge, "indexes": ["persistentVolumeClaim"], "tmp": ["emptyDir"]}
    images = [pod["containers"][0]["image"] for pod in (nightly, by_kind["Deployment"]["spec"]["template"]["spec"])]
    assert images == ["registry.example.com/knowligo-index:indexer", "registry.example.com/knowligo-index:runtime"]


def test_the_key_of_the_language_model_is_a_file_of_the_api_alone() -> None:
    kubectl = tool("kubectl", "install kubectl")
    found = resources(output_of([kubectl, "kustomize", FOLDER / "answers"]))
    (deployment,) = [resource for resource in found if resource["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["env"] == [{"name": "GROQ_API_KEY_FILE", "value": "/run/secrets/groq/groq_api_key"}]
    assert {"name": "groq", "mountPath": "/run/secrets/groq", "readOnly": True} in container["volumeMounts"]
    secrets = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
    assert secrets == [{"secretName": "knowligo-groq", "defaultMode": 0o444}]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    policies = {
        resource["metadata"]["name"]: resource["spec"] for resource in found if resource["kind"] == "NetworkPolicy"
    }
    ports = [
        (port["port"], port["protocol"]) for rule in policies["knowligo-index-api"]["egress"] for port in rule["ports"]
    ]
    assert ports == [(443, "TCP"), (53, "UDP"), (53, "TCP")]
    assert policies["knowligo-index-nightly"]["egress"] == []
    assert str(found).count("groq_api_key") == 1


def test_one_night_at_a_time_and_only_what_may_change_is_tried_again() -> None:
    spec = resources((FOLDER / "base" / "nightly-cronjob.yaml").read_text())[0]["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    rules = spec["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    by_code = {
        code: rule["action"] for rule in rules if "onExitCodes" in rule for code in rule["onExitCodes"]["values"]
    }
    assert by_code == {75: "Ignore", 2: "FailJob", 3: "FailJob"}


def pods() -> list[dict[str, Any]]:
    found = [resource for path in RESOURCES for resource in resources(path.read_text())]
    specs = [resource["spec"] for resource in found if resource["kind"] in ("Deployment", "Job", "CronJob")]
    return [spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"] for spec in specs]


def test_every_pod_is_limited_and_locked_down() -> None:
    assert len(pods()) == 3
    for pod in pods():
        (container,) = pod["containers"]
        assert set(container["resources"]) == {"requests", "limits"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod["securityContext"]["runAsUser"] == 1001
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False

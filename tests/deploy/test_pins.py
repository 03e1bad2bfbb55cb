"""Whatever is fetched to build or run the project is named by what it contains: images by digest, actions by commit,
packages by hash; the tag or version that people read is beside it."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.deployment import DEPLOY, tool

ROOT = DEPLOY.parent
DOCKERFILES = [ROOT / "Dockerfile.indexer", ROOT / "benchmarks" / "image" / "Dockerfile.stack"]
MANIFESTS = [*DEPLOY.glob("docker-compose*.yml"), *(DEPLOY / "kubernetes").rglob("*.yaml")]
WORKFLOWS = sorted((DEPLOY / "github").glob("*.yml"))

PINNED_IMAGE = re.compile(r"[\w.-]+(?:/[\w.-]+)*:[\w.-]+@sha256:[0-9a-f]{64}")
PINNED_ACTION = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
# Built from this repository by whoever deploys it: only they know the digests. The examples and deploy/README.md say
# where a digest goes.
OWN_IMAGE = re.compile(r"(?:registry\.example\.com/)?knowligo-(?:index|knowledge)(?:-indexer|-runtime)?(?::[\w.-]+)?")

INSTALL = re.compile(r"-m pip (?:--python \S+ )?install|\bpip install")


def values(node: Any, key: str) -> Iterator[Any]:
    """Everything that is stored under a key, however deep."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for value in node.values():
            yield from values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, key)


def images() -> list[tuple[str, str]]:
    """Each image that a file names: the file, and the name."""
    named: list[tuple[str, str]] = []
    for path in DOCKERFILES:
        text = path.read_text(encoding="utf-8")
        stages = {"scratch", *re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE)}
        given = set(re.findall(r"^FROM \$\{(\w+)\}", text, re.MULTILINE))
        sources = re.findall(r"^FROM ([^$\s]+)", text, re.MULTILINE) + re.findall(r"--from=(\S+)", text)
        named += [(path.name, name) for name in sources if name not in stages]
        named += [
            (path.name, name) for key, name in re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE) if key in given
        ]
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for image in values(document, "image"):
                name = image["reference"] if isinstance(image, dict) else image
                default = re.fullmatch(r"\$\{\w+:-(.+)\}", name)
                if default or "$" not in name:
                    named.append((path.name, default[1] if default else name))
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    named += [(".env.example", name) for name in re.findall(r"^#?\w+_IMAGE=(\S+)$", example, re.MULTILINE)]
    return named


def test_every_image_is_pinned_by_its_digest_with_the_tag_beside() -> None:
    named = images()
    assert {path for path, _ in named} >= {"Dockerfile.indexer", "Dockerfile.stack", "docker-compose.yml"}
    assert [each for each in named if not OWN_IMAGE.fullmatch(each[1]) and not PINNED_IMAGE.fullmatch(each[1])] == []


def test_one_image_is_pinned_by_one_digest() -> None:
    pinned = {name for _, name in images() if PINNED_IMAGE.fullmatch(name)}
    assert sorted(name.split(":")[0] for name in pinned) == ["docker.n8n.io/n8nio/n8n", "python"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit_with_the_tag_beside(path: Path) -> None:
    named = re.findall(r"uses: *(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(named) >= 5
    assert [name for name in named if not PINNED_ACTION.fullmatch(name)] == []
    # One action, one commit.
    assert len({name.split("@")[0].split("/")[1] for name in named}) == len({name.split("@")[1] for name in named})


def commands_of_make() -> list[str]:
    """What make would run to make every environment, with its variables expanded."""
    targets = [".venv/.build", ".venv/.dev", ".venv/.package"]
    targets += [f".venv-{name}/.done" for name in ("peers", "lowest", "lock", "audit")]
    run = subprocess.run(
        [tool("make", "install make"), "--dry-run", "--always-make", *targets],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in run.stdout.replace("\\\n", " ").splitlines() if INSTALL.search(line)]


def commands_of_dockerfiles() -> list[str]:
    return [
        command
        for path in DOCKERFILES
        for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        for command in line.split("&&")
        if INSTALL.search(command)
    ]


def commands_of_guides() -> list[str]:
    texts = [
        (DEPLOY / "README.md").read_text(encoding="utf-8"),
        (ROOT / "docs" / "image.md").read_text(encoding="utf-8"),
    ]
    texts += [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    return [
        command
        for text in texts
        for line in text.replace("\\\n", " ").splitlines()
        for command in line.split("&&")
        if INSTALL.search(command) and line.startswith("    ")
    ]


@pytest.mark.parametrize(
    ("written", "count"),
    [(commands_of_make, 8), (commands_of_dockerfiles, 4), (commands_of_guides, 4)],
    ids=["Makefile", "Dockerfiles", "guides"],
)
def test_pip_takes_wheels_with_known_hashes_or_asks_no_index(written: Callable[[], list[str]], count: int) -> None:
    commands = written()
    assert len(commands) == count
    locked = [command for command in commands if "--require-hashes --only-binary :all:" in command]
    itself = [command for command in commands if "--no-deps --no-index" in command]
    assert sorted(locked + itself) == sorted(commands)
    assert all(re.search(r"-r \S*\b\w+\.txt", command) for command in locked)

"""Build and run images as users do, with the engine that is there."""

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
DOCKERFILE = "Dockerfile.indexer"
# What `.dockerignore` lets through, and itself.
CONTEXT = (
    ".dockerignore",
    DOCKERFILE,
    "LICENSE",
    "THIRD_PARTY_NOTICES.md",
    "benchmarks/image",
    "deploy/image",
    "knowledge",
    "knowligo_index",
    "locks",
    "pyproject.toml",
)
# Where tests name the images that they make.
REPOSITORY = "knowligo-index-test"

# Where nothing can be pulled, an image of this name may have been made on the machine.
LOCAL_BASE = "python:3.11-slim-bookworm"

# A client without BuildKit of its own may be the first on the path.
_CLIENTS = ("/usr/bin/docker", "docker")


def client() -> str | None:
    """The program that talks to an engine which answers, or None."""
    for name in _CLIENTS:
        path = shutil.which(name)
        if path and subprocess.run([path, "info"], capture_output=True, check=False).returncode == 0:
            return path
    return None


@dataclass(frozen=True)
class Built:
    """How a build ended."""

    code: int
    output: str
    seconds: float


@dataclass(frozen=True)
class Layer:
    digest: str
    names: dict[str, int]
    """sizes of the files in it, by path"""

    @property
    def bytes(self) -> int:
        return sum(self.names.values())


def pinned_base(file: str = DOCKERFILE) -> str:
    """The base image that a Dockerfile names."""
    (name,) = re.findall(r"^ARG BASE=(\S+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    return str(name)


class Engine:
    """The engine, through the command line."""

    def __init__(self, client: str) -> None:
        self._client = client
        # A build that needs another command, to hand secrets in: DOCKER_BUILD="path/to/it".
        self._build = shlex.split(os.environ.get("DOCKER_BUILD", f"{client} build"))
        self.tags: list[str] = []

    @cached_property
    def base(self) -> str:
        """The image that all are built on: DOCKER_BASE, else the one that the Dockerfile pins, else, where that one
        cannot be pulled, the local one."""
        if named := os.environ.get("DOCKER_BASE"):
            return named
        pinned = pinned_base()
        names = [["image", "inspect", pinned], ["pull", "--quiet", pinned], ["image", "inspect", LOCAL_BASE]]
        for *command, name in names:
            run = subprocess.run([self._client, *command, name], capture_output=True, text=True, check=False)
            if run.returncode == 0:
                return name
        raise AssertionError(f"{pinned} cannot be pulled, and there is no {LOCAL_BASE}: name an image in DOCKER_BASE.")

    def run(self, *arguments: object) -> str:
        """What a command prints. It must end well."""
        run = subprocess.run([self._client, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def build(
        self, tag: str, target: str, *flags: str, context: Path = ROOT, file: str = DOCKERFILE, **given: str
    ) -> Built:
        """Build a target and name it; `given` are its build arguments."""
        if "TORCH_INDEX_URL" in os.environ:
            given = {"TORCH_INDEX_URL": os.environ["TORCH_INDEX_URL"], **given}
        given = {"BASE": self.base, **given}
        command = [*self._build, "--progress=plain", "-f", str(context / file), "--target", target]
        command += ["-t", f"{REPOSITORY}:{tag}", *flags]
        command += [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
        self.tags.append(f"{REPOSITORY}:{tag}")
        begun = time.monotonic()
        run = subprocess.run(
            [*command, str(context)],
            env={**os.environ, "DOCKER_BUILDKIT": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Built(run.returncode, run.stdout, time.monotonic() - begun)

    def image(self, tag: str, target: str, *flags: str, **options: Any) -> "Image":
        """`build`, which must end well."""
        built = self.build(tag, target, *flags, **options)
        assert built.code == 0, built.output[-4000:]
        return Image(self, f"{REPOSITORY}:{tag}", built.seconds)

    def has(self, tag: str) -> bool:
        return bool(self.run("images", "--quiet", f"{REPOSITORY}:{tag}").strip())


@dataclass(frozen=True)
class Image:
    engine: Engine
    name: str
    build_seconds: float = 0.0

    @property
    def inspected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.engine.run("image", "inspect", self.name))[0]
        return found

    @property
    def bytes(self) -> int:
        return int(self.inspected["Size"])

    @property
    def digests(self) -> list[str]:
        """Of its layers, the lowest first."""
        return list(self.inspected["RootFS"]["Layers"])

    def own_layers(self, folder: Path, base: "Image") -> list[Layer]:
        """What it has on top of the base, walked file by file."""
        whole = folder / "image.tar"
        self.engine.run("save", "--output", whole, self.name)
        with tarfile.open(whole) as image:
            member = image.extractfile("manifest.json")
            assert member is not None
            paths = json.load(member)[0]["Layers"]
            layers = []
            for digest, path in list(zip(self.digests, paths, strict=True))[len(base.digests) :]:
                with tarfile.open(fileobj=image.extractfile(path)) as files:
                    layers.append(Layer(digest, {entry.name: entry.size for entry in files}))
        whole.unlink()
        return layers

    def output(self, *command: str, flags: tuple[str, ...] = ()) -> str:
        """What a command prints in a container of it."""
        return self.engine.run("run", "--rm", "--network=host", *flags, self.name, *command)


@dataclass
class Container:
    """A service in a container."""

    engine: Engine
    id: str
    port: int

    @cached_property
    def started(self) -> datetime:
        text: str = self.inspected["State"]["StartedAt"]
        # Python reads microseconds, the engine writes nanoseconds.
        return datetime.fromisoformat(text[:26] + "+00:00")

    @property
    def inspected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.engine.run("inspect", self.id))[0]
        return found

    def get(self, path: str) -> Any:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            assert response.status == 200, response.read()
            return json.load(response)

    def search(self, question: str) -> list[dict[str, Any]]:
        hits: list[dict[str, Any]] = self.get(f"/search?k=5&q={quote(question)}")["hits"]
        return hits

    def first_answer(self, question: str) -> tuple[float, list[dict[str, Any]]]:
        """Seconds from the start of its process to the first answer, and that."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                hits = self.search(question)
                # Before the engine is asked when it began, which takes a while itself.
                answered = datetime.now(UTC)
                return (answered - self.started).total_seconds(), hits
            time.sleep(0.01)
        raise AssertionError(self.engine.run("logs", self.id))

    def resident_bytes(self) -> int:
        status = self.engine.run("exec", self.id, "cat", "/proc/1/status")
        return 1024 * int(status.split("VmRSS:")[1].split()[0])


@contextlib.contextmanager
def serving(image: Image, variable: str, *flags: str) -> Iterator[Container]:
    """A container of the service, locked down, listening on a free port that it is told in a variable."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    locked = ["--network=host", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    identity = image.engine.run("run", "--detach", *locked, *flags, "--env", f"{variable}={port}", image.name).strip()
    try:
        yield Container(image.engine, identity, port)
    finally:
        image.engine.run("rm", "--force", identity)

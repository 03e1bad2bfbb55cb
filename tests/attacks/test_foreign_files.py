"""Something foreign in the place of every name in an index: no command waits for ever, prints a traceback, or changes
what is not the index's; and what is only a leftover or a cache stops nothing."""

import json
import os
import re
import select
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_entries import FOREIGN, FOREIGN_NAMES, KINDS
from support.exports import Exports
from support.small_knowledge import PLAN, TINY_PRECISION

import knowligo_index
from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions
from knowligo_index.gate.options import GateOptions
from knowligo_index.settings import Settings

HERE = Path(__file__).parent
CASE_SECONDS = 60

DOCUMENTS = {
    "plan.md": PLAN,
    "horario.md": "# Horario\n\nLa oficina abre de lunes a viernes, de nueve a seis.\n",
    "pagos.md": "# Pagos\n\nSe paga con tarjeta o por transferencia, antes del día diez de cada mes.\n",
    "red.md": "# Red\n\nEl cable de red se conecta en el puerto que está debajo de la mesa.\n",
    "correo.md": "# Correo\n\nLa contraseña del buzón se cambia en la página de la cuenta.\n",
}

VERSION_FILES = ("manifest.json", "manifest.json.sha256", "vectors.faiss", "chunks.sqlite", "ledger.jsonl")
ENCODER_FILES = ("encoder.json", "encoder.json.sha256", "model.xml", "model.bin", "embeddings.bin", "tokenizer.json")
DATABASE_FILES = ("results.sqlite", "results.sqlite-wal", "results.sqlite-shm", "results.sqlite-journal")

FOLDERS = ("folder", "unreadable folder")
NO_FOLDERS = tuple(kind for kind in KINDS if kind not in ("folder", "link to a folder", "unreadable folder"))
NO_FILES = tuple(kind for kind in KINDS if kind not in ("file", "hard link"))

# Of the versions, OLD is removed by `gc --keep 1`, BEFORE is what `rollback` goes to, LIVE is live, and REFUSED was
# refused. ENCODER is the encoder of all of them; UNUSED has the name of one that none needs, and NEXT that of a version
# to come. Of what has such names only folders count.
LEFTOVERS = (
    ".CURRENT.new",
    *("versions/.staging", "versions/.staging-1", "versions/.removing-OLD"),
    *("encoders/.staging-7", "encoders/.removing-ENCODER"),
)
CACHES = ("cache/hashes", "cache/hashes.new", *(f"cache/{name}" for name in DATABASE_FILES))
FOREIGN_ENTRIES = ("theirs", "versions/theirs", "versions/.theirs", "encoders/theirs", "cache/theirs")
LIVE_FILES = tuple(f"versions/LIVE/{name}" for name in VERSION_FILES)
RECORD_FILES = ("encoders/ENCODER/encoder.json", "encoders/ENCODER/encoder.json.sha256")
EXPORT_FILES = tuple(f"encoders/ENCODER/{name}" for name in ENCODER_FILES)

NAMES = (
    *("CURRENT", ".lock", "versions", "encoders", "cache"),
    *LEFTOVERS,
    *CACHES,
    *FOREIGN_ENTRIES,
    *("versions/LIVE", *LIVE_FILES, "versions/LIVE/theirs"),
    *("versions/OLD", "versions/OLD/manifest.json", "versions/OLD/theirs"),
    *("versions/BEFORE", "versions/BEFORE/manifest.json", "versions/BEFORE/vectors.faiss"),
    *("versions/REFUSED", "versions/REFUSED/manifest.json", "versions/NEXT"),
    *("encoders/ENCODER", *EXPORT_FILES, "encoders/ENCODER/theirs", "encoders/UNUSED"),
)

# Which commands fail, with which kinds of entries; docs/store.md has the same in words. All others succeed.
READING = ("verify", "search")
COLLECTING = ("gc --dry-run", "gc")
FAILURES: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
    # Nobody guesses which version is live. A build makes a new one, and replaces what is not a folder.
    (("CURRENT",), tuple(KINDS), (*READING, "list", *COLLECTING, "rollback")),
    (("CURRENT",), FOLDERS, ("build",)),
    # What holds the lock must be certain.
    ((".lock",), (*NO_FILES, "unreadable file"), ("gc", "rollback", "build")),
    # Nothing to read, and nothing is removed. A build fills an empty folder, or one that a link leads to.
    (("versions",), tuple(KINDS), (*READING, *COLLECTING, "rollback")),
    (("versions",), NO_FOLDERS, ("build",)),
    (("versions",), ("unreadable folder",), ("list", "build")),
    (("encoders",), tuple(KINDS), (*READING, "rollback")),
    (("encoders",), NO_FOLDERS, ("build",)),
    (("encoders",), ("unreadable folder",), (*COLLECTING, "build")),
    # The live version is damaged: `rollback` and a build leave it.
    (("versions/LIVE", *LIVE_FILES), tuple(KINDS), (*READING, *COLLECTING)),
    # A foreign file in the folder of a version is reported, and harms nothing.
    (("versions/LIVE/theirs", "versions/OLD/theirs"), tuple(KINDS), ("verify",)),
    # What is no folder is no version.
    (("versions/OLD", "versions/REFUSED", "versions/NEXT"), FOLDERS, ("verify",)),
    (("versions/BEFORE",), FOLDERS, ("verify", "rollback")),
    (("versions/OLD/manifest.json", "versions/REFUSED/manifest.json"), tuple(KINDS), ("verify",)),
    (("versions/BEFORE/manifest.json", "versions/BEFORE/vectors.faiss"), tuple(KINDS), ("verify", "rollback")),
    # A build exports the encoder again. `rollback` looks at its record alone.
    (("encoders/ENCODER", *EXPORT_FILES), tuple(KINDS), READING),
    (("encoders/ENCODER", *RECORD_FILES), tuple(KINDS), ("rollback",)),
    (("encoders/ENCODER/theirs",), tuple(KINDS), ("verify",)),
    # What `gc` cannot remove it reports, and leaves under another name.
    (("versions/OLD/manifest.json", "versions/OLD/theirs", "encoders/UNUSED"), ("unreadable folder",), ("gc",)),
]


def failing(name: str, kind: str) -> set[str]:
    """The commands that fail."""
    return {command for names, kinds, commands in FAILURES if name in names and kind in kinds for command in commands}


def prepare(folder: Path, tiny_model: Path, exports: Exports) -> None:
    """An index of three versions that were live and a refused one, with foreign files in every folder; documents for
    the next version, whose passages are in the cache; the encoder and its export; and what links lead to."""
    shutil.copytree(tiny_model, folder / "model")
    encoder = EncoderOptions(id=str(folder / "model"), precision=TINY_PRECISION)
    index = folder / "indexes"
    exports.give(index, encoder)
    shutil.copytree(index / "encoders", folder / "export")
    plan, hours, payments, network, mailbox = DOCUMENTS
    # The last one loses too many documents: it is refused.
    for names in ((plan, hours, payments), tuple(DOCUMENTS), (plan, hours, payments, network), (plan,)):
        knowledge = write_documents(folder / "knowledge", names)
        gate = GateOptions(max_shrink=0.0 if names == (plan,) else 1.0)
        build(Settings(knowledge=knowledge, index=index, threads=1, encoder=encoder, gate=gate))
    write_documents(folder / "knowledge", (plan, hours, payments, mailbox))
    for name in FOREIGN_NAMES:
        (index / name).parent.mkdir(exist_ok=True)
        (index / name).write_bytes(FOREIGN)
    (folder / "outside/folder").mkdir(parents=True)
    (folder / "outside/folder/theirs").write_bytes(FOREIGN)
    # SQLite would take it for a cache that is still empty.
    connection = sqlite3.connect(folder / "outside/file")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


def write_documents(folder: Path, names: tuple[str, ...]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in names:
        (folder / name).write_text(DOCUMENTS[name], encoding="utf-8")
    return folder


class Trier:
    """A process that tries cases, one after the other. If it takes too long for one it is ended; the next case starts
    another."""

    def __init__(self, prepared: Path, work: Path) -> None:
        self._prepared, self._work = prepared, work
        self._process: subprocess.Popen[str] | None = None

    def give(self, case: tuple[str, str]) -> None:
        if self._process is None:
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()

    def take(self) -> dict[str, Any]:
        outcome: dict[str, Any] = json.loads(self._line())
        return outcome

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> None:
        package = Path(knowligo_index.__file__).parents[1]
        path = os.pathsep.join(map(str, (package, HERE, HERE.parent)))
        self._work.mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        with (self._work / "log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", HERE / "foreign_entries.py", self._prepared, self._work],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._line() == "ready\n"

    def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], CASE_SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.close()
            log = (self._work / "log").read_text()
            pytest.fail(f"{'it died' if ready else f'no end within {CASE_SECONDS} s'}: {log[-2000:]}")
        return line


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, exports: Exports) -> Path:
    folder = tmp_path_factory.mktemp("foreign") / "prepared"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNOWLIGO_PRECISION", TINY_PRECISION)
        prepare(folder, tiny_model, exports)
    return folder


@pytest.fixture(scope="module")
def triers(prepared: Path) -> Iterator[list[Trier]]:
    both = [Trier(prepared, prepared.with_name(f"work-{number}")) for number in range(2)]
    yield both
    for trier in both:
        trier.close()


def real_name(name: str, prepared: Path) -> str:
    versions = sorted(path.name for path in (prepared / "indexes/versions").glob("[1-9]-*"))
    (export,) = (prepared / "export").iterdir()
    words = dict(zip(("OLD", "BEFORE", "LIVE", "REFUSED"), versions, strict=True))
    words |= {"ENCODER": export.name, "UNUSED": "0" * 64, "NEXT": "9-0123456789ab"}
    return re.sub("|".join(words), lambda match: words[match[0]], name)


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root can read everything")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_in_the_place_of_a_name_in_the_index(name: str, prepared: Path, triers: list[Trier]) -> None:
    kinds = list(KINDS)
    wrong: list[str] = []
    for place in range(0, len(kinds), len(triers)):
        pair = list(zip(triers, kinds[place:], strict=False))
        for trier, kind in pair:
            trier.give((real_name(name, prepared), kind))
        for trier, kind in pair:
            wrong += [f"{kind}: {fault}" for fault in faults(name, kind, trier.take())]
    assert wrong == []


def replacing(name: str, kind: str) -> set[str]:
    """The commands that may remove what is in the place of this name, or replace it."""
    if name.startswith("cache/results.sqlite-") and kind == "file":
        # SQLite reads it, takes it for what a killed process left, and removes it.
        return {"readers", "gc", "build"}
    if name == ".CURRENT.new":
        return {"rollback", "build"}
    if name in LEFTOVERS:
        return {"gc", "build"}
    if name in CACHES or name in ("CURRENT", "encoders/ENCODER", *EXPORT_FILES):
        return {"build"}
    return {"gc"} if name.startswith("versions/OLD") or name == "encoders/UNUSED" else set()


def serving(name: str, failures: set[str]) -> dict[str, bool]:
    """Whether the index can be searched after each of the commands that change it: with the version that was live, or
    with the one that the command made live."""
    as_before = "search" not in failures
    return {
        "gc": as_before,
        "rollback": as_before or name.startswith("versions/LIVE"),
        "build": as_before or "build" not in failures,
    }


def is_one_sentence(command: str, output: str) -> bool:
    """Warnings may come before it; `verify` has a line for each version."""
    *lines, last = output.strip().splitlines()
    if command == "verify" and not last.startswith("Error: "):
        return all("  intact: " in line or "  DAMAGED: " in line for line in lines) and "  DAMAGED: " in output
    errors = [line for line in (*lines, last) if line.startswith("Error: ")]
    return errors == [last] and last.endswith(".")


def faults(name: str, kind: str, outcome: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    failures = failing(name, kind)
    wrong: list[str] = []
    for command in (*READING, "list", *COLLECTING, "rollback", "build"):
        code, output = outcome[command]
        if code != (command in failures):
            wrong.append(f"{command} exits with {code}: {output}")
        elif code and not is_one_sentence(command, output):
            wrong.append(f"{command} fails without a sentence: {output}")
    is_linked = kind == "link to a folder" and name in ("versions", "encoders", "cache")
    for command in ("readers", "gc", "rollback", "build"):
        around = outcome[f"around {command}"]
        wrong += [f"{command} changes {path}" for path in around["outside changed"] + around["foreign changed"]]
        if around["outside new"] and not is_linked:
            wrong.append(f"{command} makes {around['outside new']}")
        if not around["entry stays"] and command not in replacing(name, kind):
            wrong.append(f"{command} removes or replaces it")
    if is_linked and not outcome["around build"]["outside new"]:
        wrong.append("the folder that the link leads to is not used")
    # A damaged file of the cache may be written to; a folder may be one that cannot be removed.
    if name in (*LEFTOVERS, *CACHES) and kind not in ("file", "unreadable folder"):
        wrong += ["it stays after a build"] if outcome["around build"]["entry stays"] else []
    for command, is_served in serving(name, failures).items():
        code, output = outcome[f"search after {command}"]
        if (code == 0) != is_served:
            wrong.append(f"after {command}, search exits with {code}: {output}")
    # The encoder is that of the new version, too.
    is_reported = name == "encoders/ENCODER/theirs"
    if "build" not in failures and bool(outcome["verify after build"][0]) != is_reported:
        wrong.append(f"after build: {outcome['verify after build'][1]}")
    for step in ("build without it", "verify without it", "search without it"):
        code, output = outcome.get(step, (0, ""))
        if code:
            wrong.append(f"{step}: {output}")
    return wrong

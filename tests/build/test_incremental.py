"""A build that finds results of earlier ones ends in the same bytes as one that finds none, and does no more than it
has to."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.exports import Exports
from support.tiny_model import WORDS

from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.cli import cli
from knowligo_index.settings import Settings
from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.types import join_breadcrumb

CACHE = Path("cache") / "results.sqlite"


def write_pages(folder: Path, pages: int, seed: int = 0, words: int = 400) -> None:
    """Markdown pages of random words, no two alike."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(pages):
        paragraphs = [" ".join(chance.choices(WORDS, k=words // 8)) for _ in range(8)]
        (folder / f"{number:03}.md").write_text(f"# Guía {number}\n\n" + "\n\n".join(paragraphs), encoding="utf-8")


def content(settings: Settings) -> dict[str, object]:
    """The live version's files; of its manifest, all but what counts versions."""
    folder = settings.index / "versions" / (settings.index / "CURRENT").read_text().split()[0]
    files: dict[str, object] = {path.name: path.read_bytes() for path in folder.iterdir()}
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("version", "counter", "previous", "plan"):
        del manifest[name]
    return {**files, "manifest.json": manifest, "manifest.json.sha256": None}


def elsewhere(settings: Settings, exports: Exports, tmp_path: Path) -> Settings:
    """The same into an index of its own, which has no cache."""
    fresh = replace(settings, index=tmp_path / f"fresh-{time.monotonic_ns()}")
    exports.give(fresh.index, settings.encoder)
    return fresh


def work(result: BuildResult) -> tuple[int, int]:
    """Chunks encoded and chunks taken from the cache."""
    found = result.as_json()
    embedded, reused = found["embedded"], found["reused"]
    assert isinstance(embedded, int)
    assert isinstance(reused, int)
    return embedded, reused


@pytest.fixture
def pages(settings: Settings, tmp_path: Path) -> Settings:
    """Settings of a knowledge base of twelve pages, five chunks each."""
    os.environ["SOURCE_DATE_EPOCH"] = "86400"
    write_pages(tmp_path / "pages", 12)
    return replace(settings, knowledge=tmp_path / "pages")


def edit(folder: Path) -> None:
    path = folder / "003.md"
    path.write_text(path.read_text() + "\n\nEl gato duerme al sol.\n")


def add(folder: Path) -> None:
    (folder / "new.md").write_text("# Ventas\n\nLa tarjeta y la factura del mes.\n")


def remove(folder: Path) -> None:
    (folder / "007.md").unlink()


def rename(folder: Path) -> None:
    (folder / "005.md").rename(folder / "zzz.md")


def everything(folder: Path) -> None:
    for change in (edit, add, remove, rename):
        change(folder)


# Chunks of the twelve pages, and how many of them each change makes to be encoded.
CHANGES = [(edit, 1), (add, 1), (remove, 0), (rename, 0), (everything, 2)]


@pytest.mark.parametrize(("change", "embedded"), CHANGES, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("threads", [1, 3])
def test_an_incremental_build_ends_in_the_bytes_of_a_full_one(
    pages: Settings, exports: Exports, tmp_path: Path, change: Callable[[Path], None], embedded: int, threads: int
) -> None:
    full = build(pages)
    assert work(full) == (full.manifest.chunks, 0)
    change(pages.knowledge)
    result = build(replace(pages, threads=threads))
    assert result.status == "published"
    assert work(result) == (embedded, result.manifest.chunks - embedded)
    fresh = elsewhere(pages, exports, tmp_path)
    again = build(fresh)
    assert work(again) == (again.manifest.chunks, 0)
    assert content(fresh) == content(pages)


def test_back_to_what_was_nothing_is_encoded(pages: Settings) -> None:
    before = build(pages).manifest
    text = (pages.knowledge / "003.md").read_text()
    edit(pages.knowledge)
    build(pages)
    (pages.knowledge / "003.md").write_text(text)
    result = build(pages)
    assert (result.manifest.digest, work(result)) == (before.digest, (0, before.chunks))


def test_another_chunk_size_reads_no_document_again(pages: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    build(pages)
    monkeypatch.setattr(
        "knowligo_index.sources.document_reading.reread", lambda *_, **__: pytest.fail("a document was read")
    )
    smaller = replace(pages, chunking=replace(pages.chunking, chunk_tokens=48))
    assert build(smaller).manifest.chunks > 12 * 5


def test_equal_passages_are_encoded_once(settings: Settings, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_pages(tmp_path / "pages" / folder, 3)
        for path in (tmp_path / "pages" / folder).iterdir():
            path.write_text(path.read_text() + f"\n\n# Oficina {folder}\n\nEl gato duerme en la oficina {folder}.\n")
    result = build(replace(settings, knowledge=tmp_path / "pages", duplicates=DuplicateOptions(near_duplicates=1.0)))
    with closing(ChunkStore(settings.index / "versions" / result.manifest.version / "chunks.sqlite")) as store:
        passages = store.passages(range(result.manifest.chunks))
    inputs = {join_breadcrumb(passage.breadcrumb, passage.text) for passage in passages}
    assert (len(inputs), result.manifest.chunks) == (12, 18)
    assert work(result) == (12, 6)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: shutil.rmtree(path.parent),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"no database" * 1000),
    "a folder": lambda path: _make_folder(path),
    "flipped": lambda path: _flip(path),
    "other vectors": lambda path: _shuffle_values(path),
}


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for position in range(5_000, len(data), 5_000):
        data[position] ^= 0xFF
    path.write_bytes(data)


def _shuffle_values(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        rows = connection.execute("SELECT key, value FROM results ORDER BY key").fetchall()
        values = [value for _, value in rows]
        connection.executemany(
            "UPDATE results SET value = ? WHERE key = ?",
            [(value, key) for (key, _), value in zip(rows, values[1:] + values[:1], strict=True)],
        )
    connection.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_costs_time_and_nothing_else(
    pages: Settings, exports: Exports, tmp_path: Path, damage: str
) -> None:
    build(pages)
    DAMAGES[damage](pages.index / CACHE)
    edit(pages.knowledge)
    assert build(pages).status == "published"
    fresh = elsewhere(pages, exports, tmp_path)
    build(fresh)
    assert content(fresh) == content(pages)


def test_a_cache_that_cannot_be_written_is_a_warning(pages: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (pages.index / "cache").write_text("a file")
    assert build(pages).status == "published"
    assert f"The cache {pages.index / CACHE} cannot be opened" in caplog.text
    assert (pages.index / "cache").read_text() == "a file"


def test_a_killed_build_goes_on_where_it_was(pages: Settings, exports: Exports, tmp_path: Path) -> None:
    """A real kill -9 while chunks are being encoded: what was encoded by then is not encoded again."""
    write_pages(pages.knowledge, 150, words=1_200)
    command = [
        *(sys.executable, "-m", "knowligo_index", "build", str(pages.knowledge), "--index", str(pages.index)),
        *("--encoder", pages.encoder.id, "--threads", "1", "--chunk-tokens", "64", "-q"),
    ]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 120
    while cached_vectors(pages.index / CACHE) < 200:
        assert process.poll() is None, "the build was too quick to be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (pages.index / "CURRENT").exists()
    kept = cached_vectors(pages.index / CACHE)
    small = replace(pages, chunking=replace(pages.chunking, chunk_tokens=64))
    result = build(small)
    embedded, reused = work(result)
    assert reused >= kept >= 200
    assert embedded + reused == result.manifest.chunks
    fresh = elsewhere(small, exports, tmp_path)
    build(fresh)
    assert content(fresh) == content(small)


def cached_vectors(path: Path) -> int:
    """Vectors of the tiny model in the cache: 32 numbers of 4 bytes and a checksum of 16."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT count(*) FROM results WHERE length(value) = 144").fetchone()
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    assert isinstance(count, int)
    return count


def test_gc_bounds_the_cache(pages: Settings) -> None:
    before = build(pages).manifest
    most = ["--index", str(pages.index), "--cache-mib", "1", "--json"]
    assert gc_json(*most)["cache_bytes"] == 0
    would = gc_json("--index", str(pages.index), "--cache-mib", "0", "--dry-run", "--json")["cache_bytes"]
    assert would == gc_json("--index", str(pages.index), "--cache-mib", "0", "--json")["cache_bytes"] > 0
    assert cached_vectors(pages.index / CACHE) == 0
    edit(pages.knowledge)
    assert work(build(pages)) == (before.chunks, 0)


def gc_json(*arguments: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(CliRunner().invoke(cli, ["gc", *arguments]).stdout)
    return found


# What an unchanged folder needs none of.
HEAVY = ["numpy", "faiss", "torch", "openvino", "tokenizers", "transformers", "sentence_transformers", "markdown_it"]


def test_an_unchanged_folder_is_recognised_without_the_heavy_libraries(pages: Settings) -> None:
    build(pages)
    script = (
        "import sys; from knowligo_index.cli import cli; cli(standalone_mode=False); "
        f"print(sorted({set(HEAVY)!r} & {{*sys.modules}}))"
    )
    command = [
        *(sys.executable, "-c", script, "build", str(pages.knowledge), "--index", str(pages.index)),
        *("--encoder", pages.encoder.id, "-q"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
    assert len(list((pages.index / "versions").iterdir())) == 1


def test_an_unchanged_folder_is_not_read_again(pages: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600 * 10**9)
    build(pages)
    monkeypatch.setattr(
        "knowligo_index.sources.inventory.read_source_bytes", lambda path, _: pytest.fail(f"{path} was read")
    )
    assert build(pages).status == "unchanged"


def test_a_page_changed_with_its_old_time_is_noticed(pages: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600 * 10**9)
    build(pages)
    path = pages.knowledge / "004.md"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"plan", b"mesa"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert build(pages).status == "published"

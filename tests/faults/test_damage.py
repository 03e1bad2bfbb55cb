"""Files that are not what they were: all of it is found before FAISS or SQLite sees a byte, and the file is named."""

import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest
from scenario import CHUNKS, DIMENSION, digest_of, manifest_of, number_of_live_version, publish

from knowligo_index import open_index
from knowligo_index.errors import DamagedIndexError
from knowligo_index.evaluation.version_diff import diff_versions
from knowligo_index.search import open_version
from knowligo_index.search.open_version import check_opens
from knowligo_index.store import Store
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE
from knowligo_index.store.publishing import writing
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.store.verification import verify_version

SMALL = 64 * 1024
PAGE = 4096
DATA_FILES = [VECTORS_FILE, CHUNKS_FILE, LEDGER_FILE]
FILES = [*DATA_FILES, "manifest.json", "manifest.json.sha256", "CURRENT"]

OLD, LIVE = f"1-{digest_of(1)}", f"2-{digest_of(2)}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1 and 2, all files small, 2 live."""
    for number in (1, 2):
        publish(tmp_path / "index", number)
    return tmp_path / "index"


def forbid_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on neither FAISS nor SQLite may be given anything by a reader."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a damaged version was parsed")

    monkeypatch.setattr(VectorIndex, "read", refuse)
    monkeypatch.setattr(open_version, "ChunkStore", refuse)


@pytest.fixture
def sealed_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same index; nothing in it may be parsed."""
    forbid_parsing(monkeypatch)
    return root


def path_of(root: Path, name: str) -> Path:
    return root / name if name == "CURRENT" else root / "versions" / LIVE / name


def assert_each_is_found(root: Path, name: str, contents: Iterable[bytes]) -> int:
    """Put each of the contents in the place of the file: opening the index names it. How many there were."""
    path = path_of(root, name)
    # Which of the two is damaged, the manifest or the hash beside it, nobody can tell.
    named = str(path).removesuffix(".sha256")
    count = 0
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(DamagedIndexError) as found:
            open_index(root)
        # Of CURRENT with another good hash in it, the manifest is the file that does not fit.
        assert str(found.value).startswith(named) or name == "CURRENT", found.value
        helps = (
            "): go back with `knowligo-index rollback`, build the index again, or copy it",
            "): name the version to go back to, `knowligo-index rollback ID`",
        )
        assert helps[str(found.value).startswith(str(root / "CURRENT"))] in str(found.value)
        count += 1
    return count


def flips(data: bytes, offsets: Iterable[int]) -> Iterator[bytes]:
    """The data with one bit of one byte turned, at each of the offsets."""
    for offset in offsets:
        damaged = bytearray(data)
        damaged[offset] ^= 1 << random.Random(offset).randrange(8)
        yield bytes(damaged)


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_byte_of_a_small_file_is_found(sealed_off: Path, whole: bool, name: str) -> None:
    data = path_of(sealed_off, name).read_bytes()
    assert len(data) <= SMALL
    offsets = range(0, len(data), 1 if whole else len(data) // 40 + 1)
    assert assert_each_is_found(sealed_off, name, flips(data, offsets)) == len(offsets)
    print(f"{name}: {len(offsets)} of {len(data)} bytes flipped")


@pytest.mark.parametrize("name", DATA_FILES)
def test_flipped_bytes_of_a_large_file_are_found(
    tmp_path: Path, whole: bool, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2, count=2500)
    data = path_of(tmp_path, name).read_bytes()
    assert len(data) > SMALL
    forbid_parsing(monkeypatch)
    offsets = random.Random(name).sample(range(len(data)), 2000 if whole else 20)
    assert assert_each_is_found(tmp_path, name, flips(data, offsets)) == len(offsets)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_or_with_bytes_appended_is_found(sealed_off: Path, whole: bool, name: str) -> None:
    data = path_of(sealed_off, name).read_bytes()
    ends = {0, 1, len(data) // 2, len(data) - 1, *range(0, len(data), 64 if whole else PAGE)}
    cuts = [data[:end] for end in sorted(ends)]
    longer = [data + more for more in (b"\0", b"x", b"\n", b"\0" * PAGE, data)]
    assert assert_each_is_found(sealed_off, name, cuts + longer) == len(cuts) + 5


@pytest.mark.parametrize("name", FILES)
def test_a_zeroed_page_is_found(sealed_off: Path, whole: bool, name: str) -> None:
    data = path_of(sealed_off, name).read_bytes()
    page = 16 if len(data) < PAGE else 512 if whole else PAGE
    zeroed = [data[:at] + bytes(len(data[at : at + page])) + data[at + page :] for at in range(0, len(data), page)]
    different = [content for content in zeroed if content != data]
    assert len(different) > 2
    assert_each_is_found(sealed_off, name, different)


@pytest.mark.parametrize("name", FILES[:-1])
def test_a_file_that_is_missing_or_a_folder_is_found(sealed_off: Path, name: str) -> None:
    path = path_of(sealed_off, name)
    path.unlink()
    with pytest.raises(DamagedIndexError, match=rf"^{path} is damaged \(no such file or directory\): "):
        open_index(sealed_off)
    path.mkdir()
    with pytest.raises(DamagedIndexError, match=r" is damaged \(is a directory\): "):
        open_index(sealed_off)


@pytest.mark.parametrize("name", FILES[:-1])
def test_a_file_of_another_version_is_found(sealed_off: Path, name: str) -> None:
    shutil.copy(sealed_off / "versions" / OLD / name, path_of(sealed_off, name))
    with pytest.raises(
        DamagedIndexError, match=rf"^{str(path_of(sealed_off, name)).removesuffix('.sha256')} is damaged \("
    ):
        open_index(sealed_off)


def test_two_files_that_changed_places_are_found(sealed_off: Path) -> None:
    vectors, chunks = path_of(sealed_off, VECTORS_FILE), path_of(sealed_off, CHUNKS_FILE)
    vectors.rename(sealed_off / "aside")
    chunks.rename(vectors)
    (sealed_off / "aside").rename(chunks)
    with pytest.raises(DamagedIndexError, match=rf"^{vectors} is damaged \("):
        open_index(sealed_off)


def test_two_versions_that_changed_places_are_found(sealed_off: Path) -> None:
    versions = sealed_off / "versions"
    (versions / OLD).rename(versions / "aside")
    (versions / LIVE).rename(versions / OLD)
    (versions / "aside").rename(versions / LIVE)
    for version in (None, OLD, LIVE):
        with pytest.raises(DamagedIndexError, match=r"manifest\.json is damaged \(it is the manifest of [12]-"):
            open_index(sealed_off, version)


def test_a_version_of_the_same_name_from_another_index_is_found(root: Path, tmp_path: Path) -> None:
    """The one that is live alone has its manifest's hash in CURRENT."""
    publish(tmp_path / "other", 1)
    with writing(Store(tmp_path / "other"), "test") as writer, writer.staging() as staged:
        staged.write(VECTORS_FILE, b"")
        writer.publish(writer.seal(staged, manifest_of(2, 2)))
    shutil.rmtree(root / "versions" / LIVE)
    shutil.copytree(tmp_path / "other/versions" / LIVE, root / "versions" / LIVE)
    with pytest.raises(DamagedIndexError, match=r"manifest\.json is damaged \(its SHA-256 is not the one in CURRENT\)"):
        open_index(root)


HASH = b"0" * 64
LINES = {
    "empty": b"",
    "garbage": bytes(range(256)),
    "another line after it": LIVE.encode() + b" " + HASH + b"\n\n",
    "no hash": LIVE.encode() + b"\n",
    "outside": b"../../2-0123456789ab " + HASH + b"\n",
    "absolute": b"/etc " + HASH + b"\n",
    "itself": b". " + HASH + b"\n",
    "staging": b".staging " + HASH + b"\n",
    "dangling": b"9-0123456789ab " + HASH + b"\n",
    "another version's hash": LIVE.encode() + b" " + HASH + b"\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_a_current_that_names_no_whole_version_is_found_and_nobody_guesses(sealed_off: Path, line: bytes) -> None:
    (sealed_off / "CURRENT").write_bytes(line)
    with pytest.raises(DamagedIndexError, match=" is damaged "):
        open_index(sealed_off)
    assert verify_version(Store(sealed_off)).ok is False


def test_a_current_that_is_a_folder_is_found(sealed_off: Path) -> None:
    (sealed_off / "CURRENT").unlink()
    (sealed_off / "CURRENT").mkdir()
    with pytest.raises(DamagedIndexError, match=r"CURRENT is damaged \(is a directory\)"):
        open_index(sealed_off)


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_a_damaged_current_is_mended_by_rollback_to_a_version_or_by_a_build(root: Path, line: bytes) -> None:
    (root / "CURRENT").write_bytes(line)
    with writing(Store(root), "test") as writer:
        assert writer.rollback(OLD).status == "moved"
    assert number_of_live_version(root) == 1
    (root / "CURRENT").write_bytes(line)
    publish(root, 3)
    assert number_of_live_version(root) == 3


@pytest.mark.parametrize("name", FILES[:-1])
def test_a_damaged_version_is_left_by_rollback(root: Path, name: str) -> None:
    path_of(root, name).write_bytes(b"x")
    with writing(Store(root), "test") as writer:
        assert writer.rollback().version == OLD
    assert number_of_live_version(root) == 1


def flat(index: Callable[[int], faiss.Index], dimension: int = DIMENSION, rows: int = CHUNKS) -> bytes:
    made = index(dimension)
    made.add(np.zeros((rows, dimension), np.float32))
    return bytes(faiss.serialize_index(made).tobytes())


def chunk_store(folder: Path, damage: Callable[[bytes], bytes]) -> bytes:
    write_chunk_store(folder / "made.sqlite", [])
    return damage((folder / "made.sqlite").read_bytes())


LIES: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "vectors of another metric": (VECTORS_FILE, lambda _: flat(faiss.IndexFlatL2)),
    "vectors of another type": (VECTORS_FILE, lambda _: flat(lambda d: faiss.IndexHNSWFlat(d, 4))),
    "vectors of another length": (VECTORS_FILE, lambda _: flat(faiss.IndexFlatIP, dimension=DIMENSION + 1)),
    "a vector too few": (VECTORS_FILE, lambda _: flat(faiss.IndexFlatIP, rows=CHUNKS - 1)),
    "a vector too many": (VECTORS_FILE, lambda _: flat(faiss.IndexFlatIP, rows=CHUNKS + 1)),
    "no vectors": (VECTORS_FILE, lambda _: b""),
    "vectors cut off": (VECTORS_FILE, lambda _: flat(faiss.IndexFlatIP)[:-1]),
    "vectors that are text": (VECTORS_FILE, lambda _: b"not an index"),
    "no passages": (CHUNKS_FILE, lambda folder: chunk_store(folder, bytes)),
    "an empty chunk store": (CHUNKS_FILE, lambda _: b""),
    "a chunk store that is text": (CHUNKS_FILE, lambda _: b"not a database" * 100),
    "a chunk store cut off": (CHUNKS_FILE, lambda folder: chunk_store(folder, lambda data: data[: PAGE + 1])),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_files_that_fit_their_hashes_and_not_the_manifest_are_refused(
    root: Path, tmp_path: Path, lie: tuple[str, Callable[[Path], bytes]]
) -> None:
    name, make = lie
    content = {each: (root / "versions" / LIVE / each).read_bytes() for each in DATA_FILES}
    content[name] = make(tmp_path)
    with writing(Store(root), "test") as writer, writer.staging() as staged:
        for each, data in content.items():
            staged.write(each, data)
        sealed = writer.seal(staged, manifest_of(3, 3))
        # What the build asks before it publishes.
        with pytest.raises(DamagedIndexError, match=rf"\.staging/{name} is"):
            check_opens(sealed)
        writer.publish(sealed)
    assert verify_version(Store(root)).ok is True
    with pytest.raises(DamagedIndexError, match=rf"/3-{digest_of(3)}/{name} is"):
        open_index(root)


def test_a_ledger_that_is_damaged_after_the_index_was_opened_is_found(root: Path) -> None:
    path = path_of(root, LEDGER_FILE)
    with open_index(root) as index:
        path.write_bytes(path.read_bytes().replace(b"0.md", b"9.md"))
        with pytest.raises(DamagedIndexError, match=rf"^{path} is damaged \(its SHA-256 is not the manifest's\): "):
            index.ledger()


@pytest.mark.parametrize("version", [OLD, LIVE])
def test_a_damaged_version_is_not_compared(root: Path, version: str) -> None:
    path = root / "versions" / version / CHUNKS_FILE
    path.write_bytes(path.read_bytes().replace(b"documento", b"DOCUMENTO"))
    with pytest.raises(DamagedIndexError, match=rf"^{path} is damaged \("):
        diff_versions(Store(root))


@pytest.mark.parametrize("name", DATA_FILES)
def test_a_manifest_that_does_not_list_a_file_is_refused(root: Path, name: str) -> None:
    with writing(Store(root), "test") as writer, writer.staging() as staged:
        for each in DATA_FILES:
            if each != name:
                staged.write(each, (root / "versions" / LIVE / each).read_bytes())
        version = writer.publish(writer.seal(staged, manifest_of(3, 3)))
    shutil.copy(root / "versions" / LIVE / name, version.folder)
    with pytest.raises(DamagedIndexError, match=rf"/manifest\.json is damaged \(it does not list {name}\): "):
        open_index(root)


def test_a_chunk_store_with_a_damaged_page_is_not_published(root: Path) -> None:
    """SQLite would find it when it came to that page: the build has it look at all of them."""
    good = (root / "versions" / LIVE / CHUNKS_FILE).read_bytes()
    found = 0
    for at in range(PAGE, len(good), PAGE):
        with writing(Store(root), "test") as writer, writer.staging() as staged:
            for each in (VECTORS_FILE, LEDGER_FILE):
                staged.write(each, (root / "versions" / LIVE / each).read_bytes())
            staged.write(CHUNKS_FILE, good[:at] + b"\xff" * PAGE + good[at + PAGE :])
            with pytest.raises(DamagedIndexError):
                check_opens(writer.seal(staged, manifest_of(3, 3)))
            found += 1
    assert found == len(good) // PAGE - 1 > 5

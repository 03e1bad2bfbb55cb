"""Something else than a file in the place of each file of an index: the answer is one sentence, at once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sockets import make_socket

from knowligo_index import open_index
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store import Store
from knowligo_index.store.verification import verify_version

INDEX = Path(__file__).parents[1] / "store/data/index-schema-2"
VERSION_FILES = ["chunks.sqlite", "ledger.jsonl", "manifest.json", "manifest.json.sha256", "vectors.faiss"]
ENCODER_FILES = ["embeddings.bin", "encoder.json", "encoder.json.sha256", "model.bin", "model.xml", "tokenizer.json"]

# It hangs, where it fails.
pytestmark = pytest.mark.timeout(60)


THINGS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "link-to-a-device": lambda path: path.symlink_to("/dev/zero"),
    "link-to-itself": lambda path: path.symlink_to(path.name),
    "folder": Path.mkdir,
    "socket": make_socket,
}


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("name", ["CURRENT", *VERSION_FILES, *ENCODER_FILES])
def test_it_is_found_without_waiting_for_it(tmp_path: Path, name: str, thing: str) -> None:
    index = Path(shutil.copytree(INDEX, tmp_path / "index"))
    (path,) = index.rglob(name)
    path.unlink()
    THINGS[thing](path)
    with pytest.raises(DamagedIndexError) as refused, open_index(index) as reader:
        reader.load_encoder()
    sentence = str(refused.value)
    assert sentence.startswith((f"{path} is damaged (", f"{path}, a file of the exported encoder, is damaged ("))
    assert sentence.count("\n") == 0
    verdict = verify_version(Store(index))
    assert (verdict.ok, verdict.problems) == (False, [sentence])


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    index = Path(shutil.copytree(INDEX, tmp_path / "index"))
    for name in ("vectors.faiss", "model.bin", "encoder.json", "manifest.json"):
        (path,) = index.rglob(name)
        size = path.stat().st_size
        # A hole of a tebibyte: reading it would take minutes.
        os.truncate(path, 2**40)
        with pytest.raises(DamagedIndexError), open_index(index) as reader:
            reader.load_encoder()
        assert not verify_version(Store(index)).ok
        os.truncate(path, size)
    assert verify_version(Store(index)).ok


def test_what_does_not_belong_to_the_encoder_is_reported_by_verify(tmp_path: Path) -> None:
    index = Path(shutil.copytree(INDEX, tmp_path / "index"))
    (record,) = index.rglob("encoder.json")
    (record.parent / "model.bin.old").write_bytes(b"")
    assert verify_version(Store(index)).problems == [
        f"{record.parent / 'model.bin.old'} does not belong to the exported encoder: remove it."
    ]

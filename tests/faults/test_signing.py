"""What `sign` writes survives a power cut, and what it guards is guarded at each door."""

import random
import shutil
from pathlib import Path

import pytest
from disk_model import Disk, write_tree
from index_operations import check_whole
from scenario import digest_of, publish
from support.signing import new_key, public, sign
from tracing import needs_strace, record

from knowligo_index import open_index
from knowligo_index.errors import DamagedIndexError, SignatureError
from knowligo_index.store import Store
from knowligo_index.store.signatures import PublicKeys, signature_path
from knowligo_index.store.signing import secret_key
from knowligo_index.store.verification import verify_version

TWO = f"2-{digest_of(2)}"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with an index of two versions; what happens in it is recorded."""
    for number in (1, 2):
        publish(tmp_path / "world" / "index", number)
    return tmp_path / "world"


@needs_strace
def test_after_a_power_cut_a_signature_is_whole_or_not_there(world: Path, tmp_path: Path, whole: bool) -> None:
    key = new_key(tmp_path / "keys", world / "index")
    keys = PublicKeys.read(public(key), world / "index")
    disk, crashed = Disk(world), tmp_path / "crashed"
    calls = record(["sign", "--key", str(key), "--index", str(world / "index")], world, tmp_path)
    seen: set[bool] = set()
    for done in range(len(calls) + 1):
        if done:
            disk.apply(calls[done - 1])
        for tree in disk.states(random.Random(done), 40 if whole else 4):
            write_tree(tree, crashed)
            check_whole(crashed / "index", {2})
            signed = signature_path(crashed / "index", TWO).exists()
            if signed or done == len(calls):
                assert Store(crashed / "index", keys).open().id == TWO, f"after {done} of {len(calls)} calls"
            seen.add(signed)
            shutil.rmtree(crashed)
    assert seen == {False, True}


@needs_strace
def test_after_a_power_cut_a_new_key_is_there(world: Path, tmp_path: Path) -> None:
    (world / "keys").mkdir()
    disk, crashed = Disk(world), tmp_path / "crashed"
    command = ["sign", "--new-key", str(world / "keys" / "key"), "--index", str(world / "index")]
    for call in record(command, world, tmp_path):
        disk.apply(call)
    public_key = public(world / "keys" / "key").read_bytes()
    for tree in disk.states(random.Random(0), 20):
        write_tree(tree, crashed)
        (crashed / "keys" / "key").chmod(0o600)
        with secret_key(crashed / "keys" / "key", crashed / "index") as key:
            assert not key.is_encrypted()
        assert public(crashed / "keys" / "key").read_bytes() == public_key
        shutil.rmtree(crashed)


def test_a_reader_with_keys_opens_no_version_that_is_not_signed(world: Path, tmp_path: Path) -> None:
    index, key = world / "index", new_key(tmp_path / "keys", world / "index")
    with pytest.raises(SignatureError, match=f"^version {TWO} is not signed "):
        open_index(index, public_keys=public(key))
    sign(index, key)
    with open_index(index, public_keys=public(key)) as reader:
        assert reader.version == TWO


def test_verify_with_a_key_finds_that_a_version_is_not_signed(world: Path, tmp_path: Path) -> None:
    index, key = world / "index", new_key(tmp_path / "keys", world / "index")
    keys = PublicKeys.read(public(key), index)
    unsigned = verify_version(Store(index), public_keys=keys)
    assert (unsigned.ok, unsigned.signed, len(unsigned.problems)) == (False, False, 1)
    sign(index, key)
    signed = verify_version(Store(index), public_keys=keys)
    assert (signed.ok, signed.signed, signed.problems) == (True, True, [])


def test_a_damaged_version_is_not_signed(world: Path, tmp_path: Path) -> None:
    index = world / "index"
    path = index / "versions" / TWO / "ledger.jsonl"
    size = path.stat().st_size
    path.write_bytes(b"")
    with pytest.raises(DamagedIndexError) as refused:
        sign(index, new_key(tmp_path / "keys", index))
    assert str(refused.value) == (
        f"nothing was signed: {path} is damaged (0 bytes instead of {size}): go back with `knowligo-index rollback`, "
        "build the index again, or copy it again from where it came from (under another name, then rename it)."
    )
    assert not (index / "signatures").exists()

import hashlib
import mmap
import sys
from pathlib import Path

import pytest

from knowligo_index.system.hashing import FileEntry, open_regular
from knowligo_index.system.sealed_memory import SealedCopy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has sealed memory")


@pytest.mark.parametrize("size", [0, 1, 4096, (4 << 20) + 3])
def test_a_copy_has_the_content_and_its_hash(tmp_path: Path, size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    (tmp_path / "file").write_bytes(content)
    with open_regular(tmp_path / "file") as file, SealedCopy(file, "model.bin") as copy:
        assert copy.entry == FileEntry(size, hashlib.sha256(content).hexdigest())
        assert copy.path.read_bytes() == content


def test_nobody_can_change_it_and_what_is_mapped_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"right")
    with open_regular(tmp_path / "file") as file, SealedCopy(file, "model.bin") as copy:
        with copy.path.open("r+b", buffering=0) as writable:
            with pytest.raises(PermissionError):
                writable.write(b"wrong")
            for size in (0, 9):
                with pytest.raises(PermissionError):
                    writable.truncate(size)
        with copy.path.open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
        descriptors = list(Path("/proc/self/fd").iterdir())
    with mapped:
        assert mapped[:] == b"right"
        assert str(SealedCopy.mapped_name("model.bin")) in Path("/proc/self/maps").read_text()
    assert len(list(Path("/proc/self/fd").iterdir())) < len(descriptors)

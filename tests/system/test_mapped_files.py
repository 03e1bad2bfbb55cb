import mmap
import sys
from pathlib import Path

import pytest

from knowligo_index.system.mapped_files import give_back


def resident(path: Path) -> int:
    """kB of the file that are in this process's memory."""
    parts = Path("/proc/self/smaps").read_text().split(str(path))[1:]
    return sum(int(part.split("Rss:")[1].split()[0]) for part in parts)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and takes it")
def test_the_memory_of_a_mapped_file_is_given_back_and_its_bytes_stay(tmp_path: Path) -> None:
    path = (tmp_path / "model.bin").resolve()
    content = bytes(range(256)) * 4096
    path.write_bytes(content)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED) as mapped:
        assert mapped[:] == content
        assert resident(path) == len(content) // 1024
        give_back(path)
        assert resident(path) == 0
        assert mapped[:] == content


def test_what_is_written_to_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"old" * 4096)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        mapped[:3] = b"new"
        give_back(path)
        assert mapped[:3] == b"new"

"""A folder of the knowledge folder is replaced by a link to a folder with private files while a build reads it. Whoever
may write into the knowledge folder could otherwise publish files that only the user of the build may read."""

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from knowligo_index.build import build
from knowligo_index.errors import KnowledgeError, ParseError
from knowligo_index.parsers import suffixes
from knowligo_index.settings import Settings
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.inventory import Inventory, take_inventory
from knowligo_index.sources.source_files import reread
from knowligo_index.system.hash_memo import HashMemo

PRIVATE = "Nomina: palabra-que-nadie-debe-leer.\n"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder outside of the knowledge folder, with files of the same names as those in `knowledge/redes`."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "vpn.md").write_text(PRIVATE)
    (folder / "salaries.md").write_text(PRIVATE)
    return folder


@pytest.fixture
def redes(knowledge: Path) -> Path:
    folder = knowledge / "redes"
    folder.mkdir()
    (folder / "vpn.md").write_text("# VPN\n\nSe conecta con la VPN.\n")
    return folder


def swap(folder: Path, target: Path) -> None:
    folder.rename(folder.with_name(".aside"))
    folder.symlink_to(target)


class Listing(list[os.DirEntry[str]]):
    """What os.scandir returned, complete."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


@contextmanager
def after_listing(monkeypatch: pytest.MonkeyPatch, listed: Path, action: Callable[[], None]) -> Iterator[None]:
    """Do `action` once, as soon as the folder `listed` has been listed."""
    real, wanted, calls = os.scandir, listed.stat(), 0

    def scandir(folder: Any = ".") -> Any:
        nonlocal calls
        if calls or not os.path.samestat(os.stat(folder), wanted):  # noqa: PTH116
            return real(folder)
        calls += 1
        with real(folder) as entries:
            listing = Listing(entries)
        action()
        return listing

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield
    assert calls == 1


def inventory(knowledge: Path, memo: HashMemo | None = None) -> Inventory:
    return take_inventory(knowledge, suffixes(), memo=memo)


def reasons(result: Inventory) -> dict[str, str | None]:
    return {entry.source: entry.reason for entry in result.ledger_entries if entry.source.startswith("redes")}


def test_a_folder_swapped_after_the_folder_above_it_was_listed_is_not_followed(
    knowledge: Path, redes: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with after_listing(monkeypatch, knowledge, lambda: swap(redes, private)):
        result = inventory(knowledge)
    assert [source.name for source in result.sources if source.name.startswith("redes")] == []
    assert reasons(result) == {"redes": "symlink"}


def test_a_folder_swapped_after_it_was_listed_is_read_as_it_was(
    knowledge: Path, redes: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with after_listing(monkeypatch, redes, lambda: swap(redes, private)):
        result = inventory(knowledge)
    (source,) = [source for source in result.sources if source.name.startswith("redes")]
    assert source.size == (knowledge / ".aside" / "vpn.md").stat().st_size


def test_the_hash_of_an_earlier_build_is_not_taken_through_a_link(
    tmp_path: Path, knowledge: Path, redes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600 * 10**9)
    memo = HashMemo(tmp_path / "hashes")
    inventory(knowledge, memo)
    memo.save()
    redes.rename(tmp_path / "redes")
    redes.mkdir()

    def swap_back() -> None:
        redes.rmdir()
        redes.symlink_to(tmp_path / "redes")

    with after_listing(monkeypatch, knowledge, swap_back):
        result = inventory(knowledge, HashMemo(tmp_path / "hashes"))
    assert [source.name for source in result.sources if source.name.startswith("redes")] == []
    assert reasons(result) == {"redes": "symlink"}


@pytest.mark.parametrize("level", ["redes", "redes/sede"])
def test_a_folder_swapped_between_scanning_and_reading_is_not_followed(
    tmp_path: Path, knowledge: Path, redes: Path, level: str
) -> None:
    (redes / "sede").mkdir()
    (redes / "sede" / "norte.md").write_text(PRIVATE)
    sources = {source.name: source for source in inventory(knowledge).sources}
    # The content is the same, so that the hash does not show it.
    (knowledge / level).rename(tmp_path / "elsewhere")
    (knowledge / level).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParseError) as refused:
        reread(sources["redes/sede/norte.md"], SourceOptions())
    assert str(refused.value) == "symlink: a symbolic link by the time it was opened"


def test_nothing_of_the_private_folder_is_published(
    settings: Settings, redes: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with after_listing(monkeypatch, settings.knowledge, lambda: swap(redes, private)):
        result = build(settings)
    assert result.status == "published"
    entries = [(entry.source, entry.status, entry.reason) for entry in result.ledger]
    assert ("redes", "skipped", "symlink") in entries
    files = [path for path in settings.index.rglob("*") if path.is_file()]
    assert [path for path in files if b"palabra-que-nadie" in path.read_bytes()] == []


@pytest.mark.timeout(30)
def test_a_folder_that_is_swapped_all_the_time_never_leads_out(knowledge: Path, redes: Path, private: Path) -> None:
    aside, link, stop = knowledge / ".aside", knowledge / ".link", threading.Event()
    link.symlink_to(private)

    def swap_to_and_fro() -> None:
        while not stop.is_set():
            redes.rename(aside)
            link.rename(redes)
            redes.rename(link)
            aside.rename(redes)

    swapper = threading.Thread(target=swap_to_and_fro)
    swapper.start()
    deadline, names, refusals, links = time.monotonic() + 3, set[str](), set[str](), 0
    try:
        while time.monotonic() < deadline:
            try:
                result = inventory(knowledge)
            except KnowledgeError as error:
                # Gone at this moment: the build stops, because it does not know what is missing.
                refusals.add(str(error).partition(" (")[2].partition(")")[0])
                continue
            names |= {source.name for source in result.sources}
            links += reasons(result) == {"redes": "symlink"}
    finally:
        stop.set()
        swapper.join()
    assert "redes/salaries.md" not in names
    assert refusals <= {"no such file or directory"}
    assert links > 0


def test_a_deep_tree_takes_few_descriptors(tmp_path: Path) -> None:
    knowledge = tmp_path / "k"
    deepest = knowledge.joinpath(*["d"] * 500)
    deepest.mkdir(parents=True)
    (deepest / "vpn.md").write_text("# VPN\n")
    used = max(int(entry.name) for entry in Path("/dev/fd").iterdir())
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 80, before[1]))
    try:
        (source,) = inventory(knowledge).sources
        data = reread(source, SourceOptions())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert (source.name, data) == (f"{'d/' * 500}vpn.md", b"# VPN\n")

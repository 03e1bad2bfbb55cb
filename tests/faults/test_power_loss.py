"""A power cut after any call of publish, rollback and gc: what opens is the old version or the new one, whole, and
what was said to be done is done."""

import hashlib
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from disk_model import Disk, Tree, write_tree
from index_operations import OPERATIONS, Operation, check_next_publish, check_whole, command, prepare
from scenario import digest_of, number_of_live_version
from tracing import Call, needs_strace, record

from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

# The fewest distinct states of the disk that each test must see: with a sample of them, and with --whole, where all
# together see more than 10,000.
FEWEST_STATES = {
    "the first publish": (140, 4000),
    "publish": (70, 3500),
    "rollback": (4, 5),
    "gc": (40, 70),
    "index made, publish": (100, 900),
    "versions made, publish": (55, 750),
    "version named, publish": (55, 750),
    "version named, rollback to it": (6, 7),
    "version live, rollback to it": (3, 3),
    "rollback, gc": (50, 90),
}


def key_of(tree: Tree) -> bytes:
    """Equal for equal states; what the lock says is of no interest."""
    digest = hashlib.sha256()
    for name, content in sorted(tree.items()):
        digest.update(repr((name, content if not name.endswith(".lock") else None)).encode())
    return digest.digest()


def make_world(folder: Path, operation: Operation) -> Path:
    """The folder around the index, which is part of the game: the first publish makes the index's own."""
    world = folder / "world"
    world.mkdir()
    if operation.before:
        shutil.copytree(prepare(folder, operation), world / "index")
    return world


class Crashes:
    """States after a power cut, made in a folder and checked."""

    def __init__(self, folder: Path, publish_on_each: int) -> None:
        self._folder = folder
        self._publish_on_each = publish_on_each
        self.seen: set[bytes] = set()
        self._checked: set[tuple[bytes, frozenset[int | None]]] = set()

    def check(self, disk: Disk, allowed: set[int | None], more: int, moment: str) -> None:
        """Whatever the disk holds now, what opens is one of the versions allowed."""
        for tree in disk.states(random.Random(len(self.seen)), more):
            key = key_of(tree)
            if (key, frozenset(allowed)) in self._checked:
                continue
            self.seen.add(key)
            self._checked.add((key, frozenset(allowed)))
            write_tree(tree, self._folder)
            try:
                check_whole(self._folder / "index", allowed)
                if len(self.seen) % self._publish_on_each == 0:
                    check_next_publish(self._folder / "index")
            except Exception as error:
                error.add_note(f"{moment}; on disk: {sorted(tree)}")
                raise
            shutil.rmtree(self._folder)


def follow(
    disk: Disk, calls: list[Call], crashes: Crashes, before: set[int | None], after: int, more: int, whole: bool
) -> None:
    """Check the disk after each of the calls of a command, or after those that are no writes: what a write may leave
    is there still after the next call. Before the last one, what opens may be what was there."""
    for done in range(len(calls) + 1):
        if done:
            disk.apply(calls[done - 1])
        if not whole and 0 < done < len(calls) and "write" in calls[done - 1].name:
            continue
        allowed: set[int | None] = {after}
        if done < len(calls):
            allowed |= before
        crashes.check(disk, allowed, more, f"after {calls[done - 1] if done else 'nothing'}, {done} of {len(calls)}")


def check_number_of_states(name: str, crashes: Crashes, whole: bool) -> None:
    print(f"{name}: {len(crashes.seen):,} states after a power cut")
    assert len(crashes.seen) >= FEWEST_STATES[name][whole]


@needs_strace
@pytest.mark.parametrize("name", OPERATIONS)
def test_after_a_power_cut_the_index_is_the_old_one_or_the_new_one(tmp_path: Path, name: str, whole: bool) -> None:
    operation = OPERATIONS[name]
    world = make_world(tmp_path, operation)
    disk = Disk(world)
    calls = record(operation.arguments(world / "index"), world, tmp_path)
    crashes = Crashes(tmp_path / "crashed", publish_on_each=5 if whole else 20)
    follow(disk, calls, crashes, {operation.before or None}, operation.after, 160 if whole else 6, whole)
    assert key_of(disk.everything()) == key_of(Disk(world).everything()), "the model went another way than the disk"
    assert number_of_live_version(world / "index") == operation.after
    check_number_of_states(name, crashes, whole)


@dataclass(frozen=True)
class Sequel:
    """A command that is killed before it flushes one of its changes, and the one that comes after it."""

    first: Operation
    change: str
    """the name it has made when it is killed, from the folder around the index"""
    second: Operation
    rolled_back_to: int | None = None
    """before the first command"""


FIRST = OPERATIONS["the first publish"]
PUBLISH = OPERATIONS["publish"]
NAMED = f"index/versions/3-{digest_of(3)}"
TO_1 = Operation(5, 1, command("rollback", f"1-{digest_of(1)}"))
TO_3 = Operation(3, 3, command("rollback", f"3-{digest_of(3)}"))

# What a process that was killed did not flush looks done to the next one, which builds on it.
SEQUELS = {
    "index made, publish": Sequel(FIRST, "index", Operation(0, 2, command("scenario:command", "2"))),
    "versions made, publish": Sequel(FIRST, "index/versions", Operation(0, 2, command("scenario:command", "2"))),
    "version named, publish": Sequel(PUBLISH, NAMED, Operation(3, 4, command("scenario:command", "4"))),
    "version named, rollback to it": Sequel(PUBLISH, NAMED, TO_3),
    "version live, rollback to it": Sequel(PUBLISH, "index/CURRENT", TO_3),
    "rollback, gc": Sequel(TO_1, "index/CURRENT", Operation(5, 1, command("gc", "--keep", "1")), rolled_back_to=3),
}


@needs_strace
@pytest.mark.parametrize("name", SEQUELS)
def test_what_a_killed_process_did_not_flush_does_no_harm_later(tmp_path: Path, name: str, whole: bool) -> None:
    sequel = SEQUELS[name]
    world = make_world(tmp_path, sequel.first)
    if sequel.rolled_back_to:
        with writing(Store(world / "index"), "test") as writer:
            writer.rollback(f"{sequel.rolled_back_to}-{digest_of(sequel.rolled_back_to)}")
    disk = Disk(world)
    calls = record(sequel.first.arguments(world / "index"), world, tmp_path)
    made = [call.name in ("mkdir", "rename") and call.paths[-1] == world / sequel.change for call in calls]
    for call in calls[: made.index(True) + 1]:
        disk.apply(call)
    shutil.rmtree(world)
    write_tree(disk.everything(), world)
    calls = record(sequel.second.arguments(world / "index"), world, tmp_path)
    before = {sequel.rolled_back_to or sequel.first.before or None, sequel.first.after}
    crashes = Crashes(tmp_path / "crashed", publish_on_each=20)
    follow(disk, calls, crashes, before, sequel.second.after, 20 if whole else 0, whole)
    check_number_of_states(name, crashes, whole)

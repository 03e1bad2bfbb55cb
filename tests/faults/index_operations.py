"""The operations that change an index, and what must hold of the index after each."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenario import number_of_live_version, publish
from tracing import Call

from knowligo_index.store import Store
from knowligo_index.store.staging import leftovers


@dataclass(frozen=True)
class Operation:
    """A command on an index of versions 1 to `before`, the last of them live, and the number that is live after it."""

    before: int
    after: int
    command: tuple[str, ...]
    """of `launching.Command`; INDEX stands for the index"""

    def arguments(self, root: Path) -> list[str]:
        return [str(root) if word == "INDEX" else word for word in self.command]


def command(*words: str) -> tuple[str, ...]:
    return (*words, "--index", "INDEX")


OPERATIONS = {
    "the first publish": Operation(0, 1, command("scenario:command", "1")),
    "publish": Operation(2, 3, command("scenario:command", "3")),
    "rollback": Operation(3, 2, command("rollback")),
    "gc": Operation(4, 4, command("gc", "--keep", "1")),
}


def prepare(folder: Path, operation: Operation) -> Path:
    """The index before the operation, made once; copy it."""
    for number in range(1, operation.before + 1):
        publish(folder / "prepared", number)
    (folder / "prepared").mkdir(exist_ok=True)
    return folder / "prepared"


def fresh(prepared: Path) -> Path:
    root = prepared.with_name("index")
    shutil.rmtree(root, ignore_errors=True)
    return Path(shutil.copytree(prepared, root))


def check_whole(root: Path, allowed: set[int | None]) -> int | None:
    """The live version is one of those allowed, and every version that has a name is whole; the live one's number."""
    number = number_of_live_version(root)
    assert number in allowed
    for version_id in Store(root).version_ids():
        Store(root).open(version_id).check()
    return number


def check_next_publish(root: Path) -> None:
    """Nobody has to tidy up first."""
    publish(root, 99)
    assert number_of_live_version(root) == 99
    assert leftovers(Store(root)) == []


def sampled(calls: Sequence[Call], whole: bool) -> list[Call]:
    """All of the calls; or some: the first of each kind, and others at equal distances."""
    if whole:
        return list(calls)
    kinds = {call.name: call for call in reversed(calls)}
    return [call for place, call in enumerate(calls) if call is kinds[call.name] or place % (len(calls) // 3 + 1) == 0]


def moves_current(call: Call) -> bool:
    return call.name.startswith("rename") and call.paths[-1].name == "CURRENT"

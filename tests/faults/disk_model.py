"""What a disk may hold after a power cut, by the letter of POSIX: only what was flushed is sure.

A file's content is sure after an fsync of the file, a name in a folder after an fsync of the folder. Each write and
each change of a folder that was not flushed may be on the disk or not, whatever became of the others; a write may be
torn, or its place filled with zeros.
"""

import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracing import Call

SECTOR = 512


@dataclass(frozen=True)
class Fate:
    """What becomes of a write or a change that was not flushed."""

    kept: bool
    part: float = 1.0
    """of the sectors of a write, from the first, that are on the disk"""
    zeros: bool = False
    """whether the others are zeros; else the write ends before them"""

    def on_disk(self, data: bytes) -> bytes:
        arrived = data[: math.ceil(self.part * math.ceil(len(data) / SECTOR)) * SECTOR]
        return arrived.ljust(len(data), b"\0") if self.zeros else arrived


LOST = Fate(kept=False)
KEPT = Fate(kept=True)
TORN = [Fate(kept=True, part=0.0, zeros=True), Fate(kept=True, part=0.4, zeros=True), Fate(kept=True, part=0.4)]


@dataclass
class File:
    """An inode with content: what is sure, and the writes since as (offset, data); data None cuts it off there."""

    sure: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def size(self) -> int:
        return len(self.content([KEPT] * len(self.pending)))

    def content(self, fates: Sequence[Fate]) -> bytes:
        content = bytearray(self.sure)
        for (offset, data), fate in zip(self.pending, fates, strict=True):
            if not fate.kept:
                continue
            if data is None:
                del content[offset:]
            elif written := fate.on_disk(data):
                content.extend(b"\0" * (offset + len(written) - len(content)))
                content[offset : offset + len(written)] = written
        return bytes(content)


@dataclass
class Folder:
    """An inode with names: those that are sure, and the changes since. A change is a set of names with what they then
    stand for, None for nothing, that comes whole or not at all."""

    sure: "dict[str, File | Folder]" = field(default_factory=dict)
    pending: "list[dict[str, File | Folder | None]]" = field(default_factory=list)

    def names(self, fates: Sequence[Fate] | None = None) -> "dict[str, File | Folder]":
        names: dict[str, File | Folder | None] = dict(self.sure)
        for change, fate in zip(self.pending, fates or [KEPT] * len(self.pending), strict=True):
            if fate.kept:
                names |= change
        return {name: inode for name, inode in names.items() if inode is not None}


Tree = dict[str, bytes | None]
"""content by path; None for a folder"""


class Disk:
    """A folder of the real disk as it is before a command, all of it sure, on which its calls are done again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.top = _read(root)

    def apply(self, call: Call) -> None:
        """Do again what a recorded call did. Raises ValueError for one that this model doesn't know."""
        if call.result < 0:
            return
        if call.name in ("open", "openat"):
            self._open(call)
        elif call.name in ("write", "pwrite64"):
            file = self._file(call.paths[0])
            data = call.arguments[1]
            offset = int(call.arguments[3]) if call.name == "pwrite64" else file.size()
            if data:
                file.pending.append((offset, data))
        elif call.name in ("fsync", "fdatasync"):
            self._flush(self._inode(call.paths[0]))
        elif call.name == "ftruncate":
            self._file(call.paths[0]).pending.append((int(call.arguments[1]), None))
        elif call.name == "mkdir":
            self._change(call.paths[0], Folder())
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            self._change(call.paths[-1], None)
        elif call.name == "rename":
            old, new = call.paths
            assert old.parent == new.parent
            self._folder(old.parent).pending.append({old.name: None, new.name: self._inode(old)})
        else:
            raise ValueError(f"the model does not know {call}")

    def states(self, randomness: random.Random, more: int) -> Iterator[Tree]:
        """What the disk may hold now: all that is pending lost, all of it kept, all but one, one alone, one torn,
        and `more` mixtures."""
        pending = self._pending()
        yield self._state([LOST] * pending)
        yield self._state([KEPT] * pending)
        for place in range(pending):
            for fate, others in [(KEPT, LOST), (LOST, KEPT), *((torn, KEPT) for torn in TORN)]:
                yield self._state([others] * place + [fate] + [others] * (pending - place - 1))
        for _ in range(more if pending else 0):
            yield self._state([KEPT if randomness.random() < 0.5 else LOST for _ in range(pending)])
            parts = [max(0.0, randomness.uniform(-0.5, 1.0)) for _ in range(pending)]
            fates = [Fate(True, part, zeros=randomness.random() < 0.5) for part in parts]
            yield self._state([fate if randomness.random() < 0.9 else LOST for fate in fates])

    def everything(self) -> Tree:
        """What the disk holds when nothing is lost."""
        return self._state([KEPT] * self._pending())

    def _state(self, fates: list[Fate]) -> Tree:
        left = iter(fates)
        tree: Tree = {}
        contents: dict[int, bytes] = {}
        names: dict[int, dict[str, File | Folder]] = {}
        for inode in self._inodes():
            chosen = [next(left) for _ in inode.pending]
            if isinstance(inode, File):
                contents[id(inode)] = inode.content(chosen)
            else:
                names[id(inode)] = inode.names(chosen)

        def walk(folder: Folder, path: str) -> None:
            for name, inode in names[id(folder)].items():
                tree[path + name] = contents.get(id(inode))
                if isinstance(inode, Folder):
                    walk(inode, f"{path}{name}/")

        walk(self.top, "")
        return tree

    def _pending(self) -> int:
        return sum(len(inode.pending) for inode in self._inodes())

    def _inodes(self) -> "list[File | Folder]":
        """Every inode that a name stands for, or may after the power cut."""
        found: dict[int, File | Folder] = {}

        def walk(inode: File | Folder) -> None:
            if id(inode) in found:
                return
            found[id(inode)] = inode
            if isinstance(inode, Folder):
                for each in inode.sure.values():
                    walk(each)
                for change in inode.pending:
                    for changed in change.values():
                        if changed is not None:
                            walk(changed)

        walk(self.top)
        return list(found.values())

    def _open(self, call: Call) -> None:
        path = call.paths[0]
        there = self._folder(path.parent).names().get(path.name)
        if there is None:
            self._change(path, File())
        elif call.truncates and isinstance(there, File):
            there.pending.append((0, None))

    def _change(self, path: Path, inode: File | Folder | None) -> None:
        self._folder(path.parent).pending.append({path.name: inode})

    def _flush(self, inode: File | Folder) -> None:
        if isinstance(inode, File):
            inode.sure, inode.pending = inode.content([KEPT] * len(inode.pending)), []
        else:
            inode.sure, inode.pending = inode.names(), []

    def _inode(self, path: Path) -> File | Folder:
        inode: File | Folder = self.top
        for part in path.relative_to(self.root).parts:
            assert isinstance(inode, Folder)
            inode = inode.names()[part]
        return inode

    def _file(self, path: Path) -> File:
        inode = self._inode(path)
        assert isinstance(inode, File)
        return inode

    def _folder(self, path: Path) -> Folder:
        inode = self._inode(path)
        assert isinstance(inode, Folder)
        return inode


def write_tree(tree: Tree, root: Path) -> None:
    """Make the files of a state in a new folder."""
    root.mkdir()
    for name, content in tree.items():
        if content is None:
            (root / name).mkdir()
        else:
            descriptor = os.open(root / name, os.O_WRONLY | os.O_CREAT)
            os.write(descriptor, content)
            os.close(descriptor)


def _read(folder: Path) -> Folder:
    return Folder(
        {path.name: _read(path) if path.is_dir() else File(path.read_bytes()) for path in sorted(folder.iterdir())}
    )

"""Puts something foreign in the place of a name in an index, and runs commands on it: a program, which reads a case on
each line of standard input and writes its outcome on a line of standard output, both JSON.

    python foreign_entries.py PREPARED WORK

PREPARED is a folder that `test_foreign_files.py` made, and WORK an empty one.
"""

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner
from support.sockets import make_socket
from support.unprivileged import obey_modes

from knowligo_index.cli import cli
from knowligo_index.encoders import EncoderModel

FOREIGN = b"not of the index"


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "theirs").write_bytes(FOREIGN)


def make_unreadable_file(path: Path) -> None:
    path.write_bytes(FOREIGN)
    path.chmod(0)


def make_unreadable_folder(path: Path) -> None:
    make_folder(path)
    path.chmod(0)


KINDS: dict[str, Callable[[Path, Path], object]] = {
    "file": lambda path, _: path.write_bytes(FOREIGN),
    "folder": lambda path, _: make_folder(path),
    "link to a file": lambda path, outside: path.symlink_to(outside / "file"),
    "link to a folder": lambda path, outside: path.symlink_to(outside / "folder"),
    "dangling link": lambda path, outside: path.symlink_to(outside / "nothing"),
    "hard link": lambda path, outside: path.hardlink_to(outside / "file"),
    "FIFO": lambda path, _: os.mkfifo(path),
    "socket": lambda path, _: make_socket(path),
    "unreadable file": lambda path, _: make_unreadable_file(path),
    "unreadable folder": lambda path, _: make_unreadable_folder(path),
}


def remove(path: Path) -> None:
    """As its owner would."""
    if not os.path.lexists(path):
        return
    if path.is_dir() and not path.is_symlink():
        path.chmod(0o755)
        shutil.rmtree(path)
    else:
        path.unlink()


def put(path: Path, kind: str, outside: Path) -> None:
    """Put something of this kind in the place of what is there. What is unreadable is that which was there."""
    if (kind == "unreadable file" and path.is_file()) or (kind == "unreadable folder" and path.is_dir()):
        path.chmod(0)
        return
    remove(path)
    KINDS[kind](path, outside)


def state(folder: Path, but: Path | None = None) -> dict[str, object]:
    """What is in a folder, but for one of its entries: of a file its bytes and mode, of another entry its kind."""
    entries: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if but is not None and (path == but or but in path.parents):
            continue
        mode = path.lstat().st_mode
        content = path.read_bytes().hex() if stat.S_ISREG(mode) else ""
        entries[path.relative_to(folder).as_posix()] = [stat.filemode(mode), content]
    return entries


class Bench:
    """Where cases are tried."""

    def __init__(self, prepared: Path, work: Path) -> None:
        self.prepared = prepared
        self.index, self.outside = work / "index", work / "outside"

    def lay_out(self, name: str, kind: str) -> None:
        for folder in (self.index, self.outside):
            for path in [folder, *folder.rglob("*")] if folder.exists() else []:
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.prepared / "indexes", self.index)
        shutil.copytree(self.prepared / "outside", self.outside)
        put(self.index / name, kind, self.outside)

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and output; a traceback is an exit code of -1."""
        result = CliRunner().invoke(cli, [*words, "--index", str(self.index)], prog_name="knowligo-index")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            return -1, f"{result.output}{result.exception!r}"
        return result.exit_code, result.output

    def build(self) -> tuple[int, str]:
        model = str(self.prepared / "model")
        options = ["--encoder", model, "--threads", "1", "--allow-shrink", "--quiet"]
        return self.run("build", str(self.prepared / "knowledge"), *options)

    def try_case(self, name: str, kind: str) -> dict[str, object]:
        """For each command its exit code and output, and what became of the surroundings; each that changes something
        is run on an index of its own."""
        outcome: dict[str, object] = {}
        is_there = True
        entry = self.index / name
        # A search for words alone needs no encoder, which takes some time to load.
        mode = "hybrid" if name.startswith("encoders") else "lexical"
        readers: dict[str, tuple[str, ...]] = {
            "verify": ("verify", "--all"),
            "list": ("list",),
            "search": ("search", "precio del plan", "-k", "1", "--mode", mode),
            "gc --dry-run": ("gc", "--keep", "1", "--dry-run"),
        }
        writers: dict[str, Callable[[], tuple[int, str]]] = {
            "gc": lambda: self.run("gc", "--keep", "1"),
            "rollback": lambda: self.run("rollback"),
            "build": self.build,
        }
        for command in ("readers", *writers):
            print(f"{name}, {kind}: {command}", file=sys.stderr, flush=True)
            self.lay_out(name, kind)
            before, outside = entry.lstat(), state(self.outside)
            if command == "readers":
                outcome |= {reader: self.run(*words) for reader, words in readers.items()}
            else:
                outcome[command] = writers[command]()
            now = state(self.outside)
            after = entry.lstat() if os.path.lexists(entry) else None
            is_there = after is not None and (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
            outcome[f"around {command}"] = {
                "entry stays": is_there,
                "outside changed": [path for path in outside if now.get(path) != outside[path]],
                "outside new": sorted(now.keys() - outside.keys()),
                "foreign changed": [name for name in FOREIGN_NAMES if not self._is_as_it_was(name, entry)],
            }
            if command != "readers":
                outcome[f"search after {command}"] = self.run(*readers["search"])
        outcome["verify after build"] = self.run("verify")
        if is_there:
            remove(entry)
            outcome["build without it"] = self.build()
            outcome["verify without it"] = self.run("verify")
            outcome["search without it"] = self.run(*readers["search"])
        return outcome

    def _is_as_it_was(self, name: str, entry: Path) -> bool:
        path = self.index / name
        return path.is_relative_to(entry) or (path.is_file() and path.read_bytes() == FOREIGN)


FOREIGN_NAMES = [
    f"{folder}{name}"
    for folder in ("", "versions/", "encoders/", "cache/", "versions/old/", "encoders/old/")
    for name in ("README.txt", ".keep")
]
"""files of somebody else in every folder of the index"""


def main() -> None:
    prepared, work = map(Path, sys.argv[1:])
    obey_modes()
    # Making an export takes seconds, and is not what is tried.
    (export,) = (prepared / "export").iterdir()
    EncoderModel.export = lambda _, target: shutil.copytree(export, target, dirs_exist_ok=True)  # type: ignore[assignment, method-assign]
    bench = Bench(prepared, work)
    print("ready", flush=True)
    for line in sys.stdin:
        outcome = bench.try_case(*json.loads(line))
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()

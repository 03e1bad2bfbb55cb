"""The backup of the guide: its own commands, on an index that changes all the time."""

import shlex
import subprocess
import sys
from pathlib import Path

from scenario import number_of_live_version, publish
from support.deployment import DEPLOY

from knowligo_index.store import Store
from knowligo_index.store.verification import verify_all

# In a process of its own: one that is forked while a thread holds the lock would hold it, too.
CHANGE = """
import itertools, pathlib, sys
sys.path.append(sys.argv[2])
from scenario import publish
from knowligo_index.store import Store
from knowligo_index.store.garbage import collect_garbage
from knowligo_index.store.publishing import writing
index = pathlib.Path(sys.argv[1])
for number in itertools.count(2):
    publish(index, number)
    if number % 5 == 0:
        with writing(Store(index), "gc") as writer:
            collect_garbage(Store(index), 3, writer)
"""


def commands(*words: str) -> list[list[str]]:
    """What those lines of the guide that have all these words run in the container of the indexer."""
    found = []
    for line in (DEPLOY / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("    docker compose run") and all(word in line for word in words):
            left, _, _ = line.strip().rpartition(" <" if "<" in line else " >")
            parts = shlex.split(left)
            entrypoint, place = parts[parts.index("--entrypoint") + 1], parts.index("indexer")
            found.append([entrypoint, *parts[place + 1 :]])
    assert found
    return found


def in_place(command: list[str], index: Path) -> list[str]:
    return [word.replace("/indexes", str(index)) for word in command]


def test_a_backup_that_is_made_while_versions_come_and_go_is_restored_whole(tmp_path: Path) -> None:
    index, restored = tmp_path / "live", tmp_path / "restored"
    publish(index, 1)
    (index / "cache").mkdir()
    faults = str(Path(__file__).parents[1] / "faults")
    changing = subprocess.Popen([sys.executable, "-c", CHANGE, str(index), faults])
    numbers: set[int | None] = set()
    try:
        while len(numbers) < 8:
            (back_up,) = commands("indexes.tar.gz", "-cz")
            made = subprocess.run(in_place(back_up, index), capture_output=True, check=False)
            # 1: gc took an old version away while it was read, or a new one came into the folder.
            assert made.returncode in (0, 1), made.stderr
            archive = made.stdout
            restored.mkdir(exist_ok=True)
            (restored / "old").touch()
            for step in commands("<indexes.tar.gz"):
                subprocess.run(in_place(step, restored), input=archive, check=True)
            assert sorted(path.name for path in restored.iterdir()) == ["CURRENT", "encoders", "versions"]
            numbers.add(number_of_live_version(restored))
            live = Store(restored).current_id()
            assert [verdict.ok for verdict in verify_all(Store(restored)) if verdict.version == live] == [True]
            assert changing.poll() is None
    finally:
        changing.kill()
        changing.wait()


def test_a_restore_that_is_cut_off_leaves_no_live_version(tmp_path: Path) -> None:
    index, restored = tmp_path / "live", tmp_path / "restored"
    publish(index, 1)
    restored.mkdir()
    (back_up,) = commands("indexes.tar.gz", "-cz")
    archive = subprocess.run(in_place(back_up, index), stdout=subprocess.PIPE, check=True).stdout
    first, _ = commands("<indexes.tar.gz")
    subprocess.run(in_place(first, restored), input=archive, check=True)
    assert Store(restored).version_ids()
    assert Store(restored).current_id() is None

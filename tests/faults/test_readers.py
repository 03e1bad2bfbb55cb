"""Readers through thousands of publishes, rollbacks and gcs: each sees whole versions, and waits for no writer."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from index_operations import OPERATIONS, fresh, prepare, sampled
from launching import Command
from scenario import CHUNKS, digest_of, number_of_live_version, publish, publish_version
from tracing import needs_strace, record, stopped_at

from knowligo_index import IndexReader, open_index
from knowligo_index.store import Store
from knowligo_index.store.garbage import collect_garbage
from knowligo_index.store.publishing import Writer, writing


def numbers_seen(root: Path, stop: Path, *, refreshing: bool) -> Iterator[int]:
    """The number of the live version, looked up again and again: by opening the index, or by refreshing a reader."""
    if not refreshing:
        while not stop.exists():
            number = number_of_live_version(root)
            assert number is not None
            yield number
        return
    with open_index(root) as index:
        while not stop.exists():
            index.refresh()
            yield number_of(index)


def number_of(index: IndexReader) -> int:
    hits = index.search("gato", k=CHUNKS, mode="lexical")
    numbers = {int(found) for hit in hits for found in re.findall(r"version(\d+)", hit.text)}
    assert (len(hits), len(numbers)) == (CHUNKS, 1), f"texts of several versions: {numbers}"
    number = numbers.pop()
    assert index.manifest.digest == digest_of(number)
    return number


def follow(arguments: list[str]) -> None:
    """INDEX STOP WAY: read until the file STOP is there; print how often, and how often the version was another one."""
    looks = changes = 0
    before = 0
    for number in numbers_seen(Path(arguments[0]), Path(arguments[1]), refreshing=arguments[2] == "refreshing"):
        looks += 1
        changes += number != before
        before = number
    print(json.dumps({"looks": looks, "changes": changes}))


def change(writer: Writer, number: int, chance: random.Random) -> str:
    """One publish, rollback or gc."""
    store = writer.store
    operation = chance.choice(["publish", "publish", "rollback", "gc"])
    if operation == "publish":
        publish_version(writer, number)
    elif operation == "rollback":
        writer.rollback(chance.choice(store.version_ids()))
    else:
        collect_garbage(store, chance.randint(1, 3), writer)
    return operation


def test_four_readers_see_whole_versions_through_thousands_of_changes(tmp_path: Path, whole: bool) -> None:
    root, stop = tmp_path / "index", tmp_path / "stop"
    publish(root, 1)
    ways = ["opening", "opening", "refreshing", "refreshing"]
    readers = [Command(["test_readers:follow", str(root), str(stop), way], tmp_path).go() for way in ways]
    chance = random.Random(0)
    operations = []
    for number in range(2, 2002 if whole else 202):
        with writing(Store(root), "test") as writer:
            operations.append(change(writer, number, chance))
    stop.touch()
    statuses = [reader.wait() for reader in readers]
    assert statuses == [0, 0, 0, 0], "\n".join(reader.output() for reader in readers)
    seen = [json.loads(reader.output()) for reader in readers]
    print({each: operations.count(each) for each in set(operations)}, seen)
    assert set(operations) == {"publish", "rollback", "gc"}
    assert all(each["changes"] > (200 if whole else 5) for each in seen)


@needs_strace
def test_a_reader_waits_for_no_writer_wherever_that_stops(tmp_path: Path, whole: bool) -> None:
    """The writer stands still: whatever it holds, it keeps."""
    for name in ("publish", "rollback", "gc"):
        operation = OPERATIONS[name]
        prepared = prepare(tmp_path / name, operation)
        root = fresh(prepared)
        calls = record(operation.arguments(root), root, tmp_path)
        with open_index(fresh(prepared)) as index:
            for call in sampled(calls, whole):
                root = fresh(prepared)
                with stopped_at(call, operation.arguments(root), tmp_path):
                    assert number_of_live_version(root) in (operation.before, operation.after)
                    index.refresh()
                    assert number_of(index) in (operation.before, operation.after)

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowligo_index.system.blob_cache import BlobCache

ONE, TWO, THREE = b"one", b"two\x00\xff", b"three"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "results.sqlite"


@pytest.fixture
def cache(path: Path) -> Iterator[BlobCache]:
    with BlobCache(path) as opened:
        yield opened


def test_what_was_put_is_got_by_the_next_process(cache: BlobCache, path: Path) -> None:
    cache.put({ONE: b"1", TWO: b""})
    cache.put({ONE: b"11"})
    with BlobCache(path) as other:
        assert other.get([TWO, ONE, THREE, ONE]) == {ONE: b"11", TWO: b""}


def test_thousands_of_keys_are_got_at_once(cache: BlobCache) -> None:
    many = {str(number).encode(): bytes(number % 7) for number in range(1_234)}
    cache.put(many)
    assert cache.get([*many, b"none"]) == many
    assert cache.get([]) == {}


def test_which_keys_there_are_is_known_without_their_values(cache: BlobCache) -> None:
    many = {str(number).encode(): b"value" for number in range(700)}
    cache.put(many)
    assert cache.keys([*many, b"none"]) == set(many)
    assert cache.keys([]) == set()


def test_a_damaged_value_is_as_good_as_none(cache: BlobCache, path: Path) -> None:
    cache.put({ONE: b"first", TWO: b"second", THREE: b"third"})
    with sqlite3.connect(path) as connection:
        (value,) = connection.execute("SELECT value FROM results WHERE key = ?", [ONE]).fetchone()
        connection.execute("UPDATE results SET value = ? WHERE key = ?", [value[:-1] + b"T", ONE])
        connection.execute("UPDATE results SET value = x'01' WHERE key = ?", [TWO])
    connection.close()
    assert cache.get([ONE, TWO, THREE]) == {THREE: b"third"}


def test_a_value_under_another_key_is_as_good_as_none(cache: BlobCache, path: Path) -> None:
    cache.put({ONE: b"first", TWO: b"second"})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE results SET value = (SELECT value FROM results WHERE key = ?)", [ONE])
    connection.close()
    assert cache.get([ONE, TWO]) == {ONE: b"first"}


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + bytes(200)])
def test_a_file_that_is_no_database_is_made_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with BlobCache(path) as cache:
        cache.put({ONE: b"1"})
    with BlobCache(path) as cache:
        assert cache.get([ONE]) == {ONE: b"1"}


def test_a_cache_of_another_release_is_made_anew(cache: BlobCache, path: Path) -> None:
    cache.put({ONE: b"1"})
    cache.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with BlobCache(path) as other:
        assert other.get([ONE]) == {}
        other.put({ONE: b"2"})
        assert other.get([ONE]) == {ONE: b"2"}


def test_a_file_damaged_in_the_middle_costs_what_is_in_it(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with BlobCache(path) as cache:
        cache.put({str(number).encode(): bytes(3_000) for number in range(100)})
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with BlobCache(path) as cache:
        assert cache.get([b"1", b"2"]) == {}
        cache.put({ONE: b"1"})
    assert "The cache" in caplog.text
    with BlobCache(path) as cache:
        cache.put({ONE: b"1"})
        assert cache.get([ONE]) == {ONE: b"1"}


def test_where_nothing_can_be_written_one_warning_is_all(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache").write_text("a file")
    with BlobCache(tmp_path / "cache" / "results.sqlite") as cache:
        cache.put({ONE: b"1"})
        assert cache.get([ONE]) == {}
        assert cache.trim(0) == 0
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == [
        f"The cache {tmp_path / 'cache' / 'results.sqlite'} cannot be opened"
    ]


def test_what_was_used_the_longest_ago_is_forgotten_first(
    cache: BlobCache, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for day, key in enumerate([ONE, TWO, THREE]):
        monkeypatch.setattr(time, "time", lambda day=day: now + 86_401 * day)
        cache.put({key: bytes(1_000)})
    monkeypatch.setattr(time, "time", lambda: now + 86_401 * 3)
    cache.get([ONE])
    # A value has 16 bytes of checksum.
    assert cache.trim(2 * 1_016) == 1_016
    assert cache.trim(2 * 1_016) == 0
    assert cache.get([ONE, TWO, THREE]) == {ONE: bytes(1_000), THREE: bytes(1_000)}
    assert cache.trim(1_500, dry_run=True) == 1_016
    assert cache.trim(0) == 2 * 1_016
    assert cache.get([ONE, TWO, THREE]) == {}


def test_two_at_once_see_what_the_other_puts(cache: BlobCache, path: Path) -> None:
    with BlobCache(path) as other:
        cache.put({ONE: b"1"})
        other.put({TWO: b"2"})
        assert cache.get([ONE, TWO]) == other.get([ONE, TWO]) == {ONE: b"1", TWO: b"2"}

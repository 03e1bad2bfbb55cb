"""The small texts that the system gives and takes: reasons of errors, timestamps, names and texts in UTF-8."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.timestamps import utc_timestamp
from knowligo_index.system.utf8 import utf8_path, utf8_text


def test_the_reason_of_an_error_has_no_number_and_no_name() -> None:
    assert reason_of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.md")) == "no space left on device"
    assert reason_of(OSError("Cannot Write")) == "cannot write"


def test_a_timestamp_is_in_utc_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert utc_timestamp(0) == "1970-01-01T00:00:00Z"
    assert utc_timestamp(1.9) == "1970-01-01T00:00:01Z"
    written = datetime.fromisoformat(utc_timestamp())
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60


def test_lone_surrogates_become_question_marks_and_other_text_stays() -> None:
    assert utf8_text("año \udcff 🔑") == "año ? 🔑"


def test_bytes_of_a_name_that_are_not_utf8_are_escaped() -> None:
    assert utf8_path(os.fsdecode("año-".encode() + b"\xff.md")) == r"año-\xff.md"
    assert utf8_path(Path("a.md")) == "a.md"

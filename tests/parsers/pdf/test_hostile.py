"""Files made to do harm: refused for a reason, or read, in little time and memory."""

import time
import zlib

import pytest
from support.pdf_fixtures import below, pdf, read, refusal

from knowligo_index.parsers.pdf import expansion, extraction, reading
from knowligo_index.parsers.pdf.expansion import check_expansion


def stream(packed: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    return b"%%PDF-1.4\n1 0 obj\n<< /Filter %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        filters,
        len(packed),
        packed,
    )


def packed_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([packer.compress(bytes(1 << 20)) for _ in range(megabytes)]) + packer.flush()


@pytest.mark.parametrize("filters", [b"/FlateDecode", b"[/FlateDecode /FlateDecode]"])
def test_a_stream_that_unpacks_to_too_much_is_found(filters: bytes) -> None:
    packed = packed_zeros(160)
    data = stream(packed if filters == b"/FlateDecode" else zlib.compress(packed), filters)
    error = refusal(data)
    assert (error.reason, error.detail) == (
        "expands-too-much",
        "a stream in it unpacks to more than 128 MiB: leave the file out",
    )


def test_streams_of_a_sound_file_are_not_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MAX_UNPACKED_BYTES", 1 << 20)
    check_expansion(stream(zlib.compress(bytes(1 << 19)) + bytes(5000)))
    check_expansion(stream(b"not packed at all" * 1000))


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PAGES", 2)
    error = refusal(pdf(below(["a"]), below(["b"]), below(["c"])))
    assert (error.reason, error.detail) == ("expands-too-much", "it has 3 pages, more than 2: split it")


def test_too_many_characters_on_a_page_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MAX_PAGE_CHARACTERS", 10)
    error = refusal(pdf(below(["Esta línea es larga."])))
    assert error.reason == "expands-too-much"
    assert error.detail == "page 1 has 20 characters: split the file, or leave it out"


def test_a_page_tree_that_leads_to_itself_ends() -> None:
    data = pdf(below(["Una página."])).replace(b"/Kids [ ", b"/Kids [ 6 0 R 6 0 R ")
    begun = time.monotonic()
    assert read(data).text == "Una página."
    assert time.monotonic() - begun < 5


def test_a_page_of_many_lines_takes_time_in_proportion() -> None:
    lines = [f"linea {number} de muchas" for number in range(6000)]
    begun = time.monotonic()
    document = read(pdf(below(lines, y=100_000)))
    assert time.monotonic() - begun < 10
    assert document.text.count("linea") == 6000

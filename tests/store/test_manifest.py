import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.sample_manifest import MANIFEST

from knowligo_index.errors import DamagedIndexError, NewerSchemaError, OlderSchemaError
from knowligo_index.store.manifest import (
    decode_manifest,
    encode_manifest,
    token_histogram,
)
from knowligo_index.store.version_summary import VersionSummary

PATH = Path("versions/3-0123456789ab/manifest.json")


def test_what_is_written_is_what_is_read() -> None:
    assert decode_manifest(encode_manifest(MANIFEST), PATH) == MANIFEST


def test_the_file_is_indented_json_in_utf8_with_a_newline_at_its_end() -> None:
    text = encode_manifest(MANIFEST).decode("utf-8")
    assert text.startswith('{\n  "version": "3-0123456789ab",\n  "counter": 3,\n')
    assert text.endswith('  "schema": 2\n}\n')
    assert '"¿sí?"' in text
    assert json.loads(text)["probes"][0]["vector"] == [0.6000000238418579, -0.800000011920929]


def test_its_size_is_that_of_the_files() -> None:
    assert MANIFEST.size == 4149
    assert VersionSummary.of(MANIFEST, current=True) == VersionSummary(
        "3-0123456789ab", True, "1970-01-01T00:00:00Z", documents=1, chunks=1, bytes=4149
    )


def test_a_newer_schema_is_refused_naming_both() -> None:
    with pytest.raises(NewerSchemaError) as refused:
        decode_manifest(encode_manifest(replace(MANIFEST, schema=7)), PATH)
    assert str(refused.value) == (
        f"{PATH} was written in schema 7 and this release reads up to 2: "
        "upgrade knowligo-index, or build the index again with this release."
    )


def test_a_newer_schema_is_told_even_if_nothing_else_is_understood() -> None:
    with pytest.raises(NewerSchemaError, match="was written in schema 3 and this release reads up to 2"):
        decode_manifest(b'{"schema": 3, "shape": "another"}', PATH)


@pytest.mark.parametrize("data", [encode_manifest(replace(MANIFEST, schema=1)), b'{"schema": 1}'])
def test_an_older_schema_is_refused_with_both_ways_out(data: bytes) -> None:
    with pytest.raises(OlderSchemaError) as refused:
        decode_manifest(data, PATH)
    assert str(refused.value) == (
        f"{PATH} was written in schema 1 by an earlier release and this one reads schema 2: build the index again with "
        "this release, which leaves that version as it is, or use the release that made it."
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"schema": "1"}',
        b'{"schema": 2}',
        encode_manifest(MANIFEST)[:-10],
        encode_manifest(MANIFEST).replace(b'"counter": 3', b'"counter": "3"'),
        encode_manifest(MANIFEST).replace(b'"chunks": 1', b'"chunks": null'),
        # 1 would be divided by 0.
        encode_manifest(MANIFEST).replace(b'"unrelated_cosine": 0.0', b'"unrelated_cosine": 1.0'),
        encode_manifest(MANIFEST).replace("¿".encode(), b"\xbf"),
    ],
)
def test_what_is_no_manifest_is_damage(data: bytes) -> None:
    with pytest.raises(DamagedIndexError) as refused:
        decode_manifest(data, PATH)
    assert str(refused.value).startswith(f"{PATH} is not a manifest (")
    assert str(refused.value).endswith(
        "): build the index again, or copy it again from where it came from (under another name, then rename it)."
    )


def test_the_histogram_counts_by_ranges_of_32() -> None:
    assert token_histogram([256, 0, 31, 32, 63, 64, 130]) == {
        "0-31": 2,
        "32-63": 2,
        "64-95": 1,
        "128-159": 1,
        "256-287": 1,
    }
    assert list(token_histogram([200, 10, 100])) == ["0-31", "96-127", "192-223"]
    assert token_histogram([]) == {}

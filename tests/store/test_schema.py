"""The index in tests/store/data was written in the schema that its name says, and is kept as it was written.

Whoever changes the schema has to decide here what this release does with an index in the earlier one, and adds an index
in the new one with tools/make_schema_index.py.
"""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from knowligo_index import open_index
from knowligo_index.search.open_version import SearchMode
from knowligo_index.store import Store
from knowligo_index.store.manifest import SCHEMA
from knowligo_index.store.verification import verify_all

DATA = Path(__file__).parent / "data"


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def entry_of(data: bytes) -> dict[str, object]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.fixture
def index_in_schema_2(tmp_path: Path) -> Path:
    """A copy of the index in schema 2."""
    return Path(shutil.copytree(DATA / "index-schema-2", tmp_path / "index"))


def test_there_is_an_index_in_the_schema_that_is_written_now() -> None:
    assert f"index-schema-{SCHEMA}" in {path.name for path in DATA.iterdir()}


def test_every_file_is_what_the_manifest_says(index_in_schema_2: Path) -> None:
    files = files_below(index_in_schema_2)
    version, sha256 = files.pop("CURRENT").decode().split()
    manifest = files.pop(f"versions/{version}/manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == sha256
    assert files.pop(f"versions/{version}/manifest.json.sha256") == f"{sha256}  manifest.json\n".encode()
    manifest_fields = json.loads(manifest)
    assert (manifest_fields["schema"], manifest_fields["version"]) == (2, version)

    encoder = f"encoders/{manifest_fields['encoder']['fingerprint']}"
    record = files.pop(f"{encoder}/encoder.json")
    signature = f"{hashlib.sha256(record).hexdigest()}  encoder.json\n"
    assert files.pop(f"{encoder}/encoder.json.sha256") == signature.encode()

    expected = {f"versions/{version}/{name}": entry for name, entry in manifest_fields["files"].items()}
    expected |= {f"{encoder}/{name}": entry for name, entry in json.loads(record)["files"].items()}
    assert {name: entry_of(data) for name, data in files.items()} == expected


def test_it_is_verified(index_in_schema_2: Path) -> None:
    (verdict,) = verify_all(Store(index_in_schema_2))
    assert (verdict.version, verdict.current, verdict.ok, verdict.problems) == (
        Store(index_in_schema_2).current_id(),
        True,
        True,
        [],
    )


def test_it_says_what_is_in_it(index_in_schema_2: Path) -> None:
    with open_index(index_in_schema_2) as index:
        assert [(entry.source, entry.status, entry.reason, entry.chunks) for entry in index.ledger()] == [
            (".git", "skipped", "hidden", 0),
            ("empty.txt", "skipped", "empty", 0),
            ("en/mailbox.txt", "indexed", None, 1),
            ("logo.png", "skipped", "unsupported-format", 0),
            ("plan.md", "indexed", None, 2),
            ("red.md", "indexed", None, 1),
            ("scan.pdf", "quarantined", "damaged", 0),
        ]
        assert [(document.source, document.title, document.chunks) for document in index.documents()] == [
            ("en/mailbox.txt", "mailbox", 1),
            ("plan.md", "Plan profesional", 2),
            ("red.md", "Red", 1),
        ]


PASSWORD, ERROR = "how to reset the password of the mailbox", "E-4013"
MAILBOX, INCLUDED, PRICE, NETWORK = ("en/mailbox.txt", 1), ("plan.md", 4), ("plan.md", 10), ("red.md", 1)


@pytest.mark.parametrize(
    ("question", "mode", "expected"),
    [
        (PASSWORD, "hybrid", [(*MAILBOX, 0.6879), (*PRICE, 0.0), (*INCLUDED, 0.0), (*NETWORK, 0.0)]),
        (PASSWORD, "dense", [(*MAILBOX, 0.8824), (*PRICE, 0.5088), (*INCLUDED, 0.1993), (*NETWORK, 0.1195)]),
        (PASSWORD, "lexical", [(*MAILBOX, 0.6468)]),
        (ERROR, "hybrid", [(*NETWORK, 0.3142), (*INCLUDED, 0.0), (*PRICE, 0.0), (*MAILBOX, 0.0)]),
        (ERROR, "dense", [(*NETWORK, 0.5161), (*INCLUDED, 0.4548), (*PRICE, 0.4544), (*MAILBOX, 0.155)]),
        (ERROR, "lexical", [(*NETWORK, 0.4908)]),
    ],
)
def test_it_is_searched(
    index_in_schema_2: Path, question: str, mode: SearchMode, expected: list[tuple[str, int, float]]
) -> None:
    before = files_below(index_in_schema_2)
    with open_index(index_in_schema_2) as index:
        hits = index.search(question, k=5, mode=mode)
        assert [(hit.source, hit.line_start, round(hit.score, 4)) for hit in hits] == expected
    assert files_below(index_in_schema_2) == before

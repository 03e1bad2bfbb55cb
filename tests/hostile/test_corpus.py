"""The corpus of hostile files, built as one knowledge base: nothing stops the build, and each file is told rightly."""

import sqlite3
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from corpus import CASES, write_corpus
from corpus_case import Case

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.encoders import EncoderOptions
from knowligo_index.errors import QuarantineReason, SkipReason
from knowligo_index.gate.options import GateOptions
from knowligo_index.settings import Settings
from knowligo_index.sources.ledger import of_sources
from knowligo_index.sources.source_names import source_name

# The whole takes several minutes, most of them for a few large files.
pytestmark = pytest.mark.timeout(1800)

SMALL = 10_000  # bytes


@dataclass(frozen=True)
class Built:
    """What the build made of the corpus."""

    result: BuildResult
    outcomes: dict[str, str]
    """"indexed" or a reason, by source"""
    cases: list[Case]
    """that were built"""
    passages: dict[str, list[str]]
    """of the documents"""
    secrets: set[str]
    """sources in which one was found"""


def remains(path: Path) -> bool:
    """Whether there is something small at the path; a large file is taken away."""
    try:
        found = path.lstat()
    except OSError:
        # Its name is too long to be asked about.
        return True
    large = stat.S_ISREG(found.st_mode) and found.st_size > SMALL
    if large:
        path.unlink()
    return not large


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, whole: bool) -> Built:
    """The whole corpus, or what is small in it."""
    folder = tmp_path_factory.mktemp("hostile")
    write_corpus(folder / "corpus")
    cases = CASES if whole else [case for case in CASES if remains(folder / "corpus" / case.name)]
    index = folder / "indexes"
    gate = GateOptions(max_failed=1.0, allow_secrets=True)
    result = build(Settings(folder / "corpus", index, threads=2, encoder=EncoderOptions(id=str(tiny_model)), gate=gate))
    entries = of_sources(result.ledger)
    assert len({entry.source for entry in entries}) == len(entries)
    with open_index(index) as opened:
        database = index / "versions" / opened.version / "chunks.sqlite"
    passages: dict[str, list[str]] = {}
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT source, substr(text, char_start + 1, char_end - char_start) FROM chunks "
            "JOIN documents ON documents.id = chunks.document ORDER BY chunks.id"
        )
        for source, passage in rows:
            passages.setdefault(source, []).append(passage)
    return Built(
        result,
        {entry.source: entry.reason or entry.status for entry in entries},
        cases,
        passages,
        {entry.source for entry in entries if entry.secrets},
    )


def test_the_corpus_is_large_and_names_no_reason_that_there_is_not() -> None:
    assert len(CASES) >= 150
    assert [name for name, times in Counter(case.name for case in CASES).items() if times > 1] == []
    reasons = {"indexed", *get_args(SkipReason), *get_args(QuarantineReason)}
    assert {outcome for case in CASES for outcome in case.expect} <= reasons


def test_every_source_is_counted_once(built: Built) -> None:
    documents = built.result.documents
    assert documents.indexed + documents.skipped + documents.quarantined == len(built.outcomes)
    assert set(built.passages) == {source for source, outcome in built.outcomes.items() if outcome == "indexed"}
    assert documents.indexed == len(built.passages)


def test_every_file_ends_as_it_should(built: Built) -> None:
    wrong = {
        case.name: (built.outcomes.get(source_name(case.name)), sorted(case.expect), case.why)
        for case in built.cases
        if built.outcomes.get(source_name(case.name)) not in case.expect
    }
    assert wrong == {}


def test_no_process_of_a_reader_died(built: Built) -> None:
    assert [source for source, outcome in built.outcomes.items() if outcome == "crashed"] == []


def indexed(built: Built) -> list[Case]:
    return [case for case in built.cases if source_name(case.name) in built.passages]


def test_what_is_indexed_holds_what_a_reader_sees(built: Built) -> None:
    wanted = [case for case in indexed(built) if case.needle is not None]
    assert len(wanted) > len(built.cases) // 2
    # A passage may end in the sentence, but the text goes on where it begins the next one.
    joined = {case.name: "".join("".join(built.passages[source_name(case.name)]).split()) for case in wanted}
    assert [case.name for case in wanted if "".join((case.needle or "").split()) not in joined[case.name]] == []


def test_no_passage_holds_what_nobody_sees(built: Built) -> None:
    unwanted = [case for case in indexed(built) if case.absent is not None]
    assert len(unwanted) > 50
    assert [
        case.name
        for case in unwanted
        if any(case.absent in passage for passage in built.passages[source_name(case.name)] if case.absent)
    ] == []


def test_every_secret_is_told(built: Built) -> None:
    assert {source_name(case.name) for case in built.cases if case.secret} <= built.secrets

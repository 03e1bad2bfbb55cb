"""The corpus of hostile files in processes whose parsers try to get out before they parse each of them: none succeeds,
and each file gives what it gives without."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import write_corpus
from escape_target import escape_target
from escaping_parser import write_escaping_parser
from test_corpus import remains

from knowligo_index.errors import ParseError
from knowligo_index.parsers import suffixes
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.pool import Outcome, ParserPool
from knowligo_index.sources.sandbox.process import missing_protections
from knowligo_index.sources.source_files import reread
from knowligo_index.types import Document, Source

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(sys.platform != "linux" or bool(missing_protections()), reason="needs Landlock and seccomp"),
]


def outcomes(sources: tuple[Source, ...]) -> dict[str, Outcome]:
    """What becomes of each source in the processes of a build."""
    with ParserPool(sources, lambda source: reread(source, SourceOptions()), SandboxOptions(), 2) as pool:
        return {source.name: outcome for source, outcome in pool}


def test_no_file_of_the_corpus_gets_out(tmp_path: Path, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "corpus"
    write_corpus(corpus)
    sources = take_inventory(corpus, suffixes()).sources
    if not whole:
        sources = tuple(source for source in sources if remains(source.path))[::3]
    without = outcomes(sources)
    installed = tmp_path / "installed"
    installed.mkdir()
    with escape_target(tmp_path / "target") as codes:
        count = write_escaping_parser(installed, codes)
        monkeypatch.syspath_prepend(str(installed))
        with_escapes = outcomes(sources)
    assert count >= 100
    mark = f"[{count} escapes]"
    tried = [name for name, outcome in with_escapes.items() if mark in told(outcome)]
    # Of a process that was ended nothing is known.
    ended = [name for name, outcome in without.items() if reason(outcome) in ("timed-out", "out-of-memory", "crashed")]
    assert len(tried) > 150
    assert set(without) - set(tried) <= set(ended)
    assert {name: seen(outcome, mark) for name, outcome in with_escapes.items() if name not in ended} == {
        name: seen(outcome, mark) for name, outcome in without.items() if name not in ended
    }
    assert {reason(with_escapes[name]) for name in ended} <= {"timed-out", "out-of-memory"}


def told(outcome: Outcome) -> str:
    return outcome.detail if isinstance(outcome, ParseError) else " ".join(outcome.document.warnings)


def reason(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, ParseError) else "parsed"


def seen(outcome: Outcome, mark: str) -> tuple[str, str] | Document:
    """The outcome without the mark that escapes were tried."""
    if isinstance(outcome, ParseError):
        return outcome.reason, outcome.detail.removesuffix(f" {mark}")
    document = outcome.document
    return replace(document, warnings=tuple(warning for warning in document.warnings if warning != mark))

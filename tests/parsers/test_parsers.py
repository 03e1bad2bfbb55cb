import io
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest
from pypdf import PdfWriter
from support.pdf_fixtures import below, pdf

from knowligo_index.errors import ChunkingError, MissingExtraError, ParseError, SettingError
from knowligo_index.parsers import PARSERS, ParserEntry, all_parsers, parse, registry, suffixes
from knowligo_index.types import Block, Document, Source

SOURCE = Source("a.xyz", Path("a.xyz"), "xyz", 1, "0" * 64)


def read_with(monkeypatch: pytest.MonkeyPatch, reader: Callable[[Source, bytes], Document]) -> Document:
    """Parse a file of a format whose reader is `reader`."""
    module = ModuleType("xyz_parser")
    vars(module)["parse"] = reader
    monkeypatch.setitem(sys.modules, "xyz_parser", module)
    table = {"xyz": ParserEntry("xyz_parser", (".xyz",))}
    monkeypatch.setattr("knowligo_index.parsers.all_parsers", lambda: table)
    return parse(SOURCE, b"x")


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (KeyError("/Root"), "damaged", "the parser failed: KeyError: '/Root'"),
        (ValueError("one\n  two " + "x" * 500), "damaged", "the parser failed: ValueError: one two " + "x" * 192),
        (RecursionError(), "too-deep", "its parts are nested deeper than the parser can follow"),
        (MemoryError(), "out-of-memory", "parsing it takes more memory than is allowed for a file"),
    ],
    ids=["key", "long-message", "recursion", "memory"],
)
def test_whatever_a_reader_raises_costs_the_file(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, detail: str
) -> None:
    def reader(source: Source, data: bytes) -> Document:
        raise error

    with pytest.raises(ParseError) as refused:
        read_with(monkeypatch, reader)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)
    assert refused.value.__cause__ is error


@pytest.mark.parametrize("error", [ParseError("no-text", "x"), ChunkingError("x")])
def test_what_this_package_raises_stays_what_it_is(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def reader(source: Source, data: bytes) -> Document:
        raise error

    with pytest.raises(type(error)) as refused:
        read_with(monkeypatch, reader)
    assert refused.value is error


def test_a_reader_that_is_not_installed_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    monkeypatch.delitem(sys.modules, "knowligo_index.parsers.pdf", raising=False)
    with pytest.raises(MissingExtraError) as refused:
        parse(Source("a.pdf", Path("a.pdf"), "pdf", 1, "0" * 64), b"%PDF")
    assert str(refused.value) == (
        "reading pdf files needs the package pypdf: install it with `pip install 'knowligo-index[build]'`."
    )


def test_every_suffix_belongs_to_one_format_and_is_in_lower_case() -> None:
    found = [suffix for entry in PARSERS.values() for suffix in entry.suffixes]
    assert sorted(found) == sorted(suffixes())
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in found)


@pytest.mark.parametrize("title", ["untitled", " Untitled\n", "UNTITLED", "Sin título", "", None])
def test_a_pdf_that_nobody_gave_a_title_takes_its_files_name(title: str | None) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf(below(["El gato duerme."]))))
    writer.metadata = None if title is None else {"/Title": title}
    data = io.BytesIO()
    writer.write(data)
    source = Source("guias/manual.pdf", Path("manual.pdf"), "pdf", 1, "0" * 64)
    assert parse(source, data.getvalue()).title == "manual"


class FakeDistribution:
    """What another package says of itself."""

    def __init__(self, name: str) -> None:
        self.name = name


def entry_point(suffix: str, package: str) -> EntryPoint:
    point = EntryPoint(suffix, f"{package}.reader:read", "knowligo_index.parsers")
    vars(point)["dist"] = FakeDistribution(package)
    return point


@pytest.fixture
def other_packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    points: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints(points).select(group=group))
    all_parsers.cache_clear()
    yield points
    all_parsers.cache_clear()


def test_another_package_adds_a_format(other_packages: list[EntryPoint], monkeypatch: pytest.MonkeyPatch) -> None:
    other_packages.append(entry_point("Org", "acme"))
    module = ModuleType("acme.reader")
    vars(module)["read"] = lambda source, data: Document(
        source.name, "org", "T", data.decode(), (Block("paragraph", 0, len(data)),)
    )
    monkeypatch.setitem(sys.modules, "acme.reader", module)
    assert suffixes()[".org"] == "org"
    assert all_parsers()["org"] == ParserEntry("acme.reader", (".org",), ("acme",), "read")
    assert parse(Source("a.org", Path("a.org"), "org", 1, "0" * 64), b"* A").text == "* A"


@pytest.mark.parametrize(("suffixes_wanted", "other"), [(["pdf"], "knowligo-index"), (["org", "org"], "acme0")])
def test_two_packages_for_one_suffix_are_refused(
    other_packages: list[EntryPoint], suffixes_wanted: list[str], other: str
) -> None:
    other_packages += [entry_point(suffix, f"acme{number}") for number, suffix in enumerate(suffixes_wanted)]
    with pytest.raises(SettingError) as refused:
        all_parsers()
    last = f"acme{len(suffixes_wanted) - 1}"
    assert str(refused.value) == f"{last} and {other} both read .{suffixes_wanted[0]} files: uninstall one of them."


@pytest.mark.parametrize(
    ("blocks", "detail"),
    [
        ((Block("paragraph", 0, 3),), "the parser left out characters 3 to 7: report this"),
        (
            (Block("paragraph", 0, 5), Block("paragraph", 4, 7)),
            "the parser returned overlapping blocks at character 4: report this",
        ),
        ((Block("paragraph", 0, 9),), "the parser returned overlapping blocks at character 7: report this"),
    ],
)
def test_what_a_parser_leaves_out_is_not_lost_in_silence(
    monkeypatch: pytest.MonkeyPatch, blocks: tuple[Block, ...], detail: str
) -> None:
    with pytest.raises(ParseError) as refused:
        read_with(monkeypatch, lambda source, data: Document("a.xyz", "xyz", "A", "uno dos", blocks))
    assert (refused.value.reason, refused.value.detail) == ("damaged", detail)

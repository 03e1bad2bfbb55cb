"""The documentation says what the code does."""

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import knowligo_index
from knowligo_index.errors import QuarantineReason, SkipReason
from knowligo_index.settings import PREFIX, known_settings
from knowligo_index.types import DroppedKind, ExclusionReason

ROOT = Path(__file__).parents[2]

PACKAGE = ROOT / "knowligo_index"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "THIRD_PARTY_NOTICES.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "deploy" / "README.md",
]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def layers() -> list[str]:
    """The layers of the contract, upper first."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (contract,) = tools["importlinter"]["contracts"]
    names: list[str] = contract["layers"]
    return names


def rooms() -> set[str]:
    return {name for layer in layers() for name in layer.split(" | ")}


def anchors(text: str) -> set[str]:
    """The places in a page that a link can name, as GitHub does."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of a table, without its header."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[2:]]


def test_every_reason_of_the_ledger_is_explained_and_no_other() -> None:
    skipped, quarantined = page("ledger.md").split("## Fields")[0].split("## Quarantined")
    for part, reasons in ((skipped, SkipReason), (quarantined, QuarantineReason)):
        assert set(re.findall(r"^\| `([a-z0-9-]+)` \| ", part, re.MULTILINE)) == set(get_args(reasons))


def test_every_reason_of_an_exclusion_is_explained() -> None:
    fields = page("ledger.md").split("## Fields")[1]
    reasons = (*get_args(ExclusionReason), *get_args(DroppedKind))
    assert [reason for reason in reasons if f"`{reason}`" not in fields] == []


def test_the_readme_lists_every_setting_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    variables = re.findall(rf"\| `({PREFIX}[A-Z_]+)` \| `([a-z_]+)` \|", readme)
    assert sorted(variables) == sorted((PREFIX + name.upper(), name) for name in known_settings())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_place_that_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    broken: list[str] = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", ["security.md", "store.md"])
def test_every_test_that_a_page_names_exists(name: str) -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tests = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", page(name)))
    assert len(named) > 40
    assert named - tests == set()


def test_every_promise_of_the_store_names_a_test() -> None:
    promises = page("store.md").split("## Publishing")[1].split("## What the store cannot promise")[0]
    items = re.findall(r"^- .*(?:\n  .*)*", promises, re.MULTILINE)
    assert len(items) > 30
    assert [item for item in items if not re.search(r"`test_\w+`[).]", item)] == []


def test_the_drawing_of_the_layers_is_the_contract() -> None:
    drawing = re.search(r"```text\n(.+?)```", page("architecture.md").split("## Import layers")[1], re.DOTALL)
    assert drawing
    assert drawing[1].splitlines() == layers()
    assert len(layers()) == 12


def test_every_room_is_described_and_no_other() -> None:
    described = rows(page("architecture.md").split("## Rooms")[1].split("## Import layers")[0])
    assert {room.strip("`") for room, _ in described} == rooms() - {"__main__"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_and_module_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name in set(re.findall(r"\bknowligo_index(?:\.[A-Za-z_]\w*)+", text)) if not resolves(name)] == []
    places = ("knowligo_index", "tests", "benchmarks", "tools", "locks", "docs")
    files = {name for name in re.findall(r"`([\w./-]+)`", text) if name.split("/")[0] in places and "/" in name}
    assert [name for name in files if not (ROOT / name).exists()] == []
    modules = {name for name in re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`", text) if name not in files}
    assert [name for name in modules if not is_module(name)] == []
    scripts = {name.replace(".", "/") for name in re.findall(r"-m (benchmarks(?:\.\w+)+)", text)}
    assert [name for name in scripts if not ((ROOT / f"{name}.py").exists() or (ROOT / name).is_dir())] == []


def resolves(name: str) -> bool:
    """Whether a dotted name is a module of the package, or something in one."""
    place: object = knowligo_index
    for position, part in enumerate(name.split(".")[1:], start=2):
        module = ".".join(name.split(".")[:position])
        if isinstance(place, ModuleType) and hasattr(place, "__path__") and find_spec(module):
            place = import_module(module)
        elif hasattr(place, part):
            place = getattr(place, part)
        else:
            return False
    return True


def is_module(name: str) -> bool:
    """Whether `name`, with its folder or without, is a module of the package or a test."""
    if (PACKAGE / name).exists() or (ROOT / name).exists():
        return True
    return "/" not in name and any(any(folder.rglob(name)) for folder in (ROOT / "tests", ROOT / "deploy"))


@pytest.mark.parametrize(
    ("name", "section", "column"), [("glossary.md", "# Glossary", 2), ("architecture.md", "## Where to change what", 1)]
)
def test_what_a_table_points_to_is_there(name: str, section: str, column: int) -> None:
    table = rows(page(name).split(section)[1])
    assert len(table) > 20
    missing: list[tuple[str, str]] = []
    for cells in table:
        named = re.findall(r"`([^`]+)`", cells[column])
        places = [word for word in named if word.endswith((".py", "/")) or word in rooms()]
        source = "\n".join(path.read_text(encoding="utf-8") for place in places for path in files_of(place))
        missing += [(cells[0], place) for place in places if not files_of(place)]
        symbols = [word for word in named if word not in places]
        missing += [(cells[0], symbol) for symbol in symbols if not re.search(rf"\b{symbol}\b", source)]
    assert missing == []


def files_of(place: str) -> list[Path]:
    """The files of a room or a module of the package."""
    path = PACKAGE / place
    files = sorted(path.rglob("*.*")) if path.is_dir() else [path.with_suffix(".py")]
    return [file for file in files if file.suffix != ".pyc" and file.is_file()]


def test_the_terms_of_the_glossary_are_in_alphabetical_order() -> None:
    terms = [re.sub(r"[^a-z0-9 ,@()]", "", cells[0].split("** (")[0].lower()) for cells in rows(page("glossary.md"))]
    assert terms == sorted(terms)

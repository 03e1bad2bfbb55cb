"""The documentation says what the code does."""

import re
from pathlib import Path
from typing import get_args

from knowligo_index.errors import QuarantineReason, SkipReason
from knowligo_index.settings import PREFIX, known_settings
from knowligo_index.types import DroppedKind, ExclusionReason

ROOT = Path(__file__).parents[2]


def test_every_reason_of_the_ledger_is_explained_and_no_other() -> None:
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    skipped, quarantined = page.split("## Fields")[0].split("## Quarantined")
    for part, reasons in ((skipped, SkipReason), (quarantined, QuarantineReason)):
        assert set(re.findall(r"^\| `([a-z0-9-]+)` \| ", part, re.MULTILINE)) == set(get_args(reasons))


def test_every_reason_of_an_exclusion_is_explained() -> None:
    fields = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split("## Fields")[1]
    reasons = (*get_args(ExclusionReason), *get_args(DroppedKind))
    assert [reason for reason in reasons if f"`{reason}`" not in fields] == []


def test_the_readme_lists_every_setting_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    variables = re.findall(rf"\| `({PREFIX}[A-Z_]+)` \| `([a-z_]+)` \|", readme)
    assert sorted(variables) == sorted((PREFIX + name.upper(), name) for name in known_settings())


def test_every_link_in_the_documentation_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    pages.append(ROOT / "deploy" / "README.md")
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_promise_of_the_store_names_tests_that_there_are() -> None:
    page = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tests = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    assert set(re.findall(r"`(test_\w+)`", page)) - tests == set()
    promises = page.split("## Publishing")[1].split("## What none of this can promise")[0]
    items = re.findall(r"^- .*(?:\n  .*)*", promises, re.MULTILINE)
    assert len(items) > 30
    assert [item for item in items if not re.search(r"`test_\w+`[).]", item)] == []

import re
from pathlib import Path

import pytest

from knowligo_index.gate.checks.documents import SplitRows
from knowligo_index.gate.judge import judge_contents
from knowligo_index.gate.options import GateOptions
from knowligo_index.gate.refusals import RefusalCode
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.store.manifest import Refusal
from knowligo_index.types import Secret

GOOD = [LedgerEntry(f"{number}.md", "indexed", format="markdown") for number in range(8)]
BAD = [LedgerEntry(f"{number}.pdf", "quarantined", "damaged", format="pdf") for number in range(4)]
NO_DOCUMENT = [LedgerEntry(f"{number}.png", "skipped", "unsupported-format") for number in range(50)]
PAGES = [LedgerEntry("0.md", "quarantined", "needs-ocr", page=number) for number in range(1, 50)]


@pytest.mark.parametrize(
    ("bad", "max_failed", "refused"),
    [(0, 0, False), (1, 0, True), (1, 0.1, True), (1, 0.12, False), (4, 1 / 3, False), (4, 0.33, True), (4, 1, False)],
)
def test_up_to_this_share_of_the_documents_may_fail(bad: int, max_failed: float, refused: bool) -> None:
    ledger = [*GOOD, *BAD[:bad], *NO_DOCUMENT, *PAGES]
    codes = [refusal.code for refusal in judge_contents(ledger, [], GateOptions(max_failed=max_failed))]
    assert codes == ["documents-failed"] * refused


def test_the_sentence_names_the_first_of_them() -> None:
    assert judge_contents([*GOOD, *BAD], [], GateOptions()) == [
        Refusal(
            "documents-failed",
            "4 of 12 documents could not be read, and --max-failed 0.1 allows 1: mend or remove them, or allow more "
            "(0.pdf (damaged); 1.pdf (damaged); 2.pdf (damaged); and 1 more).",
        )
    ]


def test_a_secret_is_refused_unless_allowed() -> None:
    entry = LedgerEntry("vpn.md", "indexed", format="markdown", secrets=[Secret("AWS Access Key", "line 3")])
    assert judge_contents([entry], [], GateOptions()) == [
        Refusal(
            "secrets-found",
            "a secret in the documents: remove and replace it, or allow it with --allow-secrets "
            "(vpn.md, line 3: AWS Access Key).",
        )
    ]
    assert judge_contents([entry], [], GateOptions(allow_secrets=True)) == []


def test_a_split_table_row_is_refused_with_the_first_of_its_places() -> None:
    split_rows = [SplitRows("a.md", [120]), SplitRows("b.md", [7, 90, 400])]
    assert judge_contents(GOOD, split_rows, GateOptions()) == [
        Refusal("table-row-split", "a.md is cut inside a row of a table, at character 120: please report this."),
        Refusal(
            "table-row-split",
            "b.md is cut inside a row of a table, at character 7 and at 2 others: please report this.",
        ),
    ]


def test_the_page_of_the_gate_lists_every_code_once_and_no_other() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "gate.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert codes == [code.value for code in RefusalCode]

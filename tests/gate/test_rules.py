import pytest

from knowligo_index.gate.rules import GateOptions, refusals
from knowligo_index.types import LedgerEntry, Secret

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
    assert bool(refusals(ledger, GateOptions(max_failed=max_failed))) == refused


def test_the_sentence_names_the_first_of_them() -> None:
    (sentence,) = refusals([*GOOD, *BAD], GateOptions())
    assert sentence == (
        "4 of 12 documents could not be read, and --max-failed 0.1 allows 1: mend or remove them, or allow more "
        "(0.pdf (damaged); 1.pdf (damaged); 2.pdf (damaged); and 1 more)."
    )


def test_a_secret_is_refused_unless_allowed() -> None:
    entry = LedgerEntry("vpn.md", "indexed", format="markdown", secrets=[Secret("AWS Access Key", "line 3")])
    (sentence,) = refusals([entry], GateOptions())
    assert sentence == (
        "a secret in the documents: remove and replace it, or allow it with --allow-secrets "
        "(vpn.md, line 3: AWS Access Key)."
    )
    assert refusals([entry], GateOptions(allow_secrets=True)) == []

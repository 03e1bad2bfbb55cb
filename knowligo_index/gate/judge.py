"""May this version go live? The judge asks every check."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.evaluation.measures import DEPTH, Evaluation, evaluate_hits
from knowligo_index.gate.baseline import Baseline
from knowligo_index.gate.checks.answers import check_answers, check_declined, check_recall
from knowligo_index.gate.checks.documents import (
    SplitRows,
    check_failed_documents,
    check_secrets,
    check_size,
    check_table_rows,
)
from knowligo_index.gate.checks.vectors import check_encoder, check_vectors
from knowligo_index.gate.evidence import EncodedQuestions, EncoderEvidence
from knowligo_index.gate.options import GateOptions
from knowligo_index.search.open_version import OpenVersion
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.store.manifest import Manifest, Refusal


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that is complete and not sealed, with everything that it is judged by."""

    opened: OpenVersion
    ledger: Sequence[LedgerEntry]
    split_rows: Sequence[SplitRows]
    evidence: EncoderEvidence

    @property
    def manifest(self) -> Manifest:
        return self.opened.manifest


def judge(draft: Draft, baseline: Baseline | None, options: GateOptions) -> list[Refusal]:
    """Everything that is against publishing the draft, in the order of the checks; empty where it may go live.

    `baseline` is None where there is nothing to compare it with.
    """
    manifest, evidence = draft.manifest, draft.evidence
    refusals = judge_contents(draft.ledger, draft.split_rows, options)
    refusals += check_vectors(draft.opened, evidence.chunks)
    refusals += check_encoder(baseline.manifest if baseline else None, manifest, evidence)
    if baseline is not None:
        refusals += check_size(baseline.manifest, manifest, options)
    if evidence.golden is not None:
        evaluation = _evaluate(draft.opened, evidence.golden)
        refusals += check_recall(evaluation, options)
        if baseline is not None and baseline.evaluation is not None:
            refusals += check_answers(baseline.evaluation, evaluation, baseline.manifest.version)
            refusals += check_declined(baseline.evaluation, evaluation, baseline.manifest.version)
    return refusals


def judge_contents(
    ledger: Sequence[LedgerEntry], split_rows: Sequence[SplitRows], options: GateOptions
) -> list[Refusal]:
    """What the documents themselves have against publication: known before anything is encoded."""
    return [
        *check_table_rows(split_rows),
        *check_failed_documents(ledger, options),
        *check_secrets(ledger, options),
    ]


def _evaluate(opened: OpenVersion, golden: EncodedQuestions) -> Evaluation:
    """How the draft answers the golden questions."""
    k = min(DEPTH, opened.manifest.chunks)
    texts = [question.question for question in golden.questions]
    return evaluate_hits(golden.questions, opened.hybrid(texts, golden.vectors, k), opened.fusion)

"""What `diff` found, as text for a terminal and as Markdown for a commit or a chat."""

from knowligo_index.cli.text.printable import printable
from knowligo_index.evaluation.comparison import Comparison, DocumentChange, ValueChange
from knowligo_index.evaluation.question_changes import QuestionMove


def comparison_text(comparison: Comparison) -> str:
    """For a terminal."""
    lines = [
        f"{comparison.old} -> {comparison.new}",
        f"  documents  {_documents(comparison)}",
        f"  chunks     {_chunks(comparison)}",
    ]
    lines += [f"  {name}: {before} -> {after}" for name, before, after in _values(comparison)]
    lines += [
        f"  {change.change:<8} {printable(change.source)}  ({change.chunks_before} -> {change.chunks_after} chunks)"
        for change in comparison.documents
    ]
    if comparison.questions is not None:
        lines.append(f"  questions  {_questions(comparison)}")
        lines += [
            f"    {_rank(move.before)} -> {_rank(move.after)}  {_move(move)}" for move in comparison.questions.moved
        ]
    return "\n".join(lines)


def comparison_markdown(comparison: Comparison) -> str:
    """For a commit or a chat."""
    lines = [
        f"**{comparison.old} → {comparison.new}**",
        "",
        f"- documents: {_documents(comparison)}",
        f"- chunks: {_chunks(comparison)}",
        *(f"- {name}: {before} → {after}" for name, before, after in _values(comparison)),
    ]
    if comparison.documents:
        lines += ["", "| document | change | chunks |", "| --- | --- | --- |"]
        lines += [_document_row(change) for change in comparison.documents]
    if comparison.questions is not None:
        lines += ["", f"Questions: {_questions(comparison)}"]
        if comparison.questions.moved:
            lines += ["", "| question | answer was | is | first now |", "| --- | --- | --- | --- |"]
            lines += [
                f"| {_cell(move.question)} | {_rank(move.before)} | {_rank(move.after)} | {_cell(move.first_after)} |"
                for move in comparison.questions.moved
            ]
    return "\n".join(lines)


def _documents(comparison: Comparison) -> str:
    return f"{len(comparison.documents)} differ, {comparison.documents_unchanged} unchanged"


def _chunks(comparison: Comparison) -> str:
    chunks = comparison.chunks
    counts = (chunks.added, chunks.removed, chunks.moved, chunks.unchanged)
    return "{:,} added, {:,} removed, {:,} moved, {:,} unchanged".format(*counts)


def _values(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Name, before and after of what is not the same."""
    values: list[ValueChange] = [comparison.tokens, comparison.bytes, *comparison.settings]
    return [(value.name, _value(value.before), _value(value.after)) for value in values if value.before != value.after]


def _value(value: str | float | None) -> str:
    return "none" if value is None else str(value)


def _questions(comparison: Comparison) -> str:
    questions = comparison.questions
    assert questions is not None
    before, after = questions.ndcg_before, questions.ndcg_after
    parts = [f"{questions.asked} asked, the answers to {len(questions.moved)} moved"]
    if before is not None and after is not None:
        parts.append(f"nDCG@10 {before:.3f} -> {after:.3f} (p = {questions.p:.3f})")
    was, now = questions.answerable_before, questions.answerable_after
    if was.declined or now.declined:
        parts.append(f"wrongly declined {was.declined} -> {now.declined} of {now.questions}")
    was, now = questions.unanswerable_before, questions.unanswerable_after
    if now.questions:
        parts.append(f"rightly declined {was.declined} -> {now.declined} of {now.questions} that nothing answers")
    return "; ".join(parts)


def _move(move: QuestionMove) -> str:
    source, first = (printable(name or "nothing") for name in (move.source, move.first_after))
    return f"{printable(move.question)}  ({source}; first {first})"


def _rank(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def _document_row(change: DocumentChange) -> str:
    return f"| {_cell(change.source)} | {change.change} | {change.chunks_before} → {change.chunks_after} |"


def _cell(text: str | None) -> str:
    """Text that ends no cell and starts no markup."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|" else char for char in printable(text or "nothing"))

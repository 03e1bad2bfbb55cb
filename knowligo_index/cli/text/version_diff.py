"""The result of `diff`, as text for a terminal and as Markdown for a commit message or a chat."""

from knowligo_index.cli.text.printable import printable
from knowligo_index.evaluation.answer_changes import AnswerChanges, AnswerMove
from knowligo_index.evaluation.version_diff import DocumentChange, ValueChange, VersionDiff


def version_diff_text(diff: VersionDiff) -> str:
    """For a terminal."""
    lines = [
        f"{diff.old} -> {diff.new}",
        f"  documents  {_documents(diff)}",
        f"  passages   {_passages(diff)}",
    ]
    lines += [f"  {name}: {before} -> {after}" for name, before, after in _values(diff)]
    lines += [
        f"  {change.change:<8} {printable(change.source)}  ({change.chunks_before} -> {change.chunks_after} passages)"
        for change in diff.documents
    ]
    if diff.questions is not None:
        lines.append(f"  questions  {_answers(diff.questions)}")
        lines += [f"    {_rank(move.before)} -> {_rank(move.after)}  {_move(move)}" for move in diff.questions.moved]
    return "\n".join(lines)


def version_diff_markdown(diff: VersionDiff) -> str:
    """For a commit message or a chat."""
    lines = [
        f"**{diff.old} → {diff.new}**",
        "",
        f"- documents: {_documents(diff)}",
        f"- passages: {_passages(diff)}",
        *(f"- {name}: {before} → {after}" for name, before, after in _values(diff)),
    ]
    if diff.documents:
        lines += ["", "| document | change | passages |", "| --- | --- | --- |"]
        lines += [_document_row(change) for change in diff.documents]
    if diff.questions is not None:
        lines += ["", f"Questions: {_answers(diff.questions)}"]
        if diff.questions.moved:
            lines += ["", "| question | old rank | new rank | first document now |", "| --- | --- | --- | --- |"]
            lines += [
                f"| {_cell(move.question)} | {_rank(move.before)} | {_rank(move.after)} | {_cell(move.first_after)} |"
                for move in diff.questions.moved
            ]
    return "\n".join(lines)


def _documents(diff: VersionDiff) -> str:
    return f"{len(diff.documents)} differ, {diff.documents_unchanged} unchanged"


def _passages(diff: VersionDiff) -> str:
    chunks = diff.chunks
    counts = (chunks.added, chunks.removed, chunks.moved, chunks.unchanged)
    return "{:,} added, {:,} removed, {:,} moved, {:,} unchanged".format(*counts)


def _values(diff: VersionDiff) -> list[tuple[str, str, str]]:
    """Name, old and new value of the totals and settings that differ."""
    values: list[ValueChange] = [diff.tokens, diff.bytes, *diff.settings]
    return [(value.name, _value(value.before), _value(value.after)) for value in values if value.before != value.after]


def _value(value: str | float | None) -> str:
    return "none" if value is None else printable(str(value))


def _answers(changes: AnswerChanges) -> str:
    parts = [f"{changes.asked} asked, the rank of the answer changed for {len(changes.moved)}"]
    if changes.ndcg_before is not None and changes.ndcg_after is not None:
        parts.append(f"nDCG@10 {changes.ndcg_before:.3f} -> {changes.ndcg_after:.3f} (p = {changes.p:.3f})")
    before, after = changes.answerable_before, changes.answerable_after
    if before.declined or after.declined:
        parts.append(f"wrongly declined {before.declined} -> {after.declined} of {after.questions}")
    before, after = changes.unanswerable_before, changes.unanswerable_after
    if after.questions:
        parts.append(
            f"rightly declined {before.declined} -> {after.declined} of {after.questions} that no document answers"
        )
    return "; ".join(parts)


def _move(move: AnswerMove) -> str:
    source, first = (printable(name or "nothing") for name in (move.source, move.first_after))
    return f"{printable(move.question)}  ({source}; first {first})"


def _rank(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def _document_row(change: DocumentChange) -> str:
    return f"| {_cell(change.source)} | {change.change} | {change.chunks_before} → {change.chunks_after} |"


def _cell(text: str | None) -> str:
    """Text that cannot end a table cell or be taken for markup."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|" else char for char in printable(text or "nothing"))

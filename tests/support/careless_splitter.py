"""A splitter that cuts tables anywhere, and a document with a table."""

from knowligo_index.types import Chunk, Document

ROWS = "".join(f"| E-{number} | causa número {number} de la tabla |\n" for number in range(40))
TABLE = f"# Códigos\n\n| Código | Causa |\n| --- | --- |\n{ROWS}\nFin.\n"


def cut_every(document: Document, size: int) -> list[Chunk]:
    """As a splitter that knows nothing of tables would."""
    return [
        Chunk(
            document.text[start : start + size],
            start,
            min(start + size, len(document.text)),
            (),
            "",
            1,
            1,
            None,
            None,
            1,
        )
        for start in range(0, len(document.text), size)
    ]

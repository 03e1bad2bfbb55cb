"""A folder of hostile files: `python tests/hostile/corpus.py FOLDER` writes them, `CASES` says what should become of
each. The same bytes every time."""

import argparse
import sys
from pathlib import Path

import corpus_bombs
import corpus_characters
import corpus_copies
import corpus_csv
import corpus_files
import corpus_html
import corpus_markdown
import corpus_pdf_broken
import corpus_pdf_fonts
import corpus_pdf_shown
import corpus_rst
import corpus_text
import corpus_word
import corpus_word_shown
import corpus_word_xml
import corpus_zip
from corpus_case import Case

MODULES = (
    *(corpus_files, corpus_text, corpus_characters, corpus_copies, corpus_csv, corpus_markdown, corpus_html),
    *(corpus_rst, corpus_pdf_shown, corpus_pdf_fonts, corpus_pdf_broken, corpus_word, corpus_word_shown),
    *(corpus_word_xml, corpus_zip, corpus_bombs),
)
CASES: list[Case] = [case for module in MODULES for case in module.CASES]


def write_corpus(folder: Path) -> None:
    """Write every case below `folder`, which is made if need be."""
    for case in CASES:
        path = folder / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        case.make(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty: name a folder that is, or a new one.")
    write_corpus(folder)
    print(f"{len(CASES)} cases in {folder}")


if __name__ == "__main__":
    main()

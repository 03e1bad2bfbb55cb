"""The documents and questions of the benchmark: FastAPI's pages, and larger corpora generated from them by a seed."""

import random
import shutil
from pathlib import Path

# The real documents, in a folder next to the checkout.
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PAGES = DATA / "fastapi-docs"


def sixty_pages(folder: Path) -> Path:
    """Copy sixty of the English pages, at equal distances in the order of their names."""
    pages = sorted((PAGES / "en").rglob("*.md"))
    selected = [pages[number * len(pages) // 60] for number in range(60)]
    return _copy_pages(selected, folder)


def all_pages(folder: Path) -> Path:
    """Copy the 280 pages, in both languages."""
    return _copy_pages(sorted(PAGES.rglob("*.md")), folder)


def generated_pages(folder: Path, megabytes: float, seed: int = 0) -> Path:
    """Write Markdown of this size: pages of random paragraphs of the real pages, each with a random number, so that no
    two paragraphs are the same."""
    generator = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*.md"))]
    paragraphs = [part for text in texts for part in text.split("\n\n") if 80 < len(part) < 1500 and "```" not in part]
    folder.mkdir(parents=True)
    written_bytes = number = 0
    while written_bytes < megabytes * 1e6:
        parts = [f"{part} ({generator.randrange(10**9)})" for part in generator.sample(paragraphs, 40)]
        page = f"# Page {number}\n\n" + "\n\n".join(parts) + "\n"
        (folder / f"{number:05}.md").write_text(page, encoding="utf-8")
        written_bytes += len(page.encode())
        number += 1
    return folder


def questions(count: int, seed: int = 0) -> list[str]:
    """Distinct questions of the usual length, made of the headings of the pages."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*.md"))]
    headings = [
        line.strip("# ").split("{")[0].strip() for text in texts for line in text.splitlines() if line[:2] == "##"
    ]
    distinct = sorted({f"How does {heading.lower()} work?" for heading in headings if len(heading) > 8})
    return random.Random(seed).sample(distinct, count)


def _copy_pages(pages: list[Path], folder: Path) -> Path:
    for page in pages:
        target = folder / page.relative_to(PAGES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, target)
    return folder

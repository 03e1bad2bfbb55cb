"""What is built and asked: real pages where they lie beside the checkout, and larger heaps made of them by a seed."""

import random
import shutil
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PAGES = DATA / "fastapi-docs"


def sixty_pages(folder: Path) -> Path:
    """Sixty of the English pages, at even distances in the order of their names: about 102,000 tokens."""
    pages = sorted((PAGES / "en").rglob("*.md"))
    chosen = [pages[number * len(pages) // 60] for number in range(60)]
    return _copied(chosen, folder)


def all_pages(folder: Path) -> Path:
    """The 280 pages, in both languages."""
    return _copied(sorted(PAGES.rglob("*.md")), folder)


def heap(folder: Path, megabytes: float, seed: int = 0) -> Path:
    """Markdown of this size: pages of the paragraphs of all pages, shuffled, with numbers in them so that no two
    paragraphs are the same."""
    chance = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*.md"))]
    paragraphs = [part for text in texts for part in text.split("\n\n") if 80 < len(part) < 1500 and "```" not in part]
    folder.mkdir(parents=True)
    written = number = 0
    while written < megabytes * 1e6:
        parts = [f"{part} ({chance.randrange(10**9)})" for part in chance.sample(paragraphs, 40)]
        page = f"# Page {number}\n\n" + "\n\n".join(parts) + "\n"
        (folder / f"{number:05}.md").write_text(page, encoding="utf-8")
        written += len(page.encode())
        number += 1
    return folder


def questions(count: int, seed: int = 0) -> list[str]:
    """Distinct questions of the length that people type, from the headings of the pages."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*.md"))]
    headings = [
        line.strip("# ").split("{")[0].strip() for text in texts for line in text.splitlines() if line[:2] == "##"
    ]
    distinct = sorted({f"How does {heading.lower()} work?" for heading in headings if len(heading) > 8})
    return random.Random(seed).sample(distinct, count)


def _copied(pages: list[Path], folder: Path) -> Path:
    for page in pages:
        target = folder / page.relative_to(PAGES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, target)
    return folder

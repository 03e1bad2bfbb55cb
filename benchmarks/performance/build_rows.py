"""Rows of the table on builds: a full one, one without changes, one with a changed page, a killed one, and memory."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.performance import corpus
from benchmarks.performance.bench import Bench, Row, format_seconds
from benchmarks.performance.measure import build_command, build_result, clear_all_but_encoders, in_turns, run

PEER_BUILDS = {
    "sentence-transformers + FAISS": "sentence_transformers_faiss",
    "LangChain": "langchain_build",
    "LlamaIndex": "llama_index_build",
}
"""by name of the peer, its script"""


def full_build(bench: Bench) -> list[Row]:
    """A full build of sixty pages by this project and by three peers, from process start to exit."""
    pages = corpus.sixty_pages(bench.unused_path("sixty"))
    index = bench.unused_path("sixty-index")
    first_build = build_result(run(build_command(pages, index)))
    knowligo, *peers = in_turns(
        bench.repeats,
        bench.full_build(pages, index),
        *(bench.peer_build(script, pages) for script in PEER_BUILDS.values()),
    )
    fastest = min(peers, key=lambda figure: figure.median)
    ratio = fastest.median / knowligo.median
    tokens = first_build["tokens"]
    stages = first_build["seconds"]
    assert isinstance(stages, dict)
    return [
        Row(
            f"full build of 60 pages ({tokens:,} tokens), encoder already exported, no cache",
            format_seconds(knowligo),
            ", ".join(f"{name} {format_seconds(figure)}" for name, figure in zip(PEER_BUILDS, peers, strict=True)),
            f"{ratio:.1f}x faster",
            "4x",
            ratio >= 4,
            "6x",
        ),
        Row("exporting the encoder (once)", f"{stages['export encoder']:.1f} s", "", "", "", None),
    ]


def incremental(bench: Bench) -> list[Row]:
    """A build of 280 pages of which none, and of which one has changed, compared with a full build."""
    pages = corpus.all_pages(bench.unused_path("pages"))
    index = bench.unused_path("pages-index")
    run(build_command(pages, index))
    page = pages / "en" / "docs" / "index.md"
    numbers = iter(range(1_000))

    def without_changes() -> float:
        build = run(build_command(pages, index))
        assert build_result(build)["status"] == "unchanged"
        return build.seconds

    def with_one_changed_page() -> float:
        text = page.read_text(encoding="utf-8")
        page.write_text(f"{text}\nOne more line, number {next(numbers)}.\n", encoding="utf-8")
        build = run(build_command(pages, index))
        assert build_result(build)["status"] == "published"
        return build.seconds

    # The full build comes first: it writes the cache that the other two builds read.
    full, unchanged, changed = in_turns(
        bench.repeats, bench.full_build(pages, index), without_changes, with_one_changed_page
    )
    other_index = bench.unused_path("pages-full-index")
    shutil.copytree(index / "encoders", other_index / "encoders")
    run(build_command(pages, other_index))
    same_files = _content_files(index) == _content_files(other_index)
    comparison = "identical to" if same_files else "NOT IDENTICAL TO"
    unchanged_ratio, changed_ratio = full.median / unchanged.median, full.median / changed.median
    return [
        Row(
            "build of 280 pages, nothing changed",
            format_seconds(unchanged),
            f"full build {format_seconds(full)}",
            f"{unchanged_ratio:.0f}x faster",
            "0.4 s and 100x",
            unchanged.median <= 0.4 and unchanged_ratio >= 100,
            "0.2 s",
        ),
        Row(
            f"build of 280 pages, one changed; files {comparison} those of a full build",
            format_seconds(changed),
            f"full build {format_seconds(full)}",
            f"{changed_ratio:.0f}x faster",
            "20x",
            changed_ratio >= 20 and same_files,
            "30x",
        ),
    ]


def memory(bench: Bench) -> list[Row]:
    """Peak memory of a build of 33 MB of Markdown, and of a tenth of that; one build each, since they take minutes."""
    small = corpus.generated_pages(bench.unused_path("small"), 3.3)
    large = corpus.generated_pages(bench.unused_path("large"), 33)
    peaks = []
    for pages in (small, large):
        index = bench.unused_path(f"{pages.name}-index")
        shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
        peaks.append(run(build_command(pages, index)).peak_bytes)
    ratio = peaks[1] / peaks[0]
    return [
        Row(
            "peak memory of a build of 33 MB of Markdown, all processes together",
            f"{peaks[1] / 1e6:,.0f} MB",
            f"3.3 MB: {peaks[0] / 1e6:,.0f} MB",
            f"{ratio:.2f}x",
            "1.3x and 1.2 GB",
            ratio < 1.3 and peaks[1] < 1.2e9,
            "0.8 GB",
        )
    ]


def killed(bench: Bench) -> list[Row]:
    """The build after one that was killed (SIGKILL) at half the time of a full build: its share of that time."""
    pages = corpus.all_pages(bench.unused_path("pages"))
    index = bench.unused_path("pages-index")
    run(build_command(pages, index))
    full_build_seconds = bench.full_build(pages, index)

    def share_of_next_build() -> float:
        full_seconds = full_build_seconds()
        clear_all_but_encoders(index)
        process = subprocess.Popen([str(word) for word in build_command(pages, index)], stdout=subprocess.DEVNULL)
        time.sleep(full_seconds / 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return run(build_command(pages, index)).seconds / full_seconds

    (share,) = in_turns(bench.repeats, share_of_next_build)
    return [
        Row(
            "the build after one killed at half the time of a full build",
            f"{share.median:.0%} ± {share.spread:.0%}",
            "full build 100 %",
            "",
            "60 %",
            share.median <= 0.6,
            "52 %",
        )
    ]


def _content_files(index: Path) -> dict[str, bytes]:
    """The files of the live version that depend on nothing but its content."""
    folder = index / "versions" / (index / "CURRENT").read_text().split()[0]
    return {name: (folder / name).read_bytes() for name in ("vectors.faiss", "chunks.sqlite", "ledger.jsonl")}

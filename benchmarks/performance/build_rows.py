"""Rows of the table on builds: full, unchanged, of one page, killed; time and memory."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.performance import material
from benchmarks.performance.bench import Bench, Row, seconds
from benchmarks.performance.measure import build_command, built, clear, in_turns, run


def full_build(bench: Bench) -> list[Row]:
    """Three peers and us, from process start to exit."""
    pages = material.sixty_pages(bench.fresh("sixty"))
    index = bench.fresh("sixty-index")
    first = built(run(build_command(pages, index)))
    ours, *peers = in_turns(
        bench.repeats,
        bench.cold_build(pages, index),
        *(bench.peer(script, pages) for script in ("plain", "langchain_build", "llama_index_build")),
    )
    names = ("plain", "LangChain", "LlamaIndex")
    fastest = min(peers, key=lambda figure: figure.median)
    ratio = fastest.median / ours.median
    tokens = first["tokens"]
    stages = first["seconds"]
    assert isinstance(stages, dict)
    return [
        Row(
            f"full build of 60 pages ({tokens:,} tokens), the encoder exported, no cache",
            seconds(ours),
            ", ".join(f"{name} {seconds(figure)}" for name, figure in zip(names, peers, strict=True)),
            f"{ratio:.1f}x faster",
            "4x",
            ratio >= 4,
            "6x",
        ),
        Row("exporting the encoder, once", f"{stages['export encoder']:.1f} s", "", "", "", None),
    ]


def incremental(bench: Bench) -> list[Row]:
    """280 pages: all, none and one of them changed."""
    pages = material.all_pages(bench.fresh("pages"))
    index = bench.fresh("pages-index")
    run(build_command(pages, index))
    page = pages / "en" / "docs" / "index.md"
    turn = iter(range(1_000))

    def unchanged() -> float:
        found = run(build_command(pages, index))
        assert built(found)["status"] == "unchanged"
        return found.seconds

    def one_changed() -> float:
        page.write_text(page.read_text(encoding="utf-8") + f"\nOne more line, number {next(turn)}.\n", encoding="utf-8")
        found = run(build_command(pages, index))
        assert built(found)["status"] == "published"
        return found.seconds

    def full() -> float:
        return bench.cold_build(pages, index)()

    # The full build leaves the cache that the others find.
    whole, nothing, one = in_turns(bench.repeats, full, unchanged, one_changed)
    fresh = bench.fresh("pages-again")
    shutil.copytree(index / "encoders", fresh / "encoders")
    run(build_command(pages, fresh))
    same = _content(index) == _content(fresh)
    times, fold = whole.median / nothing.median, whole.median / one.median
    return [
        Row(
            "nothing changed (280 pages)",
            seconds(nothing),
            f"full build {seconds(whole)}",
            f"{times:.0f}x less",
            "0.4 s and 100x",
            nothing.median <= 0.4 and times >= 100,
            "0.2 s",
        ),
        Row(
            f"one page of 280 changed, {'the same bytes as' if same else 'OTHER BYTES THAN'} a full build's",
            seconds(one),
            f"full build {seconds(whole)}",
            f"{fold:.0f}x less",
            "20x",
            fold >= 20 and same,
            "30x",
        ),
    ]


def memory(bench: Bench) -> list[Row]:
    """Ten times as much Markdown; once each, since it takes minutes."""
    small = material.heap(bench.fresh("small"), 3.3)
    large = material.heap(bench.fresh("large"), 33)
    peaks = []
    for pages in (small, large):
        index = bench.fresh(f"{pages.name}-index")
        shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
        peaks.append(run(build_command(pages, index)).peak_bytes)
    ratio = peaks[1] / peaks[0]
    return [
        Row(
            "peak memory, 33 MB of Markdown, with all its processes",
            f"{peaks[1] / 1e6:,.0f} MB",
            f"3.3 MB: {peaks[0] / 1e6:,.0f} MB",
            f"{ratio:.2f}x",
            "1.3x and 1.2 GB",
            ratio < 1.3 and peaks[1] < 1.2e9,
            "0.8 GB",
        )
    ]


def killed(bench: Bench) -> list[Row]:
    """kill -9 when half of a full build's time has passed, and again."""
    pages = material.all_pages(bench.fresh("pages"))
    index = bench.fresh("pages-index")
    run(build_command(pages, index))
    full = bench.cold_build(pages, index)

    def again() -> float:
        whole = full()
        clear(index)
        process = subprocess.Popen([str(word) for word in build_command(pages, index)], stdout=subprocess.DEVNULL)
        time.sleep(whole / 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return run(build_command(pages, index)).seconds / whole

    (share,) = in_turns(bench.repeats, again)
    return [
        Row(
            "killed at half of a full build, and run again",
            f"{share.median:.0%} ± {share.spread:.0%}",
            "full build 100 %",
            "",
            "60 %",
            share.median <= 0.6,
            "52 %",
        )
    ]


def _content(index: Path) -> dict[str, bytes]:
    """The files of the live version that depend on what is in it alone."""
    folder = index / "versions" / (index / "CURRENT").read_text().split()[0]
    return {name: (folder / name).read_bytes() for name in ("vectors.faiss", "chunks.sqlite", "ledger.jsonl")}

"""Rows of the table on encoding: tokens a second, and how near that is to what the arithmetic allows."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.beir import mean_ndcg, read_retrieval_set
from benchmarks.performance import material
from benchmarks.performance.bench import Bench, Row, per_second
from benchmarks.performance.machine import gemm_peak
from benchmarks.performance.measure import in_turns
from knowligo_index.encoders import EncoderOptions, find_encoder


def throughput(bench: Bench) -> list[Row]:
    """Tokens a second of each precision and of sentence-transformers' `encode` with its defaults, and the shares of
    what the arithmetic allows."""
    from sentence_transformers import SentenceTransformer

    data = read_retrieval_set(material.DATA / "xquad" / "en")
    texts = list(data.documents.values())
    tokenizer = find_encoder(EncoderOptions()).tokenizer()
    lengths = [min(count, tokenizer.max_tokens) for count in tokenizer.count_inputs(texts)]
    model = SentenceTransformer(str(bench.model_folder), device="cpu")
    encoders = {precision: bench.encoder(precision) for precision in ("float32", "bfloat16", "int8")}
    reference = model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)
    asked = model.encode_query(data.question_texts, normalize_embeddings=True, show_progress_bar=False)
    quality = {"": mean_ndcg(data, reference, asked)}
    cosine = {}
    for precision, encoder in encoders.items():
        vectors = encoder.encode_passages(texts)
        cosine[precision] = float(np.mean(np.sum(vectors * reference, axis=1)))
        quality[precision] = mean_ndcg(data, vectors, encoder.encode_queries(data.question_texts))

    def rate(encode: Callable[[list[str]], object]) -> Callable[[], float]:
        def measure() -> float:
            start = time.perf_counter()
            encode(texts)
            return sum(lengths) / (time.perf_counter() - start)

        return measure

    plain, *found = in_turns(
        bench.repeats,
        rate(lambda some: model.encode_document(some, show_progress_bar=False)),
        *(rate(encoder.encode_passages) for encoder in encoders.values()),
    )
    rates = dict(zip(encoders, found, strict=True))
    rows = []
    for precision, floor, aim in (("int8", 4.0, 7), ("bfloat16", 3.2, 4), ("float32", None, None)):
        ratio = rates[precision].median / plain.median
        loss = quality[""] - quality[precision]
        holds = loss <= 0.005 if precision == "int8" else cosine[precision] >= 0.9999
        rows.append(
            Row(
                f"encoding in {precision}: mean cosine {cosine[precision]:.5f}, nDCG@10 {quality[precision]:.4f} "
                f"(sentence-transformers: {quality['']:.4f})",
                per_second(rates[precision]),
                f"sentence-transformers {per_second(plain)}",
                f"{ratio:.1f}x faster",
                f"{floor}x" if floor else "",
                ratio >= floor and holds if floor else None,
                f"{aim}x" if aim else "",
            )
        )
    shares: list[tuple[str, float | None, str]]
    shares = [("bfloat16", 0.65, "80 %"), ("int8", 0.45, "65 %"), ("float32", None, "")]
    for precision, least, share_aim in shares:
        peak = gemm_peak(precision, bench.threads)
        # multilingual-e5-small: twelve layers of 4 x 384^2 + 2 x 384 x 1536 weights, and two products of length x 384
        # for attention, two operations a multiply-add.
        work = sum(length * (2 * 12 * (4 * 384**2 + 2 * 384 * 1536) + 12 * 4 * length * 384) for length in lengths)
        share = rates[precision].median * work / sum(lengths) / peak
        rows.append(
            Row(
                f"share of the arithmetic ceiling, {precision}",
                f"{rates[precision].median * work / sum(lengths) / 1e9:,.0f} G/s",
                f"matrix product of 2048^3: {peak / 1e9:,.0f} G/s",
                f"{share:.0%}",
                f"{least:.0%}" if least else "",
                share >= least if least else None,
                share_aim,
            )
        )
    return rows

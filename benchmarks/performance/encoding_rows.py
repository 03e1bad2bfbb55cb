"""Rows of the table on encoding: tokens per second, and their share of the arithmetic ceiling, which is the speed of a
large matrix product on this machine."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.beir import mean_ndcg, read_retrieval_set
from benchmarks.performance import corpus
from benchmarks.performance.bench import Bench, Row, format_rate
from benchmarks.performance.machine import gemm_peak
from benchmarks.performance.measure import in_turns
from knowligo_index.encoders import EncoderOptions, find_encoder


def throughput(bench: Bench) -> list[Row]:
    """Tokens per second of each precision, compared with `encode_document` of sentence-transformers with its defaults
    and with the arithmetic ceiling."""
    from sentence_transformers import SentenceTransformer

    data = read_retrieval_set(corpus.DATA / "xquad" / "en")
    texts = list(data.documents.values())
    tokenizer = find_encoder(EncoderOptions()).tokenizer()
    lengths = [min(count, tokenizer.max_tokens) for count in tokenizer.count_inputs(texts)]
    model = SentenceTransformer(str(bench.model_folder), device="cpu")
    encoders = {precision: bench.encoder(precision) for precision in ("float32", "bfloat16", "int8")}
    reference = model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)
    question_vectors = model.encode_query(data.question_texts, normalize_embeddings=True, show_progress_bar=False)
    reference_ndcg = mean_ndcg(data, reference, question_vectors)
    ndcg = {}
    cosine = {}
    for precision, encoder in encoders.items():
        vectors = encoder.encode_passages(texts)
        cosine[precision] = float(np.mean(np.sum(vectors * reference, axis=1)))
        ndcg[precision] = mean_ndcg(data, vectors, encoder.encode_queries(data.question_texts))

    def rate(encode: Callable[[list[str]], object]) -> Callable[[], float]:
        def measure() -> float:
            start = time.perf_counter()
            encode(texts)
            return sum(lengths) / (time.perf_counter() - start)

        return measure

    peer, *figures = in_turns(
        bench.repeats,
        rate(lambda documents: model.encode_document(documents, show_progress_bar=False)),
        *(rate(encoder.encode_passages) for encoder in encoders.values()),
    )
    rates = dict(zip(encoders, figures, strict=True))
    rows = []
    for precision, required, aim in (("int8", 4.0, 7), ("bfloat16", 3.2, 4), ("float32", None, None)):
        ratio = rates[precision].median / peer.median
        loss = reference_ndcg - ndcg[precision]
        is_accurate = loss <= 0.005 if precision == "int8" else cosine[precision] >= 0.9999
        rows.append(
            Row(
                f"encoding in {precision}: mean cosine {cosine[precision]:.5f}, nDCG@10 {ndcg[precision]:.4f} "
                f"(sentence-transformers: {reference_ndcg:.4f})",
                format_rate(rates[precision]),
                f"sentence-transformers {format_rate(peer)}",
                f"{ratio:.1f}x faster",
                f"{required}x" if required else "",
                ratio >= required and is_accurate if required else None,
                f"{aim}x" if aim else "",
            )
        )
    shares: list[tuple[str, float | None, str]]
    shares = [("bfloat16", 0.65, "80 %"), ("int8", 0.45, "65 %"), ("float32", None, "")]
    for precision, required_share, share_aim in shares:
        peak = gemm_peak(precision, bench.threads)
        # multilingual-e5-small has twelve layers, each with 4 x 384^2 + 2 x 384 x 1536 weights and, for attention, two
        # products of length x 384 for each token. A multiply-add counts as two operations.
        operations = sum(
            length * (2 * 12 * (4 * 384**2 + 2 * 384 * 1536) + 12 * 4 * length * 384) for length in lengths
        )
        share = rates[precision].median * operations / sum(lengths) / peak
        rows.append(
            Row(
                f"share of the arithmetic ceiling, {precision}",
                f"{rates[precision].median * operations / sum(lengths) / 1e9:,.0f} G/s",
                f"matrix product of 2048^3: {peak / 1e9:,.0f} G/s",
                f"{share:.0%}",
                f"{required_share:.0%}" if required_share else "",
                share >= required_share if required_share else None,
                share_aim,
            )
        )
    return rows

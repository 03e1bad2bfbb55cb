"""The rows of the table: each measures one thing, ours beside a peer's or beside another of ours."""

from benchmarks.performance.build_rows import full_build, incremental, killed, memory
from benchmarks.performance.encoding_rows import throughput
from benchmarks.performance.query_rows import queries

ROWS = (full_build, throughput, incremental, killed, queries, memory)

"""The measurements of the table, in its order. Each function measures one thing and returns its rows; its name is what
`--rows` takes."""

from benchmarks.performance.build_rows import full_build, incremental, killed, memory
from benchmarks.performance.encoding_rows import throughput
from benchmarks.performance.query_rows import queries

ROWS = (full_build, throughput, incremental, killed, queries, memory)

"""`make bench`: every figure of docs/performance.md, ours and the peers' side by side in one run."""

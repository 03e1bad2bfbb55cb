"""Measurements: each is a command, `python -m benchmarks.NAME`, and says what it prints."""

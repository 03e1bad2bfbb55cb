"""Benchmarks. Each is a command, `python -m benchmarks.NAME`; `--help` describes what it measures and prints."""

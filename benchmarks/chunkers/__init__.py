"""Comparison of the chunker with the text splitters of other libraries."""

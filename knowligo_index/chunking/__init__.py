"""Chunking: cuts a document into passages that the encoder reads whole. `chunker.chunk_document` does it.

The default sizes were chosen by measurement: docs/adr/0003-chunk-size.md.
"""

# Distributions whose release decides where a text is cut: they are part of a version's digest.
LIBRARIES = ("sentencex",)

"""The default encoder: what is known of it without reading its file."""

DEFAULT_ENCODER = "intfloat/multilingual-e5-small"

QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "
"""Wang et al., "Multilingual E5 Text Embeddings: A Technical Report" (2024)"""

TOKENIZER_SHA256 = "5183cebd01460fbfb39a3354dfd0fecdc8ff265606f3a52b643f7b43cbcaeb7d"
"""of its tokenizer as `e5_folder` generates it, in canonical form. It is recorded here because
generating it takes a second, also in a build where nothing has changed."""

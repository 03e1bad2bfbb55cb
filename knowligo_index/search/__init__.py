"""Find the passages of a version that answer a question."""

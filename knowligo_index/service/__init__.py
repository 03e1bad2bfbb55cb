"""The service: searches of an index and generated answers over HTTP. Needs the `serve` extra."""

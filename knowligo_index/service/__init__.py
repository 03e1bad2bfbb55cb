"""The service: an index that is searched and asked over HTTP. Needs the `serve` extra."""

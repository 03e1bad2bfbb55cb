"""Metrics of the service, in the format of Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.process_collector import ProcessCollector

from knowligo_index.store.manifest import Manifest

# Upper bounds of histograms. A search takes milliseconds; with many clients at once it may wait for seconds.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_ANSWER_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


class Metrics:
    """The metrics of one service. They contain no question and no address of a client."""

    def __init__(self) -> None:
        # Not the global registry: two services of a process would count together in it.
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("knowligo_requests", "Requests.", ["route", "method", "status"], registry=registry)
        self.request_seconds = Histogram(
            "knowligo_request_seconds",
            "Time from the first byte of a request to the last byte of its response.",
            ["route"],
            buckets=(*_SECONDS, *_ANSWER_SECONDS[-4:]),
            registry=registry,
        )
        self.in_progress = Gauge("knowligo_requests_under_way", "Searches and answers in progress.", registry=registry)
        self.refused = Counter(
            "knowligo_requests_refused",
            "Requests that were refused, by the limit or the check that refused them.",
            ["limit"],
            registry=registry,
        )
        self.search_seconds = Histogram(
            "knowligo_search_seconds",
            "Time of a search, without the wait for a free thread.",
            ["mode"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.answers = Counter(
            "knowligo_answers", "Requests for an answer, by their outcome.", ["outcome"], registry=registry
        )
        self.answer_seconds = Histogram(
            "knowligo_answer_seconds",
            "Time to generate an answer.",
            buckets=_ANSWER_SECONDS,
            registry=registry,
        )
        self.unknown_citations = Counter(
            "knowligo_unknown_citations", "Citations of passages that do not exist.", registry=registry
        )
        self._index = Info("knowligo_index", "The version in use.", registry=registry)
        self._chunks = Gauge("knowligo_index_chunks", "Passages of the version in use.", registry=registry)
        self._documents = Gauge("knowligo_index_documents", "Documents of the version in use.", registry=registry)
        self._reloads = Counter("knowligo_index_reloads", "Switches to another version.", registry=registry)
        self._reload_failures = Counter(
            "knowligo_index_reload_failures", "Attempts to open the live version that failed.", registry=registry
        )
        self._last_reload = Gauge(
            "knowligo_index_last_reload_timestamp_seconds",
            "Time at which the version in use was opened.",
            registry=registry,
        )
        self._stale = Gauge(
            "knowligo_index_stale",
            "1 if the live version cannot be opened and another one is in use.",
            registry=registry,
        )

        self._refresh_seconds = Gauge(
            "knowligo_index_refresh_seconds",
            "Time that the check for a new live version in progress has taken; 0 if there is none.",
            registry=registry,
        )

    def opened(self, manifest: Manifest) -> None:
        """Record that a version is in use from now on."""
        self._index.info({"version": manifest.version, "encoder": manifest.encoder.id})
        self._chunks.set(manifest.chunks)
        self._documents.set(manifest.documents.indexed)
        self._last_reload.set_to_current_time()

    def refreshed(self, manifest: Manifest | None) -> None:
        """Record that another version is in use from now on, or (None) that it could not be opened."""
        if manifest is None:
            self._reload_failures.inc()
            return
        self._reloads.inc()
        self.opened(manifest)

    def set_stale_function(self, is_stale: Callable[[], bool]) -> None:
        """`is_stale` is called whenever the metrics are read."""
        self._stale.set_function(is_stale)

    def set_refresh_seconds_function(self, seconds: Callable[[], float]) -> None:
        """`seconds` is called whenever the metrics are read."""
        self._refresh_seconds.set_function(seconds)

    def exposition(self) -> bytes:
        """The metrics as text."""
        return generate_latest(self._registry)

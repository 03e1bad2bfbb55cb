"""What the service counts and times, in Prometheus' format."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.process_collector import ProcessCollector

from knowligo_index.store.manifest import Manifest

# A search takes milliseconds; so many clients at once wait for a second.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_ANSWER_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


class Metrics:
    """The metrics of one service. They hold no question and no address of a client."""

    def __init__(self) -> None:
        # Not the registry of the process, in which two services would count together.
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "knowligo_requests", "Requests that were answered.", ["route", "method", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "knowligo_request_seconds",
            "From a request's first byte to its answer's last.",
            ["route"],
            buckets=(*_SECONDS, *_ANSWER_SECONDS[-4:]),
            registry=registry,
        )
        self.under_way = Gauge("knowligo_requests_under_way", "Searches and answers under way.", registry=registry)
        self.refused = Counter("knowligo_requests_refused", "Requests over a limit.", ["limit"], registry=registry)
        self.search_seconds = Histogram(
            "knowligo_search_seconds",
            "Time in the index, without waiting for a turn.",
            ["mode"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.answers = Counter("knowligo_answers", "Worded answers, by how they ended.", ["outcome"], registry=registry)
        self.answer_seconds = Histogram(
            "knowligo_answer_seconds",
            "From the question to the answer's last word.",
            buckets=_ANSWER_SECONDS,
            registry=registry,
        )
        self.unknown_citations = Counter(
            "knowligo_unknown_citations", "Citations that named no passage.", registry=registry
        )
        self._index = Info("knowligo_index", "The version that answers.", registry=registry)
        self._chunks = Gauge("knowligo_index_chunks", "Passages of the version that answers.", registry=registry)
        self._documents = Gauge("knowligo_index_documents", "Documents of that version.", registry=registry)
        self._reloads = Counter("knowligo_index_reloads", "Moves to another version.", registry=registry)
        self._reload_failures = Counter(
            "knowligo_index_reload_failures", "Attempts to open the live version that failed.", registry=registry
        )
        self._last_reload = Gauge(
            "knowligo_index_last_reload_timestamp_seconds",
            "When the version that answers was opened.",
            registry=registry,
        )
        self._stale = Gauge(
            "knowligo_index_stale", "1 where the live version does not open, and another answers.", registry=registry
        )

    def opened(self, manifest: Manifest) -> None:
        """A version answers from now on."""
        self._index.info({"version": manifest.version, "encoder": manifest.encoder.id})
        self._chunks.set(manifest.chunks)
        self._documents.set(manifest.documents.indexed)
        self._last_reload.set_to_current_time()

    def moved(self, manifest: Manifest | None) -> None:
        """Another version answers from now on, or (None) could not be opened."""
        if manifest is None:
            self._reload_failures.inc()
            return
        self._reloads.inc()
        self.opened(manifest)

    def stale_where(self, is_stale: Callable[[], bool]) -> None:
        """Ask this whenever somebody looks."""
        self._stale.set_function(is_stale)

    def exposition(self) -> bytes:
        """All of it as text."""
        return generate_latest(self._registry)

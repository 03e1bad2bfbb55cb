"""An encoder in a thread of its own, while the main thread reads and chunks the next documents."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from knowligo_index.encoders.protocol import CountedText, Encoder, Flush
from knowligo_index.system.arrays import FloatMatrix

# Texts that the thread is given together: so few that it starts early and stops soon.
_GROUP = 64

Vectors = tuple[Sequence[int], FloatMatrix]
"""numbers of texts, counted from 0 in the order in which they were put, and their unit vectors, float32 (n, dim)"""


class EncoderThread:
    """Takes texts and returns vectors. The thread computes and opens no file; `take` raises whatever the thread raises.

    A context manager: at its end the thread is stopped, and has ended.
    """

    def __init__(self, load: Callable[[], Encoder]) -> None:
        """`load` is called in the thread."""
        self._texts: queue.SimpleQueue[Sequence[CountedText] | None] = queue.SimpleQueue()
        """None is the end of the texts"""
        self._results: queue.SimpleQueue[Vectors | BaseException] = queue.SimpleQueue()
        self._encoder: Future[Encoder] = Future()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(load,), name="encoder", daemon=True)
        self.waiting = 0
        """number of texts that were put and whose vectors were not taken"""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._texts.put(None)
        self._thread.join()

    def put(self, texts: Sequence[CountedText]) -> None:
        """Queue these texts for the encoder."""
        self.waiting += len(texts)
        for start in range(0, len(texts), _GROUP):
            self._texts.put(texts[start : start + _GROUP])

    def take(self, *, wait: bool) -> Vectors | None:
        """The next vectors; None where no text is waiting or, without `wait`, no vectors are ready. Raises what the
        thread raised."""
        if not self.waiting or (self._results.empty() and not wait):
            return None
        result = self._results.get()
        if isinstance(result, BaseException):
            raise result
        numbers, _ = result
        self.waiting -= len(numbers)
        return result

    def encoder(self) -> Encoder:
        """The encoder, for other texts, once all texts that were put are encoded. No text may be put after this call.
        Raises what the thread raised while it loaded the encoder."""
        self._texts.put(None)
        self._thread.join()
        return self._encoder.result()

    def _work(self, load: Callable[[], Encoder]) -> None:
        try:
            encoder = load()
            self._encoder.set_result(encoder)
            for vectors in encoder.stream_passages(self._groups()):
                self._results.put(vectors)
        except BaseException as error:  # noqa: BLE001  the main thread raises it
            if not self._encoder.done():
                self._encoder.set_exception(error)
            self._results.put(error)

    def _groups(self) -> Iterator[Sequence[CountedText] | Flush]:
        """The texts that were put, with a Flush where no more are there yet."""
        while True:
            if self._texts.empty():
                yield Flush()
            texts = self._texts.get()
            if texts is None or self._stopped.is_set():
                return
            yield texts

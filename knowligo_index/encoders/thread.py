"""An encoder at work in a thread of its own, while others read and cut what it is to encode next."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from knowligo_index.encoders.protocol import CountedText, Encoder
from knowligo_index.system.arrays import FloatMatrix

# Texts that the thread is given together: few enough that it soon stops where it is told to, and is soon at work.
_GROUP = 64

Vectors = tuple[Sequence[int], FloatMatrix]
"""numbers of texts, counted from 0 in the order in which they were given, and their unit vectors"""


class EncoderThread:
    """Give it texts, take vectors. The thread computes and touches no file; whatever it raises, `take` raises.

    A context manager: at its end the thread is told to stop, and has stopped.
    """

    def __init__(self, load: Callable[[], Encoder]) -> None:
        """`load` is called in the thread."""
        self._texts: queue.SimpleQueue[Sequence[CountedText] | None] = queue.SimpleQueue()
        self._vectors: queue.SimpleQueue[Vectors | None] = queue.SimpleQueue()
        self._encoder: Future[Encoder] = Future()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, args=(load,), name="encoder", daemon=True)
        self.waiting = 0
        """texts whose vectors were not taken yet"""

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
        """Have these encoded."""
        self.waiting += len(texts)
        for start in range(0, len(texts), _GROUP):
            self._texts.put(texts[start : start + _GROUP])

    def take(self, *, wait: bool) -> Vectors | None:
        """Some vectors; None where there are none for now or, if it is to wait, none to come: no text is waiting."""
        if not self.waiting or (self._vectors.empty() and not wait):
            return None
        found = self._vectors.get()
        if found is None:
            assert self._failure is not None
            raise self._failure
        self.waiting -= len(found[0])
        return found

    def encoder(self) -> Encoder:
        """The encoder, for other texts, when all that was given has been encoded: no more may be given after that.
        Raises what the thread raised."""
        self._texts.put(None)
        self._thread.join()
        return self._encoder.result()

    def _work(self, load: Callable[[], Encoder]) -> None:
        try:
            encoder = load()
            self._encoder.set_result(encoder)
            for numbers, vectors in encoder.stream_passages(self._groups()):
                self._vectors.put((numbers, vectors))
        except BaseException as error:  # noqa: BLE001  it is raised again where somebody waits
            self._failure = error
            if not self._encoder.done():
                self._encoder.set_exception(error)
            self._vectors.put(None)

    def _groups(self) -> Iterator[Sequence[CountedText]]:
        """What was given; an empty group where nothing more is there for now."""
        while True:
            if self._texts.empty():
                yield ()
            texts = self._texts.get()
            if texts is None or self._stopped.is_set():
                return
            yield texts

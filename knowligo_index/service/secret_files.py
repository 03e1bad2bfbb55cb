"""Secrets that are read from files: the token of the service, and the API key of the model. None is in a message."""

import re
from pathlib import Path

from knowligo_index.errors import SettingError

_MAX_BYTES = 4_096

# What can follow the word Bearer in a header, long enough that nobody guesses it.
_TOKEN = re.compile(r"[!-~]{16,}")


def read_token(path: Path | None) -> str | None:
    """The token in a file, or None without a file. Raises SettingError."""
    if path is None:
        return None
    token = _read_line(path, "token_file")
    if not _TOKEN.fullmatch(token):
        raise SettingError(
            f"the token in {path}, which token_file names, is not valid: write one line of 16 characters or more, "
            "letters, digits and punctuation of ASCII without spaces, such as `openssl rand -hex 32` prints."
        )
    return token


def read_api_key(key: str, key_file: str) -> str:
    """The value of GROQ_API_KEY, or the content of the file that GROQ_API_KEY_FILE names; empty without either. Raises
    SettingError if both are set, or if the file holds no key."""
    if not key_file:
        return key.strip()
    if key.strip():
        raise SettingError("GROQ_API_KEY and GROQ_API_KEY_FILE are both set: set one of them.")
    api_key = _read_line(Path(key_file), "GROQ_API_KEY_FILE")
    if not api_key:
        raise SettingError(f"{key_file}, which GROQ_API_KEY_FILE names, is empty: write the key to it.")
    return api_key


def _read_line(path: Path, name: str) -> str:
    """The only line of a file. Raises SettingError."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingError(f"{path}, which {name} names, cannot be read ({reason}): correct the path.") from error
    text = content.decode("ascii", "replace").strip()
    if len(content) > _MAX_BYTES or not text.isascii() or len(text.splitlines()) > 1:
        raise SettingError(f"{path}, which {name} names, is not one line of ASCII text: write only the secret to it.")
    return text

"""The name of a source: its path relative to the knowledge folder, as text that can be stored as UTF-8."""

import os

from knowligo_index.system.utf8 import utf8_path

NAME_PLACE = "its name"
"""place of a secret in the name of a source"""


def source_name(relative: str) -> str:
    r"""The name for a relative path, from which `source_path` restores the path. A byte that is not valid UTF-8, which
    Python represents as a lone surrogate, becomes \xNN, and a backslash is doubled."""
    escaped = relative.replace("\\", "\\\\")
    return utf8_path(escaped)


def source_path(name: str) -> str:
    """The relative path for which `source_name` returned `name`."""
    parts = name.split("\\\\")
    return "\\".join(_unescape(part) for part in parts)


def _unescape(part: str) -> str:
    plain, *escapes = part.split("\\x")
    # After \x come two hexadecimal digits, and then plain text up to the next escape.
    decoded = plain.encode() + b"".join(bytes.fromhex(escape[:2]) + escape[2:].encode() for escape in escapes)
    return os.fsdecode(decoded)

"""Characters that a person does not see but a language model reads: instructions can be hidden in them.

Source for bidirectional controls and zero-width characters: Unicode Technical Report 36 (Unicode security
considerations). Tag characters (U+E0000 to U+E007F) and variation selectors can each spell any text.
"""

import re

# One joiner or variation selector is part of a word or an emoji; only runs of them are hidden characters. The flags of
# England, Scotland and Wales are a black flag (U+1F3F4) followed by tag characters.
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"
_HIDDEN = (
    "[\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef\U0001d173-\U0001d17a]"
)
_RUN = re.compile(f"{_FLAG}|({_HIDDEN}+|[\u200c\u200d\ufe00-\ufe0f]{{2,}})")

# Most texts have none of these characters. This search takes a fraction of the time of the search for runs.
_ANY = re.compile(f"[\u200c\u200d\ufe00-\ufe0f{_HIDDEN[1:]}")

# Hidden characters that can spell text.
_SPELLING = re.compile("[\U000e0000-\U000e007f\U000e0100-\U000e01ef\u200c\u200d\ufe00-\ufe0f]{2,}")

# Control characters except tab and line ends; soft hyphens; lone surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\ud800-\udfff]")

_SOFT_HYPHENS = re.compile("\xad+")


def find_hidden(text: str) -> list[tuple[int, int]]:
    """Spans of hidden characters."""
    if text.isascii() or not _ANY.search(text):
        return []
    return [match.span(1) for match in _RUN.finditer(text) if match.group(1)]


def find_unseen(text: str) -> list[tuple[int, int]]:
    """Spans of hidden characters and of soft hyphens, in order."""
    if text.isascii():
        return []
    soft = [match.span() for match in _SOFT_HYPHENS.finditer(text)]
    return sorted([*find_hidden(text), *soft]) if soft else find_hidden(text)


def find_spelled(text: str) -> list[tuple[int, int]]:
    """Spans of the hidden characters that can spell a text."""
    return [(start, end) for start, end in find_hidden(text) if _SPELLING.fullmatch(text, start, end)]


def without_hidden(text: str) -> tuple[str, int]:
    """The text without hidden characters, and how many there were. Control characters, soft hyphens and lone
    surrogates, which come from faulty fonts and programs, are removed too but not counted."""
    hidden = sum(end - start for start, end in find_hidden(text))
    if hidden:
        text = _RUN.sub(lambda match: "" if match.group(1) else match.group(), text)
    return _CONTROLS.sub("", text), hidden

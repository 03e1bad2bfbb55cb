"""Characters that nobody sees and a language model reads: a document can carry instructions in them.

Sources: Unicode Technical Report 36 (Unicode security considerations) for bidirectional controls and zero-width
characters; tag characters (U+E0000 to U+E007F) and variation selectors can each spell any text.
"""

import re

# Joiners and variation selectors have their place inside a word or an emoji: one at a time. The flags of England,
# Scotland and Wales are a black flag (U+1F3F4) followed by tag characters.
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"
_HIDDEN = (
    "[\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef\U0001d173-\U0001d17a]"
)
_RUN = re.compile(f"{_FLAG}|({_HIDDEN}+|[\u200c\u200d\ufe00-\ufe0f]{{2,}})")

# Most texts have none of all these; to see that takes a fraction of the time to look for the runs.
_ANY = re.compile(f"[\u200c\u200d\ufe00-\ufe0f{_HIDDEN[1:]}")

# Those that spell text, or turn it round.
_SPELLING = re.compile("[\U000e0000-\U000e007f\U000e0100-\U000e01ef\u200c\u200d\ufe00-\ufe0f]{2,}")

# Control characters but tab and line ends; soft hyphens; lone surrogates.
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
    """Spans of those hidden characters that can spell a text of their own."""
    return [(start, end) for start, end in find_hidden(text) if _SPELLING.fullmatch(text, start, end)]


def without_hidden(text: str) -> tuple[str, int]:
    """The text without hidden characters, and how many they were. Control characters, soft hyphens and lone
    surrogates, which broken fonts and programs leave behind, go too and are not counted."""
    hidden = sum(end - start for start, end in find_hidden(text))
    if hidden:
        text = _RUN.sub(lambda match: "" if match.group(1) else match.group(), text)
    return _CONTROLS.sub("", text), hidden

"""Judges whether the text of a page is readable or garbled.

A font without a correct map to Unicode gives other characters than those on the page: the page looks right, but its
extracted text is garbled. The score of a page is between 0 (garbled) and 1 (nothing unusual):

    score = 1 - min(1, 4 x unreadable)      unreadable: the share of unreadable characters
          = 0 if its letters are shifted    hardly any word is a common one, but many are after the code of each
                                            character is shifted by the same distance
          = 0 if its words have no vowels   as if letters were replaced by other letters: at least 20 words are of four
                                            or more lower-case Latin letters, and more than a third of them have none

Unreadable are U+FFFD, characters of the private use areas, control characters, unassigned code points, and "(cid:12)".
Only lower-case Latin letters are checked for vowels, and only common words of languages written in them can reveal a
shift. Arabic, Greek, Chinese, tables of numbers, code and product codes cannot be judged, and get a score of 1.
"""

import re
import unicodedata

MIN_SCORE = 0.5
_MAX_CHARACTERS = 20_000
_SAMPLE_CHARACTERS = 2_000
_MIN_WORDS = 20
_MAX_SHARE_WITHOUT_VOWELS = 1 / 3

# The common words that a text must have after a shift: how many different ones, and their share of all words. Codes
# that are positions in a font are 29 below those of the characters they show; codes with the highest bit set are 128
# above.
_USUAL_SHIFTS = {29: (2, 0.25), -128: (6, 0.15)}
_OTHER_SHIFTS = (6, 0.15)
_SHIFTS = tuple(dict.fromkeys([*_USUAL_SHIFTS, *(shift for shift in range(-40, 41) if shift)]))
_MAX_COMMON_UNSHIFTED = 0.12
# Share of common words among the pieces between spaces. A text with more of them needs no exact count of words.
_MIN_COMMON_PIECES = 0.2
_USUAL_VOWELS = (0.32, 0.6)

_CID = re.compile(r"\(cid:\d{1,6}\)")
# Characters other than ASCII, Latin letters and white space, which are checked one by one.
_UNUSUAL = re.compile("[^\t-\r -~\x85\xa0-\u024f\u2028\u2029]")
_SMALL_WORD = re.compile(r"(?<![^\W_])[a-zß-öø-ÿœ]{4,}(?![^\W_])")
_VOWELS = frozenset("aeiouyáéíóúàèìòùâêîôûäëïöüãõåæøœýÿ")
# Maps the consonants of Latin-1 to "c" and every other byte to a space.
_CONSONANTS = bytes(ord("c") if chr(code) in "bcdfghjklmnpqrstvwxzßçðñþ" else ord(" ") for code in range(0x100))
# A run of consonants at the end of a word. Whether it is the whole word is checked afterwards, which is faster.
_CONSONANTS_ALONE = re.compile(r"[bcdfghjklmnpqrstvwxzßçðñþ]{4,}(?![^\W_])")
_TOKEN = re.compile(r"[^\W\d_]{2,}")
# The same for texts with only Latin letters, in half the time.
_LATIN_TOKEN = re.compile("[a-zªµ²³¹ºß-öø-ÿ¼½¾\u0100-\u024f]{2,}")
_UNREADABLE_CATEGORIES = frozenset(("Cc", "Cn", "Co", "Cs"))

_COMMON_WORDS = (
    "de la el los las en que por para con una del se al no es su como más este esta son lo un and the of to in is for "
    "that with are this you or be on as it from not can le les des et dans pour une du est sur au par der die das und "
    "den von zu mit ist ein eine auf im für do da em os uma não com il di che per non sono"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def score_text(text: str) -> float:
    """The score of the extracted text of a page. An empty text scores 1."""
    text = text[:_MAX_CHARACTERS]
    if not text or text.isspace():
        return 1.0
    unreadable = sum(map(len, _CID.findall(text))) if "(cid:" in text else 0
    unreadable += sum([_is_unreadable(character) for character in _UNUSUAL.findall(text)])
    score = 1 - min(1.0, 4 * unreadable / len("".join(text.split()))) if unreadable else 1.0
    return 0.0 if score >= MIN_SCORE and (_lacks_vowels(text) or _is_shifted(text)) else score


def _is_unreadable(character: str) -> bool:
    # U+FFFE is PDFium's mark for a hyphen at the end of a line.
    return character == "\ufffd" or (
        character != "\ufffe" and unicodedata.category(character) in _UNREADABLE_CATEGORIES
    )


def _lacks_vowels(text: str) -> bool:
    # A fast check: there are at least as many such pieces as words without vowels.
    consonant_runs = text.encode("latin-1", "replace").translate(_CONSONANTS).count(b"cccc")
    if consonant_runs <= _MAX_SHARE_WITHOUT_VOWELS * _MIN_WORDS:
        return False
    matches = _CONSONANTS_ALONE.finditer(text)
    vowelless_words = sum([not text[max(match.start() - 1, 0) : match.start()].isalnum() for match in matches])
    if vowelless_words <= _MAX_SHARE_WITHOUT_VOWELS * _MIN_WORDS:
        return False
    words = _SMALL_WORD.findall(text)
    return len(words) >= _MIN_WORDS and vowelless_words > _MAX_SHARE_WITHOUT_VOWELS * len(words)


def _is_shifted(text: str) -> bool:
    sample = text[:_SAMPLE_CHARACTERS]
    pieces = sample.casefold().split()
    if sum(map(_COMMON.__contains__, pieces)) > _MIN_COMMON_PIECES * len(pieces):
        return False
    unshifted_share = _common_share(sample)[1]
    if unshifted_share >= _MAX_COMMON_UNSHIFTED:
        return False
    codes = {ord(character) for character in sample if character not in "\r\n" and ord(character) < 0x250}
    for shift in _SHIFTS if _has_odd_vowels(sample) else _USUAL_SHIFTS:
        shifted_text = sample.translate({code: max(code + shift, 0) for code in codes})
        word_count, share = _common_share(shifted_text)
        min_words, min_share = _USUAL_SHIFTS.get(shift, _OTHER_SHIFTS)
        if word_count >= min_words and share >= max(min_share, 3 * unshifted_share):
            return True
    return False


def _has_odd_vowels(text: str) -> bool:
    """Whether the share of vowels among the letters is outside of the range of languages."""
    letters = [character for character in text.casefold() if "a" <= character <= "z" or character in _VOWELS]
    vowels = sum([character in _VOWELS for character in letters])
    return not _USUAL_VOWELS[0] * len(letters) <= vowels <= _USUAL_VOWELS[1] * len(letters)


def _common_share(text: str) -> tuple[int, float]:
    """The number of different common words, and the share of common words among all words."""
    text = text.casefold()
    only_latin = not any(map(str.isalnum, _UNUSUAL.findall(text)))
    words = (_LATIN_TOKEN if only_latin else _TOKEN).findall(text)
    common = [word for word in words if word in _COMMON]
    return len(set(common)), len(common) / max(len(words), 1)

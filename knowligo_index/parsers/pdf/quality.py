"""Whether the text of a page is text.

A font without a right map to Unicode gives other characters than those on the paper: the page looks well, and what is
read of it is noise. The score of a page is between 0 (noise) and 1 (nothing odd):

    score = 1 - min(1, 4 x unreadable)         unreadable: the share of its characters that stand for nothing
          = 0 where its letters are shifted    hardly a word of it is a common one, and many are when each of its
                                               characters is moved by the same distance
          = 0 where its words have no vowels   as happens when letters stand for other letters: of at least 20 words
                                               in small Latin letters, four or more letters long, a third have none

Unreadable are U+FFFD, characters of the private use areas, control characters, code points without a meaning, and
"(cid:12)". Only Latin small letters are looked at for vowels, and only common words of languages written in them can
show a shift: Arabic, Greek, Chinese, tables of numbers, code and product codes have nothing to be judged by, and pass.
"""

import re
import unicodedata

LEAST_SCORE = 0.5
_MOST_CHARACTERS = 20_000
_SAMPLE = 2_000
_LEAST_WORDS = 20
_MOST_WITHOUT_VOWELS = 1 / 3

# Common words that a shift must give to be believed: how many different ones, and their share of all words. Characters
# that a font gives by their place in it are 29 below those they show; those with their highest bit set, 128 above.
_USUAL_SHIFTS = {29: (2, 0.25), -128: (6, 0.15)}
_OTHER_SHIFTS = (6, 0.15)
_SHIFTS = tuple(dict.fromkeys([*_USUAL_SHIFTS, *(shift for shift in range(-40, 41) if shift)]))
_COMMON_AS_IT_IS = 0.12
# Of pieces between spaces, some of which are a common word and a comma: a text with so many has enough of the words.
_COMMON_PIECES = 0.2
_USUAL_VOWELS = (0.32, 0.6)

_CID = re.compile(r"\(cid:\d{1,6}\)")
# Neither ASCII, nor a Latin letter, nor white space: these are looked at one by one.
_UNUSUAL = re.compile("[^\t-\r -~\x85\xa0-\u024f\u2028\u2029]")
_SMALL_WORD = re.compile(r"(?<![^\W_])[a-zß-öø-ÿœ]{4,}(?![^\W_])")
_VOWELS = frozenset("aeiouyáéíóúàèìòùâêîôûäëïöüãõåæøœýÿ")
# The consonants of these words, all of which Latin-1 has, as "c", and every other byte as a space.
_CONSONANTS = bytes(ord("c") if chr(code) in "bcdfghjklmnpqrstvwxzßçðñþ" else ord(" ") for code in range(0x100))
# The end of a word that has no others, if nothing of a word is before it; to look at that first takes longer.
_CONSONANTS_ALONE = re.compile(r"[bcdfghjklmnpqrstvwxzßçðñþ]{4,}(?![^\W_])")
_TOKEN = re.compile(r"[^\W\d_]{2,}")
# The same where no other letters are, in half the time.
_LATIN_TOKEN = re.compile("[a-zªµ²³¹ºß-öø-ÿ¼½¾\u0100-\u024f]{2,}")
_NOTHING = frozenset(("Cc", "Cn", "Co", "Cs"))

_COMMON_WORDS = (
    "de la el los las en que por para con una del se al no es su como más este esta son lo un and the of to in is for "
    "that with are this you or be on as it from not can le les des et dans pour une du est sur au par der die das und "
    "den von zu mit ist ein eine auf im für do da em os uma não com il di che per non sono"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def score_text(text: str) -> float:
    """The score of a page's text as the file gives it. An empty text scores 1."""
    text = text[:_MOST_CHARACTERS]
    if not text or text.isspace():
        return 1.0
    noise = sum(map(len, _CID.findall(text))) if "(cid:" in text else 0
    noise += sum([_is_unreadable(character) for character in _UNUSUAL.findall(text)])
    score = 1 - min(1.0, 4 * noise / len("".join(text.split()))) if noise else 1.0
    return 0.0 if score >= LEAST_SCORE and (_lacks_vowels(text) or _is_shifted(text)) else score


def _is_unreadable(character: str) -> bool:
    # U+FFFE is PDFium's mark of a hyphen that cuts a word.
    return character == "\ufffd" or (character != "\ufffe" and unicodedata.category(character) in _NOTHING)


def _lacks_vowels(text: str) -> bool:
    # There are at least as many such pieces as words without vowels, and mostly too few.
    pieces = text.encode("latin-1", "replace").translate(_CONSONANTS).count(b"cccc")
    if pieces <= _MOST_WITHOUT_VOWELS * _LEAST_WORDS:
        return False
    found = _CONSONANTS_ALONE.finditer(text)
    without = sum([not text[max(match.start() - 1, 0) : match.start()].isalnum() for match in found])
    if without <= _MOST_WITHOUT_VOWELS * _LEAST_WORDS:
        return False
    words = _SMALL_WORD.findall(text)
    return len(words) >= _LEAST_WORDS and without > _MOST_WITHOUT_VOWELS * len(words)


def _is_shifted(text: str) -> bool:
    sample = text[:_SAMPLE]
    pieces = sample.casefold().split()
    if sum(map(_COMMON.__contains__, pieces)) > _COMMON_PIECES * len(pieces):
        return False
    share_as_it_is = _common_share(sample)[1]
    if share_as_it_is >= _COMMON_AS_IT_IS:
        return False
    codes = {ord(character) for character in sample if character not in "\r\n" and ord(character) < 0x250}
    for shift in _SHIFTS if _has_odd_vowels(sample) else _USUAL_SHIFTS:
        moved = sample.translate({code: max(code + shift, 0) for code in codes})
        different, share = _common_share(moved)
        least, least_share = _USUAL_SHIFTS.get(shift, _OTHER_SHIFTS)
        if different >= least and share >= max(least_share, 3 * share_as_it_is):
            return True
    return False


def _has_odd_vowels(text: str) -> bool:
    """Whether the share of vowels among the letters is none that a language has."""
    letters = [character for character in text.casefold() if "a" <= character <= "z" or character in _VOWELS]
    vowels = sum([character in _VOWELS for character in letters])
    return not _USUAL_VOWELS[0] * len(letters) <= vowels <= _USUAL_VOWELS[1] * len(letters)


def _common_share(text: str) -> tuple[int, float]:
    """How many different common words there are, and their share of all words."""
    text = text.casefold()
    only_latin = not any(map(str.isalnum, _UNUSUAL.findall(text)))
    words = (_LATIN_TOKEN if only_latin else _TOKEN).findall(text)
    common = [word for word in words if word in _COMMON]
    return len(set(common)), len(common) / max(len(words), 1)

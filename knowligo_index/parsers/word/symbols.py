"""The characters of symbol fonts as Unicode.

Those of Symbol are from Adobe's table of its encoding; of the Wingdings fonts only those that support documents use.
"""

# Symbol from 0x22 on, without the codes that are the same in ASCII.
_SYMBOL = (
    {0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x60: "‾", 0x7E: "∼"}
    | dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True))
    | dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
    | dict(zip(range(0xA0, 0xB0), "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓", strict=True))
    | dict(zip(range(0xB0, 0xC0), "°±″≥×∝∂•÷≠≡≈…⏐⎯↵", strict=True))
    | dict(zip(range(0xC0, 0xD0), "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉", strict=True))
    | dict(zip(range(0xD0, 0xE0), "∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓", strict=True))
    | dict(zip(range(0xE0, 0xF0), "◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", strict=True))
    | dict(zip(range(0xF1, 0xFF), "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭", strict=True))
)
_WINGDINGS = (
    {0x21: "✏", 0x22: "✂", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x34: "📄", 0x36: "⌛", 0x37: "⌨", 0x3C: "💾", 0x46: "☞"}
    | {0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x72: "❒", 0x74: "⧫"}
    | {0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x7A: "⌘", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xAB: "★", 0xD8: "➢", 0xDF: "←"}
    | {0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄", 0xF4: "⇳"}
    | {0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0x80: "⓪", 0xA1: "○", 0xA4: "◉", 0xFF: "⊞"}
    | dict(zip(range(0x81, 0x8B), "①②③④⑤⑥⑦⑧⑨⑩", strict=True))
)
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA2: "■", 0xA3: "☐"}
_WINGDINGS_3 = {0x5B: "➚", 0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x75: "▲", 0x70: "▲", 0x71: "▼", 0x7D: "▶"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "wingdings 3": _WINGDINGS_3}

# Symbol fonts have their characters at these code points too.
_PRIVATE = range(0xF000, 0xF100)


def symbol(code: int, font: str) -> str | None:
    """The character that a font shows for a code; None if it is not known."""
    font_code = code - _PRIVATE.start if code in _PRIVATE else code
    table = _FONTS.get(font.strip().lower())
    if table is not None and font_code in table:
        return table[font_code]
    if code in _PRIVATE:
        # The digits and signs of Symbol are those of ASCII; the characters of other fonts are not known.
        return chr(font_code) if table is _SYMBOL and 0x20 <= font_code < 0x7F else None
    printable = 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return chr(code) if table is None and printable else None

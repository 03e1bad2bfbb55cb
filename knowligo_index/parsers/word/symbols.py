"""Letters of fonts that have pictures in place of letters, as Unicode.

Symbol's are from Adobe's table of its encoding; of the Wingdings only what help desk documents use.
"""

# Symbol from 0x22 on, the codes that mean what they do in ASCII left out.
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

# Such fonts put their letters here as well.
_PRIVATE = range(0xF000, 0xF100)


def symbol(code: int, font: str) -> str | None:
    """The character that a font shows for a code; None where it is not known."""
    place = code - _PRIVATE.start if code in _PRIVATE else code
    table = _FONTS.get(font.strip().lower())
    if table is not None and place in table:
        return table[place]
    if code in _PRIVATE:
        # Symbol's digits and signs are those of ASCII; of another font's pictures nothing is known.
        return chr(place) if table is _SYMBOL and 0x20 <= place < 0x7F else None
    printable = 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return chr(code) if table is None and printable else None

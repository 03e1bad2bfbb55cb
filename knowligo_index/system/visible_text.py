"""Whether a text has anything to read in it."""


def is_blank(text: str) -> bool:
    """Whether the text has only spaces, control characters and others that no one can see."""
    return not any(character.isprintable() and not character.isspace() for character in text)

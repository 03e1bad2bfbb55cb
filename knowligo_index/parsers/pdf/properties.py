"""What a PDF says of itself: title, author, page labels; and what of it is not read."""

import re
from pathlib import PurePosixPath

import pypdfium2

from knowligo_index.parsers.hidden import without_hidden

_KEYS = {"author": "Author", "subject": "Subject", "keywords": "Keywords", "created": "CreationDate"}
_LONGEST = 1000

# What programs write where nobody gave a title: their own name, or the file's.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|excel|powerpoint) - .*|(?:untitled|sin t[íi]tulo|document|documento|unbekannt|unnamed)\s*\d*"
    r"|.*\.(?:docx?|odt|rtf|xlsx?|pptx?|tex|dvi|indd|qxd|pdf|html?|txt|md|ps|cdr|fm|pmd|wpd))",
    re.IGNORECASE,
)
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?")


def read_metadata(document: "pypdfium2.PdfDocument") -> dict[str, str | list[str]]:
    """Author, subject, keywords and date of creation where they are there, and the labels of the pages where they are
    other than 1, 2, 3."""
    metadata: dict[str, str | list[str]] = {}
    for key, name in _KEYS.items():
        value = clean(document.get_metadata_value(name))
        if value and value != "unspecified":
            metadata[key] = iso_date(value) if key == "created" else value
    labels = [clean(document.get_page_label(index)) for index in range(len(document))]
    if any(labels) and labels != [str(number) for number in range(1, len(labels) + 1)]:
        metadata["page_labels"] = labels
    return metadata


def title_of(own: str | None, name: str) -> str:
    """The document's own title, unless it is what a program wrote; else the file's name without its suffix."""
    title = clean(own or "")
    return PurePosixPath(name).stem if not title or _NO_TITLE.fullmatch(title) else title


def clean(text: str) -> str:
    """One line of valid characters."""
    valid = without_hidden(text[:_LONGEST])[0].encode("utf-8", "ignore").decode("utf-8")
    return " ".join(valid.split())


def iso_date(value: str) -> str:
    """A PDF's date as ISO 8601 writes it, or as it stands where it is none."""
    found = _DATE.fullmatch(value)
    if found is None:
        return value
    year, month, day, hour, minute, second, zulu, sign, ahead, minutes = found.groups()
    date = "-".join([part for part in (year, month, day) if part])
    if hour is None or day is None:
        return date
    zone = "Z" if zulu else f"{sign}{ahead}:{minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"

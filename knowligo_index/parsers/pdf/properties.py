"""The properties of a PDF: title, author, subject, keywords, date, page labels."""

import re
from pathlib import PurePosixPath

import pypdfium2

from knowligo_index.parsers.hidden import without_hidden

_KEYS = {"author": "Author", "subject": "Subject", "keywords": "Keywords", "created": "CreationDate"}
_MAX_CHARACTERS = 1000

# Titles that programs write if the author gave none: their own name, or that of the file.
_PROGRAM_TITLE = re.compile(
    r"(?:microsoft (?:word|excel|powerpoint) - .*|(?:untitled|sin t[íi]tulo|document|documento|unbekannt|unnamed)\s*\d*"
    r"|.*\.(?:docx?|odt|rtf|xlsx?|pptx?|tex|dvi|indd|qxd|pdf|html?|txt|md|ps|cdr|fm|pmd|wpd))",
    re.IGNORECASE,
)
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?")


def read_metadata(document: "pypdfium2.PdfDocument") -> dict[str, str | list[str]]:
    """Author, subject, keywords and date of creation, as far as the file has them, and the labels of the pages unless
    they are 1, 2, 3 and so on."""
    metadata: dict[str, str | list[str]] = {}
    for key, name in _KEYS.items():
        value = clean(document.get_metadata_value(name))
        if value and value != "unspecified":
            metadata[key] = iso_date(value) if key == "created" else value
    labels = [clean(document.get_page_label(index)) for index in range(len(document))]
    if any(labels) and labels != [str(number) for number in range(1, len(labels) + 1)]:
        metadata["page_labels"] = labels
    return metadata


def title_of(title_property: str | None, name: str) -> str:
    """The title in the document's properties, unless a program wrote it; else the file's name without its suffix."""
    title = clean(title_property or "")
    return PurePosixPath(name).stem if not title or _PROGRAM_TITLE.fullmatch(title) else title


def clean(text: str) -> str:
    """One line of valid characters."""
    valid = without_hidden(text[:_MAX_CHARACTERS])[0].encode("utf-8", "ignore").decode("utf-8")
    return " ".join(valid.split())


def iso_date(value: str) -> str:
    """A date of a PDF (PDF 32000-1:2008, 7.9.4) in the form of ISO 8601; unchanged if it is not a date."""
    match = _DATE.fullmatch(value)
    if match is None:
        return value
    year, month, day, hour, minute, second, utc, sign, zone_hours, zone_minutes = match.groups()
    date = "-".join([part for part in (year, month, day) if part])
    if hour is None or day is None:
        return date
    zone = "Z" if utc else f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"

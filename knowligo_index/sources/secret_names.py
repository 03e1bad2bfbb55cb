"""Secrets in the names of files: in those that gave no document, and in what is printed about a refused build."""

import re
from collections.abc import Iterable
from dataclasses import replace

from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.sources.source_names import NAME_PLACE
from knowligo_index.types import Secret

# Every token contains this. The detectors are imported only where a name does: that takes a sixth of a second.
_LONG_WORD = re.compile(r"[\w~-]{16}")

# Some of the patterns take time in proportion to the square of the length.
_MAX_WARNING = 1000


def with_secrets_of_names(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The entries; those of sources that gave no document have the secrets in their names and in the reasons."""
    return [replace(entry, secrets=_in_name(entry)) if _is_unread(entry) else entry for entry in entries]


def without_secrets_in_names(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The entries with *** in place of the secrets in names of files and in what is said about them."""
    return [
        replace(
            entry,
            source=_without_secrets(entry.source),
            detail=_without_secrets(entry.detail or "") or None,
            duplicate_of=_without_secrets(entry.duplicate_of or "") or None,
            warnings=[_without_secrets(warning[:_MAX_WARNING]) for warning in entry.warnings],
        )
        for entry in entries
    ]


def _is_unread(entry: LedgerEntry) -> bool:
    return entry.page is None and entry.characters is None


def _in_name(entry: LedgerEntry) -> list[Secret]:
    secrets: list[Secret] = []
    for place, text in ((NAME_PLACE, entry.source), ("the reason why it is not indexed", entry.detail or "")):
        if _may_hold_secret(text):
            from knowligo_index.sources.secret_scan import secrets_in

            secrets += secrets_in(text, place)
    return secrets


def _may_hold_secret(text: str) -> bool:
    return _LONG_WORD.search(text) is not None or "://" in text


def _without_secrets(text: str) -> str:
    from knowligo_index.sources.secret_scan import without_secrets

    return without_secrets(text) if _may_hold_secret(text) else text

"""Find secrets in documents: private keys and tokens in the well-known formats that detect-secrets recognizes.

Its detectors by entropy and by words such as "password" are not used: the documents of a help desk are full of false
positives.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from knowligo_index.parsers.renditions import rendered
from knowligo_index.sources.secret_formats import DATABASE_KIND, database_passwords, tokens
from knowligo_index.sources.source_names import NAME_PLACE
from knowligo_index.types import Document, Secret

_DETECTORS: tuple[type[RegexBasedDetector], ...] = (
    AWSKeyDetector,
    AzureStorageKeyDetector,
    DiscordBotTokenDetector,
    GitHubTokenDetector,
    GitLabTokenDetector,
    JwtTokenDetector,
    MailchimpDetector,
    NpmDetector,
    OpenAIDetector,
    PrivateKeyDetector,
    PypiTokenDetector,
    SendGridDetector,
    SlackDetector,
    SquareOAuthDetector,
    StripeDetector,
    TelegramBotTokenDetector,
    TwilioKeyDetector,
)

MARKS: dict[type[RegexBasedDetector], re.Pattern[str]] = {
    DiscordBotTokenDetector: re.compile(r"\.[a-zA-Z\d_-]{6}\."),
    MailchimpDetector: re.compile(r"-us[0-9]"),
    TelegramBotTokenDetector: re.compile(r":[0-9A-Za-z_-]{35}"),
}
"""Text that every secret of a detector contains. The patterns of these detectors begin with characters that occur in
any text; searching for this first takes a tenth of the time."""

WORDS: dict[type[RegexBasedDetector], tuple[str, ...]] = {
    AWSKeyDetector: ("aws", "a3t", "abia", "acca", "akia", "asia"),
    AzureStorageKeyDetector: ("accountkey=",),
    GitLabTokenDetector: (
        *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "gr1348941", "glcbt-", "glimt-", "glptt-", "glagent-"),
        "gloas-",
    ),
    NpmDetector: ("_authtoken=",),
    OpenAIDetector: ("t3blbkfj",),
    PrivateKeyDetector: ("private key", "putty-user-key-file-2"),
    PypiTokenDetector: ("pypi-age",),
    SlackDetector: ("xox", "hooks.slack.com"),
    StripeDetector: ("k_live_",),
}
"""Words of which every secret of a detector contains one, in whatever case. Most texts contain none of them."""

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


def find_secrets(document: Document) -> list[Secret]:
    """The secrets in a document, in the order of the text and then those outside of it: in what a person sees of the
    text where markup divides the secret, in its name, its title, its metadata and the warnings of its parser. Kind and
    place of each, never its value."""
    secrets = dict.fromkeys(
        Secret(match.kind, _place(document, match.start, match.line)) for match in _in(document.text)
    )
    kinds = {secret.kind for secret in secrets}
    for place, text in _texts_outside(document):
        is_visible_text = place == _VISIBLE_TEXT
        secrets |= dict.fromkeys(
            Secret(match.kind, place) for match in _in(text) if not (is_visible_text and match.kind in kinds)
        )
    return list(secrets)


def secrets_in(text: str, place: str) -> list[Secret]:
    """The secrets in a text that is part of no document, each kind once."""
    return list(dict.fromkeys(Secret(match.kind, place) for match in _in(text)))


def without_secrets(text: str) -> str:
    """The text with *** in place of every secret but its first four characters."""
    while matches := _in(text):
        text = f"{text[: matches[0].start + 4]}***{text[matches[0].end :]}"
    return text


_VISIBLE_TEXT = "its text without markup"

_INSIDE_TOKENS = "_-~.:/@=+"


def _texts_outside(document: Document) -> Iterator[tuple[str, str]]:
    text = document.text
    if _divides_a_word(document):
        yield _VISIBLE_TEXT, rendered(text, 0, len(text), document.renditions)
    yield NAME_PLACE, document.source
    yield "its title", document.title
    yield "the names of its metadata", "\n".join(document.metadata)
    for name, value in document.metadata.items():
        yield f"its metadata ({without_secrets(name)})", value if isinstance(value, str) else "\n".join(value)
    yield "a warning about it", "\n".join(document.warnings)


def _divides_a_word(document: Document) -> bool:
    """Whether markup stands inside a word, which may be a token: only then is the text as a person sees it searched,
    which takes as long as searching the text itself."""
    text, begin, end = document.text, 0, 0
    for rendition in document.renditions:
        # Markup directly after other markup divides a word together with it.
        if rendition.char_start > end:
            begin = rendition.char_start
        end = rendition.char_end
        before, after = text[begin - 1 : begin], text[end : end + 1]
        if (before.isalnum() or before in _INSIDE_TOKENS) and (after.isalnum() or after in "_-~") and before and after:
            return True
    return False


class _Match(NamedTuple):
    line: int
    """from 1"""
    kind: str
    start: int
    end: int


def _in(text: str) -> list[_Match]:
    """The secrets in a text, each kind once a line, in the order of lines and kinds."""
    if not text:
        return []
    lines = [0, *(match.end() for match in _LINE_ENDS.finditer(text))]
    spans: dict[tuple[int, str], tuple[int, int]] = {}
    lower_case = text.lower()
    for detector in _detectors():
        words = WORDS.get(type(detector))
        if words is not None and not any(word in lower_case for word in words):
            continue
        for start, end in _matches(detector, text):
            line = bisect_right(lines, start)
            end_of_line = lines[line] if line < len(lines) else len(text)
            # A match in the whole text is only a candidate: some detectors check the line more closely.
            if any(detector.analyze_string(text[lines[line - 1] : end_of_line])):
                spans.setdefault((line, detector.secret_type), (start, end))
    for span, kind in tokens(text):
        spans.setdefault((bisect_right(lines, span[0]), kind), span)
    for span in database_passwords(text):
        spans.setdefault((bisect_right(lines, span[0]), DATABASE_KIND), span)
    return [_Match(line, kind, *span) for (line, kind), span in sorted(spans.items())]


@cache
def _detectors() -> list[RegexBasedDetector]:
    return [detector() for detector in _DETECTORS]


def _matches(detector: RegexBasedDetector, text: str) -> Iterator[tuple[int, int]]:
    mark = MARKS.get(type(detector))
    if mark is not None and mark.search(text) is None:
        return
    for pattern in detector.denylist:
        for match in pattern.finditer(text):
            yield match.span()


def _place(document: Document, start: int, line: int) -> str:
    """The line or page of the file; where the file has neither, the line of the extracted text."""
    if document.line_starts:
        return f"line {line}"
    if document.page_starts:
        return f"page {bisect_right(document.page_starts, start)}"
    return f"line {line} of its text"

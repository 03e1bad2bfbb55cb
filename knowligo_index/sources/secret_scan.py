"""Find secrets in documents: private keys and tokens in the well-known formats that detect-secrets recognizes.

Its detectors by entropy and by words such as "password" are not used: the documents of a help desk are full of false
positives.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

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

from knowligo_index.sources.secret_formats import DATABASE_KIND, FORMATS, database_passwords
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
    StripeDetector: re.compile(r"k_live_"),
    TelegramBotTokenDetector: re.compile(r":[0-9A-Za-z_-]{35}"),
}
"""Text that every secret of a detector contains. The patterns of these detectors begin with characters that occur in
any text; searching for this first takes a tenth of the time."""

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


def find_secrets(document: Document) -> list[Secret]:
    """The secrets in a document, in the order of the text and then those outside of it, in its name, its title, its
    metadata and what is shown in place of markup: kind and place of each, never its value."""
    secrets = dict.fromkeys(Secret(kind, _place(document, start, line)) for start, line, kind in _in(document.text))
    for place, text in _texts_outside(document):
        secrets |= dict.fromkeys(Secret(kind, place) for _, _, kind in _in(text))
    return list(secrets)


def _texts_outside(document: Document) -> Iterator[tuple[str, str]]:
    yield "its name", document.source
    yield "its title", document.title
    for name, value in document.metadata.items():
        yield f"its metadata ({name})", value if isinstance(value, str) else "\n".join(value)
    yield "a text that stands for markup", "\n".join(rendition.text for rendition in document.renditions)


def _in(text: str) -> list[tuple[int, int, str]]:
    """Offset, line and kind of the secrets in a text, each kind once a line, in the order of lines and kinds."""
    lines = [0, *(match.end() for match in _LINE_ENDS.finditer(text))]
    secrets: dict[tuple[int, str], int] = {}
    for detector in _detectors():
        for start in _matches(detector, text):
            line = bisect_right(lines, start)
            end = lines[line] if line < len(lines) else len(text)
            # A match in the whole text is only a candidate: some detectors check the line more closely.
            if any(detector.analyze_string(text[lines[line - 1] : end])):
                secrets.setdefault((line, detector.secret_type), start)
    for kind, pattern in FORMATS.items():
        for match in pattern.finditer(text):
            secrets.setdefault((bisect_right(lines, match.start()), kind), match.start())
    for start in database_passwords(text):
        secrets.setdefault((bisect_right(lines, start), DATABASE_KIND), start)
    return [(start, line, kind) for (line, kind), start in sorted(secrets.items())]


@cache
def _detectors() -> list[RegexBasedDetector]:
    return [detector() for detector in _DETECTORS]


def _matches(detector: RegexBasedDetector, text: str) -> Iterator[int]:
    mark = MARKS.get(type(detector))
    if mark is not None and mark.search(text) is None:
        return
    for pattern in detector.denylist:
        for match in pattern.finditer(text):
            yield match.start()


def _place(document: Document, start: int, line: int) -> str:
    """The line or page of the file; where the file has neither, the line of the extracted text."""
    if document.line_starts:
        return f"line {line}"
    if document.page_starts:
        return f"page {bisect_right(document.page_starts, start)}"
    return f"line {line} of its text"

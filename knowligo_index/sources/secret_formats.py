"""Formats of secrets that detect-secrets does not know, as their issuers document them."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

FORMATS: dict[str, tuple[str, re.Pattern[str]]] = {
    kind: (mark, re.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])"))
    for kind, mark, pattern in (
        ("age Secret Key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1([02-9AC-HJ-NP-Z]{58})"),
        ("Anthropic API Key", "sk-ant-", r"sk-ant-[a-z]{3,8}\d{2}-([\w-]{80,120})"),
        ("Azure AD Client Secret", "Q~", r"[\w.~]{3}\dQ~([\w.~-]{31,34})"),
        ("DigitalOcean Token", "_v1_", r"do[opr]_v1_([0-9a-f]{64})"),
        ("GitHub Fine-Grained Token", "github_pat_", r"github_pat_(\w{82})"),
        ("Google API Key", "AIza", r"AIza([\w-]{35})"),
        ("Google OAuth Client Secret", "GOCSPX-", r"GOCSPX-([\w-]{28})"),
        ("Groq API Key", "gsk_", r"gsk_([0-9A-Za-z]{52})"),
        ("Hugging Face Token", "hf_", r"hf_([0-9A-Za-z]{34})"),
        ("npm Token", "npm_", r"npm_([0-9A-Za-z]{36})"),
        ("Shopify Token", "shp", r"shp(?:at|ca|pa|ss)_([0-9a-fA-F]{32})"),
    )
}
"""by kind: a text that each such secret contains, which is looked for first, because that is many times as fast; and a
prefix that is used for nothing else, with as many characters as a secret has"""

# A random token of these formats has more; documentation writes hf_xxxxxxxx.
_MIN_DIFFERENT_CHARACTERS = 8

DATABASE_KIND = "Database Password"

_DATABASE_MARKS = ("postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "mssql", "clickhouse")

_DATABASE_ADDRESS = re.compile(
    r"(?<![0-9A-Za-z])(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|clickhouse)(?:\+\w{1,20})?"
    r"://([^\s:/@]{0,100}):([^\s/@]{1,200})@[\w.\[-]"
)

# What documentation writes in place of a password: words for a password without a digit, the name of a variable, a
# word in brackets, dots.
_PLACEHOLDER = re.compile(
    r"(?i:[a-z_-]{0,40}(?:passw(?:or)?d|contrase(?:n|\u00f1|%C3%B1)a|clave|secret|changeme|change-me|change_me|example"
    r"|ejemplo|placeholder|pass|pwd)[a-z_-]{0,40}|pw|foo|bar|test|admin|root|guest)"
    r"|[A-Z]+(?:_[A-Z]+)+|<.*>|\{.*\}|\[.*\]|\$[A-Z_]+|\$[a-z_]+|\$[{(].*[})]|%\w+%|[.*x\u2026]+"
)


def tokens(text: str) -> Iterator[tuple[Span, str]]:
    """Span and kind of each token of these formats."""
    for kind, (mark, pattern) in FORMATS.items():
        if mark not in text:
            continue
        for match in pattern.finditer(text):
            if len(set(match[1])) >= _MIN_DIFFERENT_CHARACTERS:
                yield match.span(), kind


def database_passwords(text: str) -> Iterator[Span]:
    """Spans of addresses of databases with a password, up to the host. A placeholder, or a password that is the name of
    the user, as in `guest:guest`, is none."""
    if "@" not in text or not any(mark in text for mark in _DATABASE_MARKS):
        return
    for match in _DATABASE_ADDRESS.finditer(text):
        user, password = match.groups()
        if password != user and not _PLACEHOLDER.fullmatch(password):
            yield match.span()

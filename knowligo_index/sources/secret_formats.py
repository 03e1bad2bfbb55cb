"""Formats of secrets that detect-secrets does not know, as their issuers document them."""

import re

FORMATS: dict[str, re.Pattern[str]] = {
    kind: re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")
    for kind, pattern in {
        "age Secret Key": r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}",
        "Anthropic API Key": r"sk-ant-[a-z]{3,8}\d{2}-[\w-]{80,120}",
        "Azure AD Client Secret": r"[\w.~]{3}\dQ~[\w.~-]{31,34}",
        "DigitalOcean Token": r"do[opr]_v1_[0-9a-f]{64}",
        "GitHub Fine-Grained Token": r"github_pat_\w{82}",
        "Google API Key": r"AIza[\w-]{35}",
        "Google OAuth Client Secret": r"GOCSPX-[\w-]{28}",
        "Groq API Key": r"gsk_[0-9A-Za-z]{52}",
        "Hugging Face Token": r"hf_[0-9A-Za-z]{34}",
        "npm Token": r"npm_[0-9A-Za-z]{36}",
        "Shopify Token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    }.items()
}
"""by kind: a prefix that is used for nothing else, and as many characters as a secret has"""

DATABASE_KIND = "Database Password"

_DATABASE_ADDRESS = re.compile(
    r"(?<!\w)(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|clickhouse)(?:\+\w{1,20})?"
    r"://[^\s:/@]{0,100}:([^\s/@]{1,200})@[\w.-]"
)

# What documentation writes in place of a password.
_PLACEHOLDER = re.compile(
    r"(?i:.*(?:passw(?:or)?d|contrase|clave|secret|change.?me|example|ejemplo|placeholder).*|pass|pwd|pw|foo|bar)"
    r"|[<{$%\[*.x].*|[A-Z_]+"
)


def database_passwords(text: str) -> list[int]:
    """Where addresses of databases with a password begin, those with a placeholder left out."""
    matches = _DATABASE_ADDRESS.finditer(text)
    return [match.start() for match in matches if not _PLACEHOLDER.fullmatch(match[1])]

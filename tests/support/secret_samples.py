"""Secrets of every format that is looked for. They are put together here, of random characters, so that no scanner
takes this file for a leak; none of them ever opened anything."""

import random
import string

_ALPHANUMERIC = string.ascii_letters + string.digits
_RANDOM = random.Random(20260)


def _draw(alphabet: str, length: int) -> str:
    return "".join(_RANDOM.choices(alphabet, k=length))


_HEXADECIMAL = "0123456789abcdef"

TOKENS = {
    "age Secret Key": "AGE-SECRET-" + "KEY-1" + _draw("023456789ACDEFGHJKLMNPQRSTUVWXYZ", 58),
    "Anthropic API Key": "sk-" + "ant-api03-" + _draw(_ALPHANUMERIC, 91) + "AA",
    "Azure AD Client Secret": "k1B8" + "Q~" + _draw(_ALPHANUMERIC, 34),
    "DigitalOcean Token": "dop" + "_v1_" + _draw(_HEXADECIMAL, 64),
    "GitHub Fine-Grained Token": "github" + "_pat_" + _draw(_ALPHANUMERIC, 22) + "_" + _draw(_ALPHANUMERIC, 59),
    "Google API Key": "AI" + "za" + _draw(_ALPHANUMERIC, 35),
    "Google OAuth Client Secret": "GOC" + "SPX-" + _draw(_ALPHANUMERIC, 28),
    "Groq API Key": "gs" + "k_" + _draw(_ALPHANUMERIC, 52),
    "Hugging Face Token": "h" + "f_" + _draw(_ALPHANUMERIC, 34),
    "npm Token": "np" + "m_" + _draw(_ALPHANUMERIC, 36),
    "Shopify Token": "shp" + "at_" + _draw(_HEXADECIMAL, 32),
    "AWS Access Key": "AK" + "IA" + _draw(string.ascii_uppercase, 16),
    "GitHub Token": "gh" + "p_" + _draw(_ALPHANUMERIC, 36),
    "GitLab Token": "gl" + "pat-" + _draw(_ALPHANUMERIC, 20),
    "Slack Token": "xo" + "xb-" + "123456789012-123456789012-" + _draw(_ALPHANUMERIC, 12),
    "Stripe Access Key": "sk" + "_live_" + _draw(_ALPHANUMERIC, 24),
    "JSON Web Token": "eyJhbGciOiJIUzI1" + "NiJ9.eyJzdWIiOiJhbmEifQ." + _draw(_ALPHANUMERIC, 22),
}
"""a token by the kind that it is reported as"""

_PASSWORD = _draw(_ALPHANUMERIC, 14)

DATABASE_ADDRESSES = [
    f"{scheme}://{user}:{_PASSWORD}@{host}"
    for scheme, user, host in (
        ("postgres", "ana", "db.example.net/app"),
        ("postgresql+psycopg", "ana", "10.0.0.7:5432/app"),
        ("mysql", "ana", "db.example.net"),
        ("mongodb+srv", "ana", "cluster0.example.net/app?retryWrites=true"),
        ("redis", "", "cache.example.net:6379/0"),
        ("amqp", "ana", "queue.example.net/vhost"),
        ("mssql", "ana", "[2001:db8::1]:1433"),
    )
]

PRIVATE_KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"
